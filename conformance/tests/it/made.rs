//! A report in which everything holds, made of what is expected: each test takes one thing away from it.

use assay_conformance::{Case, Suite};
use assay_report::{json::document::Report, verdict::Verdict};
use serde_json::{Value, json};

pub(crate) fn suite() -> Suite {
    Suite::conformance().expect("the suite of this repository")
}

pub(crate) fn report(suite: &Suite) -> Report {
    serde_json::from_value(document(suite)).expect("a report")
}

fn document(suite: &Suite) -> Value {
    json!({
        "schema": "assay/report/1",
        "complete": true,
        "run": {
            "run_id": "r", "started_at": "2026-01-01T00:00:00Z", "duration_ns": 1, "host_version": "0.1.0",
            "contract": "assay:suite@0.1.0", "profile": "default", "seed": 1, "jobs": 4, "interrupted": null,
            "verdict": "errored", "stats": {
                "passed": 0, "skipped": 0, "flaky": 0, "degraded": 0, "failed": 0, "errored": 0,
            },
            "exit_code": suite.exit_code,
        },
        "environment": environment(),
        "suites": [{
            "name": suite.suite, "version": "0.1.0", "summary": "",
            "plugin": { "file": "conformance.wasm", "digest": "", "size": 1 },
            "verdict": "errored", "duration_ns": 1,
            "setup": hook(suite.setup), "teardown": hook(suite.teardown),
            "cases": suite.cases.iter().map(case).collect::<Vec<_>>(),
            "baselines": baselines(suite),
            "requests": [], "streams": [],
            "metrics": suite.figures.iter().map(|figure| {
                let mut value = json!({ "kind": figure.kind, "value": figure.value });
                if figure.kind == "histogram" {
                    value = json!({
                        "kind": "histogram", "count": 3, "mean": 0.0, "min": 0.0, "p50": 0.0, "p90": 0.0, "p95": 0.0,
                        "p99": 0.0, "p999": 0.0, "max": 0.0,
                    });
                }
                json!({
                    "name": figure.name, "labels": figure.labels, "value": value,
                    "unit": figure.unit.clone().unwrap_or_default(),
                })
            }).collect::<Vec<_>>(),
        }],
        "cuts": [],
    })
}

fn environment() -> Value {
    serde_json::to_value(assay_report::json::document::Environment::default()).expect("a value")
}

fn hook(verdict: Option<Verdict>) -> Option<Value> {
    verdict.map(|verdict| {
        let mut hook = attempt();
        hook["outcome"] = json!({ "verdict": verdict, "reason": null });
        hook
    })
}

fn attempt() -> Value {
    serde_json::to_value(assay_report::json::document::Attempt::default()).expect("a value")
}

fn baselines(suite: &Suite) -> Vec<Value> {
    let judged = |name: &str| -> Vec<Value> {
        let grades = suite.cases.iter().flat_map(|case| {
            let grades = case.grades.iter().flatten();
            grades.map(move |(baseline, grade)| (&case.name, baseline, grade))
        });
        grades
            .filter(|(_, baseline, _)| *baseline == name)
            .map(|(case, _, grade)| {
                json!({ "entry": case, "attempt": 1, "value": 1.0, "samples": 1, "grade": grade })
            })
            .collect()
    };
    suite
        .baselines
        .iter()
        .map(|level| {
            json!({
                "name": level.name, "summary": "", "unit": level.unit, "direction": level.direction,
                "target": level.target, "critical": level.critical, "judgements": judged(&level.name),
            })
        })
        .collect()
}

fn case(case: &Case) -> Value {
    let reason = case.kind.first().map(|kind| {
        json!({
            "kind": kind, "message": case.message.join(", "), "expected": case.expected, "actual": case.actual,
            "location": null, "backtrace": [],
        })
    });
    let mut attempt = attempt();
    attempt["attempt"] = json!(1);
    attempt["passed_checks"] = json!(case.passed.clone().unwrap_or_default());
    attempt["failed_checks"] = case.failed.iter().flatten().map(failed_check).collect();
    attempt["logs"] = case.logs.iter().flatten().map(log).collect();
    attempt["counts"]["requests"] = json!(case.requests.unwrap_or_default());
    attempt["counts"]["streams"] = json!(case.streams.unwrap_or_default());
    attempt["attachments"] = case.attachments.iter().flatten().map(attachment).collect();
    attempt["faults"] = case.faults.iter().flatten().map(fault).collect();
    attempt["loads"] = case.loads.iter().flatten().map(load).collect();
    json!({
        "name": case.name, "summary": "", "tags": [], "location": null, "verdict": case.verdict, "reason": reason,
        "duration_ns": 1, "attempts": [attempt],
    })
}

fn failed_check(name: &String) -> Value {
    json!({ "name": name, "passed": false, "expected": null, "actual": null, "location": null })
}

fn log(message: &String) -> Value {
    json!({ "at_ns": 1, "level": "info", "message": message })
}

fn attachment((name, media_type): &(String, String)) -> Value {
    json!({ "name": name, "media_type": media_type, "size": 1, "truncated": false, "sequence": 1 })
}

fn fault((action, target): &(String, String)) -> Value {
    json!({
        "fault": { "id": 1, "target": target, "action": action, "value": null, "options": null },
        "confirmed_after_ns": 1, "failure": null,
        "healed": {
            "id": 1, "active_ns": 1, "healthy_after_ns": 1, "first_success_after_ns": null, "traffic": 0,
        },
    })
}

fn load(load: &assay_conformance::Load) -> Value {
    let distribution = json!({
        "count": 0, "min": 0, "mean": 0.0, "p50": 0, "p90": 0, "p95": 0, "p99": 0, "p999": 0, "max": 0,
    });
    let reasons: Vec<Value> = load
        .reasons
        .iter()
        .map(|(name, count)| json!({ "name": name, "count": count }))
        .collect();
    json!({
        "plan": {
            "load": 1, "scenario": load.scenario, "executor": "", "vus": 1, "isolated": load.isolated, "threads": 1,
            "planned_ns": null,
        },
        "course": [],
        "end": {
            "load": 1, "message": null, "replaced": 0, "failed_checks": [], "dropped_logs": 0, "dropped_attachments": 0,
            "outcome": {
                "elapsed_ns": 1, "iterations": load.iterations, "failed": load.failed, "interrupted": 0, "dropped": 0,
                "warm_up": 0, "intended_per_second": null, "per_second": 1.0, "most_vus": 1,
                "latency": { "succeeded": distribution, "failed": distribution, "failures": reasons },
                "checks": [], "requests": [], "streams": null,
                "generator": { "saturated": false, "busiest": 0.1, "late": distribution },
                "aborted": null, "limit": null,
            },
        },
    })
}
