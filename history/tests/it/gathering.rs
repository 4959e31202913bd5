//! From events to what is kept: of a live run and of a recorded one the same, within limits, and nothing that is nobody's business.

use std::fs;

use assay_history::{
    Gathering, HistoryError, RunRecord, gather,
    record::{MAX_CASES, MAX_JUDGEMENTS},
};
use assay_load::encoded::EncodedHistogram;
use assay_report::{
    event::{
        Baseline, Direction, Event, EventKind, Exchange, Grade, Judgement, LogVersion, Outcome,
        Phase, Provenance, Reason, ReasonKind, RunInfo, RunStats, Shard, ShardInfo, Source,
        StreamSummary,
    },
    log,
    verdict::Verdict,
};
use tempfile::TempDir;

const SECRET: &str = "hunter2";

fn source() -> Source {
    Source {
        suite: "shop".to_owned(),
        entry: "buys".to_owned(),
        attempt: 1,
    }
}

fn started() -> EventKind {
    EventKind::RunStarted(RunInfo {
        schema: LogVersion::default(),
        run_id: "20261130T000000Z-abcd".to_owned(),
        started_at: "2026-11-30T00:00:00Z".to_owned(),
        host_version: "0.1.0".to_owned(),
        contract: "assay:suite@0.1.0".to_owned(),
        environment: "embedded".to_owned(),
        profile: "default".to_owned(),
        seed: 7,
        jobs: 1,
        provenance: Provenance {
            settings_digest: Some("d1".to_owned()),
            commit: Some("c1".to_owned()),
        },
        shard: None,
        merged: Vec::new(),
        agents: Vec::new(),
        plugins: Vec::new(),
    })
}

fn exchanged(name: &str, status: Option<u16>, duration_ns: u64) -> EventKind {
    EventKind::Exchanged {
        source: source(),
        exchange: Exchange {
            connect_ns: None,
            detail: None,
            number: 0,
            traceparent: None,
            name: name.to_owned(),
            method: "POST".to_owned(),
            url: format!("http://shop/?key={SECRET}"),
            status,
            error: None,
            sent_bytes: 0,
            received_bytes: 0,
            first_byte_ns: None,
            duration_ns,
        },
    }
}

fn judged(value: f64, grade: Grade) -> EventKind {
    EventKind::Judged {
        source: source(),
        judgement: Judgement {
            baseline: Baseline {
                name: "buy-p95".to_owned(),
                summary: String::new(),
                unit: "s".to_owned(),
                direction: Direction::AtMost,
                target: 1.0,
                critical: 2.0,
            },
            value,
            samples: 10,
            grade,
        },
    }
}

fn case_finished(case: &str, verdict: Verdict) -> EventKind {
    EventKind::CaseFinished {
        suite: "shop".to_owned(),
        case: case.to_owned(),
        outcome: Outcome {
            verdict,
            reason: verdict.is_bad().then(|| Reason {
                kind: ReasonKind::Check,
                message: format!("the key {SECRET} was refused"),
                expected: Some(SECRET.to_owned()),
                actual: None,
                location: None,
                backtrace: Vec::new(),
            }),
        },
        attempts: 2,
        duration_ns: 5_000_000,
    }
}

fn measured(values: &[u64]) -> EventKind {
    let mut histogram = hdrhistogram::Histogram::<u64>::new(3).unwrap();
    for value in values {
        histogram.record(*value).unwrap();
    }
    EventKind::Measured {
        suite: "shop".to_owned(),
        source: Some(source()),
        scenario: Some("browse".to_owned()),
        distributions: vec![EncodedHistogram {
            metric: "iteration".to_owned(),
            unit: "seconds".to_owned(),
            steps_per_unit: 1_000_000_000,
            phase: Phase::Fault,
            histogram: assay_load::encoded::to_text(&histogram).unwrap(),
        }],
    }
}

fn finished() -> EventKind {
    EventKind::RunFinished {
        verdict: Verdict::Failed,
        stats: RunStats {
            passed: 1,
            failed: 1,
            ..RunStats::default()
        },
        duration_ns: 90_000_000_000,
        exit_code: 1,
    }
}

fn numbered(kinds: Vec<EventKind>) -> Vec<Event> {
    let events = (0..).zip(kinds).map(|(sequence, kind)| Event {
        sequence,
        at_ns: sequence * 1_000,
        phase: Phase::Baseline,
        of_shard: None,
        kind,
    });
    events.collect()
}

/// A whole run with something of everything.
pub(crate) fn events() -> Vec<Event> {
    let stream = StreamSummary {
        detail: None,
        last_events: Vec::new(),
        number: 0,
        traceparent: None,
        name: "progress".to_owned(),
        url: format!("http://shop/{SECRET}"),
        status: 200,
        events: 3,
        comments: 0,
        reconnects: 0,
        opened_after_ns: 1_000,
        first_event_ns: Some(2_000_000),
        longest_gap_ns: None,
        duration_ns: 9_000_000,
        end: "ended".to_owned(),
    };
    numbered(vec![
        started(),
        exchanged("buy", Some(201), 4_000_000),
        exchanged("buy", Some(500), 6_000_000),
        exchanged("buy", None, 30_000_000_000),
        EventKind::Streamed {
            source: source(),
            stream,
        },
        judged(0.5, Grade::Target),
        judged(f64::NAN, Grade::Missed),
        measured(&[1_000_000, 2_000_000]),
        measured(&[3_000_000]),
        case_finished("buys", Verdict::Failed),
        case_finished("looks", Verdict::Passed),
        finished(),
    ])
}

