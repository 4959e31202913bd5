//! The SDK for Python: its types and its own tests, and suites in it that run on the reference system: an example, the conformance suite, one
//! that tries what it may not do, and a new one. What it needs comes from `PyPI`, and from Debian where a machine has no `venv`.

mod fetch;
mod template;

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
/// The suite that tries what it has no grant for.
const HOSTILE: &str = "sdk/python/tests/hostile.py";
/// Runs that one as a stranger's, and looks what came of it.
const HOSTILE_RUN: &str = "sdk/python/tests/hostile_run.py";
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
    hostile: PathBuf,
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

/// Without an index of packages it says so, and nothing is tested; whatever else is wrong is an error.
fn make() -> Outcome<Option<Suites>> {
    if !fetch::fetch(&mut build(&["--fetch"]))? {
        process::say("SKIPPED: the SDK for Python, no index of packages can be reached");
        return Ok(None);
    }
    process::run(&mut build(&["--check", EXAMPLE]))?;
    Ok(Some(Suites {
        example: component(EXAMPLE, "example")?,
        conformance: component(CONFORMANCE, "conformance")?,
        // Grants go by the name of the file.
        hostile: component(HOSTILE, "hostile")?,
    }))
}

/// The SDK's own tests, and a run of each suite: the example and a new one pass, of the conformance suite all comes that must, and nothing of
/// what the hostile one tries.
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
    let hostile = ends_with(&mut contained(&suites.hostile), 0)?;
    let new = template::is_green(&folder().join("template"))?;
    let runs = [example, conformance, hostile, new];
    for success in runs {
        tally += Tally::of(success);
    }
    Ok((tally, own_success && !runs.contains(&false)))
}

/// Whether there is a Python that can make what the SDK needs; Debian has `venv` in a package of its own.
pub(crate) fn found() -> bool {
    let wanted = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";
    let works = || process::works(&mut process::command(python(), ["-c", wanted]));
    works() || {
        if let Err(error) = debian::install("python3-venv") {
            process::say(&format!("no Python: {error}"));
        }
        works()
    }
}

pub(crate) fn python() -> OsString {
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

/// A run of the hostile suite that looks itself what came of it. Nothing is trusted in it.
fn contained(suite: &Path) -> Command {
    let mut looks = process::command(python(), [HOSTILE_RUN]);
    looks.arg(run::binary("host")).arg(suite);
    looks
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
    fn the_hostile_suite_is_no_trusted_one() {
        let looks = contained(Path::new("hostile.wasm"));
        let arguments: Vec<_> = looks.get_args().collect();
        assert_eq!(arguments[0], HOSTILE_RUN);
        assert_eq!(arguments[1], run::binary("host"));
        assert_eq!(arguments[2..], ["hostile.wasm"]);
        let script = std::fs::read_to_string(process::root().join(HOSTILE_RUN)).unwrap();
        assert!(script.contains("\"--trust\", \"own\""));
    }

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
