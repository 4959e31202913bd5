//! What came of a run: what was refused, what the suite was answered, and that the next one ran.

use std::fs;

use assay_report::{
    json::document::{Attempt, Case},
    verdict::Verdict,
};
use serde_json::Value;

use crate::invocation::Answer;

/// Something that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) kind: String,
    pub(super) subject: String,
    pub(super) grant: String,
    pub(super) times: u64,
}

/// A case of the suite.
pub(super) fn case(answer: &Answer, name: &str) -> Case {
    let report = answer.report();
    let mut cases = report.suites.into_iter().flat_map(|suite| suite.cases);
    let found = cases.find(|case| case.name == name);
    found.unwrap_or_else(|| panic!("{name} was not run: {}", answer.seen()))
}

/// Its only attempt.
pub(super) fn attempt(answer: &Answer, name: &str) -> Attempt {
    let mut attempts = case(answer, name).attempts;
    assert_eq!(attempts.len(), 1, "{name}");
    attempts.remove(0)
}

/// What it was refused, in order.
pub(super) fn refusals(answer: &Answer, name: &str) -> Vec<Refused> {
    let attempts = case(answer, name).attempts.into_iter();
    let reports = attempts.flat_map(|attempt| attempt.refusals);
    let refused = |report: assay_report::json::document::RefusalReport| Refused {
        kind: report.refusal.capability,
        subject: report.refusal.subject,
        grant: report.refusal.grant,
        times: report.times,
    };
    reports.map(refused).collect()
}

/// The table that would grant the suite all that it was refused, and that has all of it.
#[track_caller]
pub(super) fn proposal(answer: &Answer) -> String {
    let mut suites = answer.report().suites.into_iter();
    let proposal = suites.find_map(|suite| suite.proposal).unwrap();
    assert!(!proposal.truncated, "{}", answer.seen());
    proposal.table
}

/// A refusal whose line is this one of the suite's table.
pub(super) fn refused(kind: &str, subject: &str, line: &str, times: u64) -> Refused {
    Refused {
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        grant: format!("grants.hostile.{line}"),
        times,
    }
}

/// What happened in a run, as its log has it.
pub(super) fn events(answer: &Answer, word: &str) -> Vec<Value> {
    let log = fs::read_to_string(answer.folder().join("events.jsonl")).unwrap();
    let events = log.lines().map(|line| serde_json::from_str(line).unwrap());
    events
        .filter(|event: &Value| event["event"] == word)
        .collect()
}

/// What a case wrote to its log.
pub(super) fn told(answer: &Answer, case: &str) -> Vec<String> {
    let of_case = |event: &Value| event["source"]["entry"] == case;
    let logs = events(answer, "log").into_iter().filter(of_case);
    logs.map(|event| event["message"].as_str().unwrap().to_owned())
        .collect()
}

/// The case is `errored`, the report and the console say so, and the good suite after it ran all the same.
#[track_caller]
pub(super) fn assert_contained(answer: &Answer, name: &str) {
    assert_eq!(
        case(answer, name).verdict,
        Some(Verdict::Errored),
        "{name}: {}",
        answer.seen()
    );
    assert_goes_on(answer);
    let line = format!("errored  hostile/{name}");
    assert!(answer.stdout.contains(&line), "{}", answer.seen());
    for refusal in refusals(answer, name) {
        let subject = &refusal.subject;
        assert!(
            answer.stdout.contains(subject),
            "{subject}: {}",
            answer.seen()
        );
    }
}

/// The good suite ran.
#[track_caller]
pub(super) fn assert_goes_on(answer: &Answer) {
    let next = case(answer, "does-nothing").verdict;
    assert_eq!(next, Some(Verdict::Passed), "{}", answer.seen());
}

/// The case passed, and nothing was refused.
#[track_caller]
pub(super) fn assert_granted(answer: &Answer, name: &str) {
    assert_eq!(
        case(answer, name).verdict,
        Some(Verdict::Passed),
        "{}",
        answer.seen()
    );
    assert_eq!(refusals(answer, name), [], "{}", answer.seen());
}
