//! One thing is taken away from a report that holds all: exactly that is told.

use assay_conformance::differences;
use assay_report::{
    event::{Grade, ReasonKind},
    json::document::{Attempt, Case, Report, Suite},
    verdict::Verdict,
};

use crate::made;

/// What is told of the report after such a change, as `place: what`.
fn told(change: impl FnOnce(&mut Report)) -> Vec<String> {
    let suite = made::suite();
    let mut report = made::report(&suite);
    change(&mut report);
    differences(&suite, &report)
        .into_iter()
        .map(|difference| format!("{}: {}", difference.place, difference.what))
        .collect()
}

fn told_of_suite(change: impl FnOnce(&mut Suite)) -> Vec<String> {
    told(|report| change(&mut report.suites[0]))
}

fn told_of_case(name: &str, change: impl FnOnce(&mut Case)) -> Vec<String> {
    told_of_suite(|suite| {
        let case = suite.cases.iter_mut().find(|case| case.name == name);
        change(case.expect("the suite has that case"));
    })
}

fn told_of_attempt(name: &str, change: impl FnOnce(&mut Attempt)) -> Vec<String> {
    told_of_case(name, |case| change(&mut case.attempts[0]))
}

#[test]
fn nothing_is_told_where_all_of_it_holds() {
    assert_eq!(told(|_| ()), [""; 0]);
}

#[test]
fn nothing_is_told_of_other_suites_of_the_run_nor_of_its_exit_code_then() {
    let found = told(|report| {
        let mut other = report.suites[0].clone();
        other.name = "another".to_owned();
        other.cases.clear();
        report.suites.push(other);
        report.run.as_mut().expect("a run").exit_code = Some(0);
    });
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_run_without_the_suite_and_one_without_an_end_are_told() {
    assert_eq!(
        told(|report| report.suites.clear()),
        ["conformance: suites"]
    );
    assert_eq!(told(|report| report.run = None), ["conformance: exit code"]);
}

#[test]
fn what_is_of_the_suite_as_a_whole_is_told() {
    for (what, change) in [
        ("setup", (|suite| suite.setup = None) as fn(&mut Suite)),
        ("teardown", |suite| suite.teardown = None),
        ("baselines", |suite| {
            suite.baselines[0].baseline.critical = 501.0;
        }),
        ("figure", |suite| suite.metrics[0].labels.clear()),
        ("figure", |suite| suite.metrics[2].unit = "ms".to_owned()),
        ("cases that are missing", |suite| drop(suite.cases.pop())),
        ("cases that are unknown", |suite| {
            let mut case = suite.cases[0].clone();
            case.name = "another".to_owned();
            suite.cases.push(case);
        }),
    ] {
        assert_eq!(told_of_suite(change), [format!("conformance: {what}")]);
    }
}

#[test]
fn every_case_is_held_to_its_verdict() {
    for case in made::suite().cases {
        let other = match case.verdict {
            Verdict::Passed => Verdict::Failed,
            _ => Verdict::Passed,
        };
        let found = told_of_case(&case.name, |case| case.verdict = Some(other));
        assert_eq!(found, [format!("{}: verdict", case.name)]);
    }
}

#[test]
fn every_reason_is_held_to_its_kind_and_its_words() {
    for case in made::suite()
        .cases
        .iter()
        .filter(|case| !case.kind.is_empty())
    {
        let name = &case.name;
        let found = told_of_case(name, |case| {
            case.reason.as_mut().expect("a reason").kind = ReasonKind::Interrupted;
        });
        assert_eq!(found, [format!("{name}: kind of reason")]);
        let found = told_of_case(name, |case| {
            case.reason.as_mut().expect("a reason").message = "because".to_owned();
        });
        assert_eq!(found.len(), case.message.len(), "{name}: {found:?}");
    }
    let name = "a-check-that-does-not-hold";
    let found = told_of_case(name, |case| {
        let reason = case.reason.as_mut().expect("a reason");
        (reason.expected, reason.actual) = (None, Some("204".to_owned()));
    });
    assert_eq!(
        found,
        [
            format!("{name}: expected value"),
            format!("{name}: actual value")
        ]
    );
}

#[test]
fn the_evidence_of_an_attempt_is_told() {
    for (name, what, change) in [
        (
            "it-knows-what-it-is",
            "checks that passed",
            (|attempt| drop(attempt.passed_checks.pop())) as fn(&mut Attempt),
        ),
        ("iterations-that-fail", "checks that failed", |attempt| {
            attempt.failed_checks.clear();
        }),
        ("a-check-that-does-not-hold", "log", |attempt| {
            attempt.logs.clear();
        }),
        ("an-assertion-that-does-not-hold", "log", |attempt| {
            let line = r#"{"at_ns": 1, "level": "info", "message": "it went on"}"#;
            attempt
                .logs
                .push(serde_json::from_str(line).expect("a line"));
        }),
        ("requests-go-at-a-time", "requests", |attempt| {
            attempt.counts.requests = 9;
        }),
        ("a-stream-is-read-to-its-end", "event streams", |attempt| {
            attempt.counts.streams = 0;
        }),
        ("random-choices-can-be-repeated", "attachments", |attempt| {
            attempt.attachments[0].media_type = "text/html".to_owned();
        }),
        ("a-fault-that-nobody-heals", "fault", |attempt| {
            attempt.faults[0].healed = None;
        }),
        ("a-fault-that-nobody-heals", "faults", |attempt| {
            attempt.faults[0].fault.target = "project-service".to_owned();
        }),
        ("a-user-has-its-own-instance", "loads", |attempt| {
            attempt.loads[0].plan.isolated = false;
        }),
        ("users-share-an-instance", "loads", |attempt| {
            attempt.loads[0].end = None;
        }),
    ] {
        assert_eq!(told_of_attempt(name, change), [format!("{name}: {what}")]);
    }
}

#[test]
fn a_judgement_is_told_with_its_case() {
    let found = told_of_suite(|suite| suite.baselines[0].judgements[1].grade = Grade::Missed);
    assert_eq!(
        found,
        ["a-figure-between-target-and-critical: judged baselines"]
    );
}

#[test]
fn a_case_that_was_tried_again_is_told() {
    let found = told_of_case("nothing-listens", |case| {
        let again = case.attempts[0].clone();
        case.attempts.push(again);
    });
    assert_eq!(found, ["nothing-listens: attempts"]);
}
