//! `cargo xtask test`: everything that must hold, cheapest first; the count of tests is the last line.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::Outcome;
use crate::images::Background;
use crate::packages;
use crate::plugins;
use crate::process::{self, TaskError};
use crate::promtool;
use crate::tally::Tally;
use crate::target;
use crate::wit;

/// Runs every check; the first that fails ends it, except that all tests run before their verdict.
pub(crate) fn test() -> Outcome<()> {
    step("formatting");
    process::run(&mut process::cargo(["fmt", "--all", "--check"]))?;
    step("contract");
    wit::test_tool()?;
    wit::check()?;
    // Downloads, for the most part: they go on beside the compiler.
    let images = Background::start();
    step("plugins and the components of the host's tests");
    plugins::build(true)?;
    step("lints");
    lint()?;
    step("documentation examples");
    process::run(&mut process::cargo([
        "test",
        "--workspace",
        "--doc",
        "--quiet",
    ]))?;
    step("images");
    images.finish()?;
    step("tests");
    tests()
}

fn step(name: &str) {
    process::say(&format!("== {name}"));
}

/// Natively for everything, and for components what only exists there.
fn lint() -> Outcome<()> {
    let deny = ["--", "-D", "warnings"];
    let native = ["clippy", "--quiet", "--workspace", "--all-targets"];
    process::run(process::cargo(native).args(deny))?;
    let components = packages::plugins()?;
    let mut clippy = process::cargo(["clippy", "--quiet", "--target", target::TARGET]);
    clippy.args(["--package", "assay-sdk"]);
    for package in &components {
        clippy.args(["--package", &package.name]);
    }
    process::run(clippy.args(deny))
}

/// nextest where it is installed. It takes longer to compile than all tests take to run, so `cargo test` does elsewhere.
fn tests() -> Outcome<()> {
    let nextest = process::works(&mut process::cargo(["nextest", "--version"]));
    let mut runner = if nextest {
        process::cargo(["nextest", "run", "--workspace", "--no-fail-fast"])
    } else {
        process::say("cargo-nextest is not installed: using `cargo test`");
        let all = ["--bins", "--lib", "--tests", "--no-fail-fast"];
        let mut test = process::cargo(["test", "--workspace"]);
        test.args(all);
        test
    };
    match promtool::find() {
        Some(program) => {
            runner.env("PROMTOOL", program);
        }
        None => process::say("SKIPPED: the alert rules are not tried, there is no promtool"),
    }
    let (tally, success) = follow(&mut runner)?;
    process::say(&tally.to_string());
    if success && tally.is_green() {
        return Ok(());
    }
    // The count stays the last line: main says nothing more for this one.
    Err(TaskError::Counted)
}

/// Passes on what the runner prints and counts along: nextest reports on stderr, `cargo test` on stdout.
fn follow(runner: &mut Command) -> Outcome<(Tally, bool)> {
    let (reader, writer) = std::io::pipe().map_err(|source| process::start(runner, source))?;
    let other = writer
        .try_clone()
        .map_err(|source| process::start(runner, source))?;
    let mut child = runner
        .stdin(Stdio::null())
        .stdout(other)
        .stderr(writer)
        .spawn()
        .map_err(|source| process::start(runner, source))?;
    // The command holds the pipe's writing ends, and reading ends only when all are closed.
    runner.stdout(Stdio::null()).stderr(Stdio::null());
    let mut tally = Tally::default();
    for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        tally.read(&line);
        process::say(&line);
    }
    let status = child
        .wait()
        .map_err(|source| process::start(runner, source))?;
    Ok((tally, status.success()))
}
