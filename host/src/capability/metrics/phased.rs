//! A figure and its parts by the phase of the run in which they were recorded. The whole is made of the parts, so a figure that is
//! recorded in one phase only takes no more memory than without them.

use std::collections::BTreeMap;

use assay_report::event::{Distribution, MetricValue, Phase};

use super::histogram::Histogram;

/// One series.
#[derive(Debug)]
pub(super) enum Phased {
    Counter(Counter),
    Gauge(Gauge),
    Histogram(Distributions),
}

/// Sums by phase.
#[derive(Debug, Default)]
pub(super) struct Counter(BTreeMap<Phase, f64>);

/// The last value of all, and of each phase.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    last: f64,
    phases: BTreeMap<Phase, f64>,
}

/// Distributions by phase.
#[derive(Debug, Default)]
pub(super) struct Distributions(BTreeMap<Phase, Histogram>);

impl Counter {
    /// False, and nothing is added, if the sum would be no finite number.
    pub(super) fn add(&mut self, phase: Phase, add: f64) -> bool {
        let fits = (self.total() + add).is_finite();
        if fits {
            *self.0.entry(phase).or_default() += add;
        }
        fits
    }

    fn total(&self) -> f64 {
        self.0.values().sum()
    }
}

impl Gauge {
    pub(super) fn set(&mut self, phase: Phase, value: f64) {
        self.last = value;
        self.phases.insert(phase, value);
    }
}

impl Distributions {
    /// Fails as the histogram does.
    pub(super) fn record(&mut self, phase: Phase, value: f64) -> Result<(), String> {
        if let Some(histogram) = self.0.get_mut(&phase) {
            return histogram.record(value);
        }
        let mut histogram = Histogram::new()?;
        histogram.record(value)?;
        self.0.insert(phase, histogram);
        Ok(())
    }

    /// All of it as text, by phase.
    pub(super) fn texts(&self) -> impl Iterator<Item = (Phase, String)> {
        let texts = self.0.iter();
        texts.filter_map(|(phase, part)| Some((*phase, part.text()?)))
    }

    /// Of all phases; none if nothing was observed.
    pub(super) fn distribution(&self) -> Option<Distribution> {
        let mut parts = self.0.values();
        let first = parts.next()?;
        if self.0.len() == 1 {
            return first.distribution();
        }
        let mut whole = first.clone();
        for part in parts {
            whole.merge(part).ok()?;
        }
        whole.distribution()
    }
}

impl Phased {
    /// Over all phases; none if nothing was observed.
    pub(super) fn total(&self) -> Option<MetricValue> {
        Some(match self {
            Self::Counter(counter) => MetricValue::Counter {
                value: counter.total(),
            },
            Self::Gauge(gauge) => MetricValue::Gauge { value: gauge.last },
            Self::Histogram(parts) => MetricValue::Histogram(parts.distribution()?),
        })
    }

    /// Each phase in which something was recorded; empty if that is the baseline only.
    pub(super) fn by_phase(&self) -> BTreeMap<Phase, MetricValue> {
        let parts: BTreeMap<Phase, MetricValue> = match self {
            Self::Counter(Counter(sums)) => sums
                .iter()
                .map(|(phase, value)| (*phase, MetricValue::Counter { value: *value }))
                .collect(),
            Self::Gauge(gauge) => gauge
                .phases
                .iter()
                .map(|(phase, value)| (*phase, MetricValue::Gauge { value: *value }))
                .collect(),
            Self::Histogram(Distributions(parts)) => parts
                .iter()
                .filter_map(|(phase, part)| {
                    Some((*phase, MetricValue::Histogram(part.distribution()?)))
                })
                .collect(),
        };
        if parts.keys().all(|phase| *phase == Phase::Baseline) {
            return BTreeMap::new();
        }
        parts
    }
}
