//! How long it takes to make one run of its shards, and how much memory: `cargo run --release -p assay-report --example merging_shards`.
//!
//! Writes the logs of eight shards with a million events in all (or as many as the argument says) into a temporary folder, merges them, and
//! prints the seconds and the most memory that the process had.

use std::{
    error::Error,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Instant,
};

use assay_report::{
    Merge, Reporter as _, WholeLog,
    event::{
        CaseInfo, Event, EventKind, Level, LogVersion, Outcome, Phase, PluginInfo, Provenance,
        RunInfo, RunStats, Shard, ShardInfo, Source,
    },
    verdict::Verdict,
};

const SHARDS: u32 = 8;
/// Events of each case beside its end.
const EVENTS_OF_A_CASE: u64 = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let number: u64 = match std::env::args().nth(1) {
        Some(number) => number.parse()?,
        None => 1_000_000,
    };
    let folder = tempfile::TempDir::new()?;
    let cases = (number / EVENTS_OF_A_CASE / u64::from(SHARDS)).max(1);
    let logs = (1..=SHARDS)
        .map(|number| write(folder.path(), number, cases))
        .collect::<Result<Vec<PathBuf>, _>>()?;
    let begun = Instant::now();
    let mut whole = WholeLog::create(&folder.path().join("merged.jsonl"))?;
    let mut failure = None;
    let merged = Merge::open(&logs)?.tell(
        || None,
        |event| failure = failure.take().or_else(|| whole.event(event).err()),
    )?;
    whole.finish()?;
    if let Some(error) = failure {
        return Err(error.into());
    }
    writeln!(
        io::stdout(),
        "{} events of {SHARDS} shards, exit {}: merged and written after {:.2} s, {}",
        merged.events,
        merged.exit.code(),
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

/// The log of a shard.
fn write(folder: &Path, number: u32, cases: u64) -> Result<PathBuf, Box<dyn Error>> {
    let path = folder.join(format!("{number}.jsonl"));
    let mut log = WholeLog::create(&path)?;
    let kinds = std::iter::once(started(number, cases))
        .chain((0..cases).flat_map(|case| told(&name(number, case))))
        .chain(ended(cases));
    for (sequence, kind) in (0..).zip(kinds) {
        log.event(&Event {
            sequence,
            at_ns: sequence * 1_000,
            phase: Phase::Baseline,
            of_shard: None,
            kind,
        })?;
    }
    log.finish()?;
    Ok(path)
}

fn name(shard: u32, case: u64) -> String {
    format!("case-{case}-of-{shard}")
}

fn told(case: &str) -> impl Iterator<Item = EventKind> + use<> {
    let source = Source {
        suite: "many".into(),
        entry: case.to_owned(),
        attempt: 1,
    };
    let end = EventKind::CaseFinished {
        suite: "many".into(),
        case: case.to_owned(),
        outcome: Outcome {
            verdict: Verdict::Passed,
            reason: None,
        },
        attempts: 1,
        duration_ns: 1_000_000,
    };
    let lines = (0..EVENTS_OF_A_CASE).map(move |line| EventKind::Log {
        source: source.clone(),
        level: Level::Info,
        message: format!("line {line} of what there is to tell"),
    });
    lines.chain([end])
}

fn started(number: u32, cases: u64) -> EventKind {
    let planned = (0..cases).map(|case| CaseInfo {
        name: name(number, case),
        summary: "one of many".into(),
        tags: Vec::new(),
        location: None,
    });
    EventKind::RunStarted(RunInfo {
        schema: LogVersion::default(),
        run_id: format!("many-{number}"),
        started_at: "2026-01-02T03:04:05Z".into(),
        host_version: env!("CARGO_PKG_VERSION").into(),
        contract: String::new(),
        environment: "none".into(),
        profile: "default".into(),
        seed: 1,
        jobs: 1,
        provenance: Provenance::default(),
        shard: Some(ShardInfo {
            shard: Shard { number, of: SHARDS },
            plan_cases: cases * u64::from(SHARDS),
            plan_digest: String::new(),
        }),
        merged: Vec::new(),
        agents: Vec::new(),
        plugins: vec![PluginInfo {
            file: "many.wasm".into(),
            digest: String::new(),
            size: 0,
            suite: "many".into(),
            version: "0.1.0".into(),
            summary: "Many events".into(),
            cases: planned.collect(),
            baselines: Vec::new(),
        }],
    })
}

fn ended(cases: u64) -> [EventKind; 2] {
    let mut stats = RunStats::default();
    for _ in 0..cases {
        stats.count(Verdict::Passed);
    }
    let suite = EventKind::SuiteFinished {
        suite: "many".into(),
        verdict: Verdict::Passed,
        duration_ns: 1_000,
        metrics: Vec::new(),
        proposal: None,
    };
    let run = EventKind::RunFinished {
        verdict: Verdict::Passed,
        stats,
        duration_ns: 1_000,
        exit_code: 0,
    };
    [suite, run]
}
