//! A distribution of times in bounded memory.
//!
//! An HDR histogram of three significant figures over 64 ns to one hour, which allocates nothing until its first value, 16 KiB then, and 8 KiB
//! for each doubling of the greatest value beyond 131 µs: 120 KiB up to a second, 216 KiB at an hour. More values take no more memory.

use hdrhistogram::{CreationError, Histogram as Counts};

use super::bucket;
use crate::bins::{self, Bin};
use crate::delta::{Extent, Times};
use crate::encoded;
use crate::outcome::Distribution;

/// In nanoseconds: finer differences are not told apart.
pub(crate) const LEAST_TIME: u64 = 64;
/// An hour, in nanoseconds.
pub(crate) const MOST_TIME: u64 = 3_600_000_000_000;
/// Of each time.
pub(crate) const SIGNIFICANT_FIGURES: u8 = 3;

/// An empty histogram to copy, so that making one later cannot fail.
#[derive(Clone, Debug)]
pub(crate) struct Template(Counts<u64>);

impl Template {
    /// Fails only if the bounds are such that they cannot be counted.
    pub(crate) fn new() -> Result<Self, CreationError> {
        let mut counts = Counts::new_with_bounds(LEAST_TIME, 2 * LEAST_TIME, SIGNIFICANT_FIGURES)?;
        counts.auto(true);
        Ok(Self(counts))
    }
}

/// Times in nanoseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Histogram {
    counts: Option<Counts<u64>>,
    sum: u128,
    min: u64,
    max: u64,
}

impl Histogram {
    /// Adds a time. About 5 ns.
    pub(crate) fn record(&mut self, template: &Template, nanoseconds: u64) {
        let counts = self.counts.get_or_insert_with(|| template.0.clone());
        let first = counts.is_empty();
        // It grows up to the hour by itself; growing fails only where the machine's words are too short for it.
        if counts.record(nanoseconds.min(MOST_TIME)).is_err() {
            counts.saturating_record(nanoseconds);
        }
        self.min = if first {
            nanoseconds
        } else {
            self.min.min(nanoseconds)
        };
        self.max = self.max.max(nanoseconds);
        self.sum += u128::from(nanoseconds);
    }

    /// How many times it holds.
    pub(crate) fn count(&self) -> u64 {
        self.counts.as_ref().map_or(0, Counts::len)
    }

    /// Takes in what another one holds.
    pub(crate) fn merge(&mut self, other: &Self) {
        let Some(theirs) = other.counts.as_ref().filter(|counts| !counts.is_empty()) else {
            return;
        };
        match &mut self.counts {
            Some(ours) if !ours.is_empty() => {
                // Both grow up to the same hour, so one always has room for what the other holds.
                let added = ours.add(theirs);
                debug_assert!(added.is_ok(), "{added:?}");
                self.min = self.min.min(other.min);
                self.max = self.max.max(other.max);
                self.sum += other.sum;
            }
            _ => *self = other.clone(),
        }
    }

    /// All of it, to be added elsewhere; nothing if it is empty.
    pub(crate) fn times(&self) -> Times {
        let Some(counts) = self.counts.as_ref().filter(|counts| !counts.is_empty()) else {
            return Times::default();
        };
        let extent = Extent {
            count: counts.len(),
            sum: self.sum,
            min: self.min,
            max: self.max,
        };
        let buckets = counts.iter_recorded().map(|step| {
            let bucket = bucket::of(step.value_iterated_to());
            (bucket, step.count_since_last_iteration())
        });
        Times::new(&extent, buckets)
    }

    /// Takes in what was told of another one, and was checked. About 10 ns for each bucket that has values.
    pub(crate) fn absorb(&mut self, template: &Template, times: &Times) {
        if times.is_empty() {
            return;
        }
        let counts = self.counts.get_or_insert_with(|| template.0.clone());
        let first = counts.is_empty();
        let read = times.read(|bucket, count| {
            // It fails where recording does, and no bucket is beyond the hour.
            let added = counts.record_n(bucket::least(bucket), count);
            debug_assert!(added.is_ok(), "{added:?}");
        });
        debug_assert!(read.is_ok(), "{read:?}");
        let Ok(extent) = read else {
            return;
        };
        self.min = if first {
            extent.min
        } else {
            self.min.min(extent.min)
        };
        self.max = self.max.max(extent.max);
        self.sum += extent.sum;
    }

