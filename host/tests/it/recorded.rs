//! Reports that are made of a recorded run: the same as those of the run itself, and clear answers where a log is no good.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use tempfile::TempDir;

use crate::{
    fixtures::{file, fixture},
    invocation::{Answer, Invocation, host},
};

const FORMS: [&str; 7] = ["json", "junit", "tap", "csv", "hdr", "markdown", "html"];

/// A run that has cases of each verdict, with all documents in `live`, a folder beside its own reports.
fn recorded(live: &Path) -> Answer {
    let arguments = arguments(live);
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    Invocation::run(&[fixture("faulty")])
        .with(&["--environment", "none", "--retries", "1"])
        .with(&arguments)
        .answer()
}

/// Every document in this folder.
fn arguments(folder: &Path) -> Vec<String> {
    FORMS
        .iter()
        .map(|form| format!("--{form}={}", folder.join(form).display()))
        .collect()
}

fn report(log: &Path, arguments: &[String]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = host()
        .arg("report")
        .arg(log)
        .args(arguments)
        .output()
        .expect("the host starts");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code(), text(stdout), text(stderr))
}

/// All files below a folder with what is in them.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), fs::read(path).expect("a file")));
        }
    }
    found.sort();
    found
}

#[test]
fn what_is_made_later_is_what_the_run_made_byte_by_byte() {
    let folder = TempDir::new().expect("a temporary folder");
    let documents = folder.path().join("documents");
    let run = recorded(&documents);
    assert_eq!(run.exit, Some(1), "{}", run.seen());
    assert!(run.stdout.contains("documents/junit"), "{}", run.seen());
    let live = files(&documents);
    assert_eq!(live.len(), FORMS.len() - 2 + 4 + 2);

    fs::remove_dir_all(&documents).expect("the documents are there");
    let log = run.folder().join("events.jsonl");
    let (exit, _, stderr) = report(&log, &arguments(&documents));
    assert_eq!(exit, Some(0), "{stderr}");
    assert_eq!(files(&documents), live);
    assert!(
        stderr.contains("wrote ") && !stderr.contains("warning"),
        "{stderr}"
    );

    let (exit, shown, _) = report(&log, &[]);
    assert_eq!(exit, Some(0));
    let lines = |text: &str| text.lines().count();
    assert!(lines(&shown) > 50, "{shown}");
    let first = run.stdout.lines().next().expect("a report");
    assert!(shown.starts_with(first), "{shown}");
}

#[test]
fn a_log_that_is_no_good_gets_an_answer_of_its_own_and_no_report() {
    let folder = TempDir::new().expect("a temporary folder");
    let run = Invocation::run(&[fixture("noop")])
        .with(&["--environment", "none"])
        .answer();
    let log = fs::read_to_string(run.folder().join("events.jsonl")).expect("a log");
    let lines: Vec<_> = log.lines().collect();
    let damaged = [lines[0], "{\"sequence\":1", lines[2]].join("\n");
    let gap = [lines[0], lines[2]].join("\n");
    let later = log.replace("assay/events/1", "assay/events/2");
    for (text, told) in [
        (
            damaged.as_str(),
            &["line 2", "is not an event", "head -n 1"][..],
        ),
        (&gap, &["line 2", "event 2 where event 1 belongs"]),
        (&later, &["`assay/events/2`", "`assay/events/1`", "hint"]),
        ("", &["holds no event"]),
        (lines[1], &["line 1", "hint"]),
    ] {
        let path = file(folder.path(), "bad.jsonl", text);
        let documents = folder.path().join("documents");
        let (exit, _, stderr) = report(&path, &arguments(&documents));
        assert_eq!(exit, Some(8), "{stderr}");
        for part in told {
            assert!(stderr.contains(part), "{part}: {stderr}");
        }
        assert!(!documents.exists(), "{told:?}");
    }
    let (exit, _, stderr) = report(&folder.path().join("nowhere"), &[]);
    assert_eq!(exit, Some(8), "{stderr}");
    assert!(stderr.contains("cannot open"), "{stderr}");
}

#[test]
fn a_log_that_ends_in_the_middle_makes_reports_that_say_so() {
    let folder = TempDir::new().expect("a temporary folder");
    let run = Invocation::run(&[fixture("noop")])
        .with(&["--environment", "none"])
        .answer();
    let log = fs::read(run.folder().join("events.jsonl")).expect("a log");
    let path = file(folder.path(), "events.jsonl", &log[..log.len() - 20]);
    let (exit, _, stderr) = report(&path, &arguments(folder.path()));
    assert_eq!(exit, Some(0), "{stderr}");
    assert!(stderr.contains("the host was stopped"), "{stderr}");
    let text = |name| fs::read_to_string(folder.path().join(name)).expect("a report");
    assert!(text("json").contains("\"complete\": false"));
    assert!(
        text("junit").contains("type=\"no_end\""),
        "{}",
        text("junit")
    );
    assert!(text("markdown").starts_with("# Assay: stopped before its end"));
}

