//! A run with something of everything, in two halves: of what is counted there is more in the second one.

use assay_load::{
    encoded::{EncodedHistogram, to_text},
    outcome,
    samples::Percentiles,
    series::Point,
};
use assay_report::{
    event::{
        Baseline, Direction, Event, EventKind, Exchange, Fault, Grade, HealedFault, Judgement,
        Level, LoadEnd, LoadInfo, MetricSnapshot, MetricValue, Phase, Refusal, Regression,
        RegressionCheck, ServiceState, ServiceStatus, Source, StreamSummary,
    },
    verdict::Verdict,
};
use hdrhistogram::Histogram;

use super::recording::{MILLISECOND, Recording, SUITE, exchange, refused, source};

/// The run.
pub(crate) struct Whole {
    pub(crate) first: Vec<Event>,
    pub(crate) second: Vec<Event>,
}

impl Whole {
    pub(crate) fn all(&self) -> impl Iterator<Item = &Event> {
        self.first.iter().chain(&self.second)
    }
}

pub(crate) fn whole() -> Whole {
    let cases = [
        "it-counts",
        "it-streams",
        "it-survives",
        "it-is-fast",
        "it-fails",
        "it-waits",
    ];
    let mut run = Recording::of(&cases);
    run.case("it-counts", Verdict::Passed);
    run.start("it-is-fast");
    let fast = source("it-is-fast", 1);
    begin_load(&mut run, &fast);
    traffic(&mut run, &fast);
    went(&mut run, &fast, 0);
    run.start("it-fails");
    let first = run.take();

    went(&mut run, &fast, 1);
    traffic(&mut run, &fast);
    end_load(&mut run, &fast);
    judge(&mut run, &fast);
    run.end_attempt(&fast, Verdict::Degraded);
    run.end_case("it-is-fast", Verdict::Degraded, 1);
    fault(&mut run);
    fails(&mut run);
    run.case("it-streams", Verdict::Passed);
    run.end_case("it-waits", Verdict::Skipped, 0);
    end(&mut run);
    let second = run.take();
    Whole { first, second }
}

fn traffic(run: &mut Recording, source: &Source) {
    let told = [
        (Phase::Baseline, exchange("get job", 200, 3)),
        (Phase::Baseline, exchange("get job", 503, 12)),
        (Phase::Fault, refused("get job")),
        (Phase::Recovery, exchange("get health", 200, 40)),
    ];
    for (phase, exchange) in told {
        tell_exchange(run, phase, source, exchange);
    }
    for end in ["ended", "connection reset"] {
        run.tell(EventKind::Streamed {
            source: source.clone(),
            stream: stream(end),
        });
    }
    for level in [Level::Info, Level::Warn] {
        run.tell(EventKind::Log {
            source: source.clone(),
            level,
            message: "a line".into(),
        });
    }
    refuse(run, source);
}

fn refuse(run: &mut Recording, source: &Source) {
    run.tell(EventKind::Refused {
        source: source.clone(),
        refusal: Refusal::new(
            "http",
            "api.example.com:443",
            "the plugin `jobs` has no grant for this host",
            "grants.jobs.hosts = [\"api.example.com:443\"]",
        ),
    });
}

fn tell_exchange(run: &mut Recording, phase: Phase, source: &Source, exchange: Exchange) {
    let source = source.clone();
    run.tell_in(phase, EventKind::Exchanged { source, exchange });
}

fn stream(end: &str) -> StreamSummary {
    StreamSummary {
        name: "job events".into(),
        url: "http://127.0.0.1:8002/jobs/1/events".into(),
        status: 200,
        events: 12,
        comments: 1,
        reconnects: 1,
        opened_after_ns: 2 * MILLISECOND,
        first_event_ns: Some(9 * MILLISECOND),
        longest_gap_ns: Some(40 * MILLISECOND),
        duration_ns: 150 * MILLISECOND,
        end: end.into(),
        number: 0,
        traceparent: None,
        detail: None,
        last_events: Vec::new(),
    }
}

fn begin_load(run: &mut Recording, source: &Source) {
    run.tell(EventKind::LoadStarted {
        source: source.clone(),
        load: LoadInfo {
            load: 1,
            scenario: "browse".into(),
            executor: "50 a second for 2s".into(),
            vus: 5,
            isolated: false,
            threads: 1,
            planned_ns: None,
            machines: Vec::new(),
        },
    });
}

fn went(run: &mut Recording, source: &Source, second: u64) {
    let times = Percentiles {
        p50: 5 * MILLISECOND,
        p95: 20 * MILLISECOND,
        p99: 60 * MILLISECOND,
    };
    run.tell(EventKind::LoadWent {
        source: source.clone(),
        load: 1,
        point: Point {
            at_ms: second * 1_000,
            length_ms: 1_000,
            iterations: 50,
            failed_iterations: 2,
            iteration_times: times,
            requests: 150,
            failed_requests: 4,
            request_times: times,
            events: 10,
            vus: 5,
            open_streams: 3,
        },
    });
}

