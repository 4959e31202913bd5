//! What the merged run tells.

use assay_report::{
    Form,
    event::{Event, EventKind, Outcome, ReasonKind, RunInfo, Shard, Source},
    exit::Exit,
    json::{Gatherer, document::Report},
    log,
    verdict::Verdict,
};

use super::{
    super::{
        console::rendered,
        documents::text as document,
        recording::{Recording, check, outcome, passed, reason, source},
    },
    made::{CASES, Logs, empty, good, shard, two},
};

fn report(events: &[Event]) -> Report {
    let mut gatherer = Gatherer::default();
    for event in events {
        gatherer.event(event);
    }
    gatherer.finish()
}

fn info(events: &[Event]) -> &RunInfo {
    match &events[0].kind {
        EventKind::RunStarted(info) => info,
        other => panic!("{other:?}"),
    }
}

/// Each case of the first event with its verdict.
fn verdicts(events: &[Event]) -> Vec<(String, Option<Verdict>)> {
    let suites = report(events).suites.into_iter();
    let cases = suites.flat_map(|suite| suite.cases);
    cases.map(|case| (case.name, case.verdict)).collect()
}

fn failing() -> Outcome {
    outcome(Verdict::Failed, reason(ReasonKind::Check, "it is not so"))
}

fn one_fails(number: u32, of: u32, cases: &[&str]) -> Vec<Event> {
    shard(number, of, cases, |mut run| {
        run.case(cases[0], &failing(), |run, source| {
            run.check(source, check("it is so", false));
        });
        for case in &cases[1..] {
            run.pass(case);
        }
        run.end(Exit::Failed)
    })
}

#[test]
fn all_shards_together_are_one_whole_run() {
    let (merged, events) = Logs::of(two()).merged().unwrap();
    assert_eq!(merged.exit, Exit::Success);
    assert_eq!(merged.events, events.len() as u64);
    let all: Vec<_> = CASES
        .map(|case| (case.to_owned(), Some(Verdict::Passed)))
        .into();
    assert_eq!(verdicts(&events), all);
    let report = report(&events);
    assert!(report.complete);
    let run = report.run.unwrap();
    assert_eq!((run.stats.passed, run.stats.total()), (4, 4));
    assert_eq!(
        (run.verdict, run.exit_code),
        (Some(Verdict::Passed), Some(0))
    );
    assert_eq!(run.shard, None);
    assert_eq!(run.merged.len(), 2);
    assert_eq!(run.lost, []);
}

#[test]
fn the_order_of_the_logs_means_nothing() {
    let mut turned = two();
    turned.reverse();
    let told = |runs| Logs::of(runs).merged().unwrap();
    assert_eq!(told(turned), told(two()));
}

#[test]
fn events_are_in_the_order_of_their_clocks_and_numbered_anew() {
    let (_, events) = Logs::of(two()).merged().unwrap();
    let numbers = events.iter().map(|event| event.sequence);
    assert!(numbers.eq(0..events.len() as u64));
    assert!(events.is_sorted_by_key(|event| event.at_ns));
    // The second one began a second later.
    let second = events
        .iter()
        .find(|event| event.of_shard == Some(2))
        .unwrap();
    assert!(second.at_ns >= 1_000_000_000, "{second:?}");
    assert_eq!(info(&events).merged[1].started_after_ns, 1_000_000_000);
    assert_eq!(info(&events).started_at, "2026-01-02T03:04:01Z");
}

#[test]
fn each_suite_ends_once_with_the_gravest_of_its_shards() {
    let runs = [one_fails(1, 2, &CASES[..2]), good(2, 2, &CASES[2..])];
    let (merged, events) = Logs::of(runs).merged().unwrap();
    let ends: Vec<_> = events
        .iter()
        .filter_map(|event| match event.kind {
            EventKind::SuiteFinished { verdict, .. } => Some(verdict),
            _ => None,
        })
        .collect();
    assert_eq!(ends, [Verdict::Failed]);
    assert_eq!(merged.exit, Exit::Failed);
}

