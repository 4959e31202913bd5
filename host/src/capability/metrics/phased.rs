//! A figure and its parts by the phase of the run in which they were recorded. The whole is made of the parts, so a figure that is
//! recorded in one phase only takes no more memory than without them.

use std::collections::BTreeMap;

use assay_report::event::{Distribution, MetricValue, Phase};

use super::{
    figure::{FigureValue, Values},
    histogram::Histogram,
};

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
    /// As data.
    pub(super) fn value(&self) -> FigureValue {
        match self {
            Self::Counter(Counter(sums)) => FigureValue::Counter(sums.clone()),
            Self::Gauge(gauge) => FigureValue::Gauge {
                last: gauge.last,
                by_phase: gauge.phases.clone(),
            },
            Self::Histogram(Distributions(parts)) => {
                let parts = parts.iter();
                let values = parts.filter_map(|(phase, part)| Some((*phase, Values::of(part)?)));
                FigureValue::Histogram(values.collect())
            }
        }
    }

    /// From data. The error is for a person.
    pub(super) fn read(value: &FigureValue) -> Result<Self, String> {
        match value {
            FigureValue::Counter(sums) => {
                let counter = Counter(sums.clone());
                let fit = sums.values().all(|sum| sum.is_finite() && *sum >= 0.0);
                if fit && counter.total().is_finite() {
                    return Ok(Self::Counter(counter));
                }
                Err("a counter has finite sums of at least 0; take it as the host wrote it".into())
            }
            FigureValue::Gauge { last, by_phase } => {
                if by_phase
                    .values()
                    .chain([last])
                    .all(|value| value.is_finite())
                {
                    return Ok(Self::Gauge(Gauge {
                        last: *last,
                        phases: by_phase.clone(),
                    }));
                }
                Err("a gauge has finite values; take it as the host wrote it".into())
            }
            FigureValue::Histogram(parts) => {
                let parts = parts.iter();
                let parts = parts.map(|(phase, values)| Ok((*phase, values.histogram()?)));
                let parts: Result<BTreeMap<_, _>, String> = parts.collect();
                Ok(Self::Histogram(Distributions(parts?)))
            }
        }
    }

    /// Adds what another series of the same kind has: of a gauge its values are the newer ones. The error is for a person, and after it
    /// nothing was changed.
    pub(super) fn absorb(&mut self, other: Self) -> Result<(), String> {
        match (self, other) {
            (Self::Counter(own), Self::Counter(other)) => {
                if !(own.total() + other.total()).is_finite() {
                    return Err("it is beyond what a counter holds; count less".into());
                }
                for (phase, sum) in other.0 {
                    *own.0.entry(phase).or_default() += sum;
                }
                Ok(())
            }
            (Self::Gauge(own), Self::Gauge(other)) => {
                own.last = other.last;
                own.phases.extend(other.phases);
                Ok(())
            }
            (Self::Histogram(own), Self::Histogram(other)) => {
                for (phase, part) in other.0 {
                    match own.0.get_mut(&phase) {
                        Some(known) => known.merge(&part)?,
                        None => drop(own.0.insert(phase, part)),
                    }
                }
                Ok(())
            }
            _ => Err("it is of another kind; give each figure a name of its own".into()),
        }
    }

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
