//! A run in a step of GitHub Actions: annotations on standard output, and a summary in the runner's file.

use std::{ffi::OsString, fs, path::Path};

use assay_report::{
    GithubStep,
    event::{Event, ReasonKind},
    exit::Exit,
    json::Gatherer,
    verdict::Verdict,
};
use tempfile::TempDir;

use super::{
    recording::{Recording, outcome, reason},
    situations,
};

const WORD: &str = "0123456789abcdef";
const MEBIBYTE: usize = 1 << 20;

fn step(summary: Option<&Path>) -> GithubStep {
    let variable = |name: &str| match name {
        "GITHUB_ACTIONS" => Some(OsString::from("true")),
        "GITHUB_STEP_SUMMARY" => summary.map(|path| path.as_os_str().to_owned()),
        _ => None,
    };
    GithubStep::of_environment(variable, || WORD.to_owned()).unwrap()
}

/// What the step prints at the end, and how many errors there were.
fn printed(step: &GithubStep, events: &[Event]) -> (String, usize) {
    let mut gatherer = Gatherer::default();
    for event in events {
        gatherer.event(event);
    }
    let mut lines = Vec::new();
    let errors = step.finish(&gatherer.finish(), &mut lines).len();
    (String::from_utf8(lines).unwrap(), errors)
}

fn annotations(events: &[Event]) -> Vec<String> {
    let (text, errors) = printed(&step(None), events);
    assert_eq!(errors, 0);
    let mut lines = text.lines().map(str::to_owned);
    assert_eq!(lines.next(), Some(format!("::{WORD}::")));
    lines.collect()
}

fn failing(number: usize, verdict: Verdict) -> Vec<Event> {
    let names: Vec<String> = (0..number).map(|number| format!("case-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut run = Recording::of(&names);
    let ending = outcome(verdict, reason(ReasonKind::Failed, "not as it must be"));
    for name in names {
        run.case(name, &ending, |_, _| {});
    }
    run.end(Exit::Failed)
}

#[test]
fn outside_of_github_there_is_no_step() {
    for value in [None, Some("false"), Some("")] {
        let variable = |name: &str| (name == "GITHUB_ACTIONS").then_some(value?.into());
        assert_eq!(GithubStep::of_environment(variable, String::new), None);
    }
}

#[test]
fn commands_are_off_while_plugins_speak() {
    let mut begun = Vec::new();
    step(None).begin(&mut begun).unwrap();
    assert_eq!(begun, format!("::stop-commands::{WORD}\n").into_bytes());
}

#[test]
fn a_good_run_has_no_annotations() {
    assert!(annotations(&situations::passed_run()).is_empty());
    assert!(annotations(&situations::skipped()).is_empty());
}

#[test]
fn what_is_bad_is_an_error_and_what_is_not_quite_good_a_warning() {
    for (events, level) in [
        (situations::failing_checks(), "::error title="),
        (situations::trap(), "::error title="),
        (situations::environment_failed(), "::error title="),
        (situations::stopped(), "::error title="),
        (situations::flaky(), "::warning title="),
        (situations::degraded(), "::warning title="),
    ] {
        let lines = annotations(&events);
        assert!(!lines.is_empty());
        assert!(lines[0].starts_with(level), "{lines:#?}");
    }
}

#[test]
fn an_annotation_stands_at_the_line_that_failed() {
    let mut why = reason(ReasonKind::Failed, "the job is lost\nlook at the queue");
    why.location = Some("plugins/core-flow/src/jobs.rs:12".to_owned());
    let mut run = Recording::of(&["a-job-ends"]);
    run.case("a-job-ends", &outcome(Verdict::Failed, why), |_, _| {});
    let lines = annotations(&run.end(Exit::Failed));
    let line = &lines[0];
    assert!(
        line.contains("/a-job-ends%3A failed,file=plugins/core-flow/src/jobs.rs,line=12::the job is lost%0Alook at the queue"),
        "{line}"
    );
}

#[test]
fn no_more_annotations_than_github_shows_and_the_last_one_counts_the_rest() {
    let ten = annotations(&failing(10, Verdict::Failed));
    assert_eq!(ten.len(), 10);
    assert!(ten.iter().all(|line| line.contains("/case-")), "{ten:#?}");
    let eleven = annotations(&failing(11, Verdict::Failed));
    assert_eq!(eleven.len(), 10);
    assert!(eleven[9].starts_with("::error title=2 findings more::"));
}

#[test]
fn errors_come_before_warnings_and_leave_them_their_room() {
    let mut run = Recording::of(&["warned", "failed"]);
    for (name, verdict) in [("warned", Verdict::Degraded), ("failed", Verdict::Failed)] {
        let ending = outcome(verdict, reason(ReasonKind::Failed, "so"));
        run.case(name, &ending, |_, _| {});
    }
    let lines = annotations(&run.end(Exit::Failed));
    let at = |start: &str| lines.iter().position(|line| line.starts_with(start));
    assert!(at("::error") < at("::warning"), "{lines:#?}");
}

#[test]
fn the_summary_is_added_to_what_the_step_has_written() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("summary.md");
    fs::write(&path, "before\n").unwrap();
    for _ in 0..2 {
        assert_eq!(printed(&step(Some(&path)), &situations::trap()).1, 0);
    }
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("before\n# Assay: errored\n"), "{text}");
    assert_eq!(text.matches("# Assay: errored\n").count(), 2);
}

#[test]
fn a_summary_that_has_no_room_says_so_and_never_makes_the_file_too_large() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("summary.md");
    let events = situations::trap();
    assert_eq!(printed(&step(Some(&path)), &events).1, 0);
    let page = fs::metadata(&path).unwrap().len();
    for (there, has_page) in [
        (MEBIBYTE as u64 - page, true),
        (MEBIBYTE as u64 - page + 1, false),
        (MEBIBYTE as u64, false),
    ] {
        fs::write(&path, vec![b' '; usize::try_from(there).unwrap()]).unwrap();
        assert_eq!(printed(&step(Some(&path)), &events).1, 0);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.contains("## Execution"), has_page);
        assert!(text.len() <= MEBIBYTE);
    }
}

#[test]
fn a_summary_that_cannot_be_written_keeps_no_annotation_back() {
    let folder = TempDir::new().unwrap();
    let (text, errors) = printed(&step(Some(folder.path())), &situations::trap());
    assert_eq!(errors, 1);
    assert!(text.contains("::error title="), "{text}");
}
