//! Logs of shards, made as hosts leave them, and what comes of merging them.

use std::{fs, path::PathBuf};

use assay_report::{
    Merge, MergeError, Merged,
    event::{Event, EventKind, Shard, ShardInfo},
    exit::Exit,
};
use tempfile::TempDir;

use super::super::recording::Recording;

/// Cases of each plan here.
pub(super) const CASES: [&str; 4] = ["a-job-ends", "a-job-is-told", "jobs-are-kept", "jobs-wait"];

/// A folder with logs.
pub(super) struct Logs {
    folder: TempDir,
    pub(super) paths: Vec<PathBuf>,
}

impl Logs {
    pub(super) fn of(runs: impl IntoIterator<Item = Vec<Event>>) -> Self {
        let folder = TempDir::new().unwrap();
        let paths = runs.into_iter().enumerate().map(|(place, run)| {
            let path = folder.path().join(format!("{place}.jsonl"));
            fs::write(&path, text(&run)).unwrap();
            path
        });
        let paths = paths.collect();
        Self { folder, paths }
    }

    /// Takes the end of a log away.
    pub(super) fn cut(&self, place: usize, bytes: usize) {
        let whole = fs::read(&self.paths[place]).unwrap();
        fs::write(&self.paths[place], &whole[..whole.len() - bytes]).unwrap();
    }

    /// A log beside the others.
    pub(super) fn written(&self, name: &str, run: &[Event]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text(run)).unwrap();
        path
    }

    pub(super) fn merged(&self) -> Result<(Merged, Vec<Event>), MergeError> {
        let mut events = Vec::new();
        let merge = Merge::open(&self.paths)?;
        let merged = merge.tell(|| None, |event| events.push(event.clone()))?;
        Ok((merged, events))
    }
}

pub(super) fn text(run: &[Event]) -> String {
    let lines = run
        .iter()
        .map(|event| serde_json::to_string(event).unwrap());
    lines.map(|line| line + "\n").collect()
}

/// What is told of a run of the first event of these.
pub(super) fn mark(run: &mut [Event], number: u32, of: u32, plan_cases: usize) {
    if let EventKind::RunStarted(info) = &mut run[0].kind {
        info.run_id = format!("20260102-030405-{number:04}");
        info.started_at = format!("2026-01-02T03:04:0{}Z", number % 10);
        info.seed = number.into();
        info.shard = Some(ShardInfo {
            shard: Shard { number, of },
            plan_cases: plan_cases as u64,
            plan_digest: "cd".repeat(32),
        });
    }
}

/// The run of a shard with these cases, as `run` makes it.
pub(super) fn shard(
    number: u32,
    of: u32,
    cases: &[&str],
    run: impl FnOnce(Recording) -> Vec<Event>,
) -> Vec<Event> {
    let mut events = run(Recording::of(cases));
    mark(&mut events, number, of, CASES.len());
    events
}

/// The run of a shard in which all these cases are good.
pub(super) fn good(number: u32, of: u32, cases: &[&str]) -> Vec<Event> {
    shard(number, of, cases, |mut run| {
        for case in cases {
            run.pass(case);
        }
        run.end(Exit::Success)
    })
}

/// A shard without a case.
pub(super) fn empty(number: u32, of: u32) -> Vec<Event> {
    let mut events = Recording::before_environment(&[]).nothing();
    mark(&mut events, number, of, CASES.len());
    events
}

/// Two good shards of one plan.
pub(super) fn two() -> [Vec<Event>; 2] {
    [good(1, 2, &CASES[..2]), good(2, 2, &CASES[2..])]
}
