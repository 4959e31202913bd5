//! How many of something are there at once, over all threads, and how many there were at most.

use std::sync::atomic::{AtomicU32, Ordering};

/// A count that goes up and down, and its peak. Contended where it changes often, so it is for what lasts.
#[derive(Debug, Default)]
pub(crate) struct Open {
    now: AtomicU32,
    most: AtomicU32,
}

impl Open {
    pub(crate) fn enter(&self) {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        if now > self.most.load(Ordering::Relaxed) {
            self.most.fetch_max(now, Ordering::Relaxed);
        }
    }

    pub(crate) fn leave(&self) {
        self.now.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> u32 {
        self.now.load(Ordering::Relaxed)
    }

    pub(crate) fn most(&self) -> u32 {
        self.most.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_stays_when_the_count_goes_down() {
        let open = Open::default();
        for _ in 0..3 {
            open.enter();
        }
        open.leave();
        open.enter();
        open.leave();
        open.leave();
        assert_eq!((open.now(), open.most()), (1, 3));
    }
}
