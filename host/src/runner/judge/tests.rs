//! The truth table of the verdicts.

use std::time::Duration;

use assay_report::event::{AttemptCounts, Baseline, Check, Direction};

use super::*;

fn evidence(passed: u64, failed: u64, grade: Option<Grade>) -> Evidence {
    Evidence {
        counts: AttemptCounts {
            checks_passed: passed,
            checks_failed: failed,
            baselines: u64::from(grade.is_some()),
            ..AttemptCounts::default()
        },
        first_failed_check: (failed > 0).then(|| Check {
            name: "the answer is 201".into(),
            passed: false,
            expected: Some("201".into()),
            actual: Some("500".into()),
            location: Some("flow.rs:7".into()),
        }),
        worst_judgement: grade.filter(|grade| *grade != Grade::Target).map(judgement),
        ..Evidence::default()
    }
}

fn judgement(grade: Grade) -> Judgement {
    Judgement {
        baseline: Baseline {
            name: "health-response".into(),
            summary: "health answers fast".into(),
            unit: "ms".into(),
            direction: Direction::AtMost,
            target: 100.0,
            critical: 500.0,
        },
        value: 612.000_4,
        samples: 20,
        grade,
    }
}

fn returned() -> Ending {
    Ending::Returned(String::new())
}

fn failure(message: &str) -> Failure {
    Failure {
        message: message.into(),
        ..Failure::default()
    }
}

fn timed_out(computing: bool) -> Ending {
    Ending::TimedOut {
        after: Duration::from_millis(1500),
        computing,
        backtrace: Vec::new(),
    }
}

fn kind(outcome: &Outcome) -> Option<ReasonKind> {
    outcome.reason.as_ref().map(|reason| reason.kind)
}

fn assert_judged(table: Vec<(Ending, Evidence, Verdict, Option<ReasonKind>)>) {
    for (ending, evidence, verdict, reason) in table {
        let outcome = judge(&ending, &evidence, Demand::Evidence);
        assert_eq!(
            (outcome.verdict, kind(&outcome)),
            (verdict, reason),
            "{ending:?}"
        );
    }
}

#[test]
fn a_case_that_returned_is_judged_by_its_evidence() {
    use Grade::{Critical, Missed, Target};
    use ReasonKind::{Baseline, Check, NoEvidence};
    use Verdict::{Degraded, Failed, Passed};
    assert_judged(
        [
            (evidence(1, 0, None), Passed, None),
            (evidence(0, 0, Some(Target)), Passed, None),
            (evidence(0, 0, None), Failed, Some(NoEvidence)),
            (evidence(5, 1, None), Failed, Some(Check)),
            (evidence(5, 0, Some(Critical)), Degraded, Some(Baseline)),
            (evidence(5, 0, Some(Missed)), Failed, Some(Baseline)),
            (evidence(5, 1, Some(Critical)), Failed, Some(Check)),
        ]
        .into_iter()
        .map(|(evidence, verdict, reason)| (returned(), evidence, verdict, reason))
        .collect(),
    );
}

#[test]
fn a_case_that_says_it_skipped_cannot_hide_what_it_found() {
    use Verdict::{Failed, Skipped};
    assert_judged(
        [
            (evidence(0, 0, None), Skipped, Some(ReasonKind::Skipped)),
            (evidence(3, 0, None), Skipped, Some(ReasonKind::Skipped)),
            (evidence(3, 1, None), Failed, Some(ReasonKind::Check)),
            (
                evidence(3, 0, Some(Grade::Missed)),
                Failed,
                Some(ReasonKind::Baseline),
            ),
        ]
        .into_iter()
        .map(|(evidence, verdict, reason)| {
            (
                Ending::Skipped("no engine".into()),
                evidence,
                verdict,
                reason,
            )
        })
        .collect(),
    );
}

#[test]
fn every_other_ending_says_who_is_to_blame() {
    let good = || evidence(3, 0, None);
    let text = || "no".to_owned();
    assert_judged(vec![
        (
            Ending::Failed(failure("no")),
            good(),
            Verdict::Failed,
            Some(ReasonKind::Failed),
        ),
        (
            Ending::Errored(failure("no")),
            good(),
            Verdict::Errored,
            Some(ReasonKind::Plugin),
        ),
        (
            Ending::Broken {
                message: text(),
                backtrace: Vec::new(),
            },
            good(),
            Verdict::Errored,
            Some(ReasonKind::Plugin),
        ),
        (
            timed_out(true),
            good(),
            Verdict::Errored,
            Some(ReasonKind::Timeout),
        ),
        (
            timed_out(false),
            good(),
            Verdict::Failed,
            Some(ReasonKind::Timeout),
        ),
        (
            Ending::Trapped {
                message: text(),
                backtrace: Vec::new(),
            },
            good(),
            Verdict::Errored,
            Some(ReasonKind::Trap),
        ),
        (
            Ending::Panicked {
                message: text(),
                location: None,
                backtrace: Vec::new(),
            },
            good(),
            Verdict::Errored,
            Some(ReasonKind::Panic),
        ),
        (
            Ending::LimitReached {
                message: text(),
                backtrace: Vec::new(),
            },
            good(),
            Verdict::Errored,
            Some(ReasonKind::Limit),
        ),
    ]);
}

