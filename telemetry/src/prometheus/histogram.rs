//! A distribution in two forms: with the fixed buckets that every Prometheus reads, and as a native histogram, whose buckets are a
//! twelfth wider each, whatever the values are.
//!
//! Both have constant memory. Native buckets are those of schema 3 of Prometheus' native histograms: bucket `i` ends at
//! `2^(i / 8)`, and does not hold what the one before ends at.

use std::collections::BTreeMap;

/// Where the classic buckets end, in seconds; one more has no end.
pub const BOUNDS: [f64; 17] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
    300.0, 1_800.0,
];

/// The schema of the native buckets: each doubling has two to this power of them.
pub(crate) const SCHEMA: i32 = 3;
/// What is at most this belongs to the zero bucket. The width that Prometheus' own clients have.
pub(crate) const ZERO_THRESHOLD: f64 = 2.938_735_877_055_719e-39;

/// The bucket that ends at a microsecond (2^-20), which has what is shorter, too.
const FIRST: i16 = -160;
/// The bucket that ends at 36 hours (2^17), which has what is longer, too.
const LAST: i16 = 136;

/// Native buckets of a histogram at most.
pub const MAX_NATIVE_BUCKETS: usize = 297;

/// How long things took.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Histogram {
    classic: [u64; BOUNDS.len() + 1],
    native: BTreeMap<i16, u64>,
    zero: u64,
    sum: f64,
    count: u64,
}

impl Histogram {
    /// Counts a value so many times. What is no number, or negative, is no duration: false, and nothing is counted.
    pub(crate) fn observe(&mut self, value: f64, times: u64) -> bool {
        if !(0.0..f64::INFINITY).contains(&value) {
            return false;
        }
        let place = BOUNDS.iter().position(|bound| value <= *bound);
        self.classic[place.unwrap_or(BOUNDS.len())] += times;
        if value <= ZERO_THRESHOLD {
            self.zero += times;
        } else {
            *self.native.entry(bucket(value)).or_default() += times;
        }
        self.count += times;
        self.sum += value * as_f64(times);
        true
    }

    /// Takes in another one.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.classic.iter_mut().zip(other.classic) {
            *mine += theirs;
        }
        for (bucket, count) in other.native() {
            *self.native.entry(bucket).or_default() += count;
        }
        self.zero += other.zero;
        self.sum += other.sum;
        self.count += other.count;
    }

    /// The classic buckets: where each ends, and how many values are at most that. The last one ends nowhere.
    pub(crate) fn classic(&self) -> impl Iterator<Item = (f64, u64)> {
        let ends = BOUNDS.into_iter().chain([f64::INFINITY]);
        ends.zip(self.classic).scan(0, |all, (end, count)| {
            *all += count;
            Some((end, *all))
        })
    }

    /// The native buckets that are not empty, in their order, each with its own count.
    pub(crate) fn native(&self) -> impl Iterator<Item = (i16, u64)> {
        self.native.iter().map(|(bucket, count)| (*bucket, *count))
    }

    /// What took no time.
    pub(crate) fn zero(&self) -> u64 {
        self.zero
    }

    pub(crate) fn sum(&self) -> f64 {
        self.sum
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }
}

/// The native bucket of a value above zero.
#[expect(
    clippy::cast_possible_truncation,
    reason = "it is between two buckets by then"
)]
fn bucket(value: f64) -> i16 {
    let in_doublings = value.log2() * f64::from(1 << SCHEMA);
    in_doublings.ceil().clamp(f64::from(FIRST), f64::from(LAST)) as i16
}

/// Counts as Prometheus has them: above 2^53 the last digits are lost.
#[expect(
    clippy::cast_precision_loss,
    reason = "every value of Prometheus is a float"
)]
pub(crate) fn as_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_belongs_to_the_bucket_that_ends_at_it() {
        for (value, expected) in [
            (1.0, 0),
            (1.000_001, 1),
            (2.0, 8),
            (2.1, 9),
            (0.5, -8),
            (0.499, -8),
            (1e-9, FIRST),
            (1e9, LAST),
        ] {
            assert_eq!(bucket(value), expected, "{value}");
        }
        let mut histogram = Histogram::default();
        for value in [0.001, 0.001_001, 0.3, 1_800.0, 1_801.0] {
            assert!(histogram.observe(value, 1));
        }
        let classic: Vec<_> = histogram.classic().map(|(_, count)| count).collect();
        assert_eq!(
            classic,
            [1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 5]
        );
    }

    #[test]
    fn nothing_at_all_is_in_the_zero_bucket_and_no_duration_nowhere() {
        let mut histogram = Histogram::default();
        assert!(histogram.observe(0.0, 2));
        for value in [f64::NAN, -1.0, f64::INFINITY] {
            assert!(!histogram.observe(value, 1));
        }
        assert_eq!((histogram.zero(), histogram.count()), (2, 2));
        assert_eq!(histogram.native().count(), 0);
    }

    #[test]
    fn however_many_values_there_are_the_buckets_are_not_more_than_the_limit() {
        let mut histogram = Histogram::default();
        let mut value = 1e-12;
        while value < 1e12 {
            histogram.observe(value, 1 << 40);
            value *= 1.01;
        }
        assert_eq!(histogram.native().count(), MAX_NATIVE_BUCKETS);
    }

    #[test]
    fn both_forms_have_all_values() {
        let mut histogram = Histogram::default();
        for (value, times) in [(0.0, 1), (0.002, 3), (7.5, 2)] {
            histogram.observe(value, times);
        }
        let native: u64 = histogram.native().map(|(_, count)| count).sum();
        assert_eq!(native + histogram.zero(), 6);
        assert_eq!(histogram.classic().last(), Some((f64::INFINITY, 6)));
        assert!((histogram.sum() - 15.006).abs() < 1e-9);
    }
}
