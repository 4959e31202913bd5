//! Who an event is of: an attempt of a case, of a setup or of a teardown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::EventKind;

/// Which attempt of which entry an event belongs to.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Source {
    /// The suite's name.
    pub suite: String,
    /// The case; `setup` or `teardown` for those (no case can have these names).
    pub entry: String,
    /// From 1.
    pub attempt: u32,
}

impl Source {
    /// Whether it is a setup or a teardown, and no case.
    pub fn is_hook(&self) -> bool {
        matches!(self.entry.as_str(), "setup" | "teardown")
    }
}

impl EventKind {
    /// The suite that it is of; none if it is of the run as a whole, or of several.
    pub fn suite(&self) -> Option<&str> {
        match self {
            Self::AttemptStarted(source)
            | Self::Log { source, .. }
            | Self::Output { source, .. }
            | Self::Checked { source, .. }
            | Self::Judged { source, .. }
            | Self::Exchanged { source, .. }
            | Self::Streamed { source, .. }
            | Self::ExchangeRecalled { source, .. }
            | Self::StreamRecalled { source, .. }
            | Self::ServiceWrote { source, .. }
            | Self::Attached { source, .. }
            | Self::Refused { source, .. }
            | Self::FaultInjected { source, .. }
            | Self::AttemptPlaced { source, .. }
            | Self::FaultHealed { source, .. }
            | Self::FaultFailed { source, .. }
            | Self::LoadStarted { source, .. }
            | Self::LoadWent { source, .. }
            | Self::LoadEnded { source, .. }
            | Self::ServicesProbed { source, .. }
            | Self::AttemptFinished { source, .. } => Some(&source.suite),
            Self::Measured { suite, .. }
            | Self::CaseStarted { suite, .. }
            | Self::CaseStillRunning { suite, .. }
            | Self::CaseFinished { suite, .. }
            | Self::SuiteFinished { suite, .. } => Some(suite),
            Self::RunStarted(_)
            | Self::EnvironmentReady { .. }
            | Self::EnvironmentFailed { .. }
            | Self::ServiceDied { .. }
            | Self::EnvironmentLeft { .. }
            | Self::EnvironmentAbandoned { .. }
            | Self::Compared(_)
            | Self::ShardLost { .. }
            | Self::AgentLost { .. }
            | Self::Interrupted { .. }
            | Self::RunFinished { .. } => None,
        }
    }

    /// The attempt that it is of; none if it is of none.
    pub(crate) fn source_mut(&mut self) -> Option<&mut Source> {
        match self {
            Self::AttemptStarted(source)
            | Self::Log { source, .. }
            | Self::Output { source, .. }
            | Self::Checked { source, .. }
            | Self::Judged { source, .. }
            | Self::Exchanged { source, .. }
            | Self::Streamed { source, .. }
            | Self::ExchangeRecalled { source, .. }
            | Self::StreamRecalled { source, .. }
            | Self::ServiceWrote { source, .. }
            | Self::Attached { source, .. }
            | Self::Refused { source, .. }
            | Self::FaultInjected { source, .. }
            | Self::AttemptPlaced { source, .. }
            | Self::FaultHealed { source, .. }
            | Self::FaultFailed { source, .. }
            | Self::LoadStarted { source, .. }
            | Self::LoadWent { source, .. }
            | Self::LoadEnded { source, .. }
            | Self::ServicesProbed { source, .. }
            | Self::AttemptFinished { source, .. } => Some(source),
            Self::Measured { source, .. } => source.as_mut(),
            Self::RunStarted(_)
            | Self::EnvironmentReady { .. }
            | Self::EnvironmentFailed { .. }
            | Self::ServiceDied { .. }
            | Self::CaseStarted { .. }
            | Self::CaseStillRunning { .. }
            | Self::CaseFinished { .. }
            | Self::SuiteFinished { .. }
            | Self::EnvironmentLeft { .. }
            | Self::EnvironmentAbandoned { .. }
            | Self::Compared(_)
            | Self::ShardLost { .. }
            | Self::AgentLost { .. }
            | Self::Interrupted { .. }
            | Self::RunFinished { .. } => None,
        }
    }
}
