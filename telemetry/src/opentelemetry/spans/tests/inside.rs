//! What happens in an attempt and around it: checks, lines, figures, faults, loads, services.

use assay_load::outcome::{Distribution, Outcome as LoadOutcome, Split};
use assay_report::event::{
    Baseline, Check, Direction, EventKind, Fault, FaultStage, Grade, HealedFault, Judgement, Level,
    LoadEnd, LoadInfo, Outcome, Refusal, Regression, RegressionCheck, ServiceInfo,
};

use super::*;
use crate::opentelemetry::recording::source;

const CASE: &str = "a-job-ends";
const ATTEMPT: &str = "jobs/a-job-ends";

fn with(kinds: impl IntoIterator<Item = EventKind>) -> Vec<Span> {
    let mut run = Recording::begin();
    run.case(CASE, |run| {
        for kind in kinds {
            run.tell(kind);
        }
    });
    spans(&run.events)
}

fn check(name: &str, passed: bool) -> EventKind {
    EventKind::Checked {
        source: source(CASE, 1),
        check: Check {
            name: name.into(),
            passed,
            expected: Some("done".into()),
            actual: Some("running".into()),
            location: Some("src/lib.rs:12".into()),
        },
    }
}

fn log(level: Level, message: &str) -> EventKind {
    EventKind::Log {
        source: source(CASE, 1),
        level,
        message: message.into(),
    }
}

fn fault(id: u64) -> Fault {
    Fault {
        id,
        target: "client->project".into(),
        action: "latency".into(),
        value: Some("100 ms".into()),
        options: None,
    }
}

fn injected(id: u64) -> EventKind {
    EventKind::FaultInjected {
        source: source(CASE, 1),
        fault: fault(id),
        confirmed_after_ns: STEP_NS / 10,
    }
}

fn began() -> EventKind {
    EventKind::LoadStarted {
        source: source(CASE, 1),
        load: LoadInfo {
            load: 1,
            scenario: "browse".into(),
            executor: "50 virtual users for 10s".into(),
            vus: 50,
            isolated: false,
            threads: 2,
            planned_ns: None,
            machines: Vec::new(),
        },
    }
}

fn ended(outcome: Option<LoadOutcome>, message: Option<&str>) -> EventKind {
    EventKind::LoadEnded {
        source: source(CASE, 1),
        end: LoadEnd {
            load: 1,
            outcome: outcome.map(Box::new),
            message: message.map(str::to_owned),
            replaced: 0,
            failed_checks: Vec::new(),
            dropped_logs: 0,
            dropped_attachments: 0,
            saturated: Vec::new(),
            lost: None,
            refilled: Vec::new(),
        },
    }
}

#[test]
fn failed_checks_lines_and_judgements_are_events_of_the_attempt() {
    let judged = EventKind::Judged {
        source: source(CASE, 1),
        judgement: Judgement {
            baseline: Baseline {
                name: "event-latency".into(),
                summary: String::new(),
                unit: "ms".into(),
                direction: Direction::AtMost,
                target: 50.0,
                critical: 200.0,
            },
            value: 62.5,
            samples: 10,
            grade: Grade::Critical,
        },
    };
    let spans = with([
        check("it is so", true),
        check("it is done", false),
        log(Level::Debug, "for the author"),
        log(Level::Warn, "it is late"),
        judged,
    ]);
    let events = &named(&spans, ATTEMPT).events;
    let names: Vec<_> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["check failed", "log", "baseline judged"]);
    let check = told(&events[0].attributes);
    for (name, value) in [
        ("assay.check.name", "it is done"),
        ("assay.expected", "done"),
        ("assay.actual", "running"),
        ("code.file.path", "src/lib.rs"),
        ("code.line.number", "12"),
    ] {
        assert_eq!(check[name], value, "{name}");
    }
    assert_eq!(told(&events[1].attributes)["assay.log.level"], "warn");
    let judged = told(&events[2].attributes);
    assert_eq!(judged["assay.baseline.grade"], "critical");
    assert_eq!(judged["assay.baseline.value"], "62.5");
}

