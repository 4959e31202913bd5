//! A plugin that misbehaves fails its own case and nothing else, seen from outside: `host run` with a plugin that misbehaves in every
//! way, and a good one after it.

use std::collections::BTreeMap;

use assay_report::{
    event::ReasonKind,
    verdict::Verdict::{self, Errored, Failed, Passed, Skipped},
};

use crate::{
    fixtures::fixture,
    invocation::{Answer, Invocation},
};

fn run(arguments: &[&str]) -> Answer {
    Invocation::run(&[fixture("faulty"), fixture("noop")])
        .with(&["--environment", "none", "--no-progress"])
        .with(arguments)
        .answer()
}

fn expected(cases: &[(&str, Verdict)]) -> BTreeMap<String, Verdict> {
    cases
        .iter()
        .map(|(case, verdict)| ((*case).to_owned(), *verdict))
        .collect()
}

#[test]
fn every_misbehaviour_costs_its_own_case_and_the_next_plugin_runs_on() {
    let answer = run(&[]);
    assert_eq!(
        answer.verdicts(),
        expected(&[
            ("faulty/allocates-without-end", Errored),
            ("faulty/attaches-too-much", Passed),
            ("faulty/blocks-forever", Failed),
            ("faulty/checks-nothing", Failed),
            ("faulty/checks-too-much", Failed),
            ("faulty/errors", Errored),
            ("faulty/exits", Errored),
            ("faulty/fails", Failed),
            ("faulty/fails-a-check", Failed),
            ("faulty/fails-at-length", Failed),
            ("faulty/floods-its-outputs", Passed),
            ("faulty/floods-the-log", Passed),
            ("faulty/loops-forever", Errored),
            ("faulty/needs-what-is-missing", Skipped),
            ("faulty/outlives-its-service", Skipped),
            ("faulty/overflows-its-stack", Errored),
            ("faulty/overflows-its-stack-with-large-frames", Errored),
            ("faulty/panics", Errored),
            ("faulty/passes", Passed),
            ("faulty/reaches-for-what-it-may-not-have", Passed),
            ("faulty/skips", Skipped),
            ("faulty/tells-what-it-knows", Passed),
            ("faulty/traps", Errored),
            ("faulty/uses-what-is-gone", Errored),
            ("faulty/waits-forever", Failed),
            ("faulty/waits-when-told", Passed),
            ("faulty/wants-to-be-alone", Passed),
            ("noop/does-nothing", Passed),
        ]),
        "{}",
        answer.seen()
    );
    assert_eq!(answer.exit, Some(1), "a failed case outweighs errored ones");
}

#[test]
fn each_reason_says_what_kind_it_is() {
    let report = run(&[]).report();
    let kinds: BTreeMap<&str, ReasonKind> = report.suites[0]
        .cases
        .iter()
        .filter_map(|case| Some((case.name.as_str(), case.reason.as_ref()?.kind)))
        .collect();
    for (case, kind) in [
        ("allocates-without-end", ReasonKind::Limit),
        ("checks-nothing", ReasonKind::NoEvidence),
        ("errors", ReasonKind::Plugin),
        ("fails", ReasonKind::Failed),
        ("fails-a-check", ReasonKind::Check),
        ("loops-forever", ReasonKind::Timeout),
        ("needs-what-is-missing", ReasonKind::Skipped),
        ("overflows-its-stack", ReasonKind::Trap),
        ("panics", ReasonKind::Panic),
        ("traps", ReasonKind::Trap),
        ("waits-forever", ReasonKind::Timeout),
    ] {
        assert_eq!(kinds.get(case), Some(&kind), "{case}");
    }
}

#[test]
fn a_panic_is_told_with_its_place_and_a_trap_with_its_frames() {
    let report = run(&[
        "--filter",
        "faulty/panics",
        "--filter",
        "faulty/overflows-its-stack",
    ])
    .report();
    let reason = |name: &str| {
        let case = report.suites[0].cases.iter().find(|case| case.name == name);
        case.and_then(|case| case.reason.clone()).expect("a reason")
    };
    let panic = reason("panics");
    assert!(
        panic.message.contains("there are 0 numbers"),
        "{}",
        panic.message
    );
    assert!(
        panic
            .location
            .as_deref()
            .is_some_and(|place| place.contains("crash.rs:")),
        "{:?}",
        panic.location
    );
    let overflow = reason("overflows-its-stack");
    assert!(
        overflow
            .backtrace
            .iter()
            .any(|frame| frame.contains("faulty::crash::depth")),
        "{:?}",
        overflow.backtrace
    );
}

#[test]
fn a_run_of_errored_cases_blames_the_plugin_and_one_of_skipped_cases_tested_nothing() {
    for (filter, exit) in [
        ("faulty/traps", 5),
        ("faulty/fails", 1),
        ("faulty/skips", 7),
        ("faulty/passes", 0),
    ] {
        // The whole id, not a part of one.
        let answer = run(&["--filter", &format!("{filter}*"), "--filter", "!*-*-*"]);
        assert_eq!(answer.exit, Some(exit), "{filter}: {}", answer.seen());
    }
}

#[test]
fn a_setup_that_fails_or_panics_gives_its_verdict_to_its_cases_and_not_to_another_plugin() {
    for (how, verdict, exit) in [("fail", Failed, 1), ("panic", Errored, 5)] {
        let answer = run(&[
            "--set",
            &format!("faulty.setup={how}"),
            "--filter",
            "*passes",
            "--filter",
            "noop",
        ]);
        assert_eq!(
            answer.verdicts(),
            expected(&[("faulty/passes", verdict), ("noop/does-nothing", Passed)]),
            "{}",
            answer.seen()
        );
        assert_eq!(answer.exit, Some(exit));
    }
}

#[test]
fn a_teardown_that_fails_fails_the_run_although_the_case_passed() {
    let answer = run(&["--set", "faulty.teardown=fail", "--filter", "*passes"]);
    assert_eq!(answer.verdicts(), expected(&[("faulty/passes", Passed)]));
    assert_eq!(answer.exit, Some(1), "{}", answer.seen());
}

#[test]
fn a_case_that_fails_is_tried_as_often_as_it_may_be_on_a_fresh_instance_each_time() {
    let report = run(&["--retries", "2", "--filter", "faulty/traps"]).report();
    assert_eq!(report.suites[0].cases[0].attempts.len(), 3);
}
