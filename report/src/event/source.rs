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

/// Whom an event is of.
#[derive(Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// An attempt.
    Attempt(&'a mut Source),
    /// A suite, but none of its attempts.
    Suite(&'a str),
    /// The run as a whole, or several suites.
    Run,
}

impl<'a> Owner<'a> {
    /// The suite, also that of an attempt.
    pub fn suite(self) -> Option<&'a str> {
        match self {
            Self::Attempt(source) => Some(&source.suite),
            Self::Suite(suite) => Some(suite),
            Self::Run => None,
        }
    }

    /// The attempt.
    pub(crate) fn attempt(self) -> Option<&'a mut Source> {
        match self {
            Self::Attempt(source) => Some(source),
            Self::Suite(_) | Self::Run => None,
        }
    }
}

impl EventKind {
    /// Whom it is of.
    pub fn owner(&mut self) -> Owner<'_> {
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
            | Self::Measured {
                source: Some(source),
                ..
            }
            | Self::AttemptFinished { source, .. } => Owner::Attempt(source),
            Self::Measured {
                suite,
                source: None,
                ..
            }
            | Self::CaseStarted { suite, .. }
            | Self::CaseStillRunning { suite, .. }
            | Self::CaseFinished { suite, .. }
            | Self::SuiteFinished { suite, .. } => Owner::Suite(suite),
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
            | Self::RunFinished { .. } => Owner::Run,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_of_the_attempt_that_made_them_if_it_was_one() {
        let source = Source {
            suite: "shop".to_owned(),
            entry: "buys".to_owned(),
            attempt: 2,
        };
        let measured = |source| EventKind::Measured {
            suite: "shop".to_owned(),
            source,
            scenario: None,
            distributions: Vec::new(),
        };
        let mut of_load = measured(Some(source.clone()));
        assert_eq!(of_load.owner().attempt(), Some(&mut source.clone()));
        assert_eq!(of_load.owner().suite(), Some("shop"));
        let mut own = measured(None);
        assert_eq!(own.owner(), Owner::Suite("shop"));
        assert_eq!(own.owner().attempt(), None);
    }
}
