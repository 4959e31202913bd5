//! The tests in three batches: those that keep a processor busy, as many at once as there are processors, and one that waits for
//! containers beside them; those that mostly wait, many more at once; and those that make load, one after the other.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;

use crate::Outcome;
use crate::chromium;
use crate::kubernetes;
use crate::process;
use crate::prometheus;
use crate::tally::{Summary, Tally};
use crate::xmllint;

/// Each batch with its name, the faster one first.
pub(crate) const ALL: [(&str, Batch); 3] = [
    ("tests", Batch::Busy),
    ("table of defects", Batch::Waiting),
    ("table of defects, under load", Batch::Loading),
];

/// How the names of the tests that mostly wait begin. They are in a test program called [`PROGRAM`].
const WAITING: &str = "defects::rows::";
/// The same of those that make load.
const LOADING: &str = "defects::performance::";
const PROGRAM: &str = "it";
/// How many of these run at once for each processor: one needs a quarter of it, and what the suites promise in time has to hold.
const WAITING_FOR_EACH: usize = 4;

/// Some of the tests.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Batch {
    /// Those that compute, or that look at how long something takes.
    Busy,
    /// Those that run the suites that mostly wait, with one defect each.
    Waiting,
    /// Those that run the suite that makes load, with one defect each: beside each other they would measure each other.
    Loading,
}

/// What runs tests: nextest where it is installed. It takes longer to compile than all tests take to run, so `cargo test` does elsewhere.
pub(crate) struct Runner {
    nextest: bool,
    /// Programs of others, each with the variable that names it.
    programs: Vec<(&'static str, std::path::PathBuf)>,
    chromium: Option<std::path::PathBuf>,
    xmllint: Option<std::path::PathBuf>,
    kubernetes: Option<std::path::PathBuf>,
}

impl Runner {
    /// Looks for what there is, and says what is missing.
    pub(crate) fn find() -> Self {
        let nextest = process::works(&mut process::cargo(["nextest", "--version"]));
        if !nextest {
            process::say("cargo-nextest is not installed: using `cargo test`");
        }
        let mut programs = Vec::new();
        for program in prometheus::ALL {
            match program.find() {
                Some(path) => programs.push((program.variable, path)),
                None => process::say(&format!("SKIPPED: not tried: {}", program.tries)),
            }
        }
        let chromium = chromium::find();
        if chromium.is_none() {
            process::say("SKIPPED: the page is not tried in a browser, there is no Chromium");
        }
        let xmllint = xmllint::find();
        if xmllint.is_none() {
            process::say("SKIPPED: JUnit XML is not held to its schema, there is no xmllint");
        }
        let kubernetes = kubernetes::find();
        if kubernetes.is_none() {
            process::say("SKIPPED: the manifests are not held to the schemas of Kubernetes");
        }
        Self {
            nextest,
            programs,
            chromium,
            xmllint,
            kubernetes,
        }
    }

    /// Runs a batch; what was counted, and whether the runner was content.
    pub(crate) fn run(&self, batch: Batch) -> Outcome<(Tally, bool)> {
        let (mut command, summary) = if self.nextest {
            (nextest(batch), Summary::Nextest)
        } else {
            (cargo_test(batch), Summary::Libtest)
        };
        command.envs(self.programs.iter().map(|(name, path)| (name, path)));
        if let Some(program) = &self.chromium {
            command.env("CHROMIUM", program);
        }
        if let Some(program) = &self.xmllint {
            command.env("XMLLINT", program);
        }
        if let Some(program) = &self.kubernetes {
            command.env("KUBERNETES_VALIDATE", program);
        }
        follow(&mut command, summary)
    }
}

fn nextest(batch: Batch) -> Command {
    let mut command = process::cargo(["nextest", "run", "--workspace", "--no-fail-fast"]);
    let waiting = format!("package(assay-host) and test(/^{WAITING}/)");
    let loading = format!("package(assay-host) and test(/^{LOADING}/)");
    match batch {
        Batch::Busy => command.args([
            "-E",
            &format!("not (({waiting}) or ({loading}))"),
            "--test-threads",
            &(processors() + 1).to_string(),
        ]),
        Batch::Waiting => command.args(["-E", &waiting, "--test-threads", &at_once()]),
        Batch::Loading => command.args(["-E", &loading, "--test-threads", "1"]),
    };
    command
}

fn cargo_test(batch: Batch) -> Command {
    let mut command = process::cargo(["test", "--workspace", "--no-fail-fast"]);
    match batch {
        Batch::Busy => command.args([
            "--bins", "--lib", "--tests", "--", "--skip", WAITING, "--skip", LOADING,
        ]),
        Batch::Waiting => command.args(only(WAITING, &at_once())),
        Batch::Loading => command.args(only(LOADING, "1")),
    };
    command
}

/// The tests of [`PROGRAM`] whose names begin so, so many at once.
fn only<'a>(names: &'a str, at_once: &'a str) -> [&'a str; 6] {
    ["--test", PROGRAM, "--", names, "--test-threads", at_once]
}

fn at_once() -> String {
    (processors() * WAITING_FOR_EACH).to_string()
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Passes on what the runner prints and counts along: nextest and `unittest` report on stderr, `cargo test` on stdout.
pub(crate) fn follow(runner: &mut Command, summary: Summary) -> Outcome<(Tally, bool)> {
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
        tally.read(summary, &line);
        process::say(&line);
    }
    let status = child
        .wait()
        .map_err(|source| process::start(runner, source))?;
    Ok((tally, status.success()))
}
