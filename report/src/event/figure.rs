//! Figures: levels of quality, what was measured against them, and what a suite's own metrics held at its end.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::Phase;

/// A level of quality.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// Kebab-case.
    pub name: String,
    /// What it measures.
    pub summary: String,
    /// For people.
    pub unit: String,
    /// Which way is good.
    pub direction: Direction,
    /// Reached: good.
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub target: f64,
    /// Not reached: failed.
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub critical: f64,
}

/// Which way a metric is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The lower the better.
    AtMost,
    /// The higher the better.
    AtLeast,
}

impl Direction {
    /// Whether a value is as good as a level, or better. What is no number reaches nothing.
    pub fn reaches(self, value: f64, level: f64) -> bool {
        match self {
            Self::AtMost => value <= level,
            Self::AtLeast => value >= level,
        }
    }

    /// For people, before a level: `at most`, `at least`.
    pub fn words(self) -> &'static str {
        match self {
            Self::AtMost => "at most",
            Self::AtLeast => "at least",
        }
    }
}

/// A figure against its baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Judgement {
    /// The baseline with the levels that held.
    pub baseline: Baseline,
    /// What was measured, in the baseline's unit.
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub value: f64,
    /// How many samples it rests on.
    pub samples: u64,
    /// How it stands.
    pub grade: Grade,
}

/// How a figure stands to its baseline, the best first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// At the target or better.
    Target,
    /// Between target and critical.
    Critical,
    /// Worse than critical, or nothing was measured.
    Missed,
}

impl Grade {
    /// The word for people and for reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Critical => "critical",
            Self::Missed => "missed",
        }
    }
}

/// A figure of a suite at its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricSnapshot {
    /// As the suite named it.
    pub name: String,
    /// Sorted.
    pub labels: BTreeMap<String, String>,
    /// `seconds`, `bytes`, ...; empty for none.
    pub unit: String,
    /// What it is and holds.
    pub value: MetricValue,
    /// The same by the phase in which it was recorded; left out if all of it belongs to the baseline.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_phase: BTreeMap<Phase, MetricValue>,
}

/// What a figure holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MetricValue {
    /// A sum that only grows.
    Counter {
        /// The sum.
        #[serde(deserialize_with = "figure")]
        #[schemars(with = "Option<f64>")]
        value: f64,
    },
    /// The value that was set last.
    Gauge {
        /// The value.
        #[serde(deserialize_with = "figure")]
        #[schemars(with = "Option<f64>")]
        value: f64,
    },
    /// A distribution.
    Histogram(Distribution),
}

/// A distribution in the unit of its metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names are the statistics' own")]
pub struct Distribution {
    pub count: u64,
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub mean: f64,
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub min: f64,
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub p50: f64,
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub p90: f64,
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub p95: f64,
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub p99: f64,
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub p999: f64,
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub max: f64,
}

impl Distribution {
    /// What a histogram holds whose values are steps, so many to a unit. Mean, least and greatest value are known exactly, and stay. A
    /// percentile is the upper end of its bucket, as HDR histograms have it, but never beyond what was really there.
    #[expect(
        clippy::cast_precision_loss,
        reason = "three significant figures are kept, an f64 has fifteen"
    )]
    pub fn of(counts: &Histogram<u64>, steps_per_unit: u64, exact: Exact) -> Self {
        let Exact { mean, min, max } = exact;
        let quantile = |quantile| {
            let steps = counts.value_at_quantile(quantile) as f64;
            (steps / steps_per_unit as f64).max(min).min(max)
        };
        Self {
            count: counts.len(),
            mean,
            min,
            p50: quantile(0.5),
            p90: quantile(0.9),
            p95: quantile(0.95),
            p99: quantile(0.99),
            p999: quantile(0.999),
            max,
        }
    }

    /// What is known exactly of its values.
    pub fn exact(&self) -> Exact {
        Exact {
            mean: self.mean,
            min: self.min,
            max: self.max,
        }
    }
}

/// What is known exactly of the values of a distribution, in their unit.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are the statistics' own")]
pub struct Exact {
    pub mean: f64,
    pub min: f64,
    pub max: f64,
}

impl MetricSnapshot {
    /// The name, and the labels in braces: `jobs{kind="large"}`. So it is called where its whole distribution is told.
    pub fn series(&self) -> String {
        series(&self.name, &self.labels)
    }
}

/// A name, and labels in braces: `jobs{kind="large"}`.
pub fn series(name: &str, labels: &BTreeMap<String, String>) -> String {
    if labels.is_empty() {
        return name.to_owned();
    }
    let labels = labels.iter();
    let labels: Vec<_> = labels
        .map(|(label, value)| format!("{label}={value:?}"))
        .collect();
    format!("{name}{{{}}}", labels.join(","))
}

/// Reads a figure. One that is no number (nothing was measured, a division by zero) is written as `null`, for JSON has no other
/// word for it.
pub(crate) fn figure<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Option::deserialize(deserializer).map(|value| value.unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::Direction::{AtLeast, AtMost};

    #[test]
    fn a_level_that_is_just_reached_is_reached_and_no_number_reaches_none() {
        for (direction, value, reached) in [
            (AtMost, 4.9, true),
            (AtMost, 5.0, true),
            (AtMost, 5.1, false),
            (AtLeast, 4.9, false),
            (AtLeast, 5.0, true),
            (AtLeast, 5.1, true),
            (AtMost, f64::NAN, false),
            (AtLeast, f64::NAN, false),
        ] {
            assert_eq!(
                direction.reaches(value, 5.0),
                reached,
                "{direction:?} {value}"
            );
        }
    }
}
