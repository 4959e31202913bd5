//! What the system under test was exposed to when something happened.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A phase of a run. The host's own ledger of faults decides it, no suite does.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// No fault is active, and no attempt that had one is still running.
    #[default]
    Baseline,
    /// A fault of the run is active: from before it is made until its heal begins.
    Fault,
    /// No fault is active any more, and an attempt that had one is still running.
    Recovery,
}

impl Phase {
    /// All of them, in the order in which a fault brings them about.
    pub const ALL: [Self; 3] = [Self::Baseline, Self::Fault, Self::Recovery];

    /// For people, as it is written in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Fault => "fault",
            Self::Recovery => "recovery",
        }
    }

    /// Its place in [`Phase::ALL`].
    pub(crate) fn place(self) -> usize {
        match self {
            Self::Baseline => 0,
            Self::Fault => 1,
            Self::Recovery => 2,
        }
    }
}
