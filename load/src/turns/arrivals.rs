//! The arrivals of an open model: claimed one after the other, or dropped. Places are those among a share's own.

use std::sync::atomic::{AtomicU64, Ordering};

/// Which arrivals have been claimed, and how many of them came to nothing.
#[derive(Debug)]
pub(super) struct Arrivals {
    /// So many at the beginning are not measured.
    warm_up: u64,
    next: AtomicU64,
    dropped: AtomicU64,
}

impl Arrivals {
    /// Of which so many belong to the warm-up. The `first` ones are somebody else's, who was lost, and are counted nowhere here.
    pub(super) fn new(first: u64, warm_up: u64) -> Self {
        Self {
            warm_up: warm_up.max(first),
            next: AtomicU64::new(first),
            dropped: AtomicU64::new(0),
        }
    }

    /// The place of the next one, which is the caller's alone.
    pub(super) fn claim(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether it belongs to the warm-up.
    pub(super) fn is_warm_up(&self, place: u64) -> bool {
        place < self.warm_up
    }

    /// How many of the first `due` are measured.
    pub(super) fn measured(&self, due: u64) -> u64 {
        due.saturating_sub(self.warm_up)
    }

    /// One that was claimed comes to nothing.
    pub(super) fn drop(&self, place: u64) {
        self.drop_all(place, place + 1);
    }

    /// All before `limit` that nobody has claimed come to nothing.
    pub(super) fn drop_before(&self, limit: u64) {
        let next = self.next.fetch_max(limit, Ordering::Relaxed);
        self.drop_all(next, limit);
    }

    fn drop_all(&self, from: u64, to: u64) {
        let measured = self.measured(to).saturating_sub(self.measured(from));
        self.dropped.fetch_add(measured, Ordering::Relaxed);
    }

    /// How many of what is measured came to nothing, if `due` were to start: also those that nobody has claimed.
    pub(super) fn dropped(&self, due: u64) -> u64 {
        let claimed = self.next.load(Ordering::Relaxed);
        let unclaimed = self.measured(due).saturating_sub(self.measured(claimed));
        self.dropped.load(Ordering::Relaxed) + unclaimed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arrival_is_claimed_once_dropped_once_or_left() {
        let arrivals = Arrivals::new(0, 0);
        assert_eq!((arrivals.claim(), arrivals.claim()), (0, 1));
        arrivals.drop(1);
        arrivals.drop_before(5);
        // Nothing is before 3 that nobody has claimed.
        arrivals.drop_before(3);
        assert_eq!(arrivals.claim(), 5);
        assert_eq!(arrivals.dropped(6), 4);
        assert_eq!(arrivals.dropped(10), 8);
    }

    #[test]
    fn what_belongs_to_the_warm_up_is_not_counted() {
        let arrivals = Arrivals::new(0, 3);
        arrivals.drop(arrivals.claim());
        arrivals.drop_before(5);
        assert_eq!((arrivals.dropped(5), arrivals.dropped(7)), (2, 4));
        assert_eq!((arrivals.measured(2), arrivals.measured(7)), (0, 4));
        assert!(arrivals.is_warm_up(2) && !arrivals.is_warm_up(3));
    }

    #[test]
    fn those_of_whoever_was_lost_are_neither_made_nor_counted() {
        let arrivals = Arrivals::new(4, 2);
        arrivals.drop_before(6);
        assert_eq!((arrivals.claim(), arrivals.is_warm_up(6)), (6, false));
        assert_eq!((arrivals.measured(4), arrivals.measured(9)), (0, 5));
        assert_eq!((arrivals.dropped(4), arrivals.dropped(9)), (2, 4));
    }
}
