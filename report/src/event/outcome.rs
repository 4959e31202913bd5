//! How something ended, and why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::verdict::Verdict;

/// A verdict and its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, unless it passed.
    pub reason: Option<Reason>,
}

/// Why something did not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// What sort of reason.
    pub kind: ReasonKind,
    /// For people: the first line is the headline.
    pub message: String,
    /// What was expected, if it is one value.
    pub expected: Option<String>,
    /// What was there instead.
    pub actual: Option<String>,
    /// `file:line` in the suite.
    pub location: Option<String>,
    /// The plugin's frames, innermost first, for a trap.
    pub backtrace: Vec<String>,
}

/// What sort of reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// One check or more failed.
    Check,
    /// The case itself said that it failed.
    Failed,
    /// A baseline was missed, or lies between target and critical.
    Baseline,
    /// The case made no check and judged no baseline.
    NoEvidence,
    /// The case said that nothing was tested, or what it needs is missing.
    Skipped,
    /// The wall-clock or the processor time of the attempt was over.
    Timeout,
    /// The plugin panicked.
    Panic,
    /// The plugin trapped.
    Trap,
    /// A limit on memory, tables or instances was reached.
    Limit,
    /// The plugin used the host wrongly.
    Plugin,
    /// The setup of the suite did not succeed, so its cases did not run.
    Setup,
    /// A service died by itself while the attempt ran.
    Died,
    /// The environment is missing or broke.
    Environment,
    /// The run was stopped before or while it ran.
    Interrupted,
}

impl ReasonKind {
    /// The word for programs, the same as in the event log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Failed => "failed",
            Self::Baseline => "baseline",
            Self::NoEvidence => "no_evidence",
            Self::Skipped => "skipped",
            Self::Timeout => "timeout",
            Self::Panic => "panic",
            Self::Trap => "trap",
            Self::Limit => "limit",
            Self::Plugin => "plugin",
            Self::Setup => "setup",
            Self::Died => "died",
            Self::Environment => "environment",
            Self::Interrupted => "interrupted",
        }
    }
}
