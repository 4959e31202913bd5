//! `cargo xtask test`: everything that must hold, cheapest first; the count of tests is the last line.

use std::time::Instant;

use crate::Outcome;
use crate::batch::{self, Runner};
use crate::images;
use crate::packages;
use crate::plugins;
use crate::process::{self, TaskError};
use crate::python;
use crate::tally::Tally;
use crate::target;
use crate::wit;

/// Runs every check; the first that fails ends it, except that all tests run before their verdict.
pub(crate) fn test() -> Outcome<()> {
    step("formatting", || {
        process::run(&mut process::cargo(["fmt", "--all", "--check"]))
    })?;
    step("contract", || {
        wit::test_tool()?;
        wit::check()
    })?;
    // Downloads, for the most part: they go on beside the compiler.
    let images = images::Background::start();
    let python = python::Background::start();
    step("plugins and the components of the host's tests", || {
        plugins::build(true)
    })?;
    step("lints", lint)?;
    step("documentation examples", || {
        let doc = ["test", "--workspace", "--doc", "--quiet"];
        process::run(&mut process::cargo(doc))
    })?;
    step("images", || images.finish())?;
    let python = step("suites in Python", || python.finish())?;
    tests(python.as_ref())
}

/// Says what is done, and how long it took: that is where a gate that got slow is looked at.
fn step<T>(name: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    process::say(&format!("== {name}"));
    let started = Instant::now();
    let done = work()?;
    let seconds = started.elapsed().as_secs();
    process::say(&format!("== {name}: {seconds} s"));
    Ok(done)
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

/// All tests, in their batches; a batch in which nothing was tested is none that passed.
fn tests(python: Option<&python::Suites>) -> Outcome<()> {
    let runner = Runner::find();
    let (mut total, mut green) = (Tally::default(), true);
    let mut count = |(tally, success): (Tally, bool)| {
        green &= success && tally.is_green();
        total += tally;
    };
    for (name, batch) in batch::ALL {
        count(step(name, || runner.run(batch))?);
    }
    if let Some(suites) = python {
        count(step("SDK for Python", || python::test(suites))?);
    }
    process::say(&total.to_string());
    if green {
        return Ok(());
    }
    // The count stays the last line: main says nothing more for this one.
    Err(TaskError::Counted)
}
