//! Whether a run is slower than former ones: bounds on percentiles of what takes time, judged by distributions.
//!
//! A percentile has regressed if it is greater than before by more than its bound, and if it is improbable that this is chance: the
//! probability that the true change is within the bound, adjusted by Holm for all that were judged, is below [`SIGNIFICANCE`]. Of several former
//! runs the one counts whose percentile is in the middle. Only the phase `baseline` is judged, for a fault makes its own times.
//! What has too few samples is counted as such, and neither passes nor fails.

use std::collections::{BTreeMap, BTreeSet};

use assay_report::event::{MAX_REGRESSIONS, Phase, Regression, RegressionCheck};
use wildmatch::WildMatch;

use crate::{
    compare::in_unit,
    distribution::Distribution,
    record::{Measured, MetricKey, RunRecord},
    statistics::{
        SIGNIFICANCE, holm,
        quantile::{Change, needed},
    },
};

/// The most former runs that a run is compared with.
pub const MAX_AGAINST: u32 = 50;
/// Bounds in percent.
pub const PERCENTS: std::ops::RangeInclusive<f64> = 1.0..=10_000.0;

/// A percentile that can have a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Percentile {
    /// The median.
    P50,
    /// 90 of 100 are not above it.
    P90,
    /// 95 of 100.
    P95,
    /// 99 of 100.
    P99,
    /// 999 of 1,000.
    P999,
}

impl Percentile {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::P50, Self::P90, Self::P95, Self::P99, Self::P999];

    /// The word for it in the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::P999 => "p999",
        }
    }

    /// In percent.
    pub fn percent(self) -> f64 {
        match self {
            Self::P50 => 50.0,
            Self::P90 => 90.0,
            Self::P95 => 95.0,
            Self::P99 => 99.0,
            Self::P999 => 99.9,
        }
    }
}

/// By how much a percentile of some metrics may be greater than before.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// `suite/metric`, with `*` for anything.
    pub pattern: String,
    /// Which percentile.
    pub percentile: Percentile,
    /// By how many percent it may be greater.
    pub percent: f64,
}

/// The bounds of a metric: a later one counts more than an earlier one of the same percentile.
fn bounds_of(bounds: &[Bound], id: &str) -> BTreeMap<Percentile, f64> {
    let fitting = bounds
        .iter()
        .filter(|bound| WildMatch::new(&bound.pattern).matches(id));
    fitting
        .map(|bound| (bound.percentile, bound.percent))
        .collect()
}

/// A percentile that could be judged.
struct Judged {
    regression: Regression,
    probability: f64,
}

/// Judges a run by former good ones of the same environment, profile and settings, the newest first.
pub fn judge(now: &RunRecord, former: &[RunRecord], bounds: &[Bound]) -> RegressionCheck {
    let against = former
        .iter()
        .map(|record| record.run.run_id.clone())
        .collect();
    let mut check = RegressionCheck {
        against,
        ..RegressionCheck::default()
    };
    if former.is_empty() {
        let reason = "there is no former run to compare with: none of the same environment, profile and settings that was good is in the history. This run is the first if it is good";
        check.not_judged = Some(reason.to_owned());
        return check;
    }
    let now = times(now);
    let former: Vec<_> = former
        .iter()
        .map(|record| (record.run.run_id.as_str(), times(record)))
        .collect();
    let measured: BTreeSet<Key<'_>> = former
        .iter()
        .flat_map(|(_, times)| times.keys())
        .chain(now.keys())
        .copied()
        .collect();
    let mut judged = Vec::new();
    for key in measured {
        let bounds = bounds_of(bounds, &key.metric.id());
        if bounds.is_empty() {
            continue;
        }
        let metric = Metric::of(key, &now, &former);
        for (percentile, percent) in bounds {
            match metric.compare(percentile, percent) {
                Some(found) => judged.push(found),
                None => check.not_enough_samples += 1,
            }
        }
    }
    check.judged = judged.len() as u64;
    if check.judged == 0 {
        check.not_judged = Some(nothing(check.not_enough_samples).to_owned());
    }
    let mut regressions = beyond(judged);
    check.beyond = regressions.len() as u64;
    regressions.truncate(MAX_REGRESSIONS);
    check.regressions = regressions;
    check
}

