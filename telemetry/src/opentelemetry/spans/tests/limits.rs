//! What is remembered has limits, and what is beyond them is counted or told.

use assay_report::event::{EventKind, Fault, LoadInfo};

use super::*;
use crate::opentelemetry::{
    recording::source,
    spans::{attempt::MAX_WAITING, used::MAX_REMEMBERED},
};

const CASE: &str = "a-job-ends";

/// How many spans there are and how many were left out.
fn counts(events: &[Event]) -> (usize, u64) {
    let mut making = Spans::new(Clock::Recorded, None);
    let spans: Vec<_> = events.iter().flat_map(|event| making.hear(event)).collect();
    (spans.len() + making.finish().len(), making.left_out())
}

fn open(count: usize, mut one: impl FnMut(&mut Recording, usize)) -> (usize, u64) {
    let mut run = Recording::begin();
    run.start(CASE).attempt(CASE, 1);
    for number in 0..count {
        one(&mut run, number);
    }
    counts(&run.events)
}

#[test]
fn faults_and_loads_beyond_the_limit_are_counted() {
    let fault = |run: &mut Recording, number: usize| {
        run.tell(EventKind::FaultInjected {
            source: source(CASE, 1),
            fault: Fault {
                id: number as u64,
                target: "project".into(),
                action: "stop".into(),
                value: None,
                options: None,
            },
            confirmed_after_ns: 0,
        });
    };
    let load = |run: &mut Recording, number: usize| {
        run.tell(EventKind::LoadStarted {
            source: source(CASE, 1),
            load: LoadInfo {
                load: u32::try_from(number).unwrap(),
                scenario: "browse".into(),
                executor: String::new(),
                vus: 1,
                isolated: false,
                threads: 1,
                planned_ns: None,
                machines: Vec::new(),
            },
        });
    };
    // Beside them: attempt, case, suite and run.
    assert_eq!(open(MAX_OPEN, fault), (MAX_OPEN + 4, 0));
    assert_eq!(open(MAX_OPEN + 2, fault), (MAX_OPEN + 4, 2));
    assert_eq!(open(MAX_OPEN, load), (MAX_OPEN + 4, 0));
    assert_eq!(open(MAX_OPEN + 1, load), (MAX_OPEN + 4, 1));
}

#[test]
fn attempts_beyond_the_limit_are_counted() {
    let attempt = |run: &mut Recording, number: usize| {
        run.attempt(&format!("case-{number}"), 1);
    };
    assert_eq!(open(MAX_OPEN - 1, attempt), (MAX_OPEN + 3, 0));
    assert_eq!(open(MAX_OPEN, attempt), (MAX_OPEN + 3, 1));
}

#[test]
fn a_case_beyond_the_limit_is_told_once_it_ends() {
    let mut run = Recording::begin();
    for number in 0..=MAX_OPEN {
        run.start(&format!("case-{number}"));
    }
    let last = format!("case-{MAX_OPEN}");
    run.end_case(&last, &passed());
    let spans = spans(&run.events);
    // Beside them: suite and run.
    assert_eq!(spans.len(), MAX_OPEN + 1 + 2);
    let beyond = named(&spans, &last);
    assert_eq!(beyond.start_time_unix_nano, beyond.end_time_unix_nano);
}

#[test]
fn spans_wait_for_a_trace_up_to_the_limit() {
    let waiting = |count: usize| {
        let mut run = Recording::begin();
        run.case(CASE, |run| {
            for _ in 0..count {
                run.exchange(CASE, exchange(None));
            }
            run.exchange(CASE, exchange(Some(traceparent(7, 1))));
        });
        spans(&run.events)
    };
    let trace = TraceContext::parse(&traceparent(7, 1)).unwrap().trace;
    let at_the_limit = waiting(MAX_WAITING);
    assert_eq!(at_the_limit[0].trace_id, trace.bytes());
    let beyond = waiting(MAX_WAITING + 1);
    assert_ne!(beyond[0].trace_id, trace.bytes());
    // The request that came too late keeps its own, and says where it belongs.
    let late = &beyond[MAX_WAITING + 1];
    assert_eq!(late.trace_id, trace.bytes());
    assert_eq!(late.links[0].trace_id, beyond[0].trace_id);
}

#[test]
fn ids_of_requests_are_remembered_up_to_the_limit() {
    let sent = |count: usize| {
        let mut run = Recording::begin();
        run.case(CASE, |run| {
            for number in 1..=count {
                let own = format!("00-{:032x}-{number:016x}-01", 7);
                run.exchange(CASE, exchange(Some(own)));
            }
            let again = format!("00-{:032x}-{count:016x}-01", 7);
            run.exchange(CASE, exchange(Some(again)));
        });
        let spans = spans(&run.events);
        spans[count - 1].span_id == spans[count].span_id
    };
    assert!(!sent(MAX_REMEMBERED));
    assert!(sent(MAX_REMEMBERED + 1));
}
