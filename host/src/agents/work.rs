//! What travels between the host that conducts a run and its agents, as JSON: what an agent is to do, and what it tells of it.
//!
//! Hosts of one run have one version of it ([`WORDS`]), which is compared before anything is sent. A recorded sample (`work/form.json`) shows
//! when it has to be raised.

#[cfg(test)]
mod form;

use std::time::Duration;

use assay_grants::{Grants, Wanted};
use assay_load::clock::Moment;
use assay_report::event::{Baseline, EventKind, Source};
use serde::{Deserialize, Serialize};

use crate::{
    capability::{context, metrics::Figure, recorder::Evidence},
    load::share::{ShareWord, ShareWork},
    plugin::ending::Ending,
    runner::world::Task,
};

/// The version of what is written here, orders to shares of loads included. To be raised with each change of its form.
pub const WORDS: u32 = 2;
/// Bytes of each output that are kept of an attempt at an agent: they travel in one word.
pub(super) const MAX_OUTPUT: usize = 512 << 10;

/// What an agent is to do.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// An attempt of a case, or a setup, or a teardown.
    Attempt(Box<AttemptWork>),
    /// A share of a load.
    Share(Box<ShareJob>),
}

/// What an agent needs of the run for anything of a suite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Given {
    /// SHA-256 of the plugin, hexadecimal.
    pub digest: String,
    /// What the suite may know about the run.
    pub context: context::Shared,
    /// Its baselines, with the levels that hold in this run.
    pub baselines: Vec<Baseline>,
    /// What the conducting host grants it; none if it grants everything. The agent grants no more than it does itself.
    pub granted: Option<Grants>,
    /// The dotted names of settings that are secret.
    pub secrets: Vec<String>,
    /// Bytes of linear memory that an instance may have.
    pub memory: usize,
}

/// One attempt.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptWork {
    /// What it needs of the run.
    pub given: Given,
    /// Which attempt it is.
    pub source: Source,
    /// What is to be run.
    pub entry: EntryWork,
    /// Whether requests have a `traceparent`.
    pub traced: bool,
    /// Wall-clock time.
    pub timeout: Duration,
    /// Bytes of standard output and standard error each that are kept.
    pub output: usize,
}

/// One share of a load.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct ShareJob {
    /// What it needs of the run.
    pub given: Given,
    /// The load, and which share of it.
    pub share: ShareWork,
}

/// What is to be run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryWork {
    /// The setup of the suite.
    Setup,
    /// A case.
    Case {
        /// Its name.
        name: String,
        /// What the setup handed on.
        data: String,
    },
    /// The teardown of the suite.
    Teardown {
        /// What the setup handed on.
        data: String,
    },
}

/// What an agent tells: of an attempt in this order, but for what is learned, which comes before whatever has it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// Secrets that requests and answers had, which nobody may be shown.
    Learned(Vec<String>),
    /// Something happened.
    Happened {
        /// When, on the agent's clock.
        at: Moment,
        /// When what it tells of went on; none if that took no time.
        during: Option<Stretch>,
        /// What it was.
        kind: Box<EventKind>,
    },
    /// A part of one of the suite's own figures, as this attempt alone made it. Told at the end, in the order of their time. The agent does not
    /// know in which phase of the run that was, so all of it is of the first one.
    Figure {
        /// When it was recorded.
        during: Stretch,
        /// What was.
        figure: Box<Figure>,
    },
    /// What would grant all that was refused, told before the end if something was.
    Wanted(Box<Wanted>),
    /// The attempt is over, by itself or because it was stopped: how it ended, and what was found.
    Ended(Box<Ended>),
    /// Of a share of a load.
    Share(Box<ShareWord>),
}

/// From one moment of the agent's clock to another one, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// The first one.
    pub from: Moment,
    /// The last one.
    pub until: Moment,
}

/// How an attempt ended.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// As its instance told it, not judged; none if it was stopped before.
    pub ending: Option<Ending>,
    /// All that was found until then, for the judgement.
    pub evidence: Evidence,
}

impl EntryWork {
    /// The same as the runner has it.
    pub fn task(&self) -> Task<'_> {
        match self {
            Self::Setup => Task::Setup,
            Self::Case { name, data } => Task::Case { name, data },
            Self::Teardown { data } => Task::Teardown { data },
        }
    }
}

impl From<Task<'_>> for EntryWork {
    fn from(task: Task<'_>) -> Self {
        match task {
            Task::Setup => Self::Setup,
            Task::Case { name, data } => Self::Case {
                name: name.to_owned(),
                data: data.to_owned(),
            },
            Task::Teardown { data } => Self::Teardown {
                data: data.to_owned(),
            },
        }
    }
}

/// Whether an agent may tell this of an attempt: what is evidence of this one. All else is told by whoever conducts the run.
pub(super) fn is_of(kind: &EventKind, attempt: &Source) -> bool {
    match kind {
        EventKind::Log { source, .. }
        | EventKind::Output { source, .. }
        | EventKind::Checked { source, .. }
        | EventKind::Judged { source, .. }
        | EventKind::Exchanged { source, .. }
        | EventKind::Streamed { source, .. }
        | EventKind::ExchangeRecalled { source, .. }
        | EventKind::StreamRecalled { source, .. }
        | EventKind::Attached { source, .. }
        | EventKind::Refused { source, .. } => source == attempt,
        _ => false,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use assay_report::event::{EventKind, Source};

    use super::{Given, is_of};
    use crate::capability::context;

    fn source(attempt: u32) -> Source {
        Source {
            suite: "shop".to_owned(),
            entry: "buys".to_owned(),
            attempt,
        }
    }

    /// What a suite needs that may do everything.
    pub(in crate::agents) fn given() -> Given {
        Given {
            digest: "0".repeat(64),
            context: context::Shared::default(),
            baselines: Vec::new(),
            granted: None,
            secrets: Vec::new(),
            memory: 1 << 20,
        }
    }

    #[test]
    fn an_agent_tells_of_its_attempt_and_of_nothing_else() {
        let log = |source| EventKind::Log {
            source,
            level: assay_report::event::Level::Info,
            message: "so it is".to_owned(),
        };
        assert!(is_of(&log(source(1)), &source(1)));
        assert!(!is_of(&log(source(2)), &source(1)), "another attempt");
        let whole = [
            EventKind::AttemptStarted(source(1)),
            EventKind::Interrupted {
                reason: "it says so".to_owned(),
            },
        ];
        for kind in whole {
            assert!(!is_of(&kind, &source(1)), "{kind:?}");
        }
    }
}
