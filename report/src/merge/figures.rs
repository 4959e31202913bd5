//! The figures of a suite over its shards, as if one run had measured all of them: sums are added, distributions are merged bucket by bucket.

use std::collections::{BTreeMap, btree_map::Entry};

use assay_load::encoded::{self, EncodedHistogram};
use hdrhistogram::Histogram;

use crate::event::{Distribution, MetricSnapshot, MetricValue, Phase};

#[cfg(test)]
mod tests;

/// Figures of a suite that are merged: ten times as many as a suite can have in one run.
pub(super) const MAX_FIGURES: usize = 10_000;

/// Why a figure cannot be merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unmerged {
    pub(super) metric: String,
    pub(super) why: String,
}

/// What was told so far.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// By name and labels, so sorted as a run tells them.
    snapshots: BTreeMap<(String, BTreeMap<String, String>), Series>,
    /// By the metric as it is written in a log, and the phase.
    counts: BTreeMap<(String, Phase), Counts>,
}

/// A figure, and of how many shards it is.
#[derive(Debug)]
struct Series {
    snapshot: MetricSnapshot,
    shards: u32,
}

#[derive(Debug)]
struct Counts {
    unit: String,
    steps_per_unit: u64,
    histogram: Histogram<u64>,
}

impl Figures {
    /// Adds a distribution that a shard tells whole.
    pub(super) fn measured(&mut self, encoded: &EncodedHistogram) -> Result<(), Unmerged> {
        let refused = |why: String| Unmerged {
            metric: encoded.metric.clone(),
            why,
        };
        let added = encoded
            .decode()
            .map_err(|error| refused(error.to_string()))?;
        let full = self.counts.len() >= MAX_FIGURES;
        match self.counts.entry((encoded.metric.clone(), encoded.phase)) {
            Entry::Vacant(_) if full => Err(refused(too_many())),
            Entry::Vacant(new) => {
                new.insert(Counts {
                    unit: encoded.unit.clone(),
                    steps_per_unit: encoded.steps_per_unit.max(1),
                    histogram: added,
                });
                Ok(())
            }
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                if (&known.unit, known.steps_per_unit) != (&encoded.unit, encoded.steps_per_unit) {
                    return Err(refused("its unit is not the same in all shards".to_owned()));
                }
                known.histogram.auto(true);
                known
                    .histogram
                    .add(&added)
                    .map_err(|error| refused(error.to_string()))
            }
        }
    }

    /// Adds a figure as a shard has it at its end. What was set last counts: shards are added in the order of their ends.
    pub(super) fn ended(&mut self, snapshot: &MetricSnapshot) -> Result<(), Unmerged> {
        let key = (snapshot.name.clone(), snapshot.labels.clone());
        let full = self.snapshots.len() >= MAX_FIGURES;
        match self.snapshots.entry(key) {
            Entry::Vacant(_) if full => Err(Unmerged {
                metric: snapshot.series(),
                why: too_many(),
            }),
            Entry::Vacant(new) => {
                new.insert(Series {
                    snapshot: with_all_phases(snapshot),
                    shards: 1,
                });
                Ok(())
            }
            Entry::Occupied(mut known) => known.get_mut().add(snapshot),
        }
    }

    /// All of them: distributions, and figures.
    pub(super) fn told(&self) -> Result<(Vec<EncodedHistogram>, Vec<MetricSnapshot>), Unmerged> {
        let counts = self.counts.iter();
        let encoded = counts.map(|((metric, phase), counts)| counts.encoded(metric, *phase));
        let snapshots = self.snapshots.values().map(|series| self.merged(series));
        Ok((
            encoded.collect::<Result<_, _>>()?,
            snapshots.collect::<Result<_, _>>()?,
        ))
    }

    /// A figure with its percentiles, which only whole distributions give.
    fn merged(&self, series: &Series) -> Result<MetricSnapshot, Unmerged> {
        let mut snapshot = series.snapshot.clone();
        let metric = snapshot.series();
        if series.shards > 1 {
            for (phase, value) in &mut snapshot.by_phase {
                if let MetricValue::Histogram(distribution) = value {
                    let parts = self.counts.get(&(metric.clone(), *phase));
                    *distribution = whole(parts, *distribution, &metric)?;
                }
            }
            if let MetricValue::Histogram(distribution) = &mut snapshot.value {
                let phases = snapshot.by_phase.keys();
                let parts = phases.filter_map(|phase| self.counts.get(&(metric.clone(), *phase)));
                *distribution = whole(parts, *distribution, &metric)?;
            }
        }
        if snapshot
            .by_phase
            .keys()
            .all(|phase| *phase == Phase::Baseline)
        {
            snapshot.by_phase.clear();
        }
        Ok(snapshot)
    }
}

