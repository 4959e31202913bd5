//! Real faults, on services and on the links between them. A host or an environment that cannot do one answers `unsupported`.
//!
//! ```no_run
//! # use assay_sdk::prelude::*;
//! # async fn example() -> Result<()> {
//! let fault = chaos::service("cache").inject(chaos::Action::Pause).await?;
//! // ... the services go on without their cache ...
//! check!(fault.traffic() > 0, "the fault met traffic");
//! let recovery: Duration = fault.heal().await?;
//! # Ok(()) }
//! ```

use std::fmt;
use std::time::Duration;

use crate::bindings::chaos as contract;

pub use contract::{Action, Delay, State, Usage};

/// Why a fault is not active, or a service did not answer for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The plugin has no grant for this.
    Denied(String),
    /// The environment has no such service or link.
    UnknownService(String),
    /// This host or this environment cannot do it.
    Unsupported(String),
    /// The fault was asked for and could not be seen from outside; it has been undone.
    NotConfirmed(String),
    /// The environment broke.
    Environment(String),
}

impl Error {
    /// None of these says anything about the system under test.
    #[expect(
        clippy::unused_self,
        reason = "asked like the errors of the other capabilities"
    )]
    pub(crate) fn is_own_fault(&self) -> bool {
        true
    }
}

impl From<contract::Error> for Error {
    fn from(error: contract::Error) -> Self {
        match error {
            contract::Error::Denied(text) => Self::Denied(text),
            contract::Error::UnknownService(text) => Self::UnknownService(text),
            contract::Error::Unsupported(text) => Self::Unsupported(text),
            contract::Error::NotConfirmed(text) => Self::NotConfirmed(text),
            contract::Error::Environment(text) => Self::Environment(text),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, text) = match self {
            Self::Denied(text) => ("denied", text),
            Self::UnknownService(text) => ("unknown service or link", text),
            Self::Unsupported(text) => ("unsupported", text),
            Self::NotConfirmed(text) => ("the fault was not confirmed", text),
            Self::Environment(text) => ("the environment broke", text),
        };
        write!(formatter, "{what}: {text}")
    }
}

impl std::error::Error for Error {}

/// What a fault is done to.
#[derive(Clone, Debug)]
pub struct Target {
    service: String,
    link: Option<String>,
}

/// A service of the environment.
pub fn service(name: impl Into<String>) -> Target {
    Target {
        service: name.into(),
        link: None,
    }
}

/// The network path from one service to another.
pub fn link(from: &str, to: impl Into<String>) -> Target {
    let to = to.into();
    Target {
        link: Some(format!("{from}->{to}")),
        service: to,
    }
}

impl Target {
    /// Makes a fault; it is active and confirmed from outside when this returns.
    pub async fn inject(&self, action: Action) -> Result<Fault, Error> {
        let target = contract::Target {
            service: self.service.clone(),
            link: self.link.clone(),
        };
        let inner = contract::inject(target, action).await?;
        Ok(Fault { inner })
    }

    /// Delays what is sent, each time by `delay` plus or minus `jitter`.
    pub async fn slow_down(&self, delay: Duration, jitter: Duration) -> Result<Fault, Error> {
        let milliseconds = crate::http::milliseconds;
        let delay = Delay {
            milliseconds: milliseconds(delay),
            jitter: milliseconds(jitter),
        };
        self.inject(Action::Latency(delay)).await
    }

    /// How the service looks from outside, now.
    pub async fn state(&self) -> Result<State, Error> {
        Ok(contract::state_of(self.service.clone()).await?)
    }

    /// What the service uses of the machine, now.
    pub async fn usage(&self) -> Result<Usage, Error> {
        Ok(contract::usage_of(self.service.clone()).await?)
    }

    /// The last lines that the service wrote, at most 10,000.
    pub async fn logs(&self, last_lines: u32) -> Result<String, Error> {
        Ok(contract::logs(self.service.clone(), last_lines).await?)
    }
}

/// An active fault. Dropping it heals, as does the end of the attempt, however it comes.
#[derive(Debug)]
#[must_use = "dropping a fault heals it"]
pub struct Fault {
    inner: contract::Fault,
}

impl Fault {
    /// Heals, waits until the service is healthy, and answers how long that took.
    pub async fn heal(self) -> Result<Duration, Error> {
        let nanoseconds = self.inner.heal().await?;
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Connections or requests that met the fault so far.
    pub fn traffic(&self) -> u64 {
        self.inner.traffic()
    }
}
