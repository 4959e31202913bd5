//! A run with something of everything that a page draws: a load, event streams, a fault that is met, a case that failed with its evidence,
//! one that was tried twice, and one that was left out.

use std::collections::BTreeMap;

use assay_load::{bins::Bin, outcome, samples::Percentiles, series::Point};
use assay_report::{
    event::{
        Check, Event, EventKind, Exchange, Fault, Grade, HealedFault, Level, LoadEnd, LoadInfo,
        OutputStream, Phase, Reason, ReasonKind, Source, StreamSummary,
    },
    exit::Exit,
    verdict::Verdict,
};

use super::super::recording::{
    Recording, check, exchange, outcome, passed, reason, refused, source,
};

const MILLISECOND: u64 = 1_000_000;

/// The run.
pub(crate) fn rich() -> Vec<Event> {
    let names = [
        "it-is-fast",
        "it-streams",
        "it-survives",
        "it-counts",
        "it-settles",
        "alerts-fire",
    ];
    let mut run = Recording::of(&names);
    run.case("it-is-fast", &passed(), |run, source| {
        load(run, source);
        run.check(source, check("it was fast", true))
            .judge(source, 120.0, 40, Grade::Critical);
    });
    run.case("it-streams", &passed(), |run, source| {
        for (number, end) in ["ended", "dropped", "connection reset"].iter().enumerate() {
            stream(run, source, number as u64 + 1, end);
        }
        run.check(source, check("events came", true));
    });
    run.case("it-survives", &passed(), fault);
    failing(&mut run);
    twice(&mut run);
    let needs = reason(ReasonKind::Skipped, "it needs `prometheus`");
    run.end_case("alerts-fire", outcome(Verdict::Skipped, needs), 0);
    run.end(Exit::Failed)
}

fn load(run: &mut Recording, source: &Source) {
    let source = source.clone();
    run.tell(EventKind::LoadStarted {
        source: source.clone(),
        load: LoadInfo {
            load: 1,
            scenario: "browse".into(),
            executor: "5 virtual users for 20s".into(),
            vus: 5,
            isolated: false,
            threads: 1,
            planned_ns: None,
            machines: Vec::new(),
        },
    });
    for second in 0..20 {
        run.tell(EventKind::LoadWent {
            source: source.clone(),
            load: 1,
            point: point(second),
        });
    }
    let end = LoadEnd {
        load: 1,
        outcome: Some(Box::new(of_load())),
        message: None,
        replaced: 0,
        failed_checks: Vec::new(),
        dropped_logs: 0,
        dropped_attachments: 0,
        saturated: Vec::new(),
        lost: None,
        refilled: Vec::new(),
    };
    run.tell(EventKind::LoadEnded { source, end });
}

fn point(second: u64) -> Point {
    let times = Percentiles {
        p50: (5 + second % 3) * MILLISECOND,
        p95: (20 + second) * MILLISECOND,
        p99: (60 + second * 2) * MILLISECOND,
    };
    Point {
        at_ms: second * 1_000,
        length_ms: 1_000,
        iterations: 100 + second,
        failed_iterations: second % 4,
        iteration_times: times,
        requests: 300 + second,
        failed_requests: second % 4,
        request_times: times,
        events: 10,
        vus: 5,
        open_streams: 3,
    }
}

fn of_load() -> outcome::Outcome {
    let succeeded = outcome::Distribution {
        count: 2_000,
        min: 3 * MILLISECOND,
        mean: 7e6,
        p50: 6 * MILLISECOND,
        p90: 18 * MILLISECOND,
        p95: 30 * MILLISECOND,
        p99: 90 * MILLISECOND,
        p999: 110 * MILLISECOND,
        max: 123 * MILLISECOND,
    };
    let latency = outcome::Split {
        succeeded,
        failed: outcome::Distribution::default(),
        failures: vec![outcome::Counted {
            name: "status 503".into(),
            count: 30,
        }],
    };
    outcome::Outcome {
        elapsed_ns: 20_000 * MILLISECOND,
        iterations: 2_030,
        failed: 30,
        per_second: 101.5,
        most_vus: 5,
        latency: latency.clone(),
        histogram: vec![
            Bin {
                up_to: 6_291_455,
                count: 1_500,
            },
            Bin {
                up_to: 33_554_431,
                count: 400,
            },
            Bin {
                up_to: 125_829_119,
                count: 100,
            },
        ],
        requests: vec![outcome::Requests {
            name: "get page".into(),
            latency,
            received: 1_000,
            by_phase: BTreeMap::new(),
        }],
        checks: vec![outcome::CheckCount {
            name: "the page is whole".into(),
            passed: 2_000,
            failed: 30,
        }],
        streams: Some(outcome::Streams {
            most_open: 3,
            all: outcome::StreamFigures {
                opened: 3,
                first_event: succeeded,
                ..outcome::StreamFigures::default()
            },
            by_phase: BTreeMap::new(),
        }),
        ..outcome::Outcome::default()
    }
}

