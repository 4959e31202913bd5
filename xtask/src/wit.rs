//! `cargo xtask wit-check`: compares the contract with each version of its line that was released. The parser is a program of its own
//! (`xtask/wit-check`), so that building plugins need not compile it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Outcome;
use crate::process::{self, TaskError};

/// Where the contract is.
const CONTRACT: &str = "wit/v0.1";
/// Its line: what the versions that it is compared with begin with.
const LINE: &str = "0.1.";
/// Where each version is as it was released. Tags need not come with a clone; these do.
const RELEASED: &str = "wit/released";

/// Runs the checks; says what is compared.
pub(crate) fn check() -> Outcome<()> {
    let mut check = tool(["run", "--quiet"]);
    check.args(["--", CONTRACT]);
    for version in released()? {
        unchanged(&version)?;
        let folder = Path::new(RELEASED).join(&version);
        process::say(&format!("comparing {CONTRACT} with {}", folder.display()));
        check.arg(folder);
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

/// The versions of the contract's line that were released; one at least, or nothing would be compared.
fn released() -> Outcome<Vec<String>> {
    let folder = process::root().join(RELEASED);
    let at = |source| TaskError::File {
        path: folder.clone(),
        source,
    };
    let mut versions = Vec::new();
    for entry in fs::read_dir(&folder).map_err(at)? {
        let name = entry.map_err(at)?.file_name();
        versions.push(name.to_string_lossy().into_owned());
    }
    let versions = of_line(versions);
    if versions.is_empty() {
        return Err(TaskError::Unexpected {
            what: RELEASED,
            problem: format!("it has no version {LINE}x to compare {CONTRACT} with"),
        });
    }
    Ok(versions)
}

fn of_line(mut versions: Vec<String>) -> Vec<String> {
    versions.retain(|version| version.starts_with(LINE));
    versions.sort();
    versions
}

/// Where there is a tag of the version, its copy has to be what the tag has: nobody changes what was released.
fn unchanged(version: &str) -> Outcome<()> {
    let tag = format!("wit-v{version}");
    let list = process::output(&mut process::command("git", ["tag", "--list", &tag]))?;
    if list.trim().is_empty() {
        return Ok(());
    }
    let copy = format!("{RELEASED}/{version}");
    process::run(&mut process::command(
        "git",
        ["diff", "--exit-code", &tag, "--", &copy],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_other_lines_are_not_compared() {
        let versions = ["0.2.0", "0.1.1", "0.10.0", "0.1.0", "README.md"];
        let found = of_line(versions.map(str::to_owned).to_vec());
        assert_eq!(found, ["0.1.0", "0.1.1"]);
    }
}