fn too_many() -> String {
    format!("it would be one more than {MAX_FIGURES}")
}

/// A distribution of these parts, whose count, mean, least and greatest value are exact already.
fn whole<'a>(
    parts: impl IntoIterator<Item = &'a Counts>,
    exact: Distribution,
    metric: &str,
) -> Result<Distribution, Unmerged> {
    let refused = |why: String| Unmerged {
        metric: metric.to_owned(),
        why,
    };
    let mut sum: Option<(u64, Histogram<u64>)> = None;
    for part in parts {
        match &mut sum {
            None => sum = Some((part.steps_per_unit, part.histogram.clone())),
            Some((_, sum)) => {
                sum.auto(true);
                sum.add(&part.histogram)
                    .map_err(|error| refused(error.to_string()))?;
            }
        }
    }
    match sum {
        Some((steps, sum)) if sum.len() == exact.count => {
            Ok(Distribution::of(&sum, steps, exact.exact()))
        }
        _ => Err(refused(
            "a log does not have the whole distribution of it".to_owned(),
        )),
    }
}

/// The same with each of its phases: those of which all is of the baseline do not name it.
fn with_all_phases(snapshot: &MetricSnapshot) -> MetricSnapshot {
    let mut snapshot = snapshot.clone();
    if snapshot.by_phase.is_empty() {
        snapshot
            .by_phase
            .insert(Phase::Baseline, snapshot.value.clone());
    }
    snapshot
}

impl Series {
    fn add(&mut self, snapshot: &MetricSnapshot) -> Result<(), Unmerged> {
        let refused = |why: &str| Unmerged {
            metric: snapshot.series(),
            why: why.to_owned(),
        };
        if self.snapshot.unit != snapshot.unit {
            return Err(refused("its unit is not the same in all shards"));
        }
        let other_kind = || refused("it is not of the same kind in all shards");
        let added = with_all_phases(snapshot);
        self.snapshot.value = sum(&self.snapshot.value, &added.value).ok_or_else(other_kind)?;
        for (phase, value) in added.by_phase {
            let merged = match self.snapshot.by_phase.get(&phase) {
                Some(known) => sum(known, &value).ok_or_else(other_kind)?,
                None => value,
            };
            self.snapshot.by_phase.insert(phase, merged);
        }
        self.shards += 1;
        Ok(())
    }
}

/// The one and the other, which came later; none if they are of different kinds. Of distributions the percentiles are still to be found.
fn sum(one: &MetricValue, other: &MetricValue) -> Option<MetricValue> {
    match (one, other) {
        (MetricValue::Counter { value: one }, MetricValue::Counter { value: other }) => {
            Some(MetricValue::Counter { value: one + other })
        }
        (MetricValue::Gauge { .. }, MetricValue::Gauge { value }) => {
            Some(MetricValue::Gauge { value: *value })
        }
        (MetricValue::Histogram(one), MetricValue::Histogram(other)) => {
            Some(MetricValue::Histogram(exactly(one, other)))
        }
        _ => None,
    }
}

/// What is known exactly of two together; the percentiles are still to be found.
#[expect(
    clippy::cast_precision_loss,
    reason = "a count beyond 2^53 cannot be reached by counting"
)]
fn exactly(one: &Distribution, other: &Distribution) -> Distribution {
    let count = one.count.saturating_add(other.count);
    let sum = one.mean * one.count as f64 + other.mean * other.count as f64;
    let (min, max) = (one.min.min(other.min), one.max.max(other.max));
    Distribution {
        count,
        mean: (sum / count as f64).max(min).min(max),
        min,
        max,
        ..*one
    }
}

impl Counts {
    fn encoded(&self, metric: &str, phase: Phase) -> Result<EncodedHistogram, Unmerged> {
        let histogram = encoded::to_text(&self.histogram).ok_or_else(|| Unmerged {
            metric: metric.to_owned(),
            why: "its counts are more than 2^63".to_owned(),
        })?;
        Ok(EncodedHistogram {
            metric: metric.to_owned(),
            unit: self.unit.clone(),
            steps_per_unit: self.steps_per_unit,
            phase,
            histogram,
        })
    }
}
