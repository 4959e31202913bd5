//! What can go wrong with a question. Nothing here shows credentials, or the query of an address.

use std::{error::Error as _, time::Duration};

use assay_report::hint::Hinted;
use thiserror::Error;

use super::redirect;
use crate::limits::Limits;

/// Why there is no answer, or none that is of use.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WebError {
    /// No question can be made on this machine.
    #[error("cannot make requests: {0}")]
    Client(String),
    /// There is nobody, or the connection broke before the head of an answer.
    #[error("{url} does not answer: {problem}")]
    Unanswered {
        /// Who was asked.
        url: String,
        /// What the system or the other end said.
        problem: String,
    },
    /// No connection within the time for one.
    #[error("{url} cannot be reached within {} s", waited.as_secs_f64())]
    Unreached {
        /// Who was asked.
        url: String,
        /// How long was waited.
        waited: Duration,
    },
    /// No head of an answer within the time for one.
    #[error("{url} says nothing for {} s", waited.as_secs_f64())]
    Silent {
        /// Who was asked.
        url: String,
        /// How long was waited.
        waited: Duration,
    },
    /// No further part of the body within the time for one.
    #[error("{url} stopped in the middle of its answer for {} s", waited.as_secs_f64())]
    Stalled {
        /// Who was asked.
        url: String,
        /// How long was waited.
        waited: Duration,
    },
    /// The connection ended before the body did.
    #[error("{url} broke off in the middle of its answer: {problem}")]
    Broken {
        /// Who was asked.
        url: String,
        /// What the system or the other end said.
        problem: String,
    },
    /// The question was sent on to where it does not go, or too often.
    #[error("{url} does not answer by itself: {problem}")]
    Redirected {
        /// Who was asked.
        url: String,
        /// Why that was not followed.
        problem: String,
    },
    /// The answer is no.
    #[error("{url} answered {status}{}{said}", if said.is_empty() { "" } else { ": " })]
    Refused {
        /// Who was asked.
        url: String,
        /// The status.
        status: u16,
        /// What it says about it, in one line.
        said: String,
    },
    /// The answer is bigger than such an answer is.
    #[error("{url} answered with more than {limit} bytes")]
    TooBig {
        /// Who was asked.
        url: String,
        /// What it may have.
        limit: u64,
    },
    /// The answer is something else.
    #[error("{url} answered with {kind}, and not with {wanted}")]
    Kind {
        /// Who was asked.
        url: String,
        /// What it said that it is.
        kind: String,
        /// What was asked for.
        wanted: &'static str,
    },
}

impl Hinted for WebError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Client(_) => "look whether the system has certificates (`ca-certificates`)",
            Self::Unanswered { .. } | Self::Unreached { .. } => {
                "look whether its name is right, and whether it can be reached from here"
            }
            Self::Silent { .. } | Self::Stalled { .. } | Self::Broken { .. } => {
                "try again; what was already fetched is not fetched twice"
            }
            Self::Redirected { .. } => "name the address that it leads to, if that is meant",
            Self::Refused {
                status: 401 | 403, ..
            } => "log in to it (`docker login` leaves what is needed), or ask who may read it",
            Self::Refused { status: 404, .. } => {
                "look at its name; or it was deleted, and has to be published again"
            }
            Self::Refused { status: 429, .. } => "try again later, it was asked too often",
            Self::Refused { status, .. } if *status >= 500 => "try again, or ask who runs it",
            Self::Refused { .. } => "look at its name, and at what it says",
            Self::TooBig { .. } => "look whether this is the address that is meant",
            Self::Kind { .. } => {
                "look whether this is the address of a plugin, and not of a page about it"
            }
        };
        Some(text.to_owned())
    }
}

/// Why no head came. The innermost reason says most: `connection refused`.
pub(super) fn unanswered(url: String, error: reqwest::Error, limits: &Limits) -> WebError {
    let is_connect = error.is_connect();
    let is_timeout = error.is_timeout();
    let is_redirect = error.is_redirect();
    let problem = innermost(error);
    if is_redirect {
        WebError::Redirected { url, problem }
    } else if is_connect && is_timeout {
        WebError::Unreached {
            url,
            waited: limits.connect,
        }
    } else {
        WebError::Unanswered { url, problem }
    }
}

/// Why the body ends before its end.
pub(super) fn broken(url: String, error: reqwest::Error) -> WebError {
    WebError::Broken {
        url,
        problem: innermost(error),
    }
}

/// Without the URL, which may let somebody in.
fn innermost(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        reason = inner.to_string();
        if inner.is::<redirect::Refused>() {
            break;
        }
        source = inner.source();
    }
    reason
}