fn stream(run: &mut Recording, source: &Source, number: u64, end: &str) {
    run.tell(EventKind::Streamed {
        source: source.clone(),
        stream: StreamSummary {
            name: "job events".into(),
            url: "http://127.0.0.1:8002/jobs/1/events".into(),
            status: 200,
            events: 12 * number,
            comments: 1,
            reconnects: u32::from(end == "dropped"),
            opened_after_ns: 2 * MILLISECOND,
            first_event_ns: Some(number * 9 * MILLISECOND),
            longest_gap_ns: Some(number * 40 * MILLISECOND),
            duration_ns: number * 150 * MILLISECOND,
            end: end.into(),
            number: 0,
            traceparent: None,
            detail: None,
            last_events: Vec::new(),
        },
    });
}

fn fault(run: &mut Recording, source: &Source) {
    let stopped = Fault {
        id: 1,
        target: "project".into(),
        action: "stop".into(),
        value: Some("KILL".into()),
        options: None,
    };
    run.exchange(source, exchange("get health", 2));
    run.tell_in(
        Phase::Fault,
        EventKind::FaultInjected {
            source: source.clone(),
            fault: stopped,
            confirmed_after_ns: 9 * MILLISECOND,
        },
    );
    for _ in 0..5 {
        run.tell_in(
            Phase::Fault,
            EventKind::Exchanged {
                source: source.clone(),
                exchange: refused("get health"),
            },
        );
    }
    run.tell_in(
        Phase::Recovery,
        EventKind::Exchanged {
            source: source.clone(),
            exchange: exchange("get health", 40),
        },
    );
    run.tell_in(
        Phase::Recovery,
        EventKind::FaultHealed {
            source: source.clone(),
            healed: HealedFault {
                id: 1,
                active_ns: 500 * MILLISECOND,
                healthy_after_ns: Some(80 * MILLISECOND),
                first_success_after_ns: Some(95 * MILLISECOND),
                traffic: 5,
            },
        },
    );
    run.check(source, check("it is back", true));
}

fn failing(run: &mut Recording) {
    let why = Reason {
        expected: Some("[1, 2, 3]".into()),
        actual: Some("[1, 3]".into()),
        location: Some("src/lib.rs:77".into()),
        backtrace: vec!["counts::run".into(), "counts::main".into()],
        ..reason(ReasonKind::Check, "the numbers have no gap (1 of 9 checks)")
    };
    run.case(
        "it-counts",
        &outcome(Verdict::Failed, why),
        |run, source| {
            let gap = Check {
                expected: Some("[1, 2, 3]".into()),
                actual: Some("[1, 3]".into()),
                location: Some("src/lib.rs:77".into()),
                ..check("the numbers have no gap", false)
            };
            run.exchange(source, exchange("list episodes", 30))
                .exchange(source, unavailable("create episode"))
                .check(source, gap)
                .log(source, Level::Warn, "the second episode is missing")
                .output(source, OutputStream::Stderr, "panicked at src/lib.rs\n");
            stream(run, source, 4, "ended");
        },
    );
}

fn unavailable(name: &str) -> Exchange {
    Exchange {
        method: "POST".into(),
        url: "http://127.0.0.1:8001/api/v1/projects/1/episodes".into(),
        status: Some(503),
        ..exchange(name, 55)
    }
}

fn twice(run: &mut Recording) {
    let why = reason(ReasonKind::Check, "it settles");
    let (first, second) = (source("it-settles", 1), source("it-settles", 2));
    run.start("it-settles", 2)
        .attempt(&first)
        .check(&first, check("it settles", false))
        .end_attempt(&first, outcome(Verdict::Failed, why.clone()))
        .attempt(&second)
        .check(&second, check("it settles", true))
        .end_attempt(&second, passed())
        .end_case("it-settles", outcome(Verdict::Flaky, why), 2);
}
