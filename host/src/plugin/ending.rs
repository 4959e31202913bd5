//! How an attempt ended, as its instance tells it, before it is judged.

use serde::{Deserialize, Serialize};

/// How the run of one entry ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The entry returned well; the text is what `setup` hands on.
    Returned(String),
    /// The entry says that the system under test did not do what it must.
    Failed(Failure),
    /// The entry says that nothing was tested, and why.
    Skipped(String),
    /// The entry says that the suite or the environment is at fault.
    Errored(Failure),
    /// The plugin panicked.
    Panicked {
        /// What it said.
        message: String,
        /// `file:line`, if it said so.
        location: Option<String>,
        /// Innermost first.
        backtrace: Vec<String>,
    },
    /// The plugin trapped.
    Trapped {
        /// What trapped: `out of bounds memory access`, ...
        message: String,
        /// Innermost first.
        backtrace: Vec<String>,
    },
    /// A limit on memory, tables or instances was reached.
    LimitReached {
        /// Which one, with the number.
        message: String,
        /// Innermost first.
        backtrace: Vec<String>,
    },
    /// The time of the attempt was over.
    TimedOut {
        /// How much time it had.
        after: std::time::Duration,
        /// True when the plugin was computing, false when it waited for the host.
        computing: bool,
        /// Innermost first; empty when it waited.
        backtrace: Vec<String>,
    },
    /// Whoever was to run it elsewhere could not, or is lost; the text is for a person and ends in something to do.
    Lost(String),
    /// The plugin used the host wrongly, or could not be started.
    Broken {
        /// How.
        message: String,
        /// Innermost first; empty when it never ran.
        backtrace: Vec<String>,
    },
}

/// What was expected and did not happen, cut to the limits of the contract.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// For a person.
    pub message: String,
    /// What was expected, if there is one value to show.
    pub expected: Option<String>,
    /// What was there instead.
    pub actual: Option<String>,
    /// `file:line` in the suite.
    pub location: Option<String>,
}
