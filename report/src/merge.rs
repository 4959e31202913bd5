//! Makes one run of the event logs of its shards, from which every report is made as of any other run.
//!
//! The logs are read side by side, in the order in which things happened by the clocks of their machines, in memory that does not depend on
//! their length. What is of one case is told as it was. What is of the whole is made anew: the verdicts of suites and of the run, figures of
//! suites and their percentiles (bucket by bucket, so exactly), and how the run compares with former ones. A shard that is missing or was cut
//! off is told, and the run is not good then.

mod agree;
mod error;
mod figures;
mod follow;
mod order;
mod plan;
mod suite;
mod telling;
mod transform;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

pub use self::error::MergeError;
use self::{
    follow::Follow,
    order::{Ordered, Turn},
    telling::Telling,
};
use crate::{
    event::{Event, EventKind, MAX_SHARDS, RegressionCheck, RunInfo, Shard},
    exit::Exit,
    log::{self, Events, LogError},
};

/// Logs of shards that belong together, of which nothing but the first events was read.
#[derive(Debug)]
pub struct Merge {
    info: RunInfo,
    /// How many shards have cases of each suite.
    suites: BTreeMap<String, usize>,
    missing: Vec<Shard>,
    shards: Vec<Follow>,
}

/// How the run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    /// How many events were told.
    pub events: u64,
    /// What the process is to end with.
    pub exit: Exit,
}

/// What the first event of a log says.
#[derive(Debug)]
struct Head {
    path: PathBuf,
    shard: Shard,
    info: RunInfo,
}

impl Merge {
    /// Opens the logs, in any order, and refuses those that are not of one run.
    pub fn open(logs: &[PathBuf]) -> Result<Self, MergeError> {
        let opened = logs.iter().map(|path| open(path, logs.len()));
        let mut opened = opened.collect::<Result<Vec<_>, _>>()?;
        opened.sort_by_key(|(head, _)| head.shard);
        let (heads, events): (Vec<_>, Vec<_>) = opened.into_iter().unzip();
        agree::agree(&heads)?;
        let missing = agree::missing(&heads);
        let suites = plan::suites(&heads);
        let (info, offsets) = plan::whole(&heads)?;
        let heads = heads.into_iter().zip(events).zip(offsets);
        let shards = heads
            .map(|((head, events), offset_ns)| Follow::new(head, events, offset_ns))
            .collect();
        Ok(Self {
            info,
            suites,
            missing,
            shards,
        })
    }

    /// Tells the run from its first to its last event. `compare` is asked how it compares with former ones, once all is told that was
    /// measured; nobody is asked if a part of it is missing. What was told before an error is no whole run.
    pub fn tell(
        self,
        compare: impl FnOnce() -> Option<RegressionCheck>,
        tell: impl FnMut(&Event),
    ) -> Result<Merged, MergeError> {
        let mut telling = Telling::new(self.info, self.suites, self.missing, tell);
        let mut ordered = Ordered::new(self.shards)?;
        while let Some((shard, turn)) = ordered.next()? {
            match turn {
                Turn::Event(event) => telling.event(shard, event)?,
                Turn::End(untold) => telling.log_ended(shard, untold)?,
            }
        }
        Ok(telling.finish(compare))
    }
}

/// Reads the first event.
fn open(path: &Path, logs: usize) -> Result<(Head, Events), MergeError> {
    if logs > MAX_SHARDS as usize {
        return Err(MergeError::TooMany { found: logs });
    }
    let mut events = log::read(path)?;
    let path = path.to_owned();
    let Some(first) = events.next() else {
        return Err(LogError::Empty { path }.into());
    };
    let EventKind::RunStarted(info) = first?.kind else {
        return Err(LogError::NoStart { path }.into());
    };
    let shard = agree::shard_of(&path, &info, logs)?;
    Ok((Head { path, shard, info }, events))
}
