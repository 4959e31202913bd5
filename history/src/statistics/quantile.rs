//! By how much a quantile changed from one sample to another, and how sure that is: the bootstrap of a quantile, without drawing lots.
//!
//! Of a sample of n values, drawn again with replacement, the value at rank k is the sample's value at the share U of its values, where U
//! has the distribution Beta(k, n − k + 1). So the probability of each value is known exactly, and that of each change from one sample
//! to another as well. Sources: J. S. Maritz, R. G. Jarrett, "A note on estimating the variance of the sample median", Journal of the
//! American Statistical Association 73 (1978), 194–196; A. D. Hutson, M. D. Ernst, "The exact bootstrap mean and variance of an L-estimator",
//! Journal of the Royal Statistical Society B 62 (2000), 89–94. The interval is the percentile interval of B. Efron, "Bootstrap methods:
//! another look at the jackknife", Annals of Statistics 7 (1979), 1–26.
//!
//! From [`MANY`] values on, the normal approximation takes the place of Beta: its error is beyond the third figure there.

use special::{Beta as _, Error as _};

use crate::distribution::{Distribution, rank};

/// The fewest values of each sample, whatever the quantile.
pub const MIN_SAMPLES: u64 = 20;
/// The fewest values of each sample that are expected beyond the quantile: with fewer it rests on single values.
pub const MIN_BEYOND: f64 = 5.0;
/// The share of the probability within the interval.
pub const CONFIDENCE: f64 = 0.95;
/// From how many values on Beta is approximated.
const MANY: u64 = 100_000;
/// Probabilities below this are left out.
const NEGLIGIBLE: f64 = 1e-15;
/// The most values of a quantile that are told apart: neighbours are taken together beyond that.
const MAX_VALUES: usize = 400;

/// How many values of a sample a quantile (0 to 1) needs: 20 for P50, 100 for P95, 500 for P99.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small positive numbers"
)]
pub fn needed(quantile: f64) -> u64 {
    let beyond = (1.0 - quantile).min(quantile);
    ((MIN_BEYOND / beyond - 1e-6).ceil() as u64).max(MIN_SAMPLES)
}

/// How a quantile changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What it was, in steps.
    pub before: u64,
    /// What it is, in steps.
    pub after: u64,
    /// What it is, as a share of what it was, less 1: 0.1 is a tenth more.
    pub relative: f64,
    /// The lower end of the interval that holds the true change with [`CONFIDENCE`].
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Each change with its probability, ascending.
    changes: Vec<(f64, f64)>,
}

impl Change {
    /// From one sample to another; none if one of them has too few values for the quantile, or if it was 0 or may have been: nothing is a
    /// share of 0.
    pub fn of(before: &Distribution, after: &Distribution, quantile: f64) -> Option<Self> {
        if before.count().min(after.count()) < needed(quantile) {
            return None;
        }
        let (old, new) = (before.quantile(quantile)?, after.quantile(quantile)?);
        let likely_before = likely(before, quantile);
        let (least, _) = likely_before.first()?;
        if old == 0 || *least <= 0.0 {
            return None;
        }
        let changes = changes(&likely_before, &likely(after, quantile));
        let tail = (1.0 - CONFIDENCE) / 2.0;
        Some(Self {
            before: old,
            after: new,
            relative: ratio(new, old) - 1.0,
            low: at(&changes, tail),
            high: at(&changes, 1.0 - tail),
            changes,
        })
    }

    /// How improbable this change is if in truth it is not greater than `bound`: of one side.
    pub fn probability_within(&self, bound: f64) -> f64 {
        let within = self
            .changes
            .iter()
            .take_while(|(change, _)| *change <= bound);
        within.map(|(_, weight)| weight).sum::<f64>().min(1.0)
    }
}

