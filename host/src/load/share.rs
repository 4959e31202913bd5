//! What travels between the host that conducts a load and a machine that makes a share of it: work once, then words there and commands back.
//!
//! All of it is data, as JSON. How it travels is the business of whoever implements [`Machines`](super::machines::Machines) and calls
//! [`Order::start_share`](super::Order::start_share); words and commands of a share have to come whole, once, and in their order.

mod making;
mod outbox;
mod running;
mod seconds;

use std::time::Duration;

use assay_load::{
    delta::Delta,
    plan::Plan,
    share::{Division, NotShared, Part, Refill},
};
use assay_report::event::{Attachment, Check, Level, Refusal as Denial, Source};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::Refusal;
use crate::{capability::metrics::Figure, ledger::Faults};

pub use running::RunningShare;

/// A share of a load, for a machine that has the plugin already, and knows the run and what the plugin may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShareWork {
    /// Of [`Machine`](super::machines::Machine): who is to make it.
    pub machine: String,
    /// The attempt that makes the load.
    pub source: Source,
    /// Which load of the attempt, from 1.
    pub load: u32,
    /// The whole load.
    pub plan: Plan,
    /// How it is divided.
    pub division: Division,
    /// Which share of it, from 0.
    pub share: usize,
    /// Which part of that share, if another machine has lost it while it made it.
    pub refill: Option<Refill>,
    /// What the setup of the suite handed on.
    pub data: String,
}

impl ShareWork {
    /// What of the load is to be made.
    pub(super) fn part(&self) -> Result<Part, NotShared> {
        match &self.refill {
            Some(refill) => self.division.refill(&self.plan, self.share, refill),
            None => self.division.led_part(&self.plan, self.share),
        }
    }
}

/// What a share tells. After [`ShareWord::Over`] and [`ShareWord::Failed`] nothing comes any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareWord {
    /// Its virtual users have asked for their first turns. Told once, and first but for what they find until then.
    Ready,
    /// It was told when to begin. Told once, and before anything is measured.
    Begun {
        /// How long after that moment it was told. Its clock and that of whoever conducts the load are compared only so far.
        late: Duration,
    },
    /// What was measured: each second, at each end of a step of a search, and at the end.
    Delta(Box<Delta>),
    /// What a virtual user leaves behind. An attachment makes a word of up to 1.4 MiB of JSON.
    Found(Finding),
    /// One of the suite's own figures, as this share alone made it. Told at the end, once each.
    Figure(Box<Figure>),
    /// All has been told.
    Over(ShareEnd),
    /// It could not be made, or not be ended.
    Failed(Refusal),
}

impl ShareWord {
    /// Whether nothing comes after it.
    pub fn is_last(&self) -> bool {
        matches!(self, Self::Over(_) | Self::Failed(_))
    }
}

/// What virtual users of a share leave behind, each up to the limits of a whole load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// A line of the log.
    Log {
        /// How much it matters.
        level: Level,
        /// The line.
        message: String,
    },
    /// Evidence.
    Attached(Attachment),
    /// A check that failed, to be seen: the deltas have the counts.
    Failed(Check),
    /// Something that the plugin has no grant for.
    Refused(Denial),
}

/// What is known of a share only at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareEnd {
    /// Instances that took the place of one that had trapped.
    pub replaced: u64,
    /// Log lines of virtual users that a limit left out.
    pub dropped_logs: u64,
    /// Attachments of virtual users that a limit left out.
    pub dropped_attachments: u64,
}

/// What a share is told. `At` is how a moment is told: in the process itself an [`Instant`], elsewhere a moment of the clock of the machine
/// that hears it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareCommand<At = Instant> {
    /// The load begins, or began, at that moment. One that has passed is not put off: what is late by it is told as late.
    BeginAt(At),
    /// The faults of the run are now so: what the share measures from now on belongs to their phase.
    Faults(Faults),
    /// No turn is given any more; what is under way has the grace, and all is told: a search has found its limit.
    End,
    /// The same, for a reason.
    Abort(String),
    /// Nobody waits for the load any more: whatever is under way is dropped, and nothing more is told but what was refused.
    Stop,
}

impl<At> ShareCommand<At> {
    /// The same with the moment told otherwise.
    pub fn map<Other>(self, moment: impl FnOnce(At) -> Other) -> ShareCommand<Other> {
        match self {
            Self::BeginAt(at) => ShareCommand::BeginAt(moment(at)),
            Self::Faults(faults) => ShareCommand::Faults(faults),
            Self::End => ShareCommand::End,
            Self::Abort(reason) => ShareCommand::Abort(reason),
            Self::Stop => ShareCommand::Stop,
        }
    }
}

impl ShareEnd {
    /// Together with that of another share.
    pub(super) fn add(&mut self, other: Self) {
        let sum = u64::saturating_add;
        self.replaced = sum(self.replaced, other.replaced);
        self.dropped_logs = sum(self.dropped_logs, other.dropped_logs);
        self.dropped_attachments = sum(self.dropped_attachments, other.dropped_attachments);
    }
}
