//! A run of 70 seconds with a load of a minute, two faults under it and a case that fails, second by second; and parts of it.

use assay_report::event::Event;
use serde_json::{Value, json};

/// When the run ends.
pub(crate) const END: f64 = 70.0;
/// The load begins.
const LOAD_FROM: f64 = 2.0;
const LOAD_SECONDS: u32 = 60;
const MILLISECOND: u64 = 1_000_000;

/// The events until a moment, in seconds.
pub(crate) fn until(seconds: f64) -> Vec<Event> {
    let mut events = whole();
    events.retain(|event| event.at_ns <= nanoseconds(seconds));
    events
}

/// All of it.
pub(crate) fn whole() -> Vec<Event> {
    let mut told = Vec::new();
    started(&mut told);
    short_cases(&mut told);
    load(&mut told);
    faults(&mut told);
    streams(&mut told);
    ended(&mut told);
    told.sort_by(|one, other| one.0.total_cmp(&other.0));
    let events = (0u64..).zip(told).map(|(sequence, (at, phase, mut kind))| {
        kind["sequence"] = sequence.into();
        kind["at_ns"] = nanoseconds(at).into();
        kind["phase"] = phase.into();
        serde_json::from_value(kind).expect("the script is made of events")
    });
    events.collect()
}

/// When, in which phase, and what.
type Told = Vec<(f64, &'static str, Value)>;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "moments of a short run"
)]
fn nanoseconds(seconds: f64) -> u64 {
    (seconds * 1e9) as u64
}

fn phase(at: f64) -> &'static str {
    if (30.0..42.0).contains(&at) || (48.0..55.0).contains(&at) {
        "fault"
    } else if at >= 42.0 {
        "recovery"
    } else {
        "baseline"
    }
}

fn source(suite: &str, entry: &str) -> Value {
    json!({"suite": suite, "entry": entry, "attempt": 1})
}

fn plugin(suite: &str, summary: &str, cases: &[&str], baselines: &[Value]) -> Value {
    let case = |name: &&str| json!({"name": name, "summary": "what it says", "tags": [], "location": null});
    json!({
        "file": format!("{suite}.wasm"), "digest": "", "size": 1, "suite": suite, "version": "0.1.0", "summary": summary,
        "cases": cases.iter().map(case).collect::<Vec<_>>(), "baselines": baselines,
    })
}

fn baseline() -> Value {
    json!({
        "name": "order-latency", "summary": "how long an order takes", "unit": "ms", "direction": "at_most",
        "target": 50.0, "critical": 200.0,
    })
}

fn started(told: &mut Told) {
    let jobs = ["a-job-ends", "a-job-completes", "a-job-streams"];
    let shop = ["orders-hold", "it-survives", "alerts-fire"];
    told.push((0.0, "baseline", json!({
        "event": "run_started", "schema": "assay/events/1", "run_id": "20260102-030405-abcd", "started_at": "2026-01-02T03:04:05Z",
        "host_version": "0.1.0", "contract": "assay:suite@0.1.0", "environment": "embedded", "profile": "load", "seed": 42, "jobs": 4,
        "plugins": [
            plugin("jobs", "Jobs end as they should", &jobs, &[]),
            plugin("shop", "Orders under load", &shop, &[baseline()]),
        ],
    })));
    told.push((0.8, "baseline", json!({
        "event": "environment_ready", "duration_ns": 800 * MILLISECOND,
        "services": [{"name": "project", "url": "http://127.0.0.1:8001", "managed": true, "ready_after_ns": 800 * MILLISECOND}],
    })));
}

fn begin(told: &mut Told, at: f64, suite: &str, case: &str) {
    let source = source(suite, case);
    told.push((
        at,
        phase(at),
        json!({"event": "case_started", "suite": suite, "case": case, "attempts": 1}),
    ));
    let mut attempt = source;
    attempt["event"] = "attempt_started".into();
    told.push((at, phase(at), attempt));
}

