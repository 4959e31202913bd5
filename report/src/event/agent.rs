//! The machines that share a run with the one that conducts it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An agent that takes part in a run: what people call it, and what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Agent {
    /// Its name, which no other agent of the run has.
    pub name: String,
    /// The version of its host.
    pub version: String,
    /// Attempts that it runs at once.
    pub slots: u32,
    /// Its processors: the weight of its share of a load.
    pub processors: u32,
}
