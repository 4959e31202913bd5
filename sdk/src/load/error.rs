//! Why a load has no outcome.

use std::fmt;

use crate::bindings::load as contract;

/// Why there is no outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The plugin has no grant for this much.
    Denied(String),
    /// A plan that cannot be.
    Invalid(String),
    /// The machine does not allow as much; the text says which limit, and how to raise it.
    Limit(String),
    /// The scenario broke: a virtual user ended with a problem, or trapped before its first iteration.
    Broke(String),
    /// Not one iteration came to its end after the warm-up, so nothing was measured.
    NoIterations(String),
    /// This host does not do it, or a virtual user asked for it.
    Unsupported(String),
}

impl Error {
    /// Only a load in which nothing came to its end says something about the system under test.
    pub(crate) fn is_own_fault(&self) -> bool {
        !matches!(self, Self::NoIterations(_))
    }
}

impl From<contract::Error> for Error {
    fn from(error: contract::Error) -> Self {
        match error {
            contract::Error::Denied(text) => Self::Denied(text),
            contract::Error::Invalid(text) => Self::Invalid(text),
            contract::Error::Limit(text) => Self::Limit(text),
            contract::Error::Broke(text) => Self::Broke(text),
            contract::Error::NoIterations(text) => Self::NoIterations(text),
            contract::Error::Unsupported(text) => Self::Unsupported(text),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, text) = match self {
            Self::Denied(text) => ("denied", text),
            Self::Invalid(text) => ("invalid plan", text),
            Self::Limit(text) => ("too much for this machine", text),
            Self::Broke(text) => ("the scenario broke", text),
            Self::NoIterations(text) => ("nothing was measured", text),
            Self::Unsupported(text) => ("unsupported", text),
        };
        write!(formatter, "{what}: {text}")
    }
}

impl std::error::Error for Error {}
