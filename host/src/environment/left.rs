//! What is there still when an environment has gone down, for whoever tells it to a person.

use assay_report::hint;
use serde::{Deserialize, Serialize};

use super::EnvironmentError;

/// What is there still, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    /// What should have been taken down, or is not as it was found: no run that leaves it is good.
    Standing(String),
    /// What only the engine can free. It holds nothing, and no run is to blame for it.
    Abandoned(String),
}

impl From<&EnvironmentError> for Left {
    fn from(error: &EnvironmentError) -> Self {
        let told = hint::told(error);
        match error {
            EnvironmentError::Abandoned(_) => Self::Abandoned(told),
            _ => Self::Standing(told),
        }
    }
}
