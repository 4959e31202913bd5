//! Load: many virtual users run a `#[scenario]` of the suite. A host that makes no load answers `unsupported`.
//!
//! ```no_run
//! # use assay_sdk::prelude::*;
//! # async fn example() -> Result<()> {
//! let outcome = load::plan("browse").constant_rate(50.0, Duration::from_secs(10)).max_vus(100).run().await?;
//! check!(outcome.latency.failed == 0);
//! # Ok(()) }
//! ```

use std::fmt;
use std::time::Duration;

use crate::bindings::load as contract;

pub use contract::{Outcome, Quantiles};

/// Why no load was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The plugin has no grant for this much.
    Denied(String),
    /// A plan that cannot be.
    Invalid(String),
    /// This host does not do it.
    Unsupported(String),
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
            contract::Error::Invalid(text) => Self::Invalid(text),
            contract::Error::Unsupported(text) => Self::Unsupported(text),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, text) = match self {
            Self::Denied(text) => ("denied", text),
            Self::Invalid(text) => ("invalid plan", text),
            Self::Unsupported(text) => ("unsupported", text),
        };
        write!(formatter, "{what}: {text}")
    }
}

impl std::error::Error for Error {}

/// Which virtual user runs a scenario, and for the how many-th time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vu {
    /// From 1.
    pub number: u32,
    /// From 0, for each virtual user.
    pub iteration: u64,
}

/// A plan without its executor: how the load is made comes next.
#[derive(Clone, Debug)]
#[must_use = "a plan does nothing until it is run"]
pub struct Scenario(String);

/// A plan for a scenario of this suite.
pub fn plan(scenario: impl Into<String>) -> Scenario {
    Scenario(scenario.into())
}

impl Scenario {
    /// So many iterations, shared by all virtual users.
    pub fn shared_iterations(self, vus: u32, iterations: u64) -> Plan {
        let shared = contract::SharedIterations { vus, iterations };
        self.with(contract::Executor::SharedIterations(shared), vus)
    }

    /// So many iterations for each virtual user.
    pub fn iterations_each(self, vus: u32, iterations: u64) -> Plan {
        let each = contract::PerVuIterations { vus, iterations };
        self.with(contract::Executor::PerVuIterations(each), vus)
    }

    /// So many virtual users for so long.
    pub fn constant_vus(self, vus: u32, duration: Duration) -> Plan {
        let constant = contract::ConstantVus {
            vus,
            duration_ms: milliseconds(duration),
        };
        self.with(contract::Executor::ConstantVus(constant), vus)
    }

    /// Virtual users that reach each target in a straight line over its duration.
    pub fn ramping_vus(self, stages: &[(Duration, f64)]) -> Plan {
        self.with(contract::Executor::RampingVus(stages_of(stages)), 1)
    }

    /// So many new iterations a second, whether or not earlier ones are done. Say with [`Plan::max_vus`] how many may be under way.
    pub fn constant_rate(self, per_second: f64, duration: Duration) -> Plan {
        let constant = contract::ConstantRate {
            per_second,
            duration_ms: milliseconds(duration),
        };
        self.with(contract::Executor::ConstantArrivalRate(constant), 1)
    }

    /// New iterations a second that reach each target in a straight line over its duration.
    pub fn ramping_rate(self, stages: &[(Duration, f64)]) -> Plan {
        self.with(contract::Executor::RampingArrivalRate(stages_of(stages)), 1)
    }

    fn with(self, executor: contract::Executor, max_vus: u32) -> Plan {
        Plan(contract::Plan {
            scenario: self.0,
            executor,
            max_vus,
            isolated: false,
        })
    }
}

/// A plan that can be run.
#[derive(Clone, Debug)]
#[must_use = "a plan does nothing until it is run"]
pub struct Plan(contract::Plan);

impl Plan {
    /// At most so many virtual users; without it as many as the executor names, or one.
    pub fn max_vus(mut self, most: u32) -> Self {
        self.0.max_vus = most;
        self
    }

    /// Gives each virtual user an instance of its own. A scenario in the sync style needs it: its waits stop a whole instance.
    pub fn isolated(mut self) -> Self {
        self.0.isolated = true;
        self
    }

    /// Runs it to its end. Dropping the future stops the load.
    pub async fn run(self) -> Result<Outcome, Error> {
        Ok(contract::run(self.0).await?)
    }
}

fn stages_of(stages: &[(Duration, f64)]) -> Vec<contract::Stage> {
    stages
        .iter()
        .map(|&(duration, target)| contract::Stage {
            duration_ms: milliseconds(duration),
            target,
        })
        .collect()
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
