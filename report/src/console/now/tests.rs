use assay_load::samples::Percentiles;

use super::*;
use crate::event::{self, HealedFault, LoadEnd, LoadInfo, Outcome};

const SECOND: Duration = Duration::from_secs(1);

fn told(now: &mut Now, phase: Phase, kind: EventKind, at: Instant) {
    let event = Event {
        sequence: 0,
        at_ns: 0,
        phase,
        of_shard: None,
        kind,
    };
    now.event(&event, at);
}

fn started(now: &mut Now, case: &str, at: Instant) {
    let kind = EventKind::CaseStarted {
        suite: "jobs".into(),
        case: case.into(),
        attempts: 1,
    };
    told(now, Phase::Baseline, kind, at);
}

fn finished(now: &mut Now, case: &str, verdict: Verdict, at: Instant) {
    let kind = EventKind::CaseFinished {
        suite: "jobs".into(),
        case: case.into(),
        outcome: Outcome {
            verdict,
            reason: None,
        },
        attempts: 1,
        duration_ns: 1,
    };
    told(now, Phase::Baseline, kind, at);
}

fn source() -> Source {
    Source {
        suite: "shop".into(),
        entry: "orders".into(),
        attempt: 1,
    }
}

fn load_started(now: &mut Now, load: u32, at: Instant) {
    let load = LoadInfo {
        load,
        scenario: "browse".into(),
        executor: "50 virtual users for 10 min".into(),
        vus: 50,
        isolated: false,
        threads: 2,
        planned_ns: None,
        machines: Vec::new(),
    };
    let source = source();
    told(
        now,
        Phase::Baseline,
        EventKind::LoadStarted { source, load },
        at,
    );
}

fn injected(now: &mut Now, id: u64, at: Instant) {
    let kind = EventKind::FaultInjected {
        source: source(),
        fault: event::Fault {
            id,
            target: "project".into(),
            action: "stop".into(),
            value: Some("KILL".into()),
            options: None,
        },
        confirmed_after_ns: 1,
    };
    told(now, Phase::Fault, kind, at);
}

#[test]
fn the_first_line_says_how_far_the_run_is_and_what_runs_now() {
    let (mut now, at) = (Now::new(100), Instant::now());
    now.total = 30;
    for name in ["a", "b", "c", "d", "e"] {
        started(&mut now, name, at);
    }
    finished(&mut now, "a", Verdict::Failed, at);
    assert_eq!(
        now.text(at),
        "1 of 30, 1 failed, running jobs/b, jobs/c, jobs/d and 1 more"
    );
}

#[test]
fn a_case_that_takes_long_has_its_time_and_is_named_first() {
    let (mut now, at) = (Now::new(100), Instant::now());
    started(&mut now, "z", at);
    for name in ["a", "b", "c"] {
        started(&mut now, name, at + SECOND);
    }
    let text = now.text(at + 10 * SECOND);
    assert_eq!(
        text,
        "0 of 0, running jobs/z (10 s), jobs/a, jobs/b and 1 more"
    );
    let text = now.text(at + 125 * SECOND);
    assert!(text.contains("jobs/z (2 min 5 s)"), "{text}");
}

#[test]
fn a_load_has_its_rate_and_its_percentile_of_the_last_second() {
    let (mut now, at) = (Now::new(140), Instant::now());
    load_started(&mut now, 1, at);
    let indent = " ".repeat(12);
    let text = now.text(at + SECOND);
    assert_eq!(
        text,
        format!("0 of 0\n{indent}load shop/orders: browse for 1 s")
    );
    for iterations in [1, 40] {
        let point = Point {
            length_ms: 500,
            iterations,
            failed_iterations: 1,
            iteration_times: Percentiles {
                p95: 12_345_678,
                ..Percentiles::default()
            },
            vus: 3,
            open_streams: 2,
            ..Point::default()
        };
        let kind = EventKind::LoadWent {
            source: source(),
            load: 1,
            point,
        };
        told(&mut now, Phase::Baseline, kind, at);
    }
    let text = now.text(at + 2 * SECOND);
    assert_eq!(
        text.lines().nth(1).unwrap().trim_start(),
        "load shop/orders: browse for 2 s, 80 a second, p95 12.3 ms, 2 failed, 3 virtual users, 2 streams open"
    );
    let end = LoadEnd {
        load: 1,
        outcome: None,
        message: None,
        replaced: 0,
        failed_checks: Vec::new(),
        dropped_logs: 0,
        dropped_attachments: 0,
        saturated: Vec::new(),
        lost: None,
        refilled: Vec::new(),
    };
    let source = source();
    told(
        &mut now,
        Phase::Baseline,
        EventKind::LoadEnded { source, end },
        at,
    );
    assert_eq!(now.text(at), "0 of 0");
}

#[test]
fn a_fault_is_named_until_it_is_healed_and_its_recovery_is_told_before_that() {
    let (mut now, at) = (Now::new(100), Instant::now());
    injected(&mut now, 1, at);
    injected(&mut now, 2, at + SECOND);
    let text = now.text(at + 3 * SECOND);
    assert!(
        text.ends_with("fault stop KILL on project (3 s), stop KILL on project (2 s)"),
        "{text}"
    );
    let healed = HealedFault {
        id: 1,
        active_ns: 1,
        healthy_after_ns: None,
        first_success_after_ns: None,
        traffic: 1,
    };
    let kind = EventKind::FaultHealed {
        source: source(),
        healed,
    };
    told(&mut now, Phase::Recovery, kind, at);
    let text = now.text(at + SECOND);
    assert!(
        text.ends_with("recovering from stop KILL on project (0 s)"),
        "{text}"
    );
}

#[test]
fn what_an_attempt_left_goes_with_it() {
    let (mut now, at) = (Now::new(100), Instant::now());
    load_started(&mut now, 1, at);
    injected(&mut now, 1, at);
    let kind = EventKind::AttemptFinished {
        source: source(),
        outcome: Outcome {
            verdict: Verdict::Failed,
            reason: None,
        },
        duration_ns: 1,
        counts: event::AttemptCounts::default(),
    };
    told(&mut now, Phase::Baseline, kind, at);
    assert_eq!(now.text(at), "0 of 0");
}

#[test]
fn no_line_wraps_and_there_are_few_of_them() {
    let (mut now, at) = (Now::new(40), Instant::now());
    started(&mut now, &"s/".repeat(100), at);
    for number in 0..5 {
        load_started(&mut now, number, at);
        injected(&mut now, number.into(), at);
    }
    let text = now.text(at + 100 * SECOND);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 1 + MAX_LOADS + 1 + 1, "{text}");
    // The spinner and the clock stand before the first one.
    assert_eq!(lines[0].chars().count() + INDENT + 1, 40);
    for line in &lines[1..] {
        assert!(line.chars().count() < 40, "{line}");
    }
    assert!(text.contains("and 2 more loads"), "{text}");
}