/// The values that a quantile of the sample, drawn again, has, each with its probability.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts beyond 2^53 cannot be reached by counting"
)]
fn likely(sample: &Distribution, quantile: f64) -> Vec<(f64, f64)> {
    let count = sample.count();
    let at_least = AtLeast::new(count, rank(count, quantile));
    let (mut below, mut before) = (0, 0.0);
    let mut likely = Vec::new();
    for (value, times) in sample.values() {
        below += times;
        let until = at_least.probability(below);
        if until - before > NEGLIGIBLE {
            likely.push((*value as f64, until - before));
        }
        before = until;
    }
    together(&likely)
}

/// Neighbours taken together until there are at most [`MAX_VALUES`]: each group has its mean.
fn together(likely: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let size = likely.len().div_ceil(MAX_VALUES).max(1);
    let groups = likely.chunks(size).map(|group| {
        let weight: f64 = group.iter().map(|(_, weight)| weight).sum();
        let sum: f64 = group.iter().map(|(value, weight)| value * weight).sum();
        (sum / weight, weight)
    });
    groups.collect()
}

/// The probability that at least `rank` of `count` draws are among the first so many values.
struct AtLeast {
    count: u64,
    rank: u64,
    ln_beta: f64,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts beyond 2^53 cannot be reached by counting"
)]
impl AtLeast {
    fn new(count: u64, rank: u64) -> Self {
        let ln_beta = (rank as f64).ln_beta((count - rank + 1) as f64);
        Self {
            count,
            rank,
            ln_beta,
        }
    }

    fn probability(&self, below: u64) -> f64 {
        if below >= self.count {
            return 1.0;
        }
        let (count, rank) = (self.count as f64, self.rank as f64);
        let share = below as f64 / count;
        let deviation = (count * share * (1.0 - share)).sqrt();
        let distance = (below as f64 - rank + 0.5) / deviation;
        // So far away there is nothing that counts, and the series is long.
        if distance < -10.0 {
            return 0.0;
        }
        if distance > 10.0 {
            return 1.0;
        }
        if self.count >= MANY {
            return (-distance / std::f64::consts::SQRT_2).compl_error() / 2.0;
        }
        share.inc_beta(rank, count - rank + 1.0, self.ln_beta)
    }
}

/// All changes from one of these values to one of those, ascending, each with its probability.
fn changes(before: &[(f64, f64)], after: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let pairs = before.iter().flat_map(|(old, old_weight)| {
        let changed = move |(new, weight): &(f64, f64)| (new / old - 1.0, weight * old_weight);
        after.iter().map(changed)
    });
    let mut changes: Vec<_> = pairs.collect();
    changes.sort_by(|one, other| one.0.total_cmp(&other.0));
    changes
}

