//! Real faults, on services and on the links between them. A host or an environment that cannot do one answers `unsupported`.
//!
//! ```no_run
//! # use assay_sdk::prelude::*;
//! # async fn example() -> Result<()> {
//! let fault = chaos::service("cache").inject(chaos::Action::Pause).await?;
//! // ... the services go on without their cache ...
//! check!(fault.traffic() > 0, "the fault met traffic");
//! let recovery = fault.heal().await?;
//! // ... a request that must be answered again ...
//! check!(recovery.healthy()? < Duration::from_secs(5), "it is healthy soon: {recovery:?}");
//! check!(recovery.first_success().is_some(), "and does its work");
//! # Ok(()) }
//! ```
//!
//! Other cases run beside this one, unless it is `#[case(exclusive)]`: a case that makes faults should be.

use std::fmt;
use std::time::Duration;

use crate::bindings::chaos as contract;

pub use contract::{Action, Delay, Direction, State, Usage};

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
    /// A fault that does not show has tested nothing: the case fails. The others say nothing about the system under test.
    pub(crate) fn is_own_fault(&self) -> bool {
        !matches!(self, Self::NotConfirmed(_))
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

/// A service of the environment.
#[derive(Clone, Debug)]
pub struct Service {
    name: String,
}

/// A network path from one service of the environment to another, and how much of it a fault is to meet: all, unless said otherwise.
#[derive(Clone, Debug)]
pub struct Link {
    name: String,
    options: contract::Options,
}

/// A service of the environment.
pub fn service(name: impl Into<String>) -> Service {
    Service { name: name.into() }
}

/// The network path from one service to another. The suites are at the end [`CLIENT`].
pub fn link(from: &str, to: &str) -> Link {
    Link {
        name: format!("{from}->{to}"),
        options: EVERYTHING,
    }
}

/// The end of a link at which the suites are.
pub const CLIENT: &str = "client";

const EVERYTHING: contract::Options = contract::Options {
    direction: Direction::Both,
    share: 1.0,
    may_be_idle: false,
};

impl Service {
    /// Makes a fault; it is active and confirmed from outside when this returns.
    pub async fn inject(&self, action: Action) -> Result<Fault, Error> {
        let target = contract::Target::Service(self.name.clone());
        let inner = contract::inject(target, action, EVERYTHING).await?;
        Ok(Fault { inner })
    }

    /// How it looks from outside, now.
    pub async fn state(&self) -> Result<State, Error> {
        Ok(contract::state_of(self.name.clone()).await?)
    }

    /// What it uses of the machine, now.
    pub async fn usage(&self) -> Result<Usage, Error> {
        Ok(contract::usage_of(self.name.clone()).await?)
    }

    /// The last lines that it wrote, at most 10,000.
    pub async fn logs(&self, last_lines: u32) -> Result<String, Error> {
        Ok(contract::logs(self.name.clone(), last_lines).await?)
    }
}

impl Link {
    /// Only what flows in that direction; not for actions that meet whole connections.
    #[must_use]
    pub fn on(mut self, direction: Direction) -> Self {
        self.options.direction = direction;
        self
    }

    /// Only a share of the connections, 0 to 1.
    #[must_use]
    pub fn for_share(mut self, share: f64) -> Self {
        self.options.share = share;
        self
    }

    /// It is right if no connection meets the fault. Otherwise that is a failed check.
    #[must_use]
    pub fn may_be_idle(mut self) -> Self {
        self.options.may_be_idle = true;
        self
    }

    /// Makes a fault; it is active and confirmed from outside when this returns.
    pub async fn inject(&self, action: Action) -> Result<Fault, Error> {
        let target = contract::Target::Link(self.name.clone());
        let inner = contract::inject(target, action, self.options).await?;
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
}

/// An active fault. Dropping it heals, as does the end of the attempt, however it comes.
#[derive(Debug)]
#[must_use = "dropping a fault heals it"]
pub struct Fault {
    inner: contract::Fault,
}

impl Fault {
    /// Heals, and waits until the service is healthy; of a link only until the fault is gone, while another one is in the way of every
    /// answer, on the same link or on its service.
    pub async fn heal(self) -> Result<Recovery, Error> {
        let healthy = self.inner.heal().await?;
        Ok(Recovery {
            healthy: healthy.map(Duration::from_nanos),
            inner: self.inner,
        })
    }

    /// Connections that met the fault of a link so far; of a service the requests of this attempt and the connections over links
    /// that were for it while the fault was active.
    pub fn traffic(&self) -> u64 {
        self.inner.traffic()
    }
}

/// What followed on a fault that was healed.
#[derive(Debug)]
pub struct Recovery {
    healthy: Option<Duration>,
    inner: contract::Fault,
}

impl Recovery {
    /// From the heal to the first healthy answer of the service.
    ///
    /// Fails if that was not seen, because another fault was in the way: then nothing is known of it, and nothing may pass by it.
    pub fn healthy(&self) -> Result<Duration, Error> {
        self.healthy.ok_or_else(|| {
            Error::NotConfirmed(
                "whether the service was healthy after this heal could not be seen while another fault was in the way: heal that one first"
                    .to_owned(),
            )
        })
    }

    /// From the heal to the end of the first successful request of this attempt that was begun after it: one that is answered with a
    /// status from 200 to 299, at another path than the `health` of its service. None as long as there was no such request.
    pub fn first_success(&self) -> Option<Duration> {
        self.inner.first_success().map(Duration::from_nanos)
    }
}
