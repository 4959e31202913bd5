//! What a suite says of itself, as owned values that outlive its instance and are kept with its compiled code.

mod rules;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use rules::Breach;

use assay_report::event::{Baseline, Direction};

use super::bindings::exports::assay::suite::suite as contract;

/// What a suite says of itself. One that comes out of [`Description::new`] is within the limits of the contract.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// Kebab-case: the first part of each case's id.
    pub name: String,
    /// The suite's own version.
    pub version: String,
    /// One line for reports.
    pub summary: String,
    /// In the order in which they are to run.
    pub cases: Vec<Case>,
    /// The load scripts.
    pub scenarios: Vec<Scenario>,
    /// The levels that the suite expects.
    pub baselines: Vec<Baseline>,
    /// Whether there is something to run before the first case.
    pub has_setup: bool,
    /// Whether there is something to run after the last case.
    pub has_teardown: bool,
}

/// One test of a suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Kebab-case, unique in the suite.
    pub name: String,
    /// What it proves.
    pub summary: String,
    /// Words to filter by.
    pub tags: Vec<String>,
    /// Whether no other case of the run may be active meanwhile.
    pub exclusive: bool,
    /// How long one attempt may take; none takes the run's default.
    pub timeout: Option<Duration>,
    /// Services without which it is skipped.
    pub needs: Vec<String>,
    /// `file:line` in the suite.
    pub location: Option<String>,
}

/// One load script of a suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Kebab-case, unique among the scenarios.
    pub name: String,
    /// One line for reports.
    pub summary: String,
}

impl Description {
    /// Takes what `describe` answered, if it keeps to the contract.
    pub fn new(said: contract::Description) -> Result<Self, Breach> {
        let description = Self::from(said);
        rules::check(&description)?;
        Ok(description)
    }
}

impl From<contract::Description> for Description {
    fn from(said: contract::Description) -> Self {
        let scenario = |said: contract::ScenarioInfo| Scenario {
            name: said.name,
            summary: said.summary,
        };
        Self {
            name: said.name,
            version: said.version,
            summary: said.summary,
            cases: said.cases.into_iter().map(Case::from).collect(),
            scenarios: said.scenarios.into_iter().map(scenario).collect(),
            baselines: said.baselines.into_iter().map(baseline).collect(),
            has_setup: said.has_setup,
            has_teardown: said.has_teardown,
        }
    }
}

impl From<contract::CaseInfo> for Case {
    fn from(said: contract::CaseInfo) -> Self {
        let timeout = Duration::from_millis(said.timeout_ms.into());
        Self {
            name: said.name,
            summary: said.summary,
            tags: said.tags,
            exclusive: said.exclusive,
            timeout: (!timeout.is_zero()).then_some(timeout),
            needs: said.needs,
            location: said.location,
        }
    }
}

fn baseline(said: contract::BaselineInfo) -> Baseline {
    Baseline {
        name: said.name,
        summary: said.summary,
        unit: said.unit,
        direction: match said.direction {
            contract::Direction::AtMost => Direction::AtMost,
            contract::Direction::AtLeast => Direction::AtLeast,
        },
        target: said.target,
        critical: said.critical,
    }
}