fn nothing(not_enough_samples: u64) -> &'static str {
    if not_enough_samples > 0 {
        "every percentile with a bound has too few samples: give the load more time, or bound a lower percentile"
    } else {
        "no metric fits a bound: `host compare last previous` shows their names"
    }
}

/// What tells a distribution from others: what has another unit, or other steps, is another one whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    metric: &'a MetricKey,
    unit: &'a str,
    steps_per_unit: u64,
}

/// The times that a run has measured while there was no fault.
fn times(record: &RunRecord) -> BTreeMap<Key<'_>, &Measured> {
    let all = record.distributions.iter();
    let fitting =
        all.filter(|measured| measured.is_time() && measured.key.phase == Phase::Baseline);
    let by_key = fitting.map(|measured| {
        let key = Key {
            metric: &measured.key,
            unit: &measured.unit,
            steps_per_unit: measured.steps_per_unit,
        };
        (key, measured)
    });
    by_key.collect()
}

/// A metric in this run and in former ones. What cannot be read back says nothing.
struct Metric<'a> {
    key: Key<'a>,
    now: Option<Distribution>,
    /// By the runs, the newest first.
    former: Vec<(&'a str, Distribution)>,
}

impl<'a> Metric<'a> {
    fn of(
        key: Key<'a>,
        now: &BTreeMap<Key<'a>, &'a Measured>,
        former: &[(&'a str, BTreeMap<Key<'a>, &'a Measured>)],
    ) -> Self {
        let read = |times: &BTreeMap<Key<'a>, &'a Measured>| times.get(&key)?.distribution().ok();
        Self {
            key,
            now: read(now),
            former: former
                .iter()
                .filter_map(|(run, times)| Some((*run, read(times)?)))
                .collect(),
        }
    }

    /// With the former run whose percentile is in the middle of all that have enough samples; none without enough of them.
    fn compare(&self, percentile: Percentile, bound_percent: f64) -> Option<Judged> {
        let quantile = percentile.percent() / 100.0;
        let after = self.now.as_ref()?;
        let enough = self
            .former
            .iter()
            .filter(|(_, before)| before.count() >= needed(quantile));
        let mut by_value: Vec<_> = enough
            .filter_map(|(run, before)| Some((before.quantile(quantile)?, run, before)))
            .filter(|(value, ..)| *value > 0)
            .collect();
        by_value.sort_by_key(|(value, ..)| *value);
        let middle = by_value.len().checked_sub(1)? / 2;
        let (_, against, before) = by_value[middle];
        let change = Change::of(before, after, quantile)?;
        let Key {
            metric,
            unit,
            steps_per_unit,
        } = self.key;
        Some(Judged {
            probability: change.probability_within(bound_percent / 100.0),
            regression: Regression {
                suite: metric.suite.clone(),
                metric: metric.metric.clone(),
                percentile: percentile.percent(),
                unit: unit.to_owned(),
                against: (*against).to_owned(),
                before: in_unit(change.before.into(), steps_per_unit),
                after: in_unit(change.after.into(), steps_per_unit),
                change_percent: change.relative * 100.0,
                low_percent: change.low * 100.0,
                high_percent: change.high * 100.0,
                bound_percent,
                adjusted_probability: 1.0,
                samples_before: before.count(),
                samples_after: after.count(),
            },
        })
    }
}

/// Those that are beyond their bounds beyond chance, the gravest first.
fn beyond(judged: Vec<Judged>) -> Vec<Regression> {
    let probabilities: Vec<f64> = judged.iter().map(|judged| judged.probability).collect();
    let adjusted = holm::adjusted(&probabilities);
    let mut regressions: Vec<_> = judged
        .into_iter()
        .zip(adjusted)
        .map(|(judged, adjusted_probability)| Regression {
            adjusted_probability,
            ..judged.regression
        })
        .filter(|found| {
            found.adjusted_probability < SIGNIFICANCE && found.change_percent > found.bound_percent
        })
        .collect();
    regressions.sort_by(|one, other| {
        let excess = |found: &Regression| found.change_percent / found.bound_percent;
        excess(other).total_cmp(&excess(one))
    });
    regressions
}
