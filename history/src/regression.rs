//! Whether a run is slower than former ones: bounds on percentiles of what takes time, judged by distributions.
//!
//! A percentile has regressed if it is greater than before by more than its bound, and if it is improbable that this is chance: the
//! probability that the true change is within the bound, adjusted by Holm for all that were judged, is below [`SIGNIFICANCE`]. Of several former
//! runs the one counts whose percentile is in the middle. Only the phase `baseline` is judged, for a fault makes its own times.
//! What has too few samples is counted as such, and neither passes nor fails.

use std::collections::BTreeMap;

use assay_report::event::{MAX_REGRESSIONS, Phase, Regression, RegressionCheck};
use wildmatch::WildMatch;

use crate::{
    compare::in_unit,
    distribution::Distribution,
    record::{Measured, MetricKey, RunRecord},
    statistics::{SIGNIFICANCE, holm, quantile::Change},
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
    let mut judged = Vec::new();
    for (key, unit) in bounded(now, former) {
        for (percentile, percent) in bounds_of(bounds, &key.id()) {
            match compare(now, former, key, unit, percentile, percent) {
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

/// The times that this run or a former one has measured while there was no fault.
fn bounded<'a>(now: &'a RunRecord, former: &'a [RunRecord]) -> BTreeMap<&'a MetricKey, &'a str> {
    let all = former
        .iter()
        .chain([now])
        .flat_map(|record| &record.distributions);
    let fitting =
        all.filter(|measured| measured.is_time() && measured.key.phase == Phase::Baseline);
    fitting
        .map(|measured| (&measured.key, measured.unit.as_str()))
        .collect()
}

/// None without enough samples.
fn compare(
    now: &RunRecord,
    former: &[RunRecord],
    key: &MetricKey,
    unit: &str,
    percentile: Percentile,
    bound_percent: f64,
) -> Option<Judged> {
    let quantile = percentile.percent() / 100.0;
    let (measured, after) = distribution(now, key)?;
    let mut changes: Vec<_> = former
        .iter()
        .filter_map(|record| {
            let (_, before) = distribution(record, key)?;
            let change = Change::of(&before, &after, quantile)?;
            Some((change, &record.run.run_id, before.count()))
        })
        .collect();
    changes.sort_by_key(|(change, ..)| change.before);
    let middle = changes.len().checked_sub(1)? / 2;
    let (change, against, samples_before) = changes.swap_remove(middle);
    let steps = measured.steps_per_unit;
    Some(Judged {
        probability: change.probability_within(bound_percent / 100.0),
        regression: Regression {
            suite: key.suite.clone(),
            metric: key.metric.clone(),
            percentile: percentile.percent(),
            unit: unit.to_owned(),
            against: against.clone(),
            before: in_unit(change.before.into(), steps),
            after: in_unit(change.after.into(), steps),
            change_percent: change.relative * 100.0,
            low_percent: change.low * 100.0,
            high_percent: change.high * 100.0,
            bound_percent,
            adjusted_probability: 1.0,
            samples_before,
            samples_after: after.count(),
        },
    })
}

fn distribution<'a>(
    record: &'a RunRecord,
    key: &MetricKey,
) -> Option<(&'a Measured, Distribution)> {
    let mut all = record.distributions.iter();
    let measured = all.find(|measured| measured.key == *key)?;
    Some((measured, measured.distribution().ok()?))
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
