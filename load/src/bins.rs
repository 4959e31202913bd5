//! A distribution of times as a short list of bins: enough to draw it, and to add several of them up.
//!
//! Each doubling has eight bins of equal width, so a bin is never wider than an eighth of where it begins, and a nanosecond to a day are
//! fewer than 400 bins.

use hdrhistogram::{Counter, Histogram};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Each doubling is divided into two to this power.
const BITS: u32 = 3;

/// How many times lie between the bin before and this one. Bins without any are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bin {
    /// The greatest time that belongs to it, in nanoseconds.
    pub up_to: u64,
    /// How many do.
    pub count: u64,
}

/// The bins of a histogram of nanoseconds, from the shortest on.
pub fn of<T: Counter>(histogram: &Histogram<T>) -> Vec<Bin> {
    let mut bins: Vec<Bin> = Vec::new();
    for step in histogram.iter_recorded() {
        let up_to = end(step.value_iterated_to());
        let count = step.count_since_last_iteration();
        match bins.last_mut() {
            Some(last) if last.up_to == up_to => last.count += count,
            _ => bins.push(Bin { up_to, count }),
        }
    }
    bins
}

/// The least time of the bin that ends there.
pub fn start(up_to: u64) -> u64 {
    match up_to.checked_ilog2() {
        Some(doubling) if doubling > BITS => {
            let width = 1 << (doubling - BITS);
            (up_to / width) * width
        }
        _ => up_to,
    }
}

/// The end of the bin to which a time belongs.
fn end(time: u64) -> u64 {
    match time.checked_ilog2() {
        Some(doubling) if doubling > BITS => {
            let width = 1 << (doubling - BITS);
            (time / width) * width + (width - 1)
        }
        _ => time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_lie_side_by_side_and_are_narrow() {
        let mut expected = 0;
        let mut bins = 0;
        while expected < 86_400_000_000_000 {
            let up_to = end(expected);
            assert_eq!(start(up_to), expected);
            assert!((up_to - expected) * 8 <= expected, "{expected} to {up_to}");
            assert_eq!(end(up_to), up_to);
            expected = up_to + 1;
            bins += 1;
        }
        assert!(bins < 400, "{bins}");
        assert_eq!(end(u64::MAX), u64::MAX);
    }

    #[test]
    fn every_time_is_in_a_bin_that_holds_it() {
        let mut histogram = Histogram::<u64>::new(3).unwrap();
        let times = [0, 1, 7, 1_000, 1_001, 5_000_000, 5_100_000, 90_000_000_000];
        for time in times {
            histogram.record(time).unwrap();
        }
        let bins = of(&histogram);
        assert_eq!(bins.iter().map(|bin| bin.count).sum::<u64>(), 8);
        for time in times {
            let holds = |bin: &&Bin| start(bin.up_to) <= time && time <= bin.up_to;
            // The histogram itself knows a time to a thousandth, so one at an edge may be in the next one.
            assert!(bins.iter().any(|bin| holds(&bin)), "{time}: {bins:?}");
        }
        assert!(of(&Histogram::<u32>::new(3).unwrap()).is_empty());
    }
}
