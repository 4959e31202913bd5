//! Why there is no load, or no outcome of one.

use serde::{Deserialize, Serialize};

use crate::plugin::bindings::assay::suite::load::Error;

/// Why there is no outcome. Each text is for the author of the suite and ends in something to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// So much is not granted.
    #[error("{0}")]
    Denied(String),
    /// The plan cannot be.
    #[error("{0}")]
    Invalid(String),
    /// The machine does not allow as much.
    #[error("{0}")]
    Limit(String),
    /// The scenario broke.
    #[error("{0}")]
    Broke(String),
    /// A machine that made a share of it is gone, and so the load was not what was asked for. The attempt is errored by that.
    #[error("{0}")]
    Lost(String),
    /// No iteration came to its end after the warm-up.
    #[error("{0}")]
    NoIterations(String),
}

impl Refusal {
    /// Of the share of a machine.
    pub(super) fn on(self, machine: &str) -> Self {
        let on = |text: String| format!("on the machine `{machine}`: {text}");
        match self {
            Self::Denied(text) => Self::Denied(on(text)),
            Self::Invalid(text) => Self::Invalid(on(text)),
            Self::Limit(text) => Self::Limit(on(text)),
            Self::Broke(text) => Self::Broke(on(text)),
            Self::Lost(text) => Self::Lost(on(text)),
            Self::NoIterations(text) => Self::NoIterations(on(text)),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Denied(text) => Self::Denied(text),
            Refusal::Invalid(text) => Self::Invalid(text),
            Refusal::Limit(text) => Self::Limit(text),
            Refusal::Broke(text) | Refusal::Lost(text) => Self::Broke(text),
            Refusal::NoIterations(text) => Self::NoIterations(text),
        }
    }
}

impl From<assay_load::plan::Invalid> for Refusal {
    fn from(invalid: assay_load::plan::Invalid) -> Self {
        Self::Invalid(invalid.to_string())
    }
}
