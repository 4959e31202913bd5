//! Faults as they are told: what was done to what, how it was met, and what did not work.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A fault. The words are those of the contract's `chaos`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    /// From 1 in each run.
    pub id: u64,
    /// The service, or the link as `from->to`.
    pub target: String,
    /// What is done to it: `stop`, `latency`, ...
    pub action: String,
    /// With which value, for people: `KILL`, `100 ms ± 20 ms`; none if the action takes none.
    pub value: Option<String>,
    /// How much of a link it meets; none for a service, which is met as a whole.
    pub options: Option<FaultOptions>,
}

/// How much of a link a fault meets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaultOptions {
    /// Which way.
    pub direction: FaultDirection,
    /// The share of its connections, 0 to 1.
    pub share: f64,
    /// Whether it is right that nothing meets it.
    pub may_be_idle: bool,
}

/// Which way over a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultDirection {
    /// Both ways.
    Both,
    /// Requests.
    Upstream,
    /// Answers.
    Downstream,
}

/// A fault that was active and is healed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HealedFault {
    /// Which one.
    pub id: u64,
    /// From its confirmation to the beginning of its heal.
    pub active_ns: u64,
    /// From the beginning of its heal to the first healthy answer; none if another fault was in the way of seeing one.
    pub healthy_after_ns: Option<u64>,
    /// From the heal to the end of the first request of the attempt that was begun after it and succeeded; none if there was none
    /// before the attempt ended.
    pub first_success_after_ns: Option<u64>,
    /// Connections or requests that met it.
    pub traffic: u64,
}

/// What did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultStage {
    /// It was asked for and is not active: it could not be made, or not be seen from outside, and has been undone.
    Injecting,
    /// It was active and could not be undone, or what it met did not become healthy.
    Healing,
}

impl Fault {
    /// In one line, for people: `latency 100 ms on a->b`.
    pub fn words(&self) -> String {
        match &self.value {
            Some(value) => format!("{} {value} on {}", self.action, self.target),
            None => format!("{} on {}", self.action, self.target),
        }
    }
}
