//! How a service is found when it is looked at: whether it runs, and whether it is ready.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A service as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceState {
    /// Its name in the environment.
    pub service: String,
    /// Whether it runs.
    pub status: ServiceStatus,
    /// Why it is not ready, as its health says or its silence; none if it is.
    pub problem: Option<String>,
    /// Whether a fault of another attempt was on it, or on a link to it, which may be all that is wrong with it.
    pub disturbed: bool,
}

/// Whether a service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceStatus {
    /// It runs, or answers where nobody here can see whether it runs.
    Running,
    /// It is frozen.
    Paused,
    /// It does not run.
    Stopped,
    /// It runs and has not been healthy since its start.
    Starting,
    /// It does not answer.
    Unreachable,
}

impl ServiceStatus {
    /// The word for it, the same as in the event log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Starting => "starting",
            Self::Unreachable => "unreachable",
        }
    }
}