#[test]
fn no_report_is_written_over_another_one_or_over_the_log() {
    let folder = TempDir::new().expect("a temporary folder");
    let log = file(folder.path(), "events.jsonl", "kept");
    let name = |form: &str, path: &Path| format!("--{form}={}", path.display());
    let other = folder.path().join("other");
    for arguments in [
        vec![name("json", &log)],
        vec![name("json", &other), name("tap", &other)],
    ] {
        let (exit, _, stderr) = report(&log, &arguments);
        assert_eq!(exit, Some(2), "{stderr}");
        assert!(stderr.contains("the place of another report"), "{stderr}");
    }
    assert_eq!(fs::read(&log).expect("the log"), b"kept");
}

#[test]
fn a_report_that_cannot_be_written_is_told_and_the_others_are_there() {
    let folder = TempDir::new().expect("a temporary folder");
    let in_the_way = file(folder.path(), "in-the-way", "");
    let junit = folder.path().join("junit.xml");
    let run = Invocation::run(&[fixture("noop")])
        .with(&["--environment", "none"])
        .with(&["--tap", &in_the_way.join("below").display().to_string()])
        .with(&["--junit", &junit.display().to_string()])
        .answer();
    assert_eq!(run.exit, Some(8), "{}", run.seen());
    assert!(run.stderr.contains("in-the-way"), "{}", run.seen());
    assert!(junit.exists());
    assert!(run.report().complete);
}

fn page(folder: &Path) -> String {
    fs::read_to_string(folder.join("report.html")).expect("a page")
}

#[test]
fn a_run_leaves_a_page_that_shows_it_beside_the_run_before() {
    let run = || Invocation::run(&[fixture("noop")]).with(&["--environment", "none"]);
    let first = run().answer();
    assert!(first.stdout.contains("report.html"), "{}", first.seen());
    assert!(!page(first.folder()).contains("Against the run before"));

    let former = fs::read_to_string(first.folder().join("report.json")).expect("a report");
    let second = run().after(&former).answer();
    let beside = page(second.folder());
    assert!(beside.contains("No case ended otherwise."), "{beside}");

    let later = first.folder().join("later.html");
    let arguments = [
        format!("--html={}", later.display()),
        format!("--against={}", first.folder().join("report.json").display()),
    ];
    let (exit, _, stderr) = report(&second.folder().join("events.jsonl"), &arguments);
    assert_eq!(exit, Some(0), "{stderr}");
    assert_eq!(fs::read_to_string(later).expect("a page"), beside);
}

#[test]
fn a_run_before_that_cannot_be_read_is_told_and_changes_nothing_else() {
    let run = Invocation::run(&[fixture("noop")])
        .with(&["--environment", "none"])
        .after("{")
        .answer();
    assert_eq!(run.exit, Some(0), "{}", run.seen());
    let page = page(run.folder());
    assert!(page.contains("is no event log and no report"), "{page}");
    assert!(!page.contains("Against the run before"), "{page}");
}

#[test]
fn a_page_beside_what_is_no_run_is_refused_with_what_to_do() {
    let folder = TempDir::new().expect("a temporary folder");
    let run = Invocation::run(&[fixture("noop")])
        .with(&["--environment", "none"])
        .answer();
    let log = run.folder().join("events.jsonl");
    let other = file(folder.path(), "other", "{}");
    let html = format!("--html={}", folder.path().join("page").display());
    let against = format!("--against={}", other.display());
    let (exit, _, stderr) = report(&log, &[html.clone(), against.clone()]);
    assert_eq!(exit, Some(8), "{stderr}");
    assert!(stderr.contains("is no event log and no report"), "{stderr}");
    assert!(stderr.contains("hint"), "{stderr}");
    assert!(!folder.path().join("page").exists());

    let (exit, _, stderr) = report(&log, &[against]);
    assert_eq!(exit, Some(2), "{stderr}");
    let over = format!("--html={}", other.display());
    let (exit, _, stderr) = report(&log, &[over, format!("--against={}", other.display())]);
    assert_eq!(exit, Some(2), "{stderr}");
    assert_eq!(fs::read(&other).expect("the other run"), b"{}");
}