#[test]
fn the_merged_log_is_one_that_can_be_told_again() {
    let logs = Logs::of(two());
    let (_, events) = logs.merged().unwrap();
    let path = logs.written("merged.jsonl", &events);
    let again: Vec<Event> = log::read(&path).unwrap().map(Result::unwrap).collect();
    assert_eq!(again, events);
}

#[test]
fn an_empty_shard_takes_nothing_from_the_others() {
    let runs = [
        good(1, 3, &CASES[..2]),
        empty(2, 3),
        good(3, 3, &CASES[2..]),
    ];
    let (merged, events) = Logs::of(runs).merged().unwrap();
    assert_eq!(merged.exit, Exit::Success);
    assert_eq!(report(&events).run.unwrap().verdict, Some(Verdict::Passed));
}

#[test]
fn a_missing_shard_is_named_and_the_run_is_not_green() {
    let (merged, events) = Logs::of([good(1, 3, &CASES[..2])]).merged().unwrap();
    assert_eq!(merged.exit, Exit::Environment);
    let run = report(&events).run.unwrap();
    assert_eq!(run.verdict, Some(Verdict::Errored));
    let lost: Vec<Shard> = run.lost.iter().map(|lost| lost.shard).collect();
    assert_eq!(lost, [2, 3].map(|number| Shard { number, of: 3 }));
    let page = rendered(&events);
    assert!(page.contains("there is no log of shard 2/3"), "{page}");
    for form in [Form::Junit, Form::Tap, Form::Markdown, Form::Html] {
        let page = document(form, &events);
        assert!(
            page.contains("shard 3/3 is there as a whole"),
            "{form:?}: {page}"
        );
    }
}

#[test]
fn a_failed_case_blames_the_system_although_a_shard_is_missing() {
    let (merged, _) = Logs::of([one_fails(1, 2, &CASES[..2])]).merged().unwrap();
    assert_eq!(merged.exit, Exit::Failed);
}

#[test]
fn of_a_log_that_was_cut_off_each_case_that_told_no_end_is_errored() {
    let logs = Logs::of(two());
    let whole = std::fs::read(&logs.paths[1]).unwrap().len();
    let lines = super::made::text(&two()[1]);
    let kept: usize = lines.lines().take(7).map(|line| line.len() + 1).sum();
    // In the middle of a line, as the death of a host leaves it.
    logs.cut(1, whole - kept - 3);
    let (merged, events) = logs.merged().unwrap();
    assert_eq!(merged.exit, Exit::Environment);
    let verdicts = verdicts(&events);
    assert_eq!(
        verdicts[2],
        ("jobs-are-kept".to_owned(), Some(Verdict::Passed))
    );
    assert_eq!(
        verdicts[3],
        ("jobs-wait".to_owned(), Some(Verdict::Errored))
    );
    let lost = report(&events).run.unwrap().lost;
    assert!(
        lost[0]
            .message
            .contains("the log of shard 2/2 ends before its run did")
    );
}

#[test]
fn a_log_without_its_last_event_is_cut_off_although_all_its_cases_are_good() {
    let mut runs = two();
    runs[1].pop();
    let (merged, _) = Logs::of(runs).merged().unwrap();
    assert_eq!(merged.exit, Exit::Environment);
}

#[test]
fn a_shard_that_was_interrupted_interrupts_the_whole() {
    let skipped = outcome(
        Verdict::Skipped,
        reason(ReasonKind::Interrupted, "not begun"),
    );
    let stopped = shard(2, 2, &CASES[2..], |mut run| {
        run.tell(EventKind::Interrupted {
            reason: "Ctrl-C".into(),
        });
        for case in &CASES[2..] {
            run.end_case(case, skipped.clone(), 0);
        }
        run.end(Exit::Interrupted)
    });
    let (merged, events) = Logs::of([good(1, 2, &CASES[..2]), stopped])
        .merged()
        .unwrap();
    assert_eq!(merged.exit, Exit::Interrupted);
    let interrupted = report(&events).run.unwrap().interrupted;
    assert_eq!(interrupted.as_deref(), Some("Ctrl-C in shard 2/2"));
}

