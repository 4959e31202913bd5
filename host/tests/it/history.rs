//! The history of runs through the built `host`: what is kept, what is shown of it, and that a history that is no good spoils no run.

use std::{fs, path::PathBuf, process::Output};

use assay_history::{
    compare::{Comparison, Finding},
    schema::History,
};
use assay_report::verdict::Verdict;
use tempfile::TempDir;

use crate::{
    fixtures::{file, fixture},
    invocation::{Answer, Invocation, host},
};

/// A history of a test's own.
struct Kept {
    folder: TempDir,
}

impl Kept {
    fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        Self { folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("below/history.db")
    }

    fn run(&self, plugin: &str, arguments: &[&str]) -> Answer {
        Invocation::kept(&[fixture(plugin)])
            .with(&["--environment", "none"])
            .with(&["--history", &self.file().display().to_string()])
            .with(arguments)
            .answer()
    }

    /// Exit code, standard output, standard error.
    fn tell(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = host()
            .args(arguments)
            .arg("--history")
            .arg(self.file())
            .output()
            .expect("the host starts");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (status.code(), text(stdout), text(stderr))
    }

    fn history(&self, arguments: &[&str]) -> History {
        let arguments = [&["history", "--format", "json"], arguments].concat();
        let (exit, stdout, stderr) = self.tell(&arguments);
        assert_eq!(exit, Some(0), "{stderr}");
        serde_json::from_str(&stdout).expect("a history of the published shape")
    }
}

fn log(run: &Answer) -> String {
    run.folder().join("events.jsonl").display().to_string()
}

fn run_id(run: &Answer) -> String {
    run.report().run.expect("a run").run_id
}

#[test]
fn a_run_is_kept_and_shown() {
    let kept = Kept::new();
    let run = kept.run("noop", &[]);
    assert_eq!(run.exit, Some(0), "{}", run.seen());
    let history = kept.history(&[]);
    assert_eq!(history.runs.len(), 1);
    let found = &history.runs[0];
    assert_eq!(
        (&found.run_id, found.verdict),
        (&run_id(&run), Some(Verdict::Passed))
    );
    assert_eq!(
        (found.environment.as_str(), found.stats.passed),
        ("none", 1)
    );
    assert!(found.settings_digest.is_some(), "{found:?}");

    let (exit, shown, _) = kept.tell(&["history"]);
    assert_eq!(exit, Some(0));
    let lines: Vec<_> = shown.lines().collect();
    assert!(
        lines[0].starts_with("run ") && lines[1].starts_with(&found.run_id),
        "{shown}"
    );
}

#[test]
fn a_case_over_many_runs_has_its_shares() {
    let kept = Kept::new();
    for _ in 0..2 {
        kept.run("faulty", &[]);
    }
    let cases = kept.history(&["--suite", "faulty"]).cases;
    assert!(cases.len() > 10 && cases.iter().all(|case| case.runs == 2));
    let one = kept.history(&["--case", "faulty/fails-a-check"]);
    assert_eq!((one.cases.len(), one.results.len()), (1, 2));
    assert_eq!(one.cases[0].success_rate, Some(0.0));
    assert_eq!(one.results[0].result.verdict, Verdict::Failed);

    let (exit, shown, _) = kept.tell(&["history", "--case", "faulty/fails-a-check"]);
    assert_eq!(exit, Some(0));
    assert!(
        shown.contains("0.0 %") && shown.contains("check"),
        "{shown}"
    );
    let (exit, _, stderr) = kept.tell(&["history", "--case", "fails-a-check"]);
    assert_eq!(exit, Some(2), "{stderr}");
    assert!(stderr.contains("suite/case"), "{stderr}");
}

#[test]
fn a_run_that_is_over_is_added_from_its_log_once() {
    let kept = Kept::new();
    let run = Invocation::run(&[fixture("noop")])
        .with(&["--environment", "none"])
        .answer();
    assert!(!kept.file().exists(), "`--no-history` keeps nothing");
    for word in ["added", "replaced"] {
        let (exit, _, stderr) = kept.tell(&["history", "add", &log(&run)]);
        assert_eq!(exit, Some(0), "{stderr}");
        assert!(stderr.contains(word), "{stderr}");
    }
    assert_eq!(kept.history(&[]).runs[0].run_id, run_id(&run));
    let bad = file(kept.folder.path(), "bad.jsonl", "no event\n");
    let (exit, _, stderr) = kept.tell(&["history", "add", &bad.display().to_string()]);
    assert_eq!(exit, Some(8), "{stderr}");
    assert!(stderr.contains("is not an event"), "{stderr}");
}

#[test]
fn pruning_keeps_the_newest() {
    let kept = Kept::new();
    let runs: Vec<_> = (0..3).map(|_| kept.run("noop", &[])).collect();
    let (exit, _, stderr) = kept.tell(&["history", "prune", "--keep-runs", "1"]);
    assert_eq!(exit, Some(0), "{stderr}");
    assert!(stderr.contains("removed 2 runs"), "{stderr}");
    let left = kept.history(&[]).runs;
    assert_eq!(left.len(), 1);
    assert!(runs.iter().any(|run| run_id(run) == left[0].run_id));
    let (exit, _, _) = kept.tell(&["history", "prune", "--keep-for", "1s"]);
    assert_eq!(exit, Some(2));
}

