//! The machines that make a load together, as the host that conducts it sees them: who there is, and how a share of each is begun.

use std::fmt::Debug;
use std::time::Duration;

use assay_load::clock::Offset;
use async_trait::async_trait;
use tokio::sync::mpsc;

use super::{
    Refusal,
    share::{ShareCommand, ShareWord, ShareWork},
};

/// How long a command may take until all have it, unless the machines say otherwise.
const MARGIN: Duration = Duration::from_millis(500);

/// Machines that make shares of loads.
#[async_trait]
pub trait Machines: Debug + Send + Sync {
    /// Those that can make a share now, each with another `id`; at most [`MAX_SHARES`](assay_load::share::MAX_SHARES).
    fn list(&self) -> Vec<Machine>;

    /// Begins a share on each machine that is named ([`ShareWork::machine`]), and answers one for each, in the same order. What goes wrong
    /// on a machine may be told here or by its words.
    async fn start(&self, shares: Vec<ShareWork>) -> Result<Vec<Remote>, Refusal>;

    /// How long a command takes, at the very most, until all machines have it. So far ahead lies the moment at which all begin.
    fn margin(&self) -> Duration {
        MARGIN
    }

    /// The others are to make what one that is lost would still have made, if no more of a load is missing for that than so many percent. None: its
    /// loss ends the load.
    fn refill(&self) -> Option<u32> {
        None
    }
}

/// A machine that can make a share of a load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// What it is found by.
    pub id: String,
    /// For people.
    pub name: String,
    /// Its part of the load beside the others' weights: its processors. 0 counts as 1.
    pub weight: u32,
    /// How its clock stands to the one here; none where it is the same clock.
    pub clock: Option<Offset>,
}

/// A share of a load on another machine.
#[derive(Debug)]
pub struct Remote {
    /// What it tells. It ends after the last word, or once a share that was told to stop is gone.
    pub words: mpsc::Receiver<Result<ShareWord, Lost>>,
    /// What it is told. A share whose sender is dropped stops.
    pub commands: mpsc::UnboundedSender<ShareCommand>,
}

/// A machine is gone, and its share with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Lost {
    /// Why, for people, in lower case: `nothing was heard of it for 3 s`.
    pub reason: String,
}

impl Lost {
    /// For that reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}
