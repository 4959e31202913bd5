//! What clocks show, for whoever wants several machines to begin at one instant.

use serde::{Deserialize, Serialize};

/// What an agent answers: nanoseconds since 1970 of its own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reading {
    pub(crate) received_ns: u64,
    pub(crate) answered_ns: u64,
}

/// One question to an agent's clock and its answer; nanoseconds since 1970.
///
/// The agent's clock is ahead by about `((received - asked) + (answered - returned)) / 2`, and wrong about that by at most half of the time that
/// the question was on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSample {
    /// When the coordinator asked, by its clock.
    pub asked_ns: u64,
    /// When the agent heard it, by the agent's clock.
    pub received_ns: u64,
    /// When the agent answered, by the agent's clock.
    pub answered_ns: u64,
    /// When the coordinator had the answer, by its clock.
    pub returned_ns: u64,
}

/// What this machine's clock shows, in nanoseconds since 1970; 0 before that.
pub(crate) fn now_ns() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .ok()
        .and_then(|since| u64::try_from(since.as_nanos()).ok())
        .unwrap_or(0)
}
