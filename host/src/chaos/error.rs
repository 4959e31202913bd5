//! Why a fault is not there, or did not go away, and what to do about it.

use std::{sync::Arc, time::Duration};

use assay_report::hint::{Hinted, nearest, told};

use super::{act::Order, attempt::MAX_FAULTS};
use crate::{
    environment::{LinkError, control::ControlError},
    journal::JournalError,
    link::FaultError,
};

/// Why a fault is not there, or did not go away. Cheap to clone: all who wait for a heal get the same.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ChaosError {
    /// What the service's own control says.
    #[error(transparent)]
    Control(Arc<ControlError>),
    /// There is no such link.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The link cannot have that fault.
    #[error("{order} is not possible: {problem}")]
    LinkFault {
        /// What was asked for.
        order: String,
        /// Why.
        problem: FaultError,
    },
    /// The action is for links and the target is a service, or the reverse.
    #[error("{order} is not possible: it is an action for {meant}")]
    Unfit {
        /// What was asked for.
        order: String,
        /// `links` or `services`.
        meant: &'static str,
    },
    /// A part of a service.
    #[error("{order} is not possible: a service is met as a whole")]
    Partial {
        /// What was asked for.
        order: String,
    },
    /// How to undo it cannot be noted, and so it is not made; or that it is undone cannot.
    #[error(transparent)]
    Journal(Arc<JournalError>),
    /// The service has a fault already.
    #[error("{order} is not possible: {other} of {owner} is active")]
    Busy {
        /// What was asked for.
        order: String,
        /// The fault that is there.
        other: String,
        /// Whose it is, as `suite/case`.
        owner: String,
    },
    /// The attempt has as many as it may.
    #[error("{MAX_FAULTS} faults of this attempt are active, which is the most")]
    TooMany,
    /// The attempt is over, or the fault was given up before it was made.
    #[error("{order} was given up before it was made")]
    GivenUp {
        /// What was asked for.
        order: String,
    },
    /// It does not show from outside.
    #[error("{order} does not show from outside, and was undone: {seen}")]
    NotConfirmed {
        /// What was asked for.
        order: String,
        /// What shows.
        seen: String,
    },
    /// The service is not healthy after the heal.
    #[error("{order} is healed, and `{service}` is not healthy after {}: {problem}", humantime::format_duration(*within))]
    NotHealthy {
        /// What was healed.
        order: String,
        /// The service.
        service: String,
        /// How long it had.
        within: Duration,
        /// What was seen last.
        problem: String,
    },
    /// A task of the host ended before it was done.
    #[error("{order} is in an unknown state: {problem}")]
    Broken {
        /// What was asked for.
        order: String,
        /// Why.
        problem: String,
    },
}

/// The case of the contract's error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// There is no such service or link.
    Unknown,
    /// It cannot be done here.
    Unsupported,
    /// It was done and does not show.
    NotConfirmed,
    /// The environment broke.
    Environment,
}

impl ChaosError {
    /// What a service's control says, with the order that it was told.
    pub(super) fn of_control(order: &Order, error: ControlError) -> Self {
        match error {
            ControlError::NotConfirmed { .. } => Self::NotConfirmed {
                order: order.to_string(),
                seen: error.to_string(),
            },
            error => Self::Control(Arc::new(error)),
        }
    }

    /// Which case of the contract's error it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Control(error) => match &**error {
                ControlError::Unknown { .. } => Kind::Unknown,
                ControlError::NotStarted { .. }
                | ControlError::UnknownSignal { .. }
                | ControlError::Impossible { .. } => Kind::Unsupported,
                ControlError::NotConfirmed { .. } => Kind::NotConfirmed,
                _ => Kind::Environment,
            },
            Self::Link(LinkError::Unknown { .. }) => Kind::Unknown,
            Self::Link(_)
            | Self::LinkFault { .. }
            | Self::Unfit { .. }
            | Self::Partial { .. }
            | Self::Busy { .. }
            | Self::TooMany
            | Self::GivenUp { .. } => Kind::Unsupported,
            Self::NotConfirmed { .. } => Kind::NotConfirmed,
            Self::NotHealthy { .. } | Self::Broken { .. } | Self::Journal(_) => Kind::Environment,
        }
    }

    /// For a suite: what is wrong, and what to do.
    pub fn told(&self) -> String {
        told(self)
    }
}

impl From<ControlError> for ChaosError {
    fn from(error: ControlError) -> Self {
        Self::Control(Arc::new(error))
    }
}

impl From<JournalError> for ChaosError {
    fn from(error: JournalError) -> Self {
        Self::Journal(Arc::new(error))
    }
}

impl Hinted for ChaosError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Control(error) => return near_service(error).or_else(|| error.hint()),
            Self::Link(error) => return error.hint(),
            Self::LinkFault { problem, .. } => return problem.hint(),
            Self::Unfit { meant: "links", .. } => {
                "make it on a link, such as `client->SERVICE`".to_owned()
            }
            Self::Unfit { .. } => "make it on a service, or use `disconnect` or `blackhole`".to_owned(),
            Self::Partial { .. } => "give both directions and a share of 1".to_owned(),
            Self::Journal(error) => return error.hint(),
            Self::Busy { .. } => {
                "heal that one first, and let cases that make faults run alone (`exclusive`)".to_owned()
            }
            Self::TooMany => "heal one of them first".to_owned(),
            Self::GivenUp { .. } => "wait for it".to_owned(),
            Self::NotConfirmed { .. } => {
                "see whether the service ignores the signal, or whether something else answers at its address".to_owned()
            }
            Self::NotHealthy { .. } => {
                "see the service's log, heal other faults that it suffers from first, or give it more time: `ready-within` in assay.toml".to_owned()
            }
            Self::Broken { .. } => {
                "look at the service, and bring the environment up again".to_owned()
            }
        })
    }

    fn details(&self) -> Option<String> {
        match self {
            Self::Control(error) => error.details(),
            _ => None,
        }
    }
}

fn near_service(error: &ControlError) -> Option<String> {
    let ControlError::Unknown { service, known } = error else {
        return None;
    };
    let near = nearest(service, known.iter().map(String::as_str))?;
    Some(format!("did you mean `{near}`?"))
}