#[test]
fn a_setup_passes_without_checks_and_fails_with_a_failed_one() {
    let judged = |evidence| judge(&returned(), &evidence, Demand::Completion).verdict;
    assert_eq!(judged(evidence(0, 0, None)), Verdict::Passed);
    assert_eq!(judged(evidence(0, 1, None)), Verdict::Failed);
}

#[test]
fn a_reason_shows_the_first_failed_check_and_how_many_there_are() {
    let outcome = judge(&returned(), &evidence(5, 3, None), Demand::Evidence);
    let reason = outcome.reason.expect("a reason");
    assert_eq!(reason.message, "the answer is 201 (and 2 more of 8 checks)");
    assert_eq!(reason.expected.as_deref(), Some("201"));
    assert_eq!(reason.actual.as_deref(), Some("500"));
    assert_eq!(reason.location.as_deref(), Some("flow.rs:7"));
}

#[test]
fn a_missed_baseline_shows_value_samples_and_levels() {
    let outcome = judge(
        &returned(),
        &evidence(0, 0, Some(Grade::Missed)),
        Demand::Evidence,
    );
    assert_eq!(
        outcome.reason.expect("a reason").message,
        "health-response is 612 ms from 20 samples: worse than critical (at most 500 ms, target 100 ms)"
    );
}

#[test]
fn a_trap_after_a_failed_check_tells_both() {
    let ending = Ending::Trapped {
        message: "unreachable".into(),
        backtrace: vec!["suite::case".into()],
    };
    let reason = judge(&ending, &evidence(0, 1, None), Demand::Evidence)
        .reason
        .expect("a reason");
    assert_eq!(
        reason.message,
        "the plugin trapped: unreachable\nbefore that, a check failed: the answer is 201"
    );
    assert_eq!(reason.backtrace, ["suite::case"]);
}

#[test]
fn an_interrupted_attempt_keeps_what_it_had_found() {
    let nothing = judge_interrupted(&evidence(3, 0, None), "Ctrl-C");
    assert_eq!(
        (nothing.verdict, kind(&nothing)),
        (Verdict::Skipped, Some(ReasonKind::Interrupted))
    );
    let found = judge_interrupted(&evidence(3, 1, None), "Ctrl-C");
    assert_eq!(
        (found.verdict, kind(&found)),
        (Verdict::Failed, Some(ReasonKind::Check))
    );
}

#[test]
fn whatever_a_plugin_makes_of_a_refusal_its_attempt_is_errored_by_it() {
    let refused = |passed, failed| Evidence {
        first_refusal: Some(Refusal::new(
            "host",
            "api.example.com:443",
            "it is not in `hosts`",
            "grants.shop.hosts = [\"api.example.com:443\"]",
        )),
        ..evidence(passed, failed, None)
    };
    let failed = Ending::Failed(failure("denied"));
    for ending in [returned(), failed, Ending::Skipped("no host".into())] {
        for (passed, failed) in [(3, 0), (3, 1)] {
            let outcome = judge(&ending, &refused(passed, failed), Demand::Evidence);
            assert_eq!(outcome.verdict, Verdict::Errored, "{ending:?}");
            let message = outcome.reason.unwrap().message;
            assert_eq!(
                message,
                "it has no grant for the host `api.example.com:443`: it is not in `hosts`"
            );
        }
    }
}

#[test]
fn whatever_a_plugin_makes_of_a_lost_machine_its_attempt_is_errored_by_it() {
    let lost = |passed, failed| Evidence {
        lost_load: Some("the machine `agent-2` was lost".into()),
        ..evidence(passed, failed, None)
    };
    for (passed, failed) in [(3, 0), (3, 1)] {
        let outcome = judge(&returned(), &lost(passed, failed), Demand::Evidence);
        assert_eq!(outcome.verdict, Verdict::Errored);
        let reason = outcome.reason.unwrap();
        assert_eq!(reason.kind, ReasonKind::Environment);
        assert_eq!(reason.message, "the machine `agent-2` was lost");
    }
}
