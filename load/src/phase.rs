//! What the system under test was exposed to when a sample was taken.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A phase of a run. Whoever keeps the ledger of faults says which it is.
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
    /// No fault is active, and nothing recovers from one.
    #[default]
    Baseline,
    /// A fault is active. What took time belongs here if it overlapped one.
    Fault,
    /// No fault is active any more, and not all has ended that had one.
    Recovery,
}

impl Phase {
    /// All of them, in the order in which a fault brings them about.
    pub const ALL: [Self; 3] = [Self::Baseline, Self::Fault, Self::Recovery];

    /// Its place in [`Phase::ALL`].
    pub(crate) fn place(self) -> usize {
        match self {
            Self::Baseline => 0,
            Self::Fault => 1,
            Self::Recovery => 2,
        }
    }
}