#[test]
fn a_refusal_is_an_event_of_the_attempt_with_the_line_that_would_grant_it() {
    let refused = EventKind::Refused {
        source: source(CASE, 1),
        refusal: Refusal::new("http", "evil\u{1b}[2J", "no grant", "grants.jobs.hosts"),
    };
    let spans = with([refused]);
    let [event] = &named(&spans, ATTEMPT).events[..] else {
        panic!("{spans:#?}")
    };
    assert_eq!(event.name, "assay.refused");
    let told = told(&event.attributes);
    for (name, value) in [
        ("assay.refusal.capability", "http"),
        ("assay.refusal.subject", "evil\u{1b}[2J"),
        ("assay.message", "no grant"),
        ("assay.refusal.grant", "grants.jobs.hosts"),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
}

#[test]
fn a_trap_is_an_exception_with_its_frames() {
    let mut trap = outcome(Verdict::Errored, ReasonKind::Trap, "unreachable\nin wasm");
    if let Outcome {
        reason: Some(reason),
        ..
    } = &mut trap
    {
        reason.backtrace = vec!["jobs::step".into(), "jobs::run".into()];
    }
    let mut run = Recording::begin();
    run.start(CASE).attempt(CASE, 1).end_attempt(CASE, 1, &trap);
    let spans = spans(&run.events);
    let attempt = named(&spans, ATTEMPT);
    assert_eq!(status(attempt), "error: unreachable");
    assert_eq!(told(&attempt.attributes)["error.type"], "trap");
    assert_eq!(attempt.events[0].name, "exception");
    let exception = told(&attempt.events[0].attributes);
    assert_eq!(exception["exception.type"], "trap");
    assert_eq!(exception["exception.stacktrace"], "jobs::step\njobs::run");
}

#[test]
fn a_fault_lasts_from_its_making_to_its_heal_whenever_that_is_told() {
    let healed = EventKind::FaultHealed {
        source: source(CASE, 1),
        healed: HealedFault {
            id: 1,
            active_ns: STEP_NS / 2,
            healthy_after_ns: Some(20_000_000),
            first_success_after_ns: None,
            traffic: 3,
        },
    };
    let spans = with([injected(1), log(Level::Info, "meanwhile"), healed]);
    let fault = named(&spans, "fault latency");
    assert_eq!(above(&spans, fault), ATTEMPT);
    assert_eq!(status(fault), "unset");
    let confirmed = fault.events[0].time_unix_nano;
    assert_eq!(confirmed - fault.start_time_unix_nano, STEP_NS / 10);
    assert_eq!(fault.end_time_unix_nano - confirmed, STEP_NS / 2);
    let told = told(&fault.attributes);
    for (name, value) in [
        ("assay.fault.target", "client->project"),
        ("assay.fault.value", "100 ms"),
        ("assay.fault.traffic", "3"),
        ("assay.fault.healthy_after.duration", "0.02"),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
    assert!(!told.contains_key("assay.fault.first_success_after.duration"));
}

#[test]
fn a_fault_that_is_not_made_or_not_healed_is_an_error() {
    let failed = |id, stage| EventKind::FaultFailed {
        source: source(CASE, 1),
        fault: fault(id),
        stage,
        message: "nobody is there".into(),
    };
    let spans = with([
        failed(1, FaultStage::Injecting),
        injected(2),
        failed(2, FaultStage::Healing),
        injected(3),
    ]);
    let faults: Vec<_> = spans
        .iter()
        .filter(|span| span.name == "fault latency")
        .map(|span| {
            let took = span.end_time_unix_nano - span.start_time_unix_nano;
            (status(span), took / STEP_NS)
        })
        .collect();
    let (why, never) = (
        "error: nobody is there",
        "error: its attempt ended before it did",
    );
    assert_eq!(
        faults,
        [(why.into(), 0), (why.into(), 1), (never.into(), 1)]
    );
}

#[test]
fn what_is_over_before_the_first_request_is_of_its_trace_too() {
    let mut run = Recording::begin();
    run.case(CASE, |run| {
        run.tell(EventKind::FaultFailed {
            source: source(CASE, 1),
            fault: fault(1),
            stage: FaultStage::Injecting,
            message: "nobody is there".into(),
        });
        run.exchange(CASE, exchange(Some(traceparent(7, 1))));
    });
    let spans = spans(&run.events);
    let request = named(&spans, "GET /jobs/{id}");
    assert_eq!(named(&spans, "fault latency").trace_id, request.trace_id);
}

#[test]
fn a_load_is_one_span_with_its_figures() {
    let latency = Distribution {
        count: 100,
        p95: 250_000_000,
        ..Distribution::default()
    };
    let outcome = LoadOutcome {
        iterations: 101,
        failed: 1,
        per_second: 10.5,
        latency: Split {
            succeeded: latency,
            ..Split::default()
        },
        ..LoadOutcome::default()
    };
    let spans = with([began(), ended(Some(outcome), None)]);
    let load = named(&spans, "load browse");
    assert_eq!(above(&spans, load), ATTEMPT);
    assert_eq!(status(load), "unset");
    assert_eq!(load.end_time_unix_nano - load.start_time_unix_nano, STEP_NS);
    let told = told(&load.attributes);
    for (name, value) in [
        ("assay.load.executor", "50 virtual users for 10s"),
        ("assay.load.iterations", "101"),
        ("assay.load.failed", "1"),
        ("assay.load.rate", "10.5"),
        ("assay.load.latency.p95", "0.25"),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
}

#[test]
fn a_load_without_an_outcome_says_why() {
    let cut_off = with([began()]);
    let load = named(&cut_off, "load browse");
    assert_eq!(status(load), "error: its attempt ended before it did");
    assert_eq!(above(&cut_off, load), ATTEMPT);
    let broken = with([began(), ended(None, Some("all instances trapped\nall"))]);
    let load = named(&broken, "load browse");
    assert_eq!(status(load), "error: all instances trapped");
    let never = with([ended(None, Some("no such scenario"))]);
    assert_eq!(status(named(&never, "load")), "error: no such scenario");
    let measured_nothing = with([began(), ended(Some(LoadOutcome::default()), None)]);
    let told = told(&named(&measured_nothing, "load browse").attributes);
    assert!(!told.contains_key("assay.load.latency.p95"));
}

#[test]
fn what_happens_to_the_environment_is_told_of_the_run() {
    let message = "it is so".to_owned();
    let regression = Regression {
        suite: "jobs".into(),
        metric: "GET /jobs".into(),
        percentile: 95.0,
        unit: "seconds".into(),
        against: "before".into(),
        before: 1.0,
        after: 2.0,
        change_percent: 100.0,
        low_percent: 90.0,
        high_percent: 110.0,
        bound_percent: 10.0,
        adjusted_probability: 0.001,
        samples_before: 100,
        samples_after: 100,
    };
    let mut run = Recording::begin();
    run.tell(EventKind::EnvironmentReady {
        services: vec![ServiceInfo {
            name: "project".into(),
            url: "http://127.0.0.1:8001".into(),
            managed: true,
            ready_after_ns: 40_000_000,
            links: Vec::new(),
        }],
        duration_ns: 50_000_000,
    });
    for kind in [
        EventKind::EnvironmentFailed {
            message: message.clone(),
        },
        EventKind::ServiceDied {
            service: "project".into(),
            message: message.clone(),
        },
        EventKind::EnvironmentLeft {
            message: message.clone(),
        },
        EventKind::EnvironmentAbandoned { message },
        EventKind::Compared(RegressionCheck {
            regressions: vec![regression],
            ..RegressionCheck::default()
        }),
    ] {
        run.tell(kind);
    }
    run.end_run(Verdict::Errored);
    let spans = spans(&run.events);
    let environment = named(&spans, "environment");
    assert_eq!(above(&spans, environment), "run");
    let took = environment.end_time_unix_nano - environment.start_time_unix_nano;
    assert_eq!(took, 50_000_000);
    let ready = told(&environment.events[0].attributes);
    assert_eq!(ready["assay.service.ready_after.duration"], "0.04");
    let names: Vec<_> = named(&spans, "run")
        .events
        .iter()
        .map(|event| &*event.name)
        .collect();
    assert_eq!(
        names,
        [
            "environment failed",
            "service died",
            "environment left",
            "environment abandoned",
            "regression",
        ]
    );
}
