//! The buckets of a histogram by number, so that they can be told in few bytes: the layout of an HDR histogram of three figures.
//!
//! The first 2,048 are 64 ns wide, and each 1,024 after them twice as wide as those before.

use super::histogram::{LEAST_TIME, MOST_TIME};

/// What the first buckets are wide, as a power of two.
const UNIT: u32 = LEAST_TIME.ilog2();
/// How many buckets each doubling has.
const OF_DOUBLING: u64 = 1 << 10;

/// The last one, with the hour and whatever is beyond it.
pub(crate) const LAST: u32 = of(MOST_TIME);

/// The bucket of a time in nanoseconds.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is at most an hour has a bucket below 28,000"
)]
pub(crate) const fn of(nanoseconds: u64) -> u32 {
    let within = if nanoseconds > MOST_TIME {
        MOST_TIME
    } else {
        nanoseconds
    };
    let units = within >> UNIT;
    let doublings = units.checked_ilog2();
    match doublings {
        Some(power) if power > OF_DOUBLING.ilog2() => {
            let doubling = power - OF_DOUBLING.ilog2();
            (doubling as u64 * OF_DOUBLING + (units >> doubling)) as u32
        }
        _ => units as u32,
    }
}

/// The least time of a bucket, in nanoseconds.
pub(crate) fn least(bucket: u32) -> u64 {
    let bucket = u64::from(bucket);
    let doubling = (bucket / OF_DOUBLING).saturating_sub(1);
    (bucket - doubling * OF_DOUBLING) << doubling << UNIT
}

#[cfg(test)]
mod tests {
    use hdrhistogram::Histogram;

    use super::*;

    #[test]
    fn the_buckets_are_those_of_the_histograms() {
        let histogram = Histogram::<u64>::new_with_bounds(LEAST_TIME, MOST_TIME, 3).unwrap();
        for bucket in 0..=LAST {
            let time = least(bucket);
            assert_eq!(of(time), bucket);
            assert_eq!(histogram.lowest_equivalent(time), time, "{bucket}");
            let highest = histogram.highest_equivalent(time);
            assert_eq!(of(highest), bucket);
            assert!(bucket == LAST || of(highest + 1) == bucket + 1, "{bucket}");
        }
        assert_eq!((of(MOST_TIME + 1), of(u64::MAX)), (LAST, LAST));
        assert!(least(LAST) <= MOST_TIME);
    }
}
