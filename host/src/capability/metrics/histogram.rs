//! A distribution in bounded memory.
//!
//! Values are counted as whole millionths (0 to 10^18) in an HDR histogram of three significant figures. A quantile is the value at
//! its rank to half a millionth, or up to a thousandth of it above; count, smallest, largest and mean are exact.
//!
//! The histogram starts with 16 KiB and grows by 8 KiB for each doubling of the largest value: about 120 KiB up to ten (seconds, say),
//! 408 KiB at the limit of 10^12. Observing more values takes no more memory.

use assay_load::encoded;
use assay_report::event::{Distribution, Exact};
use hdrhistogram::Histogram as Counts;

/// The largest value that can be observed.
pub(super) const MAX_VALUE: f64 = 1e12;
/// Steps in a unit.
pub(super) const STEPS_PER_UNIT: u64 = 1_000_000;
const RESOLUTION: f64 = 1e6;
const SIGNIFICANT_FIGURES: u8 = 3;
/// The most values that are taken from elsewhere at once.
const MAX_TAKEN: u64 = 1 << 50;

/// The distribution of one series.
#[derive(Clone, Debug)]
pub(super) struct Histogram {
    counts: Counts<u64>,
    sum: f64,
    min: f64,
    max: f64,
}

impl Histogram {
    /// Empty. Fails only if the number of figures is one that the counting cannot do.
    pub(super) fn new() -> Result<Self, String> {
        Ok(Self {
            counts: Counts::new(SIGNIFICANT_FIGURES).map_err(|error| error.to_string())?,
            sum: 0.0,
            min: f64::INFINITY,
            max: 0.0,
        })
    }

    /// Of counts and of what is exact of them (sum, least and greatest value) that were told by another machine. None if they are not those of
    /// one distribution.
    pub(super) fn of(counts: &Counts<u64>, (sum, min, max): (f64, f64, f64)) -> Option<Self> {
        let range = 0.0..=MAX_VALUE;
        let fits = counts.sigfig() == SIGNIFICANT_FIGURES
            && counts.low() == 1
            && (1..=MAX_TAKEN).contains(&counts.len())
            && sum.is_finite()
            && sum >= 0.0
            && range.contains(&min)
            && range.contains(&max)
            && min <= max
            && counts.equivalent(counts.min(), steps(min))
            && counts.equivalent(counts.max(), steps(max));
        if !fits {
            return None;
        }
        let mut histogram = Self::new().ok()?;
        histogram.counts.add(counts).ok()?;
        (histogram.sum, histogram.min, histogram.max) = (sum, min, max);
        Some(histogram)
    }

    /// Sum, least and greatest value: what the counts do not have.
    pub(super) fn exact(&self) -> (f64, f64, f64) {
        (self.sum, self.min, self.max)
    }

    /// Adds a value from 0 to [`MAX_VALUE`]. Fails only where the machine's words are too short to count so large a value.
    pub(super) fn record(&mut self, value: f64) -> Result<(), String> {
        self.counts
            .record(steps(value))
            .map_err(|error| error.to_string())?;
        self.sum += value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        Ok(())
    }

    /// Takes in what another one holds. Fails only as [`Histogram::record`] does.
    pub(super) fn merge(&mut self, other: &Self) -> Result<(), String> {
        self.counts
            .add(&other.counts)
            .map_err(|error| error.to_string())?;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        Ok(())
    }

    /// All of it as text, the same for the same values in whatever order; none if nothing was observed.
    pub(super) fn text(&self) -> Option<String> {
        if self.counts.is_empty() {
            return None;
        }
        // How far the counts reach depends on the order in which values came, and is a part of the text.
        let most = self.counts.max().max(2);
        let mut whole = Counts::new_with_bounds(1, most, SIGNIFICANT_FIGURES).ok()?;
        whole.add(&self.counts).ok()?;
        encoded::to_text(&whole)
    }