#[test]
fn without_a_history_there_is_an_answer_and_none_is_made() {
    let kept = Kept::new();
    let (exit, stdout, stderr) = kept.tell(&["history"]);
    assert_eq!((exit, stdout.as_str()), (Some(0), ""));
    assert!(stderr.contains("no run is in the history"), "{stderr}");
    let (exit, _, stderr) = kept.tell(&["compare"]);
    assert_eq!(exit, Some(2));
    assert!(stderr.contains("no run `previous`"), "{stderr}");
    assert!(!kept.file().exists());
}

#[test]
fn a_history_that_is_no_good_is_told_and_the_verdict_and_the_other_reports_stand() {
    let kept = Kept::new();
    fs::create_dir_all(kept.file().parent().expect("a folder")).expect("it can be made");
    let newer = {
        let connection = rusqlite::Connection::open(kept.file()).expect("a database");
        connection
            .execute_batch(
                "PRAGMA application_id = 0x41736179; PRAGMA user_version = 99; CREATE TABLE a (x)",
            )
            .expect("it can be written");
        drop(connection);
        fs::read(kept.file()).expect("a file")
    };
    for (content, told) in [
        (
            b"this is no database, however long it is".repeat(20),
            "is damaged, or no database",
        ),
        (newer, "has version 99"),
    ] {
        fs::write(kept.file(), &content).expect("it can be written");
        let run = kept.run("noop", &[]);
        assert_eq!(run.exit, Some(8), "{}", run.seen());
        assert!(
            run.stderr.contains(told) && run.stderr.contains("hint"),
            "{}",
            run.seen()
        );
        let report = run.report();
        let ended = report.run.expect("a run");
        assert_eq!(
            (ended.verdict, ended.exit_code),
            (Some(Verdict::Passed), Some(0))
        );
        assert!(run.stdout.contains("1 case in"), "{}", run.seen());
        assert_eq!(
            fs::read(kept.file()).expect("a file"),
            content,
            "it was changed"
        );

        let failed = kept.run("faulty", &["--filter", "faulty/fails-a-check"]);
        assert_eq!(failed.exit, Some(1), "{}", failed.seen());
        let (exit, _, stderr) = kept.tell(&["history"]);
        assert_eq!(exit, Some(8), "{stderr}");
        assert!(stderr.contains(told), "{stderr}");
    }
}

#[test]
fn two_runs_are_compared_by_name_or_by_their_logs() {
    let kept = Kept::new();
    let load = &["--filter", "loader/goes-well"];
    let runs = [kept.run("loader", load), kept.run("loader", load)];
    assert_eq!(runs[1].exit, Some(0), "{}", runs[1].seen());
    let compare = |before: &str, after: &str| -> Comparison {
        let (exit, stdout, stderr) = kept.tell(&["compare", before, after, "--format", "json"]);
        assert_eq!(exit, Some(0), "{stderr}");
        serde_json::from_str(&stdout).expect("a comparison of the published shape")
    };
    let ids = runs.each_ref().map(run_id);
    let logs = runs.each_ref().map(log);
    for (before, after) in [
        ("previous", "last"),
        (&ids[0], &ids[1]),
        (&logs[0], &logs[1]),
    ] {
        let comparison = compare(before, after);
        let mut compared = [
            comparison.before.run_id.clone(),
            comparison.after.run_id.clone(),
        ];
        let mut expected = ids.clone();
        // Runs of one second are in no order.
        compared.sort();
        expected.sort();
        assert_eq!(compared, expected);
        let iterations = &comparison.distributions[0];
        assert_eq!(iterations.metric, "goes-well: nothing: iteration");
        assert_eq!(
            (iterations.samples_before, iterations.samples_after),
            (100, 100)
        );
        assert_ne!(iterations.finding, Finding::NotEnoughSamples);
        assert!(iterations.test.is_some());
        let percentiles: Vec<_> = iterations
            .percentiles
            .iter()
            .map(|found| found.percentile)
            .collect();
        assert_eq!(percentiles, [50.0, 95.0]);
    }
    let (exit, shown, _) = kept.tell(&["compare", &logs[0], &logs[1], "--all"]);
    assert_eq!(exit, Some(0));
    for part in [
        "before  ",
        "all cases ended alike",
        "loader/iteration-p95",
        "1 distribution compared",
        "p95  ",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let (exit, _, stderr) = kept.tell(&["compare", "2", "last"]);
    assert_eq!(exit, Some(2), "{stderr}");
    assert!(stderr.contains("more than one run"), "{stderr}");
}

#[test]
fn the_help_names_what_can_be_done() {
    for (arguments, parts) in [
        (
            &["history", "--help"][..],
            &["add", "prune", "--case", "--suite", "--last", "--format"][..],
        ),
        (
            &["compare", "--help"],
            &["BEFORE", "AFTER", "--fail-on-regression"],
        ),
        (
            &["run", "--help"],
            &["--no-history", "--history", "--fail-on-regression"],
        ),
    ] {
        let help = host().args(arguments).output().expect("the host starts");
        let text = String::from_utf8_lossy(&help.stdout).into_owned();
        assert!(help.status.success());
        for part in parts {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
