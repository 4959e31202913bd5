//! `cargo xtask wit-check`: compares the contract with its last tag. The parser is a program of its own (`xtask/wit-check`), so that
//! building plugins need not compile it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Outcome;
use crate::process::{self, TaskError};

/// Where the contract is.
const CONTRACT: &str = "wit/v0.1";

/// The tags that fix a state of the contract: `wit-v0.1.0`.
const TAGS: &str = "wit-v*";

/// Runs the checks; says so where there is nothing to compare with.
pub(crate) fn check() -> Outcome<()> {
    let mut check = tool(["run", "--quiet"]);
    check.args(["--", CONTRACT]);
    let list = ["tag", "--list", TAGS, "--sort=-version:refname"];
    let tags = process::output(&mut process::command("git", list))?;
    match tags.lines().next() {
        Some(tag) => {
            check.arg(export(tag)?);
            process::say(&format!("comparing {CONTRACT} with {tag}"));
        }
        None => process::say(&format!(
            "no tag {TAGS} yet: nothing to compare {CONTRACT} with"
        )),
    }
    process::run(&mut check)
}

/// Formatting, lints and tests of the program itself, which is no member of the workspace.
pub(crate) fn test_tool() -> Outcome<()> {
    process::run(&mut tool(["fmt", "--check"]))?;
    let lint = ["clippy", "--quiet", "--all-targets"];
    process::run(tool(lint).args(["--", "-D", "warnings"]))?;
    process::run(&mut tool(["test", "--quiet"]))
}

fn tool<const N: usize>(arguments: [&str; N]) -> std::process::Command {
    let mut command = process::cargo(&arguments[..1]);
    command.arg("--manifest-path=xtask/wit-check/Cargo.toml");
    command.args(&arguments[1..]);
    command.env("CARGO_TARGET_DIR", folder());
    command
}

fn folder() -> PathBuf {
    process::target_directory().join("wit-check")
}

/// Writes the contract's files as they were at the tag.
fn export(tag: &str) -> Outcome<PathBuf> {
    let old = folder().join(tag);
    let at = |source| TaskError::File {
        path: old.clone(),
        source,
    };
    fs::create_dir_all(&old).map_err(at)?;
    let tree = format!("{tag}:{CONTRACT}");
    let names = process::output(&mut process::command(
        "git",
        ["ls-tree", "--name-only", &tree],
    ))?;
    for name in names.lines() {
        let blob = format!("{tree}/{name}");
        let text = process::output(&mut process::command("git", ["show", &blob]))?;
        fs::write(old.join(Path::new(name)), text).map_err(at)?;
    }
    Ok(old)
}
