//! How a load ended, whoever made it: by the threads here, or by several machines.

use assay_load::{encoded::EncodedHistogram, outcome::Outcome};
use assay_report::event::{Check, LoadLoss, LoadRefill};

use super::{Refusal, findings::Findings};

/// What there is of a load that has ended.
pub(super) struct Ended {
    /// What was measured, or why there is nothing.
    pub(super) measured: Result<Measured, Early>,
    /// Instances that took the place of one that had trapped.
    pub(super) replaced: u64,
    pub(super) failed_checks: Vec<Check>,
    pub(super) dropped_logs: u64,
    pub(super) dropped_attachments: u64,
    /// The machines that were themselves the limit, where several made it.
    pub(super) saturated: Vec<String>,
    /// The machine that was lost.
    pub(super) lost: Option<LoadLoss>,
    /// Those that others made up for.
    pub(super) refilled: Vec<LoadRefill>,
    /// What that left out.
    pub(super) hole: Hole,
}

/// What of a load is missing because machines were lost and made up for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Hole {
    /// Machines that were lost, or a machine as often as shares were lost with it.
    pub(super) losses: usize,
    /// Starts that nobody made. They are among those that were dropped.
    pub(super) starts: u64,
    /// Iterations of lost machines, or virtual users in closed models, of which nobody knows how they ended. They are counted nowhere.
    pub(super) under_way: u64,
    /// How much of the whole load was not made, in percent.
    pub(super) percent: f64,
}

/// What was measured of a load.
pub(super) struct Measured {
    pub(super) outcome: Outcome,
    pub(super) distributions: Vec<EncodedHistogram>,
}

/// Why a load ended before its outcome.
#[derive(Debug)]
pub(super) enum Early {
    /// Nobody waits for it any more.
    Unwanted,
    Refused(Refusal),
}

impl From<Refusal> for Early {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Ended {
    /// With what virtual users left behind.
    pub(super) fn new(
        measured: Result<Measured, Early>,
        replaced: u64,
        findings: &Findings,
    ) -> Self {
        let (failed_checks, dropped_logs, dropped_attachments) = findings.told();
        Self {
            measured,
            replaced,
            failed_checks,
            dropped_logs,
            dropped_attachments,
            saturated: Vec::new(),
            lost: None,
            refilled: Vec::new(),
            hole: Hole::default(),
        }
    }
}

/// No verdict rests on nothing.
pub(super) fn measured_something(outcome: &Outcome, replaced: u64) -> Result<(), Refusal> {
    if outcome.iterations > 0 {
        return Ok(());
    }
    let (interrupted, dropped) = (outcome.interrupted, outcome.dropped);
    Err(Refusal::NoIterations(format!(
        "not one iteration came to its end after the warm-up ({interrupted} were cut off, {dropped} never started, {replaced} instances were replaced): look whether the target answers, give it more time, or a longer grace"
    )))
}
