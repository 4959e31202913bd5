//! A plan that is run in parts, and the one run that is made of them, through the built `host`.

use std::{collections::BTreeMap, fs, path::Path, process::Output};

use assay_report::json::document::Report;
use tempfile::TempDir;

use crate::{
    fixtures::fixture,
    invocation::{Answer, Invocation, host},
};

const OF: u32 = 3;

fn plugins() -> [std::path::PathBuf; 2] {
    [fixture("faulty"), fixture("noop")]
}

fn run(arguments: &[&str]) -> Answer {
    Invocation::run(&plugins())
        .with(&["--environment", "none"])
        .with(arguments)
        .answer()
}

fn shards() -> Vec<Answer> {
    (1..=OF)
        .map(|number| run(&["--shard", &format!("{number}/{OF}")]))
        .collect()
}

/// What `host report merge` answers to these logs.
fn merge(logs: &[&Path], arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = host()
        .args(["report", "merge"])
        .args(logs)
        .args(arguments)
        .output()
        .expect("the host starts");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code(), text(stdout), text(stderr))
}

fn logs(shards: &[Answer]) -> Vec<std::path::PathBuf> {
    let folders = shards.iter().map(Answer::folder);
    folders.map(|folder| folder.join("events.jsonl")).collect()
}

fn paths(logs: &[std::path::PathBuf]) -> Vec<&Path> {
    logs.iter().map(std::path::PathBuf::as_path).collect()
}

fn verdicts(report: &Report) -> BTreeMap<String, String> {
    let suites = report.suites.iter();
    let cases = suites.flat_map(|suite| suite.cases.iter().map(move |case| (suite, case)));
    cases
        .map(|(suite, case)| {
            let verdict = case.verdict.map_or("none", |verdict| verdict.word());
            (format!("{}/{}", suite.name, case.name), verdict.to_owned())
        })
        .collect()
}

#[test]
fn a_plan_in_parts_comes_to_what_it_comes_to_as_a_whole() {
    let folder = TempDir::new().expect("a temporary folder");
    let whole = run(&[]);
    let shards = shards();
    let cases: usize = shards.iter().map(|shard| shard.verdicts().len()).sum();
    assert_eq!(cases, whole.verdicts().len());

    let json = folder.path().join("report.json").display().to_string();
    let events = folder.path().join("merged.jsonl").display().to_string();
    let arguments = ["--json", &json, "--events", &events];
    let (exit, shown, stderr) = merge(&paths(&logs(&shards)), &arguments);
    assert_eq!(exit, whole.exit, "{shown}\n{stderr}");
    assert!(shown.contains("merged from 3 shards"), "{shown}");
    let report = fs::read(&json).expect("a report");
    let report: Report = serde_json::from_slice(&report).expect("a report of the published shape");
    assert_eq!(verdicts(&report), verdicts(&whole.report()));
    let run = report.run.expect("a run");
    let expected = whole.report().run.expect("a run");
    assert_eq!((run.verdict, run.stats), (expected.verdict, expected.stats));

    let again = host()
        .arg("report")
        .arg(&events)
        .output()
        .expect("the host starts");
    assert_eq!(
        String::from_utf8_lossy(&again.stdout).lines().count(),
        shown.lines().count() - 1
    );
}

#[test]
fn a_shard_that_is_missing_is_named_and_good_ones_do_not_make_it_good() {
    let good = Invocation::run(&[fixture("noop")])
        .with(&["--environment", "none"])
        .answer();
    assert_eq!(good.exit, Some(0), "{}", good.seen());
    let parts: Vec<Answer> = ["1/2", "2/2"]
        .iter()
        .map(|shard| {
            Invocation::run(&[fixture("noop")])
                .with(&["--environment", "none", "--shard", shard])
                .answer()
        })
        .collect();
    // One of them has the only case.
    assert!(parts.iter().all(|part| part.exit == Some(0)));
    let logs = logs(&parts);
    let (exit, shown, stderr) = merge(&paths(&logs), &[]);
    assert_eq!(exit, Some(0), "{shown}{stderr}");
    for (there, missing) in [(0, "2/2"), (1, "1/2")] {
        let (exit, shown, stderr) = merge(&[&logs[there]], &[]);
        assert_eq!(exit, Some(6), "{shown}{stderr}");
        let told = format!("there is no log of shard {missing}");
        assert!(shown.contains(&told), "{shown}");
    }
}

#[test]
fn logs_that_do_not_belong_together_make_no_report() {
    let folder = TempDir::new().expect("a temporary folder");
    let shards = shards();
    let logs = logs(&shards);
    let json = folder.path().join("report.json");
    let (exit, _, stderr) = merge(
        &[&logs[0], &logs[1], &logs[0]],
        &["--json", &json.display().to_string()],
    );
    assert_eq!(exit, Some(8), "{stderr}");
    assert!(stderr.contains("shard 1/3 is there twice"), "{stderr}");
    assert!(stderr.contains("hint"), "{stderr}");
    assert!(!json.exists());
    let over = logs[0].display().to_string();
    let (exit, _, stderr) = merge(&[&logs[0]], &["--events", &over]);
    assert_eq!(exit, Some(2), "{stderr}");
}

#[test]
fn a_list_shows_the_cases_of_a_shard() {
    let list = |arguments: &[&str]| {
        let output = host()
            .arg("list")
            .args(plugins())
            .args(arguments)
            .output()
            .expect("the host starts");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let cases = |text: &str| text.lines().filter(|line| line.starts_with("  ")).count();
    let parts: Vec<String> = (1..=OF)
        .map(|number| list(&["--shard", &format!("{number}/{OF}")]))
        .collect();
    let together: usize = parts.iter().map(|part| cases(part)).sum();
    assert_eq!(together, cases(&list(&[])));
    assert!(parts[1].contains("shard 2/3 of a plan of "), "{}", parts[1]);
}

#[test]
fn a_shard_that_no_plan_has_is_refused_with_what_to_write() {
    let refused = run(&["--shard", "4/3"]);
    assert_eq!(refused.exit, Some(3), "{}", refused.seen());
    assert!(
        refused.stderr.contains("there is no shard 4 of 3") && refused.stderr.contains("`1/3`"),
        "{}",
        refused.seen()
    );
}
