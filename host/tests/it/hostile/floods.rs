//! Whoever asks, measures or attaches without an end fills neither a log nor the memory of the host.

use std::{fs, thread, time::Duration};

use assay_report::verdict::Verdict;

use crate::invocation::Answer;

use super::{
    answers::{
        assert_contained, assert_goes_on, assert_granted, attempt, case, events, refusals, refused,
        told,
    },
    project::Project,
};

/// Bytes that a log or a report of these runs may have.
const MOST_BYTES: u64 = 4 << 20;
/// Bytes of memory that a host may have had at its most; with a suite that asks for nothing it has some 80 MB.
const MOST_MEMORY: u64 = 192 << 20;

/// What came of a run, and how much memory it had at its most, as far as that was seen while it ran.
#[expect(
    clippy::disallowed_methods,
    reason = "the pause between two looks at another process"
)]
fn watched(project: &Project, cases: &[&str]) -> (Answer, u64) {
    // To compile the suite takes more memory than to run it, and is done once.
    project.run(&["asks-prometheus"]);
    let running = project.invocation(cases).start();
    let file = format!("/proc/{}/status", running.process());
    let watch = thread::spawn(move || {
        let mut most = 0;
        // Gone with the process, once that was waited for; a zombie has no such line any more.
        while let Some(peak) = fs::read_to_string(&file).ok().and_then(|text| peak(&text)) {
            most = peak.max(most);
            thread::sleep(Duration::from_millis(10));
        }
        most
    });
    let answer = running.answer();
    (answer, watch.join().unwrap())
}

fn peak(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib << 10)
}

#[track_caller]
fn assert_small(answer: &Answer) {
    for name in ["events.jsonl", "report.json", "report.html"] {
        let bytes = fs::metadata(answer.folder().join(name)).unwrap().len();
        assert!(bytes < MOST_BYTES, "{name} has {bytes} bytes");
    }
    assert!((answer.stdout.len() as u64) < MOST_BYTES);
}

#[test]
fn attachments_end_at_their_grant() {
    let mut project = Project::new()
        .granting("attachments", "\"2KiB\"")
        .told("attachments", &[1_000, 2_000, 1_048]);
    let answer = project.run(&["attaches"]);
    assert_contained(&answer, "attaches");
    let first = &refusals(&answer, "attaches")[0];
    assert_eq!(
        *first,
        refused("attachments", "3000 bytes", "attachments = true", 1)
    );
    assert_eq!(attempt(&answer, "attaches").attachments.len(), 2);
    assert_eq!(events(&answer, "attached").len(), 2);
    project.grant_what_was_refused(&answer);
    let answer = project.run(&["attaches"]);
    assert_granted(&answer, "attaches");
    assert_eq!(attempt(&answer, "attaches").attachments.len(), 3);
}

#[test]
fn a_hundred_thousand_refusals_are_one_in_the_report_and_bounded_in_the_log() {
    let tables = "[settings.shop]\ntoken = \"shop-9b7e-shop\"\n";
    let project = Project::new().having(tables);
    let (answer, memory) = watched(&project, &["is-refused-the-same"]);
    let name = "is-refused-the-same-without-end";
    assert_contained(&answer, name);
    let line = "settings = [\"shop.token\"]";
    assert_eq!(
        refusals(&answer, name),
        [refused("setting", "shop.token", line, 100)]
    );
    assert_eq!(events(&answer, "refused").len(), 100);
    assert_eq!(attempt(&answer, name).counts.refusals, 100_000);
    assert_small(&answer);
    assert!((1..MOST_MEMORY).contains(&memory), "{memory} bytes");
}

#[test]
fn refusals_that_are_all_different_are_kept_up_to_a_limit() {
    let project = Project::new();
    let (answer, memory) = watched(&project, &["is-refused-something-else"]);
    let name = "is-refused-something-else-without-end";
    assert_contained_shortly(&answer, name);
    assert_eq!(refusals(&answer, name).len(), 100);
    assert_eq!(events(&answer, "refused").len(), 1_000);
    assert!(!answer.report().cuts.is_empty());
    assert_small(&answer);
    assert!((1..MOST_MEMORY).contains(&memory), "{memory} bytes");
}

/// Of so many refusals the console tells the first.
#[track_caller]
fn assert_contained_shortly(answer: &Answer, name: &str) {
    assert_eq!(case(answer, name).verdict, Some(Verdict::Errored));
    assert_goes_on(answer);
    let told = answer.stdout.matches("0.hostile.invalid:80").count();
    assert!((1..200).contains(&told), "{told} of them are told");
    assert!(
        answer
            .stdout
            .contains("and more, which `report.json` tells")
    );
}

#[test]
fn figures_end_at_the_limit_of_their_series() {
    let cases = ["measures-without-end", "measures-what-cannot-be"];
    let project = Project::new();
    let (answer, memory) = watched(&project, &cases);
    for name in cases {
        assert_granted(&answer, name);
    }
    let report = answer.report();
    let metrics = &report.suites[0].metrics;
    assert_eq!(metrics.len(), 1_000);
    let refused = 3 * 5_000 - metrics.len();
    let expected = format!("{refused} figures were refused");
    assert_eq!(told(&answer, cases[0]), [expected]);
    assert_eq!(told(&answer, cases[1]), ["9 of 9 figures were refused"]);
    assert!(metrics.iter().all(|metric| metric.name.len() <= 256));
    assert_small(&answer);
    assert!((1..MOST_MEMORY).contains(&memory), "{memory} bytes");
}

#[test]
fn what_virtual_users_name_ends_at_a_budget() {
    let project = Project::new().granting("load", r#"{ vus = 1, duration = "50s" }"#);
    let (answer, memory) = watched(&project, &["names-without-end"]);
    assert_goes_on(&answer);
    assert_eq!(
        case(&answer, "names-without-end").verdict,
        Some(Verdict::Failed),
        "{}",
        answer.seen()
    );
    assert_eq!(events(&answer, "log").len(), 1_000);
    assert_small(&answer);
    assert!((1..MOST_MEMORY).contains(&memory), "{memory} bytes");
}
