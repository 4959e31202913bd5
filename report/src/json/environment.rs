//! What broke of a run as a whole, in the document: of the system under test, of the shards that it was merged from, and of its agents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::{ServiceInfo, Shard};

/// The system under test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// In the order of their start.
    pub services: Vec<ServiceInfo>,
    /// From the start of the first to the readiness of the last; none if they never were ready.
    pub ready_after_ns: Option<u64>,
    /// Why it could not be brought up.
    pub failure: Option<String>,
    /// The services that died by themselves during the run, in the order in which that was seen.
    #[serde(default)]
    pub died: Vec<DeadService>,
    /// What could not be taken down, or not be left as it was found, each with what to do.
    #[serde(default)]
    pub left: Vec<String>,
    /// What only the engine can free, each with what to do: it holds nothing, and is no failure of the run.
    #[serde(default)]
    pub abandoned: Vec<String>,
}

/// A service that nobody ended and that had no fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeadService {
    /// Its name.
    pub service: String,
    /// Since the start of the run. It may have died before.
    pub seen_at_ns: u64,
    /// How it ended, what to do, and its last lines.
    pub message: String,
}

/// An agent that was lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LostAgent {
    /// Its name.
    pub agent: String,
    /// Since the start of the run. It may have been gone before.
    pub seen_at_ns: u64,
    /// How, and what became of what it ran.
    pub message: String,
}

/// A shard of which not all is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LostShard {
    /// Which.
    pub shard: Shard,
    /// What is missing, and what to do.
    pub message: String,
}
