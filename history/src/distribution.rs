//! A distribution as it is compared: its different values in their order, each with how often it was there.

use hdrhistogram::Histogram;

/// What was measured, in steps of its histogram.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// Ascending, each value once.
    values: Vec<(u64, u64)>,
    count: u64,
}

impl Distribution {
    /// Of a histogram: each value stands for its bucket, and is the greatest of it, as in reports.
    pub fn of(histogram: &Histogram<u64>) -> Self {
        histogram
            .iter_recorded()
            .map(|step| (step.value_iterated_to(), step.count_at_value()))
            .collect()
    }

    /// How many values it has.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The different values, ascending, each with how often it was there.
    pub fn values(&self) -> &[(u64, u64)] {
        &self.values
    }

    /// The value at the rank of a quantile (0 to 1); none if it is empty.
    pub fn quantile(&self, quantile: f64) -> Option<u64> {
        let rank = rank(self.count, quantile);
        let mut below = 0;
        self.values.iter().find_map(|(value, count)| {
            below += count;
            (below >= rank).then_some(*value)
        })
    }
}

/// The rank of a quantile among so many, from 1.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a quantile is from 0 to 1, and a rank that is off by one beyond 2^53 makes no difference"
)]
pub(crate) fn rank(count: u64, quantile: f64) -> u64 {
    // A product such as 0.95 * 100 is a little more than it should be; that is no reason to take the next rank.
    let exact = count as f64 * quantile;
    let nearest = exact.round();
    let rank = if (exact - nearest).abs() < 1e-9 * nearest.max(1.0) {
        nearest
    } else {
        exact.ceil()
    };
    (rank as u64).clamp(1, count.max(1))
}

impl FromIterator<(u64, u64)> for Distribution {
    /// Values ascending, each once; those that were never there are left out.
    fn from_iter<I: IntoIterator<Item = (u64, u64)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter().filter(|(_, count)| *count > 0);
        let values: Vec<_> = pairs.collect();
        debug_assert!(values.is_sorted_by(|one, next| one.0 < next.0));
        let count = values.iter().map(|(_, count)| count).sum();
        Self { values, count }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Of plain values in any order.
    pub(crate) fn of(values: &[u64]) -> Distribution {
        let mut counts = std::collections::BTreeMap::new();
        for value in values {
            *counts.entry(*value).or_insert(0) += 1;
        }
        counts.into_iter().collect()
    }

    #[test]
    fn quantiles_are_those_of_the_histogram() {
        let mut histogram = Histogram::<u64>::new_with_bounds(1, 3_600_000_000_000, 3).unwrap();
        for value in 1..=1_000_u64 {
            histogram.record(value * value * 1_000).unwrap();
        }
        let distribution = Distribution::of(&histogram);
        assert_eq!(distribution.count(), 1_000);
        for quantile in [0.0, 0.5, 0.95, 0.99, 0.999, 1.0] {
            assert_eq!(
                distribution.quantile(quantile),
                Some(histogram.value_at_quantile(quantile)),
                "{quantile}"
            );
        }
    }

    #[test]
    fn of_nothing_there_is_no_quantile() {
        assert_eq!(of(&[]).quantile(0.5), None);
    }

    #[test]
    fn a_rank_is_not_lost_to_rounding() {
        for (count, quantile, expected) in [
            (100, 0.95, 95),
            (20, 0.95, 19),
            (1_000, 0.999, 999),
            (3, 0.5, 2),
            (1, 0.0, 1),
        ] {
            assert_eq!(rank(count, quantile), expected, "{count} {quantile}");
        }
    }
}
