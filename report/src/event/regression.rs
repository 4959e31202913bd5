//! Whether a run is slower than former ones, as `[history] fail-on-regression` of the configuration asks.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::words::{clean, count, value};

/// Regressions that are named; all are counted.
pub const MAX_REGRESSIONS: usize = 100;

/// What came of comparing a run with former ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RegressionCheck {
    /// The runs that it was compared with, the newest first; empty if there was none.
    pub against: Vec<String>,
    /// How many percentiles with a bound were judged.
    pub judged: u64,
    /// How many with a bound could not be judged: this run, or all the others, had too few samples.
    pub not_enough_samples: u64,
    /// Why nothing at all was judged, and what to do; none if something was.
    pub not_judged: Option<String>,
    /// How many are beyond their bounds.
    pub beyond: u64,
    /// Those, the gravest first, at most [`MAX_REGRESSIONS`].
    pub regressions: Vec<Regression>,
}

/// A percentile that is greater than it was, by more than its bound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Regression {
    /// The suite.
    pub suite: String,
    /// What was measured.
    pub metric: String,
    /// 50, 90, 95, 99 or 99.9.
    pub percentile: f64,
    /// `seconds`.
    pub unit: String,
    /// The run that it was compared with: of several the one whose percentile is in the middle.
    pub against: String,
    /// What it was, in the unit.
    pub before: f64,
    /// What it is, in the unit.
    pub after: f64,
    /// By how many percent it is more.
    pub change_percent: f64,
    /// The lower end of the 95 % interval of that.
    pub low_percent: f64,
    /// The upper end.
    pub high_percent: f64,
    /// By how many percent it may be more.
    pub bound_percent: f64,
    /// How improbable it is that the true change is within the bound, adjusted for all that were judged.
    pub adjusted_probability: f64,
    /// How many values there were before.
    pub samples_before: u64,
    /// How many values there are now.
    pub samples_after: u64,
}

impl RegressionCheck {
    /// With what the run was compared and what came of it, as a sentence.
    pub fn words(&self) -> String {
        if let Some(reason) = &self.not_judged {
            return format!("no regression was looked for: {}", clean(reason));
        }
        let against = match self.against.as_slice() {
            [one] => format!("run {}", clean(one)),
            many => format!("the last {} good runs", many.len()),
        };
        let judged = usize::try_from(self.judged).unwrap_or(usize::MAX);
        let mut text = format!(
            "compared with {against}: {}, {} beyond the bound",
            count(judged, "percentile"),
            self.beyond
        );
        if self.not_enough_samples > 0 {
            let missing = self.not_enough_samples;
            let _ = write!(text, ", {missing} more with too few samples");
        }
        text
    }
}

impl Regression {
    /// What regressed: `suite/metric p95`.
    pub fn name(&self) -> String {
        let digits = self.percentile.to_string().replace('.', "");
        clean(&format!("{}/{} p{digits}", self.suite, self.metric))
    }

    /// By how much, as a sentence.
    pub fn words(&self) -> String {
        format!(
            "{} after {}, {:.1} % more (95 % interval: {:.1} % to {:.1} %) where {} % is the bound; {} values, {} before in run {}",
            value(self.after, &self.unit),
            value(self.before, &self.unit),
            self.change_percent,
            self.low_percent,
            self.high_percent,
            self.bound_percent,
            self.samples_after,
            self.samples_before,
            clean(&self.against),
        )
    }
}