fn end(told: &mut Told, (from, to): (f64, f64), suite: &str, case: &str, outcome: &Value) {
    let duration_ns = nanoseconds(to - from);
    let counts = json!({
        "checks_passed": 1, "checks_failed": u32::from(outcome["verdict"] == "failed"), "baselines": 0, "requests": 0, "streams": 0,
        "dropped_logs": 0, "dropped_attachments": 0,
    });
    told.push((to, phase(to), json!({
        "event": "attempt_finished", "source": source(suite, case), "outcome": outcome, "duration_ns": duration_ns, "counts": counts,
    })));
    told.push((to, phase(to), json!({
        "event": "case_finished", "suite": suite, "case": case, "outcome": outcome, "attempts": 1, "duration_ns": duration_ns,
    })));
}

fn passed() -> Value {
    json!({"verdict": "passed", "reason": null})
}

fn exchanged(
    told: &mut Told,
    at: f64,
    suite: &str,
    case: &str,
    status: Option<u16>,
    milliseconds: u64,
) {
    let error = json!({"kind": "connect", "message": "connection refused", "stage": "connect"});
    told.push((at, phase(at), json!({
        "event": "exchanged", "source": source(suite, case),
        "exchange": {
            "name": "get job", "method": "GET", "url": "http://127.0.0.1:8001/api/v1/jobs/1", "status": status,
            "error": if status.is_none() { error } else { Value::Null }, "sent_bytes": 0, "received_bytes": 15,
            "first_byte_ns": status.map(|_| milliseconds * MILLISECOND / 2), "duration_ns": milliseconds * MILLISECOND,
        },
    })));
}

fn short_cases(told: &mut Told) {
    begin(told, 1.0, "jobs", "a-job-ends");
    for number in 0..40u32 {
        let at = 1.0 + f64::from(number) * 0.12;
        exchanged(
            told,
            at,
            "jobs",
            "a-job-ends",
            Some(200),
            3 + u64::from(number % 7) * 4,
        );
    }
    end(told, (1.0, 6.0), "jobs", "a-job-ends", &passed());
    begin(told, 6.0, "jobs", "a-job-completes");
    exchanged(told, 7.0, "jobs", "a-job-completes", Some(503), 55);
    let check = json!({
        "name": "the job completes", "passed": false, "expected": "completed", "actual": "failed", "location": "src/lib.rs:40",
    });
    told.push((
        7.5,
        "baseline",
        json!({"event": "checked", "source": source("jobs", "a-job-completes"), "check": check}),
    ));
    told.push((7.6, "baseline", json!({
        "event": "log", "source": source("jobs", "a-job-completes"), "level": "warn", "message": "the stream was slow",
    })));
    let failed = json!({"verdict": "failed", "reason": {
        "kind": "check", "message": "the job completes (1 of 2 checks)", "expected": "completed", "actual": "failed",
        "location": "src/lib.rs:40", "backtrace": [],
    }});
    end(told, (6.0, 9.0), "jobs", "a-job-completes", &failed);
}

fn load(told: &mut Told) {
    let (suite, case) = ("shop", "orders-hold");
    begin(told, LOAD_FROM - 0.5, suite, case);
    told.push((LOAD_FROM, "baseline", json!({
        "event": "load_started", "source": source(suite, case),
        "load": {
            "load": 1, "scenario": "browse", "executor": "50 virtual users for 1min", "vus": 50, "isolated": false, "threads": 2,
            "planned_ns": 60_000 * MILLISECOND,
        },
    })));
    for second in 0..LOAD_SECONDS {
        let at = LOAD_FROM + f64::from(second) + 1.0;
        let is_slow = phase(at) == "fault";
        let wave = u64::from(second % 9) * 3;
        let times = |factor: u64| {
            let slow = if is_slow { 12 } else { 1 };
            json!({"p50": (4 + wave / 4) * slow * factor * MILLISECOND, "p95": (18 + wave) * slow * factor * MILLISECOND,
                "p99": (40 + wave * 2) * slow * factor * MILLISECOND})
        };
        let (iterations, failed) = if is_slow {
            (240 + wave, 20 + wave)
        } else {
            (900 + wave * 4, 0)
        };
        told.push((at, phase(at), json!({
            "event": "load_went", "source": source(suite, case), "load": 1,
            "point": {
                "at_ms": second * 1_000, "length_ms": 1_000, "iterations": iterations, "failed_iterations": failed,
                "iteration_times": times(2), "requests": iterations * 3, "failed_requests": failed, "request_times": times(1),
                "events": 0, "vus": 50, "open_streams": 0,
            },
        })));
    }
    told.push((62.5, "recovery", json!({
        "event": "load_ended", "source": source(suite, case),
        "end": {
            "load": 1, "outcome": null, "message": "the outcome is left out of this script", "replaced": 0, "failed_checks": [],
            "dropped_logs": 0, "dropped_attachments": 0,
        },
    })));
    told.push((63.0, "recovery", json!({
        "event": "judged", "source": source(suite, case),
        "judgement": {"baseline": baseline(), "value": 120.0, "samples": 40_000, "grade": "critical"},
    })));
    let degraded = json!({"verdict": "degraded", "reason": {
        "kind": "baseline", "message": "order-latency is 120 ms from 40000 samples: short of its target", "expected": null,
        "actual": null, "location": null, "backtrace": [],
    }});
    end(told, (LOAD_FROM - 0.5, 64.0), suite, case, &degraded);
}

