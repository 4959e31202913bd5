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
    /// The machines that make it together, at most 1,000; empty if the host of the run makes it alone. Logs of older hosts do not have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub machines: Vec<LoadMachine>,
}

/// A machine that makes a share of a load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoadMachine {
    /// Its name.
    pub name: String,
    /// Its part of the load beside the others' weights.
    pub weight: u32,
    /// How many of the virtual users are its own at most.
    pub vus: u32,
    /// How far its clock is ahead of the one of the host that conducts the load; none where it is the same clock.
    pub clock: Option<LoadClock>,
}

/// How a clock stands to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoadClock {
    /// In nanoseconds; negative if it is behind. Each counts from its own beginning, so it may be of any size.
    pub offset_ns: i64,
    /// At most so far to either side of it is what really is, in nanoseconds.
    pub uncertainty_ns: u64,
}

/// A machine that was lost while it made its share of a load: what was measured then is not the load that was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadLoss {
    /// The machine.
    pub machine: String,
    /// When it was known, since the start of the load in nanoseconds; none if the load had not begun.
    pub at_ns: Option<u64>,
    /// How many virtual users were lost with it.
    pub vus: u32,
    /// How many starts a second were, at most; none where the system under test sets the pace.
    pub per_second: Option<f64>,
    /// Why it is lost, for people.
    pub reason: String,
}

/// A machine that was lost while it made its share of a load, and what others made of it: between the two the load was less than what was asked
/// for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadRefill {
    /// The machine, and what of the load was lost with it.
    pub lost: LoadLoss,
    /// Until when it told what it measured, since the start of the load in nanoseconds.
    pub from_ns: u64,
    /// How many of its virtual users were in the load then; in open models, how many iterations were under way. How those ended is not known, and
    /// they are counted nowhere.
    pub under_way: u32,
    /// Starts that nobody made: those that waited for a virtual user of the machine, and those that were due before others took over. They are among
    /// those that were dropped. 0 in closed models.
    pub dropped: u64,
    /// How much of the whole load nobody made for that, in percent: of its starts, or of the time of its virtual users.
    pub missing_percent: f64,
    /// Who took over, or was asked to, the first 100 of them. Empty if the load ended before, or nothing was left to be made.
    pub by: Vec<LoadTaker>,
}

/// A machine that makes what another one, which was lost, would still have made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadTaker {
    /// The machine.
    pub machine: String,
    /// How many virtual users it makes more, at most.
    pub vus: u32,
    /// How many starts a second, at most; none where the system under test sets the pace.
    pub per_second: Option<f64>,
    /// Since when, after the start of the load in nanoseconds; none if the load ended before it had begun.
    pub begun_ns: Option<u64>,
}

impl LoadRefill {
    /// When all of it was made again, since the start of the load in nanoseconds; none if that was never so.
    pub fn whole_ns(&self) -> Option<u64> {
        let begun: Option<Vec<_>> = self.by.iter().map(|taker| taker.begun_ns).collect();
        begun?.into_iter().max()
    }

    /// For how long the load was less than what was asked for, in nanoseconds; none if it was so until its end.
    pub fn hole_ns(&self) -> Option<u64> {
        Some(self.whole_ns()?.saturating_sub(self.from_ns))
    }
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
    /// The machines that were themselves the limit, if several made the load. Logs of older hosts do not have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saturated: Vec<String>,
    /// The machine that was lost, which ended the load and made its attempt errored. Logs of older hosts do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<LoadLoss>,
    /// The machines that were lost and that others made up for, as whoever runs it had wished; the first 100 of them. Logs of older hosts do not
    /// have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refilled: Vec<LoadRefill>,
}