fn gathered(events: &[Event]) -> RunRecord {
    let mut gathering = Gathering::default();
    for event in events {
        gathering.event(event);
    }
    gathering.record().unwrap()
}

#[test]
fn all_that_is_to_be_kept_is_in_the_record() {
    let record = gathered(&events());
    let run = &record.run;
    assert_eq!(
        (
            run.run_id.as_str(),
            run.duration_ns,
            run.verdict,
            run.exit_code
        ),
        (
            "20261130T000000Z-abcd",
            90_000_000_000,
            Some(Verdict::Failed),
            Some(1)
        )
    );
    assert_eq!(
        (run.commit.as_deref(), run.settings_digest.as_deref()),
        (Some("c1"), Some("d1"))
    );
    assert_eq!(
        (run.baselines, run.baselines_missed, run.left_out),
        (2, 1, 0)
    );
    let cases: Vec<_> = record
        .cases
        .iter()
        .map(|case| {
            (
                case.id(),
                case.verdict,
                case.attempts,
                case.reason.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        cases,
        [
            ("shop/buys".to_owned(), Verdict::Failed, 2, Some("check")),
            ("shop/looks".to_owned(), Verdict::Passed, 2, None),
        ]
    );
    let values: Vec<_> = record
        .judgements
        .iter()
        .map(|judged| judged.value)
        .collect();
    assert_eq!(values, [Some(0.5), None]);
    let distributions: Vec<_> = record
        .distributions
        .iter()
        .map(|measured| {
            let count = measured.distribution().unwrap().count();
            (measured.key.metric.as_str(), measured.key.phase, count)
        })
        .collect();
    // What had no answer took no time that could be compared.
    assert_eq!(
        distributions,
        [
            ("buys: browse: iteration", Phase::Fault, 3),
            ("request buy", Phase::Baseline, 2),
            ("stream first event progress", Phase::Baseline, 1),
        ]
    );
}

#[test]
fn a_recorded_run_gives_the_same_as_the_live_one() {
    let folder = TempDir::new().unwrap();
    let mut written = log::Log::create(folder.path()).unwrap();
    for event in events() {
        assay_report::Reporter::event(&mut written, &event).unwrap();
    }
    let recorded = gather::recorded(written.path()).unwrap();
    assert_eq!(recorded, gathered(&events()));
    assert_eq!(gather::recorded_whole(written.path()).unwrap(), recorded);
}

#[test]
fn a_part_of_a_plan_is_no_run_to_keep() {
    let folder = TempDir::new().unwrap();
    let mut written = log::Log::create(folder.path()).unwrap();
    let shard = Shard { number: 2, of: 4 };
    for mut event in events() {
        if let EventKind::RunStarted(info) = &mut event.kind {
            info.shard = Some(ShardInfo {
                shard,
                plan_cases: 9,
                plan_digest: String::new(),
            });
        }
        assay_report::Reporter::event(&mut written, &event).unwrap();
    }
    let refused = gather::recorded_whole(written.path()).unwrap_err();
    assert!(
        matches!(refused, HistoryError::Shard { shard: told, .. } if told == shard),
        "{refused}"
    );
    assert!(gather::recorded(written.path()).is_ok());
}

#[test]
fn a_log_that_is_no_log_is_refused_as_everywhere() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("events.jsonl");
    fs::write(&path, "no event\n").unwrap();
    let refused = gather::recorded(&path).unwrap_err();
    assert!(matches!(refused, HistoryError::Log(_)), "{refused}");
}

#[test]
fn a_run_that_was_killed_has_no_verdict_and_the_time_until_then() {
    let mut events = events();
    events.pop();
    let run = gathered(&events).run;
    assert_eq!(
        (run.verdict, run.exit_code, run.duration_ns),
        (None, None, 10_000)
    );
    assert_eq!(run.stats.total(), 2);
}

#[test]
fn no_url_no_message_and_no_value_of_a_check_is_kept() {
    let told = serde_json::to_string(&events()).unwrap();
    assert!(told.contains(SECRET), "the events have nothing to hide");
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("history.db");
    let mut store = assay_history::Store::open(&path).unwrap();
    store.add(&gathered(&events())).unwrap();
    drop(store);
    for entry in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let found = bytes
            .windows(SECRET.len())
            .any(|part| part == SECRET.as_bytes());
        assert!(!found);
    }
}

#[test]
fn what_is_beyond_a_limit_is_counted() {
    let mut kinds = vec![started()];
    kinds.extend((0..=MAX_CASES).map(|place| case_finished(&place.to_string(), Verdict::Passed)));
    kinds.extend((0..=MAX_JUDGEMENTS).map(|_| judged(0.5, Grade::Target)));
    let record = gathered(&numbered(kinds));
    assert_eq!(
        (record.cases.len(), record.judgements.len()),
        (MAX_CASES, MAX_JUDGEMENTS)
    );
    assert_eq!(record.run.left_out, 2);
    assert_eq!(record.run.baselines, MAX_JUDGEMENTS as u64 + 1);
}
