//! Loads as they are told: what is to be made, how it goes, and what came of it.

use assay_load::outcome::Outcome;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Check;

/// A load that begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoadInfo {
    /// From 1 in each attempt.
    pub load: u32,
    /// The scenario.
    pub scenario: String,
    /// How load is made, for people: `50 virtual users for 10s`.
    pub executor: String,
    /// Virtual users at most.
    pub vus: u32,
    /// Whether each has an instance of its own.
    pub isolated: bool,
    /// Threads that make it.
    pub threads: u32,
    /// How long it is to take, its warm-up included; none if it takes as long as its iterations do.
    pub planned_ns: Option<u64>,
}

/// How a load ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadEnd {
    /// From 1 in each attempt.
    pub load: u32,
    /// What came of it; none if it was stopped or broke.
    pub outcome: Option<Box<Outcome>>,
    /// Why there is no outcome.
    pub message: Option<String>,
    /// Instances that took the place of one that had trapped.
    pub replaced: u64,
    /// The first checks of virtual users that failed; all are counted in the outcome.
    pub failed_checks: Vec<Check>,
    /// Log lines of virtual users that a limit left out.
    pub dropped_logs: u64,
    /// Attachments of virtual users that a limit left out.
    pub dropped_attachments: u64,
}
