//! The SDK for Python: its types and its own tests, and two suites in it that run on the reference system. What it needs comes from `PyPI`,
//! and from Debian where a machine has no `venv`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::{self, JoinHandle};

use crate::Outcome;
use crate::batch;
use crate::debian;
use crate::process;
use crate::run;
use crate::tally::{Summary, Tally};

/// What makes components, checks types and fetches.
const BUILD: &str = "sdk/python/build.sh";
/// A suite that uses everything and must pass.
const EXAMPLE: &str = "sdk/python/examples/reference_suite.py";
/// The suite that every SDK implements.
const CONFORMANCE: &str = "sdk/python/tests/conformance.py";
/// Names Python where it is another one than `python3`; `build.sh` reads it, too.
const PYTHON: &str = "PYTHON";
/// What `host run` ends with when cases fail, as those of the conformance suite must.
const CASES_FAILED: i32 = 1;

/// Suites in Python that are being built while something else goes on.
pub(crate) struct Background(Option<JoinHandle<Outcome<Option<Suites>>>>);

/// The components.
pub(crate) struct Suites {
    example: PathBuf,
    conformance: PathBuf,
}

impl Background {
    /// Begins to fetch what is needed, to check types and to build. Without a Python it says so, and nothing of it is tested.
    pub(crate) fn start() -> Self {
        if !found() {
            process::say("SKIPPED: the SDK for Python, there is no Python 3.11 with `venv`");
            return Self(None);
        }
        Self(Some(thread::spawn(make)))
    }

    /// Waits for them; none where they cannot be made.
    pub(crate) fn finish(self) -> Outcome<Option<Suites>> {
        let Some(making) = self.0 else {
            return Ok(None);
        };
        match making.join() {
            Ok(suites) => suites,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

/// What cannot be fetched is told and skipped; what is there and wrong is an error.
fn make() -> Outcome<Option<Suites>> {
    if let Err(error) = process::run(&mut build(&["--fetch"])) {
        process::say(&format!("SKIPPED: the SDK for Python: {error}"));
        return Ok(None);
    }
    process::run(&mut build(&["--check", EXAMPLE]))?;
    Ok(Some(Suites {
        example: component(EXAMPLE, "example")?,
        conformance: component(CONFORMANCE, "conformance")?,
    }))
}

/// The SDK's own tests, and a run of each suite: the example passes, and of the conformance suite all comes that must.
pub(crate) fn test(suites: &Suites) -> Outcome<(Tally, bool)> {
    run::native()?;
    let own = [
        "-m",
        "unittest",
        "discover",
        "-s",
        "sdk/python/tests",
        "-t",
        "sdk/python",
    ];
    let (mut tally, own_success) =
        batch::follow(&mut process::command(python(), own), Summary::Unittest)?;
    let example = ends_with(&mut host(&suites.example, "example"), 0)?;
    let conformance = ends_with(&mut host(&suites.conformance, "conformance"), CASES_FAILED)?
        && ends_with(&mut held("conformance"), 0)?;
    for success in [example, conformance] {
        tally += Tally::of(success);
    }
    Ok((tally, own_success && example && conformance))
}

/// Whether there is a Python that can make what the SDK needs; Debian has `venv` in a package of its own.
fn found() -> bool {
    let wanted = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";
    let works = || process::works(&mut process::command(python(), ["-c", wanted]));
    works() || {
        if let Err(error) = debian::install("python3-venv") {
            process::say(&format!("no Python: {error}"));
        }
        works()
    }
}

fn python() -> OsString {
    std::env::var_os(PYTHON).unwrap_or_else(|| "python3".into())
}

fn build(arguments: &[&str]) -> Command {
    process::command(BUILD, arguments)
}

/// Beside what `build.sh` keeps, which needs the folder to be there.
fn component(suite: &str, name: &str) -> Outcome<PathBuf> {
    let file = folder().join(format!("{name}.wasm"));
    let mut command = build(&[suite]);
    process::run(command.arg(&file))?;
    Ok(file)
}

fn folder() -> PathBuf {
    process::target_directory().join("python")
}

fn reports(name: &str) -> PathBuf {
    folder().join("reports").join(name)
}

/// A run of the suite on the embedded environment, which leaves nothing in the history of this repository. Its file may be outside of it.
fn host(suite: &Path, name: &str) -> Command {
    let mut host = process::command(
        run::binary("host"),
        ["run", "--environment", "embedded", "--trust", "all"],
    );
    host.args(["--no-history", "--report-dir"]);
    host.arg(reports(name)).arg(suite);
    host
}

/// Whether the report of that run holds what it must.
fn held(name: &str) -> Command {
    let report = reports(name).join("report.json");
    process::command(run::binary("conformance"), [report])
}

/// Runs it and compares its exit code; what it printed is shown only if that is another one.
fn ends_with(command: &mut Command, expected: i32) -> Outcome<bool> {
    let output = command
        .output()
        .map_err(|source| process::start(command, source))?;
    let line = process::line(command);
    let is_expected = output.status.code() == Some(expected);
    if is_expected {
        process::say(&format!("PASS `{line}` ends with {expected}"));
    } else {
        for text in [&output.stdout, &output.stderr] {
            process::say(&String::from_utf8_lossy(text));
        }
        let status = output.status;
        process::say(&format!(
            "FAIL `{line}` ended with {status} instead of {expected}"
        ));
    }
    Ok(is_expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_held_to_its_exit_code() {
        let ends =
            |program: &str, expected| ends_with(&mut process::command(program, [""; 0]), expected);
        assert!(ends("true", 0).unwrap());
        assert!(ends("false", 1).unwrap());
        assert!(!ends("false", 0).unwrap());
        assert!(!ends("true", CASES_FAILED).unwrap());
        assert!(ends("there-is-no-such-program", 0).is_err());
    }
}
