//! What is kept of a flood, and what is counted of it.

use std::time::Duration;

use assay_report::event::{Baseline, Direction, ExchangeDetail, Grade, Message};
use tokio::sync::mpsc;

use super::*;
use crate::ledger::Ledger;

fn recorder() -> (Recorder, mpsc::UnboundedReceiver<Happened>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let source = Source {
        suite: "suite".into(),
        entry: "case".into(),
        attempt: 1,
    };
    let attempt = Ledger::default().attempt();
    (Recorder::new(source, sender, attempt.attempt()), receiver)
}

fn check(passed: bool) -> Check {
    Check {
        name: "n".repeat(MAX_CHECK_NAME_BYTES + 1),
        passed,
        expected: Some("é".repeat(MAX_CHECK_VALUE_BYTES)),
        actual: None,
        location: None,
    }
}

fn judgement(grade: Grade) -> Judgement {
    Judgement {
        baseline: Baseline {
            name: "latency".into(),
            summary: String::new(),
            unit: "ms".into(),
            direction: Direction::AtMost,
            target: 1.0,
            critical: 2.0,
        },
        value: 1.0,
        samples: 1,
        grade,
    }
}

fn exchange(status: u16) -> Exchange {
    Exchange {
        connect_ns: None,
        name: "get".into(),
        method: "GET".into(),
        url: "http://127.0.0.1/".into(),
        status: Some(status),
        error: None,
        sent_bytes: 0,
        received_bytes: 0,
        first_byte_ns: None,
        duration_ns: 1,
        number: 0,
        traceparent: None,
        detail: Some(Box::new(ExchangeDetail {
            request: Message::default(),
            response: None,
            redirected_to: None,
        })),
    }
}

fn drain(mut receiver: mpsc::UnboundedReceiver<Happened>) -> Vec<EventKind> {
    std::iter::from_fn(|| receiver.try_recv().ok())
        .map(|happened| happened.kind)
        .collect()
}

#[test]
fn a_flood_of_log_lines_is_cut_at_the_limit_and_counted() {
    let (recorder, events) = recorder();
    for _ in 0..MAX_LOG_LINES + 5 {
        recorder.log(Level::Info, "line");
    }
    assert_eq!(recorder.evidence().counts.dropped_logs, 5);
    assert_eq!(drain(events).len(), 10_000);
}

#[test]
fn a_failed_check_after_a_flood_of_passed_ones_is_still_told() {
    let (recorder, events) = recorder();
    for _ in 0..=MAX_CHECKS {
        recorder.check(check(true));
    }
    recorder.check(check(false));
    let counts = recorder.evidence().counts;
    assert_eq!(
        (counts.checks_passed, counts.checks_failed),
        (MAX_CHECKS + 1, 1)
    );
    let told = drain(events);
    assert_eq!(told.len(), 10_001);
    assert!(matches!(told.last(), Some(EventKind::Checked { check, .. }) if !check.passed));
}

#[test]
fn long_texts_are_cut_between_characters() {
    let (recorder, events) = recorder();
    recorder.check(check(false));
    let Some(EventKind::Checked { check, .. }) = drain(events).pop() else {
        panic!("no check was told");
    };
    assert_eq!(check.name.len(), MAX_CHECK_NAME_BYTES);
    assert_eq!(
        check.expected.map(|text| text.len()),
        Some(MAX_CHECK_VALUE_BYTES)
    );
}

#[test]
fn a_flood_of_judgements_is_cut_at_the_limit_and_a_worse_one_after_it_is_still_told() {
    let (recorder, events) = recorder();
    let judge = |grade| recorder.judged(judgement(grade));
    for _ in 0..MAX_JUDGEMENTS + 5 {
        judge(Grade::Target);
    }
    for grade in [Grade::Critical, Grade::Critical, Grade::Missed] {
        judge(grade);
    }
    assert_eq!(recorder.evidence().counts.baselines, MAX_JUDGEMENTS + 8);
    let told = drain(events);
    assert_eq!(told.len(), 1_002);
    let grades = told[1_000..].iter().map(|told| match told {
        EventKind::Judged { judgement, .. } => judgement.grade,
        other => panic!("{other:?}"),
    });
    assert!(grades.eq([Grade::Critical, Grade::Missed]));
}

#[test]
fn the_place_of_a_panic_is_cut_as_its_message_is() {
    let (recorder, _events) = recorder();
    recorder.panicked(
        &"m".repeat(MAX_LOG_BYTES + 1),
        Some("p".repeat(MAX_CHECK_VALUE_BYTES + 1)),
    );
    let panic = recorder.evidence().panic.unwrap();
    assert_eq!(panic.message.len(), MAX_LOG_BYTES);
    assert_eq!(
        panic.location.map(|place| place.len()),
        Some(MAX_CHECK_VALUE_BYTES)
    );
}

#[test]
fn a_request_that_overlaps_a_fault_belongs_to_it_and_a_line_to_the_moment() {
    let (sender, mut events) = mpsc::unbounded_channel();
    let ongoing = Ledger::default().attempt();
    let source = Source {
        suite: "suite".into(),
        entry: "case".into(),
        attempt: 1,
    };
    let recorder = Recorder::new(source, sender, ongoing.attempt());
    let before = recorder.mark();
    recorder.exchanged(before, exchange(200));
    drop(ongoing.attempt().fault());
    recorder.exchanged(before, exchange(200));
    recorder.log(Level::Info, "line");
    recorder.exchanged(recorder.mark(), exchange(200));
    let phases: Vec<Phase> = std::iter::from_fn(|| events.try_recv().ok())
        .map(|happened| happened.phase)
        .collect();
    assert_eq!(
        phases,
        [
            Phase::Baseline,
            Phase::Fault,
            Phase::Recovery,
            Phase::Recovery
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_event_has_the_time_at_which_it_happened_and_not_that_of_whoever_hears_it() {
    let (recorder, mut events) = recorder();
    let happened = Instant::now();
    recorder.log(Level::Info, "line");
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_eq!(events.recv().await.unwrap().at, happened);
}

#[test]
fn the_first_panic_counts() {
    let (recorder, _events) = recorder();
    recorder.panicked("first", Some("a.rs:1".into()));
    recorder.panicked("second", None);
    assert_eq!(
        recorder.evidence().panic.map(|panic| panic.message),
        Some("first".into())
    );
}

#[test]
fn details_are_told_by_a_recall_alone_and_those_of_failures_outlive_a_flood() {
    let (recorder, mut events) = recorder();
    recorder.exchanged(recorder.mark(), exchange(500));
    for _ in 0..MAX_EXCHANGES + 5 {
        recorder.exchanged(recorder.mark(), exchange(200));
    }
    let mut told = 0;
    while let Ok(happened) = events.try_recv() {
        told += 1;
        let EventKind::Exchanged { exchange, .. } = happened.kind else {
            panic!("{happened:?}");
        };
        assert_eq!((exchange.number, exchange.detail), (told, None));
    }
    assert_eq!(told, MAX_EXCHANGES);
    recorder.recall();
    let recalled = drain(events).into_iter().map(|kind| match kind {
        EventKind::ExchangeRecalled { exchange, .. } if exchange.detail.is_some() => {
            exchange.number
        }
        other => panic!("{other:?}"),
    });
    let last = MAX_EXCHANGES + 6;
    let expected: Vec<u64> = [1].into_iter().chain(last - 7..=last).collect();
    assert_eq!(recalled.collect::<Vec<_>>(), expected);
}
