//! Why logs are not the shards of one run, each with what to do.

use std::path::PathBuf;

use thiserror::Error;

use crate::{
    event::{MAX_SHARDS, Shard},
    hint::Hinted,
    log::LogError,
};

/// Why logs cannot be merged.
#[derive(Debug, Error)]
pub enum MergeError {
    /// One of them cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// There is none.
    #[error("there is no event log to merge")]
    Nothing,
    /// There are more than a plan has shards.
    #[error("{found} logs are more than a plan has shards, which are at most {MAX_SHARDS}")]
    TooMany {
        /// How many.
        found: usize,
    },
    /// It is not of a shard.
    #[error("the event log `{}` is of no shard, and cannot be merged with others", path.display())]
    NoShard {
        /// The log.
        path: PathBuf,
    },
    /// Two logs are of plans that were split into different numbers of shards.
    #[error("`{}` is shard {found}, and `{}` is shard {expected}: their plans were split differently", path.display(), other.display())]
    OtherSplit {
        /// The log.
        path: PathBuf,
        /// What it is.
        found: Shard,
        /// The first log.
        other: PathBuf,
        /// What that is.
        expected: Shard,
    },
    /// Two logs are of the same shard.
    #[error("shard {shard} is there twice: `{}` and `{}`", path.display(), other.display())]
    Twice {
        /// Which.
        shard: Shard,
        /// The one log.
        path: PathBuf,
        /// The other one.
        other: PathBuf,
    },
    /// Two logs are of runs that were told different things.
    #[error("{what} of `{}` is {found}, and that of `{}` is {expected}: they are no shards of one run", path.display(), other.display())]
    Other {
        /// What differs.
        what: &'static str,
        /// The log.
        path: PathBuf,
        /// What it has.
        found: String,
        /// The first log.
        other: PathBuf,
        /// What that has.
        expected: String,
    },
    /// Two logs have another plugin of the same suite.
    #[error("the plugin of the suite `{suite}` is not the same in `{}` and in `{}`", path.display(), other.display())]
    OtherPlugin {
        /// The suite.
        suite: String,
        /// The log.
        path: PathBuf,
        /// Another one.
        other: PathBuf,
    },
    /// Two logs are of plans with different cases.
    #[error("the plans of `{}` and of `{}` do not have the same cases", path.display(), other.display())]
    OtherPlan {
        /// The log.
        path: PathBuf,
        /// The first log.
        other: PathBuf,
    },
    /// The shards are all there, and are not the plan.
    #[error("the shards have {found} different cases, and their plan has {planned}")]
    NotThePlan {
        /// How many there are in all of them, each once.
        found: u64,
        /// How many there should be.
        planned: u64,
    },
    /// A run began at no time that can be read.
    #[error("the run of `{}` began at `{text}`, which is no time", path.display())]
    NoTime {
        /// The log.
        path: PathBuf,
        /// What stands for a time.
        text: String,
    },
    /// A log tells what cannot be.
    #[error("event {sequence} of the event log `{}` tells what cannot be: {what}", path.display())]
    CannotBe {
        /// The log.
        path: PathBuf,
        /// Which event.
        sequence: u64,
        /// What it tells.
        what: &'static str,
    },
    /// The figures of a suite are not the same in two logs, or one has no distribution of what it measured.
    #[error("the figure `{metric}` of the suite `{suite}` cannot be merged: {why}")]
    Figure {
        /// The suite.
        suite: String,
        /// Which figure.
        metric: String,
        /// Why not.
        why: String,
    },
}

impl Hinted for MergeError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Log(error) => return error.hint(),
            Self::Nothing | Self::TooMany { .. } => "name one `events.jsonl` for each shard",
            Self::NoShard { .. } => {
                "name logs of `host run --shard K/N`; `host report LOG` makes reports of a whole run, and of one that was merged before"
            }
            Self::OtherSplit { .. } => {
                "name the logs of one run: in all of them the number behind `/` is the same"
            }
            Self::Twice { .. } => "name one of the two: the later one, if a job was run again",
            Self::Other { .. } => {
                "run all shards with the same host on the same commit, with the same `assay.toml` and the same arguments but for `--shard`"
            }
            Self::OtherPlugin { .. } => {
                "build the plugins once and give them to all jobs, or pin them with `host lock` and run with `--locked`"
            }
            Self::OtherPlan { .. } => {
                "give all shards the same plugins and the same `--filter`: `host list` without `--shard` shows the plan"
            }
            Self::NotThePlan { .. }
            | Self::NoTime { .. }
            | Self::CannotBe { .. }
            | Self::Figure { .. } => "take the logs as the hosts wrote them, unchanged",
        };
        Some(text.to_owned())
    }
}
