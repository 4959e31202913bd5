//! A suite's own figure as data, so that what was recorded on another machine is added here as if it had been recorded here: sums, last
//! values and whole distributions, each by phase, and nothing that was made of them.

use std::collections::BTreeMap;

use assay_load::encoded;
use assay_report::event::Phase;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use super::histogram::Histogram;

/// One series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// As the contract spells it: `seconds`, `none`, ...
    pub unit: String,
    /// What it is.
    pub value: FigureValue,
}

/// What a series is, by phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureValue {
    /// Sums.
    Counter(BTreeMap<Phase, f64>),
    /// Last values.
    Gauge {
        /// Of all phases.
        last: f64,
        /// Of each.
        by_phase: BTreeMap<Phase, f64>,
    },
    /// Distributions.
    Histogram(BTreeMap<Phase, Values>),
}

/// A distribution: at least one value, each from 0 to 10^12.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Values {
    /// An HDR histogram in its format V2, deflated, as base64: of millionths.
    pub counts: String,
    /// The sum of all values.
    pub sum: f64,
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
}

/// A figure that cannot be added. Nothing of it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a figure from another machine is left out: {0}")]
pub struct BadFigure(pub(super) String);

impl Figure {
    /// The same as of a phase of which whoever recorded it did not know: all of it is of the first one.
    pub(super) fn of(self, phase: Phase) -> Result<Self, BadFigure> {
        let value = match self.value {
            FigureValue::Counter(sums) => only(sums, phase).map(FigureValue::Counter),
            FigureValue::Gauge { last, by_phase } => {
                only(by_phase, phase).map(|by_phase| FigureValue::Gauge { last, by_phase })
            }
            FigureValue::Histogram(parts) => only(parts, phase).map(FigureValue::Histogram),
        };
        let value = value.ok_or_else(|| {
            BadFigure("its machine cannot know of phases; run hosts of one version".to_owned())
        })?;
        Ok(Self { value, ..self })
    }
}

/// What is of the baseline alone, as of another phase.
fn only<T>(parts: BTreeMap<Phase, T>, phase: Phase) -> Option<BTreeMap<Phase, T>> {
    let mut parts = parts.into_iter();
    match (parts.next(), parts.next()) {
        (Some((Phase::Baseline, part)), None) => Some([(phase, part)].into()),
        _ => None,
    }
}

impl Values {
    /// None if there are no values.
    pub(super) fn of(histogram: &Histogram) -> Option<Self> {
        let (sum, min, max) = histogram.exact();
        Some(Self {
            counts: histogram.text()?,
            sum,
            min,
            max,
        })
    }

    /// The distribution, if it is one. The error is for a person.
    pub(super) fn histogram(&self) -> Result<Histogram, String> {
        if self.counts.len() > encoded::MAX_ENCODED_BYTES {
            return Err(format!(
                "its histogram has {} bytes and may have {}; take it as the host wrote it",
                self.counts.len(),
                encoded::MAX_ENCODED_BYTES
            ));
        }
        let bytes = BASE64_STANDARD.decode(&self.counts);
        let bytes = bytes.map_err(|error| {
            format!("its histogram is no base64 ({error}); take it as the host wrote it")
        })?;
        let counts = encoded::from_bytes(&bytes).map_err(|error| error.to_string())?;
        Histogram::of(&counts, (self.sum, self.min, self.max)).ok_or_else(|| {
            "its histogram contradicts itself; take it as the host wrote it".to_owned()
        })
    }
}