/// The change up to which so much of the probability lies.
fn at(changes: &[(f64, f64)], share: f64) -> f64 {
    let mut sum = 0.0;
    let reached = changes.iter().find(|(_, weight)| {
        sum += weight;
        sum >= share
    });
    reached
        .or(changes.last())
        .map_or(0.0, |(change, _)| *change)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "three significant figures are kept, an f64 has fifteen"
)]
fn ratio(new: u64, old: u64) -> f64 {
    new as f64 / old as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::tests::of;

    fn samples() -> (Distribution, Distribution) {
        let made = |value: fn(u64) -> u64| of(&(0..1_000).map(value).collect::<Vec<_>>());
        (
            made(|place| 1_000 + (place * place) % 997),
            made(|place| 1_100 + (place * place * 3) % 1_009),
        )
    }

    fn near(found: f64, expected: f64) {
        assert!(
            (found / expected - 1.0).abs() < 1e-6,
            "{found}, not {expected}"
        );
    }

    /// The numbers are of the same definition in Python: the weights are differences of `scipy.stats.beta.cdf(F, k, n - k + 1)` (`SciPy`
    /// 1.17.1), the changes all of `after[j] / before[i] - 1`. A bootstrap with 20,000 draws (`NumPy`) of the first sample's P95 has the
    /// mean 1944.929 and the deviation 6.83; the weights have 1944.923 and 6.87.
    #[test]
    fn it_is_as_scipy_has_it() {
        let (before, after) = samples();
        for (quantile, low, high, bound, probability) in [
            (
                0.5,
                0.045_688_545_688_545_634,
                0.106_901_217_861_975_7,
                0.05,
                0.046_082_837_849_913_62,
            ),
            (
                0.95,
                0.055_754_475_703_324_81,
                0.075_180_226_570_545_9,
                0.05,
                0.001_627_306_366_034_225_3,
            ),
            (
                0.99,
                0.055_193_176_116_407_505,
                0.062_689_585_439_838_16,
                0.05,
                4.065_010_775_380_757e-6,
            ),
        ] {
            let change = Change::of(&before, &after, quantile).unwrap();
            near(change.low, low);
            near(change.high, high);
            near(change.probability_within(bound), probability);
        }
        let mean: f64 = likely(&before, 0.95)
            .iter()
            .map(|(value, weight)| value * weight)
            .sum();
        near(mean, 1_944.923_355_342_465_1);
    }

    #[test]
    fn a_percentile_needs_values_beyond_it() {
        assert_eq!(
            [0.5, 0.9, 0.95, 0.99, 0.999].map(needed),
            [20, 50, 100, 500, 5_000]
        );
        let of_count = |count: u64| of(&(1..=count).collect::<Vec<_>>());
        assert!(Change::of(&of_count(100), &of_count(100), 0.95).is_some());
        assert!(Change::of(&of_count(99), &of_count(100), 0.95).is_none());
        assert!(Change::of(&of_count(100), &of_count(99), 0.95).is_none());
    }

    #[test]
    fn the_same_twice_has_not_changed() {
        let (before, _) = samples();
        let change = Change::of(&before, &before, 0.95).unwrap();
        assert!(change.relative.abs() < 1e-12);
        assert!(change.low < 0.0 && change.high > 0.0);
        assert!(change.probability_within(0.0) > 0.4);
        near(change.probability_within(10.0), 1.0);
    }

    #[test]
    fn of_very_many_values_the_approximation_takes_over_without_a_jump() {
        let times = |times: u64| -> Distribution {
            (1..=100).map(|value| (value * 1_000, times)).collect()
        };
        let (exact, approximate) = (times(999), times(1_000));
        let mean = |sample: &Distribution| -> f64 {
            let likely = likely(sample, 0.955);
            likely.iter().map(|(value, weight)| value * weight).sum()
        };
        assert!((mean(&exact) - mean(&approximate)).abs() < 1.0);
        let change = Change::of(&exact, &approximate, 0.955).unwrap();
        assert!(change.relative.abs() < 1e-12 && change.low.abs() < 1e-12);
    }

    #[test]
    fn what_was_nothing_has_no_relative_change() {
        let nothing: Distribution = [(0, 100)].into_iter().collect();
        assert!(Change::of(&nothing, &nothing, 0.5).is_none());
    }

    /// Of bytes, half of which were 0, the upper end of the interval was infinite, which JSON has no word for.
    #[test]
    fn what_may_have_been_nothing_has_no_relative_change() {
        let maybe: Distribution = [(0, 49), (1_000, 51)].into_iter().collect();
        assert_eq!(maybe.quantile(0.5), Some(1_000));
        assert!(Change::of(&maybe, &maybe, 0.5).is_none());
        let hardly: Distribution = [(0, 1), (1_000, 99)].into_iter().collect();
        let change = Change::of(&hardly, &maybe, 0.5).unwrap();
        assert!(change.low.is_finite() && change.high.is_finite());
    }

    #[test]
    fn values_that_are_all_different_are_taken_together_within_a_limit() {
        let wide = of(&(0..20_000)
            .map(|place| 1_000 + place * place)
            .collect::<Vec<_>>());
        let likely = likely(&wide, 0.5);
        assert!(likely.len() <= MAX_VALUES, "{}", likely.len());
        let whole: f64 = likely.iter().map(|(_, weight)| weight).sum();
        near(whole, 1.0);
    }
}