    /// What it holds; none if nothing was observed.
    pub(super) fn distribution(&self) -> Option<Distribution> {
        let count = self.counts.len();
        if count == 0 {
            return None;
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "a count beyond 2^53 cannot be reached by counting"
        )]
        let mean = self.sum / count as f64;
        let exact = Exact {
            mean: mean.clamp(self.min, self.max),
            min: self.min,
            max: self.max,
        };
        Some(Distribution::of(&self.counts, STEPS_PER_UNIT, exact))
    }
}

/// To the nearest.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is from 0 to 10^12, so its millionths are from 0 to 10^18"
)]
fn steps(value: f64) -> u64 {
    (value * RESOLUTION).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Histogram {
        let mut histogram = Histogram::new().unwrap();
        for value in values {
            histogram.record(*value).unwrap();
        }
        histogram
    }

    /// The value at the rank that an HDR histogram takes for a quantile.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small counts"
    )]
    fn exact(sorted: &[f64], quantile: f64) -> f64 {
        let rank = (quantile * sorted.len() as f64).ceil() as usize;
        sorted[rank.max(1) - 1]
    }

    #[test]
    fn quantiles_are_within_the_stated_precision_over_the_whole_range() {
        let mut random = fastrand::Rng::with_seed(7);
        for round in 0..60_usize {
            let most = 1 + random.usize(..18);
            let mut values: Vec<f64> = (0..=round * 37)
                .map(|_| {
                    let exponent = i32::try_from(random.usize(..most)).unwrap() - 6;
                    (random.f64() * 10.0 * 10_f64.powi(exponent)).min(MAX_VALUE)
                })
                .collect();
            let found = of(&values).distribution().unwrap();
            values.sort_by(f64::total_cmp);
            for (quantile, found) in [
                (0.5, found.p50),
                (0.9, found.p90),
                (0.95, found.p95),
                (0.99, found.p99),
                (0.999, found.p999),
            ] {
                let exact = exact(&values, quantile);
                let above = found - exact;
                // The half millionth, and the rounding of the f64 itself.
                let slack = 0.5e-6 + exact * 1e-15;
                assert!(
                    above >= -slack && above <= exact * 1e-3 + slack,
                    "round {round}: {found} for {exact} at {quantile}"
                );
            }
            assert_eq!(found.count, values.len() as u64);
            assert!(found.min.total_cmp(&values[0]).is_eq());
            assert!(found.max.total_cmp(values.last().unwrap()).is_eq());
        }
    }

    #[test]
    fn both_ends_of_the_range_are_kept_and_nothing_is_none() {
        assert_eq!(Histogram::new().unwrap().distribution(), None);
        let ends = of(&[0.0, MAX_VALUE]).distribution().unwrap();
        assert_eq!(
            (ends.min, ends.p50, ends.p999, ends.max, ends.mean),
            (0.0, 0.0, MAX_VALUE, MAX_VALUE, MAX_VALUE / 2.0)
        );
    }

    #[test]
    fn parts_together_are_the_whole() {
        let (low, high) = ([0.5, 1.0, 2.0], [0.25, 4.0]);
        let mut merged = of(&low);
        merged.merge(&of(&high)).unwrap();
        let whole = of(&[low.as_slice(), &high].concat());
        assert_eq!(merged.distribution(), whole.distribution());
    }

    #[test]
    fn a_millionth_is_told_from_its_neighbour() {
        let found = of(&[0.000_001, 0.000_002]).distribution().unwrap();
        assert_eq!((found.p50, found.p99), (0.000_001, 0.000_002));
    }

    #[test]
    fn memory_is_as_stated_and_does_not_grow_with_the_count() {
        let bytes = |histogram: &Histogram| histogram.counts.distinct_values() * size_of::<u64>();
        let mut histogram = of(&[]);
        assert!(bytes(&histogram) <= 16 << 10);
        histogram.record(10.0).unwrap();
        assert!(bytes(&histogram) <= 120 << 10, "{}", bytes(&histogram));
        let before = bytes(&histogram);
        for step in 0..100_000 {
            histogram.record(f64::from(step) / 10_000.0).unwrap();
        }
        assert_eq!(bytes(&histogram), before);
        histogram.record(MAX_VALUE).unwrap();
        assert!(bytes(&histogram) <= 408 << 10, "{}", bytes(&histogram));
    }
}