fn end_load(run: &mut Recording, source: &Source) {
    // The last one is of nothing that is known here: it is left out and counted.
    let metrics = [
        "iteration",
        "request get page",
        "stream first event",
        "something else",
    ];
    run.tell(EventKind::Measured {
        suite: SUITE.into(),
        source: Some(source.clone()),
        scenario: Some("browse".into()),
        distributions: metrics.map(distribution).to_vec(),
    });
    let outcome = outcome::Outcome {
        iterations: 100,
        failed: 4,
        dropped: 3,
        interrupted: 1,
        intended_per_second: Some(51.5),
        per_second: 50.0,
        latency: outcome::Split {
            failures: vec![outcome::Counted {
                name: "status 503".into(),
                count: 4,
            }],
            ..outcome::Split::default()
        },
        checks: vec![outcome::CheckCount {
            name: "the page is whole".into(),
            passed: 96,
            failed: 4,
        }],
        generator: outcome::Generator {
            saturated: false,
            busiest: 0.25,
            late: outcome::Distribution::default(),
        },
        ..outcome::Outcome::default()
    };
    run.tell(EventKind::LoadEnded {
        source: source.clone(),
        end: LoadEnd {
            load: 1,
            outcome: Some(Box::new(outcome)),
            message: None,
            replaced: 0,
            failed_checks: Vec::new(),
            dropped_logs: 0,
            dropped_attachments: 0,
            saturated: Vec::new(),
            lost: None,
            refilled: Vec::new(),
        },
    });
}

fn distribution(metric: &str) -> EncodedHistogram {
    let mut histogram = Histogram::<u64>::new_with_bounds(64, 3_600_000_000_000, 3).unwrap();
    for millisecond in 1..=96 {
        histogram.record(millisecond * MILLISECOND).unwrap();
    }
    EncodedHistogram {
        metric: metric.into(),
        unit: "seconds".into(),
        steps_per_unit: 1_000 * MILLISECOND,
        phase: Phase::Baseline,
        histogram: to_text(&histogram).unwrap(),
    }
}

fn judge(run: &mut Recording, source: &Source) {
    for (name, unit, value) in [("page-p95", "ms", 120.0), ("pages", "/s", 50.0)] {
        run.tell(EventKind::Judged {
            source: source.clone(),
            judgement: Judgement {
                baseline: Baseline {
                    name: name.into(),
                    summary: "How long a page takes.".into(),
                    unit: unit.into(),
                    direction: Direction::AtMost,
                    target: 100.0,
                    critical: 500.0,
                },
                value,
                samples: 40,
                grade: Grade::Critical,
            },
        });
    }
}

fn fault(run: &mut Recording) {
    run.start("it-survives");
    let source = source("it-survives", 1);
    let fault = |id, action: &str| Fault {
        id,
        target: "client->project".into(),
        action: action.into(),
        value: None,
        options: None,
    };
    for id in [1, 2] {
        let kind = EventKind::FaultInjected {
            source: source.clone(),
            fault: fault(id, "latency"),
            confirmed_after_ns: 3 * MILLISECOND,
        };
        run.tell_in(Phase::Fault, kind);
    }
    tell_exchange(run, Phase::Fault, &source, refused("get health"));
    let kind = EventKind::FaultHealed {
        source: source.clone(),
        healed: HealedFault {
            id: 1,
            active_ns: 1_250 * MILLISECOND,
            healthy_after_ns: Some(12 * MILLISECOND),
            first_success_after_ns: Some(18 * MILLISECOND),
            traffic: 2,
        },
    };
    run.tell_in(Phase::Recovery, kind);
    run.tell(EventKind::ServicesProbed {
        source: source.clone(),
        services: vec![ServiceState {
            service: "project".into(),
            status: ServiceStatus::Running,
            problem: Some("503".into()),
            disturbed: true,
        }],
    });
    run.end_attempt(&source, Verdict::Passed);
    run.end_case("it-survives", Verdict::Passed, 1);
}

/// Twice.
fn fails(run: &mut Recording) {
    let (first, second) = (source("it-fails", 1), source("it-fails", 2));
    run.end_attempt(&first, Verdict::Failed);
    run.tell(EventKind::AttemptStarted(second.clone()));
    run.end_attempt(&second, Verdict::Failed);
    run.end_case("it-fails", Verdict::Failed, 2);
}

fn end(run: &mut Recording) {
    run.tell(EventKind::SuiteFinished {
        suite: SUITE.into(),
        verdict: Verdict::Failed,
        duration_ns: 9_000 * MILLISECOND,
        metrics: own_figures(),
        proposal: None,
    });
    run.tell(EventKind::Compared(RegressionCheck {
        against: vec!["before".into()],
        judged: 12,
        beyond: 1,
        regressions: vec![Regression {
            suite: SUITE.into(),
            metric: "request get job".into(),
            percentile: 99.9,
            unit: "seconds".into(),
            against: "before".into(),
            before: 0.01,
            after: 0.015,
            change_percent: 50.0,
            low_percent: 40.0,
            high_percent: 60.0,
            bound_percent: 10.0,
            adjusted_probability: 0.001,
            samples_before: 100,
            samples_after: 100,
        }],
        ..RegressionCheck::default()
    }));
    run.end(Verdict::Failed);
}

fn own_figures() -> Vec<MetricSnapshot> {
    let snapshot = |name: &str, unit: &str, value| MetricSnapshot {
        name: name.into(),
        labels: [("service".to_owned(), "project".to_owned())].into(),
        unit: unit.into(),
        value,
        by_phase: [].into(),
    };
    let distribution = assay_report::event::Distribution {
        count: 4,
        mean: 20.0,
        min: 10.0,
        p50: 20.0,
        p90: 30.0,
        p95: 30.0,
        p99: 30.0,
        p999: 30.0,
        max: 30.0,
    };
    vec![
        snapshot(
            "service_memory_peak",
            "bytes",
            MetricValue::Gauge { value: 4096.0 },
        ),
        snapshot(
            "memory growth",
            "percent",
            MetricValue::Gauge { value: 25.0 },
        ),
        snapshot("retryCount", "", MetricValue::Counter { value: 7.0 }),
        snapshot("wait_ms", "ms", MetricValue::Histogram(distribution)),
    ]
}