fn faults(told: &mut Told) {
    let (suite, case) = ("shop", "it-survives");
    begin(told, 12.0, suite, case);
    for number in 0..50u32 {
        let at = 12.5 + f64::from(number);
        let status = if (30.0..42.0).contains(&at) {
            None
        } else {
            Some(200)
        };
        exchanged(told, at, suite, case, status, 4 + u64::from(number % 5) * 9);
    }
    for (id, from, to, target, action, value) in [
        (1, 30.0, 42.0, "project", "stop", "KILL"),
        (
            2,
            48.0,
            55.0,
            "client->project",
            "latency",
            "100 ms ± 20 ms",
        ),
    ] {
        let fault =
            json!({"id": id, "target": target, "action": action, "value": value, "options": null});
        told.push((from, "fault", json!({
            "event": "fault_injected", "source": source(suite, case), "fault": fault, "confirmed_after_ns": 9 * MILLISECOND,
        })));
        told.push((to + 1.0, "recovery", json!({
            "event": "fault_healed", "source": source(suite, case),
            "healed": {
                "id": id, "active_ns": nanoseconds(to - from), "healthy_after_ns": 80 * MILLISECOND,
                "first_success_after_ns": 95 * MILLISECOND, "traffic": 12,
            },
        })));
    }
    end(told, (12.0, 63.0), suite, case, &passed());
}

fn streams(told: &mut Told) {
    let (suite, case) = ("jobs", "a-job-streams");
    begin(told, 10.0, suite, case);
    for (number, ended) in [(1, "ended"), (2, "ended"), (3, "connection reset")] {
        told.push((14.0 + f64::from(number), "baseline", json!({
            "event": "streamed", "source": source(suite, case),
            "stream": {
                "name": "job events", "url": "http://127.0.0.1:8002/jobs/1/events", "status": 200, "events": 12 * number, "comments": 1,
                "reconnects": 0, "opened_after_ns": 2 * MILLISECOND, "first_event_ns": 9 * MILLISECOND,
                "longest_gap_ns": 400 * MILLISECOND, "duration_ns": 3_000 * MILLISECOND, "end": ended,
            },
        })));
    }
    end(told, (10.0, 20.0), suite, case, &passed());
}

fn ended(told: &mut Told) {
    let skipped = json!({"verdict": "skipped", "reason": {
        "kind": "skipped", "message": "it needs `prometheus`", "expected": null, "actual": null, "location": null, "backtrace": [],
    }});
    told.push((65.0, "baseline", json!({
        "event": "case_finished", "suite": "shop", "case": "alerts-fire", "outcome": skipped, "attempts": 0, "duration_ns": 0,
    })));
    for (suite, verdict) in [("jobs", "failed"), ("shop", "degraded")] {
        told.push((66.0, "baseline", json!({
            "event": "suite_finished", "suite": suite, "verdict": verdict, "duration_ns": nanoseconds(60.0), "metrics": [],
        })));
    }
    told.push((END, "baseline", json!({
        "event": "run_finished", "verdict": "failed", "duration_ns": nanoseconds(END), "exit_code": 1,
        "stats": {"passed": 3, "degraded": 1, "failed": 1, "flaky": 0, "skipped": 1, "errored": 0},
    })));
}