#[test]
fn a_run_of_which_everything_was_skipped_has_tested_nothing() {
    let skipped = outcome(Verdict::Skipped, reason(ReasonKind::Skipped, "no need"));
    let all_skipped = |number: u32, cases: &[&str]| {
        shard(number, 2, cases, |mut run| {
            for case in cases {
                run.end_case(case, skipped.clone(), 0);
            }
            run.end(Exit::NothingTested)
        })
    };
    let runs = [all_skipped(1, &CASES[..2]), all_skipped(2, &CASES[2..])];
    let (merged, _) = Logs::of(runs).merged().unwrap();
    assert_eq!(merged.exit, Exit::NothingTested);
    let half = [good(1, 2, &CASES[..2]), all_skipped(2, &CASES[2..])];
    assert_eq!(Logs::of(half).merged().unwrap().0.exit, Exit::Success);
}

#[test]
fn a_shard_that_was_not_good_for_an_unseen_reason_is_not_good_in_the_whole() {
    let strange = shard(2, 2, &CASES[2..], |mut run| {
        for case in &CASES[2..] {
            run.pass(case);
        }
        run.end(Exit::Errored)
    });
    let (merged, _) = Logs::of([good(1, 2, &CASES[..2]), strange])
        .merged()
        .unwrap();
    assert_eq!(merged.exit, Exit::Errored);
}

fn with_teardown(number: u32, cases: &[&str], ending: &Outcome, exit: Exit) -> Vec<Event> {
    shard(number, 2, cases, |mut run| {
        for case in cases {
            run.pass(case);
        }
        let teardown = source("teardown", 1);
        run.attempt(&teardown)
            .end_attempt(&teardown, ending.clone());
        run.end(exit)
    })
}

#[test]
fn the_worst_teardown_of_all_shards_is_the_one_that_is_shown() {
    let broken = outcome(Verdict::Errored, reason(ReasonKind::Panic, "it panicked"));
    for turned in [false, true] {
        let mut endings = [(broken.clone(), Exit::Errored), (passed(), Exit::Success)];
        if turned {
            endings.reverse();
        }
        let [(one, one_exit), (other, other_exit)] = endings;
        let runs = [
            with_teardown(1, &CASES[..2], &one, one_exit),
            with_teardown(2, &CASES[2..], &other, other_exit),
        ];
        let (merged, events) = Logs::of(runs).merged().unwrap();
        assert_eq!(merged.exit, Exit::Errored);
        let teardown = report(&events).suites.remove(0).teardown.unwrap();
        assert_eq!(teardown.outcome, Some(broken.clone()));
        assert_eq!(teardown.attempt, if turned { 2 } else { 1 });
    }
}

#[test]
fn a_service_that_died_in_one_shard_explains_nothing_of_another() {
    let died = shard(1, 2, &CASES[..2], |mut run| {
        run.tell(EventKind::ServiceDied {
            service: "project".into(),
            message: "service `project` ended".into(),
        });
        for case in &CASES[..2] {
            run.pass(case);
        }
        run.end(Exit::Environment)
    });
    let unhealed = outcome(Verdict::Errored, reason(ReasonKind::Environment, "no room"));
    let other = shard(2, 2, &CASES[2..], |mut run: Recording| {
        run.case(CASES[2], &unhealed, |_, _: &Source| {});
        run.pass(CASES[3]);
        run.end(Exit::Environment)
    });
    let (merged, events) = Logs::of([died, other]).merged().unwrap();
    assert_eq!(merged.exit, Exit::Environment);
    let causes = report(&events).analysis.causes;
    let of_case = causes
        .iter()
        .find(|group| group.failures.iter().any(|failure| failure.entry.is_some()))
        .unwrap();
    assert_eq!(of_case.cause.kind.word(), "environment");
}
