//! How long the documents of a long run take, and how much memory: `cargo run --release -p assay-report --example many_events`.
//!
//! Writes a log of a million events into a temporary folder (or as many as the argument says), makes every document of it, and prints
//! the seconds and the most memory that the process had.

use std::{
    error::Error,
    fs,
    io::{self, Write as _},
    time::Instant,
};

use assay_report::{
    Document, Documents, Form, Reporter as _,
    event::{
        AttemptCounts, CaseInfo, Check, Event, EventKind, Exchange, Level, LogVersion, Outcome,
        Phase, PluginInfo, Provenance, Reason, ReasonKind, RunInfo, RunStats, Source,
    },
    log::Log,
    replay,
    verdict::Verdict,
};

/// Events of each case beside its start and its end.
const EVENTS_OF_A_CASE: u64 = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let number = match std::env::args().nth(1) {
        Some(number) => number.parse()?,
        None => 1_000_000,
    };
    let folder = tempfile::TempDir::new()?;
    let mut log = Log::create(folder.path())?;
    for event in events(number) {
        log.event(&event)?;
    }
    let bytes = fs::metadata(log.path())?.len();
    let documents = Form::ALL.into_iter().map(|form| Document {
        form,
        path: folder.path().join("made").join(form.word()),
    });
    let mut documents = Documents::new(documents.collect());
    let begun = Instant::now();
    let replayed = replay(log.path(), |event| documents.event(event))?;
    let read = begun.elapsed();
    if let Some(error) = documents.finish().pop() {
        return Err(error.into());
    }
    writeln!(
        io::stdout(),
        "{} events, {} MiB: read after {:.2} s, all documents after {:.2} s, {}",
        replayed.events,
        bytes >> 20,
        read.as_secs_f64(),
        begun.elapsed().as_secs_f64(),
        most_memory()
    )?;
    Ok(())
}

/// As the kernel has it.
fn most_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.unwrap_or("VmHWM is not known").to_owned()
}

/// A run of so many events, of which every tenth case fails.
fn events(number: u64) -> impl Iterator<Item = Event> {
    let cases = (number / EVENTS_OF_A_CASE).max(1);
    let kinds = std::iter::once(started(cases))
        .chain((0..cases).flat_map(case))
        .chain([ended(cases)]);
    (0..).zip(kinds).map(|(sequence, kind)| Event {
        sequence,
        at_ns: sequence * 1_000,
        phase: Phase::Baseline,
        of_shard: None,
        kind,
    })
}

fn name(case: u64) -> String {
    format!("case-{case}")
}

fn case(case: u64) -> impl Iterator<Item = EventKind> {
    let source = Source {
        suite: "many".into(),
        entry: name(case),
        attempt: 1,
    };
    let outcome = outcome(case);
    let begins = [
        EventKind::CaseStarted {
            suite: "many".into(),
            case: name(case),
            attempts: 1,
        },
        EventKind::AttemptStarted(source.clone()),
    ];
    let ends = [
        EventKind::AttemptFinished {
            source: source.clone(),
            outcome: outcome.clone(),
            duration_ns: 1_000_000,
            counts: AttemptCounts::default(),
        },
        EventKind::CaseFinished {
            suite: "many".into(),
            case: name(case),
            outcome,
            attempts: 1,
            duration_ns: 1_000_000,
        },
    ];
    let between = (0..EVENTS_OF_A_CASE - 4).map(move |index| evidence(&source, index));
    begins.into_iter().chain(between).chain(ends)
}

fn evidence(source: &Source, index: u64) -> EventKind {
    let source = source.clone();
    match index % 3 {
        0 => EventKind::Exchanged {
            source,
            exchange: Exchange {
                name: format!("request {}", index % 40),
                method: "GET".into(),
                url: "http://127.0.0.1:8001/api/projects/42/episodes".into(),
                status: Some(200),
                error: None,
                sent_bytes: 0,
                received_bytes: 1_234,
                connect_ns: None,
                first_byte_ns: Some(500_000 + index),
                duration_ns: 1_000_000 + index,
                number: 0,
                traceparent: None,
                detail: None,
            },
        },
        1 => EventKind::Log {
            source,
            level: Level::Info,
            message: format!("line {index} of a case that says what it does"),
        },
        _ => EventKind::Checked {
            source,
            check: Check {
                name: format!("check {index} holds"),
                passed: true,
                expected: None,
                actual: None,
                location: Some("src/lib.rs:12".into()),
            },
        },
    }
}

fn outcome(case: u64) -> Outcome {
    if !case.is_multiple_of(10) {
        return Outcome {
            verdict: Verdict::Passed,
            reason: None,
        };
    }
    Outcome {
        verdict: Verdict::Failed,
        reason: Some(Reason {
            kind: ReasonKind::Check,
            message: "it is not as it must be".into(),
            expected: Some("4".into()),
            actual: Some("5".into()),
            location: Some("src/lib.rs:12".into()),
            backtrace: Vec::new(),
        }),
    }
}

fn started(cases: u64) -> EventKind {
    let cases = (0..cases).map(|case| CaseInfo {
        name: name(case),
        summary: "one of many".into(),
        tags: Vec::new(),
        location: None,
    });
    EventKind::RunStarted(RunInfo {
        schema: LogVersion::default(),
        run_id: "many".into(),
        started_at: "2026-01-02T03:04:05Z".into(),
        host_version: env!("CARGO_PKG_VERSION").into(),
        contract: String::new(),
        environment: "none".into(),
        profile: "default".into(),
        seed: 1,
        jobs: 1,
        provenance: Provenance::default(),
        shard: None,
        merged: Vec::new(),
        agents: Vec::new(),
        plugins: vec![PluginInfo {
            file: "many.wasm".into(),
            digest: String::new(),
            size: 0,
            suite: "many".into(),
            version: "0.1.0".into(),
            summary: "Many events".into(),
            cases: cases.collect(),
            baselines: Vec::new(),
        }],
    })
}

fn ended(cases: u64) -> EventKind {
    let mut stats = RunStats::default();
    for case in 0..cases {
        stats.count(outcome(case).verdict);
    }
    EventKind::RunFinished {
        verdict: Verdict::Failed,
        stats,
        duration_ns: 1_000_000_000,
        exit_code: 1,
    }
}
