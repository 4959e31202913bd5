//! The six verdicts, and how the verdict of many follows from the verdicts of each.
//!
//! `passed` is earned: whatever tested nothing gets a verdict of its own, never this one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an attempt, a case, a suite or a run ended. In the order of gravity: the gravest of many is the verdict of all.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that was checked was as it must be, and something was checked.
    Passed,
    /// Nothing was tested, for a reason that is given.
    Skipped,
    /// It failed first and passed on a later attempt.
    Flaky,
    /// All checks passed, but a baseline lies between its target and its critical level.
    Degraded,
    /// The system under test did not do what it must.
    Failed,
    /// The plugin or the environment broke, so nothing is known about the system under test.
    Errored,
}

impl Verdict {
    /// The word for people and for reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Skipped => "skipped",
            Self::Flaky => "flaky",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
            Self::Errored => "errored",
        }
    }

    /// Whether a further attempt may be made after it.
    pub fn may_retry(self) -> bool {
        matches!(self, Self::Failed | Self::Errored)
    }

    /// Whether the run is broken by it.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::Errored)
    }

    /// The gravest of many. Of nothing at all, and of skipped ones only, it is `Skipped`: nothing was tested.
    /// A skipped one beside others weighs nothing.
    pub fn of_all(verdicts: impl IntoIterator<Item = Self>) -> Self {
        verdicts
            .into_iter()
            .filter(|verdict| *verdict != Self::Skipped)
            .max()
            .unwrap_or(Self::Skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{self, Degraded, Errored, Failed, Flaky, Passed, Skipped};

    #[test]
    fn nothing_tested_is_never_passed() {
        assert_eq!(Verdict::of_all([]), Skipped);
        assert_eq!(Verdict::of_all([Skipped, Skipped]), Skipped);
    }

    #[test]
    fn the_gravest_decides() {
        for (verdicts, expected) in [
            (vec![Passed, Skipped], Passed),
            (vec![Passed, Flaky], Flaky),
            (vec![Flaky, Degraded, Passed], Degraded),
            (vec![Degraded, Failed], Failed),
            (vec![Failed, Errored, Passed], Errored),
        ] {
            assert_eq!(Verdict::of_all(verdicts.clone()), expected, "{verdicts:?}");
        }
    }
}
