//! Why there is no load, or no outcome of one.

use crate::plugin::bindings::assay::suite::load::Error;

/// Why there is no outcome. Each text is for the author of the suite and ends in something to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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
    /// No iteration came to its end after the warm-up.
    #[error("{0}")]
    NoIterations(String),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Denied(text) => Self::Denied(text),
            Refusal::Invalid(text) => Self::Invalid(text),
            Refusal::Limit(text) => Self::Limit(text),
            Refusal::Broke(text) => Self::Broke(text),
            Refusal::NoIterations(text) => Self::NoIterations(text),
        }
    }
}

impl From<assay_load::plan::Invalid> for Refusal {
    fn from(invalid: assay_load::plan::Invalid) -> Self {
        Self::Invalid(invalid.to_string())
    }
}
