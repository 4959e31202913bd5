//! Which deltas of a share have come: each is added once, and what is missing is known, in bounded memory.

use std::ops::Range;

/// The most gaps in the numbers of a share.
pub const MAX_GAPS: usize = 100;

/// Another gap would be more than [`MAX_GAPS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooManyGaps;

/// Numbers from 0 that have come.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// One more than the greatest.
    next: u64,
    /// What is missing below, ascending; none of them is empty.
    gaps: Vec<Range<u64>>,
}

impl Numbers {
    /// Takes one. False if it had come before. After an error nothing was changed.
    pub(super) fn add(&mut self, number: u64) -> Result<bool, TooManyGaps> {
        if number >= self.next {
            return self.add_beyond(number);
        }
        let place = self.gaps.partition_point(|gap| gap.end <= number);
        let Some(gap) = self.gaps.get(place).filter(|gap| gap.contains(&number)) else {
            return Ok(false);
        };
        let parts = [gap.start..number, number + 1..gap.end];
        let left = parts.into_iter().filter(|part| !part.is_empty());
        let left: Vec<_> = left.collect();
        if self.gaps.len() - 1 + left.len() > MAX_GAPS {
            return Err(TooManyGaps);
        }
        self.gaps.splice(place..=place, left);
        Ok(true)
    }

    fn add_beyond(&mut self, number: u64) -> Result<bool, TooManyGaps> {
        let skipped = self.next..number;
        if !skipped.is_empty() {
            if self.gaps.len() >= MAX_GAPS {
                return Err(TooManyGaps);
            }
            self.gaps.push(skipped);
        }
        self.next = number + 1;
        Ok(true)
    }

    /// Whether nothing is missing before the greatest one.
    pub(super) fn are_whole(&self) -> bool {
        self.gaps.is_empty()
    }

    /// What is missing before the greatest one.
    pub(super) fn gaps(&self) -> &[Range<u64>] {
        &self.gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_new_once_in_whatever_order() {
        for seed in 0..200 {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut order: Vec<u64> = (0..random.u64(1..80))
                .flat_map(|number| [number; 2])
                .collect();
            random.shuffle(&mut order);
            let mut numbers = Numbers::default();
            let mut had = std::collections::BTreeSet::new();
            for number in &order {
                assert_eq!(numbers.add(*number), Ok(had.insert(*number)));
                let missing = numbers.gaps().iter().cloned().flatten();
                let most = had.last().copied().unwrap();
                assert!(missing.eq((0..most).filter(|number| !had.contains(number))));
            }
            assert!(numbers.are_whole());
        }
    }

    #[test]
    fn a_gap_beyond_the_limit_changes_nothing() {
        let mut numbers = Numbers::default();
        for gap in 1..=MAX_GAPS as u64 {
            assert_eq!(numbers.add(10 * gap), Ok(true));
        }
        let next = 10 * MAX_GAPS as u64 + 1;
        assert_eq!(numbers.add(next + 1), Err(TooManyGaps));
        // In the middle of a gap it would make two of one.
        assert_eq!(numbers.add(5), Err(TooManyGaps));
        assert_eq!(numbers.gaps().len(), MAX_GAPS);
        assert_eq!(
            (numbers.add(next), numbers.add(next)),
            (Ok(true), Ok(false))
        );
        // At its end it does not, and once one is filled there is room for another.
        assert_eq!(numbers.add(0), Ok(true));
        for number in 1..10 {
            assert_eq!(numbers.add(number), Ok(true));
        }
        assert_eq!(numbers.add(next + 2), Ok(true));
    }
}