    /// What came to it since it was `earlier`. Its least and its greatest value are as exact as its quantiles.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let Some(before) = earlier.counts.as_ref().filter(|counts| !counts.is_empty()) else {
            return self.clone();
        };
        let mut since = self.clone();
        if let Some(counts) = &mut since.counts {
            // What it was is part of what it is.
            let taken = counts.subtract(before);
            debug_assert!(taken.is_ok(), "{taken:?}");
            (since.min, since.max) = if counts.is_empty() {
                (0, 0)
            } else {
                (counts.min().max(self.min), counts.max().min(self.max))
            };
        }
        since.sum = self.sum.saturating_sub(earlier.sum);
        since
    }

    /// Forgets all values and keeps the memory.
    pub(crate) fn clear(&mut self) {
        if let Some(counts) = &mut self.counts {
            counts.reset();
        }
        (self.sum, self.min, self.max) = (0, 0, 0);
    }

    /// The value at a rank: the upper end of its bucket, as HDR histograms have it, but never beyond what was really there. 0 if it is empty.
    pub(crate) fn quantile(&self, quantile: f64) -> u64 {
        match &self.counts {
            Some(counts) if !counts.is_empty() => {
                let value = counts.value_at_quantile(quantile);
                // The last bucket holds what was beyond the hour, too.
                value.clamp(self.min.min(MOST_TIME), self.max)
            }
            _ => 0,
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "fifteen digits of a mean are more than three of a quantile"
    )]
    pub(crate) fn mean(&self) -> f64 {
        match self.count() {
            0 => 0.0,
            count => self.sum as f64 / count as f64,
        }
    }

    /// The greatest value, exactly; 0 if it is empty.
    pub(crate) fn max(&self) -> u64 {
        self.max
    }

    /// To draw it.
    pub(crate) fn bins(&self) -> Vec<Bin> {
        self.counts.as_ref().map(bins::of).unwrap_or_default()
    }

    /// All of it as text; none if it is empty.
    pub(crate) fn text(&self) -> Option<String> {
        let counts = self.counts.as_ref().filter(|counts| !counts.is_empty())?;
        encoded::to_text(counts)
    }

    pub(crate) fn distribution(&self) -> Distribution {
        Distribution {
            count: self.count(),
            min: self.min,
            mean: self.mean(),
            p50: self.quantile(0.5),
            p90: self.quantile(0.9),
            p95: self.quantile(0.95),
            p99: self.quantile(0.99),
            p999: self.quantile(0.999),
            max: self.max,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[u64]) -> Histogram {
        let template = Template::new().unwrap();
        let mut histogram = Histogram::default();
        for value in values {
            histogram.record(&template, *value);
        }
        histogram
    }

    fn bytes(histogram: &Histogram) -> usize {
        histogram
            .counts
            .as_ref()
            .map_or(0, |counts| counts.distinct_values() * size_of::<u64>())
    }

    /// The value at the rank that an HDR histogram takes for a quantile in thousandths.
    fn exact(sorted: &[u64], thousandths: usize) -> u64 {
        sorted[(sorted.len() * thousandths).div_ceil(1_000).max(1) - 1]
    }

    #[test]
    fn quantiles_are_within_the_stated_precision_from_a_microsecond_to_an_hour() {
        let mut random: u64 = 7;
        let mut next = move || {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            random >> 20
        };
        for round in 0..40 {
            let mut values: Vec<u64> = (0..=round * 29)
                .map(|_| {
                    let exponent = u32::try_from(next() % 10).unwrap() + 3;
                    (next() % 10_u64.pow(exponent)).min(MOST_TIME)
                })
                .collect();
            let found = of(&values).distribution();
            values.sort_unstable();
            for (thousandths, found) in [
                (500, found.p50),
                (900, found.p90),
                (950, found.p95),
                (990, found.p99),
                (999, found.p999),
            ] {
                let exact = exact(&values, thousandths);
                let above = found.checked_sub(exact).unwrap();
                assert!(
                    above <= (exact / 1_000).max(64),
                    "{found} for {exact} at {thousandths}"
                );
            }
            assert_eq!((found.count, found.min), (values.len() as u64, values[0]));
            assert_eq!(Some(&found.max), values.last());
        }
    }

    #[test]
    fn nothing_is_all_zeros_and_takes_no_memory() {
        let nothing = Histogram::default();
        assert_eq!(nothing.distribution(), Distribution::default());
        assert_eq!(bytes(&nothing), 0);
    }

    #[test]
    fn beyond_an_hour_a_time_counts_as_an_hour_and_its_extremes_stay_exact() {
        let found = of(&[0, MOST_TIME, MOST_TIME + 1, u64::MAX]).distribution();
        assert_eq!((found.min, found.max, found.count), (0, u64::MAX, 4));
        assert!(
            found.p999 >= MOST_TIME && found.p999 < MOST_TIME + MOST_TIME / 1_000,
            "{}",
            found.p999
        );
        let beyond = of(&[MOST_TIME + 5]).distribution();
        assert_eq!((beyond.min, beyond.max), (MOST_TIME + 5, MOST_TIME + 5));
        assert!(beyond.p50 >= MOST_TIME, "{}", beyond.p50);
    }

    #[test]
    fn parts_together_are_the_whole_and_the_whole_without_a_part_is_the_other() {
        let (first, second) = ([500, 90_000, 7_000_000], [300_u64, 2_000_000_000]);
        let whole = of(&[first.as_slice(), &second].concat());
        let mut merged = of(&first);
        merged.merge(&of(&second));
        assert_eq!(merged.distribution(), whole.distribution());
        merged = Histogram::default();
        merged.merge(&of(&second));
        merged.merge(&Histogram::default());
        assert_eq!(merged.distribution(), of(&second).distribution());

        let since = whole.since(&of(&first)).distribution();
        let second = of(&second).distribution();
        assert_eq!(
            (since.count, since.p50, since.p99),
            (second.count, second.p50, second.p99)
        );
        assert!((since.mean - second.mean).abs() < 1e-6);
        let twice = of(&[7_000_123, 7_000_123])
            .since(&of(&[7_000_123]))
            .distribution();
        assert_eq!(
            (twice.count, twice.min, twice.max),
            (1, 7_000_123, 7_000_123)
        );
        let none = whole.since(&whole).distribution();
        assert_eq!(none, Distribution::default());
    }

    #[test]
    fn memory_is_as_stated_and_does_not_grow_with_the_count() {
        let template = Template::new().unwrap();
        let mut histogram = of(&[100_000]);
        assert_eq!(bytes(&histogram), 16 << 10);
        histogram.record(&template, 1_000_000_000);
        assert_eq!(bytes(&histogram), 120 << 10);
        for value in 0..100_000 {
            histogram.record(&template, value * 9_999);
        }
        assert_eq!(bytes(&histogram), 120 << 10);
        histogram.record(&template, u64::MAX);
        assert_eq!(bytes(&histogram), 216 << 10);
        histogram.clear();
        assert_eq!(histogram.distribution(), Distribution::default());
    }
}
