//! What is told again of an attempt that goes bad: the last requests and streams with all that is known of them, and the last ones that
//! went wrong, which what came after them does not push out. Of an attempt that is good it is thrown away, so that the log of a green
//! run stays small.

use std::collections::VecDeque;

use assay_report::event::{Exchange, StreamSummary};

use super::When;

/// Requests that went wrong of which everything is kept, and as many of the others; and the same of streams.
pub const MAX_RECALLED: usize = 8;

/// The last ones of a kind.
#[derive(Debug)]
pub(super) struct Recall<T> {
    wrong: VecDeque<(When, T)>,
    other: VecDeque<(When, T)>,
}

impl<T> Default for Recall<T> {
    fn default() -> Self {
        Self {
            wrong: VecDeque::new(),
            other: VecDeque::new(),
        }
    }
}

impl<T: Recallable> Recall<T> {
    /// Keeps it, in the place of the oldest one that ended as it did.
    pub(super) fn keep(&mut self, when: When, item: T) {
        let queue = if item.went_wrong() {
            &mut self.wrong
        } else {
            &mut self.other
        };
        if queue.len() == MAX_RECALLED {
            queue.pop_front();
        }
        queue.push_back((when, item));
    }

    /// All that is kept, in the order of their numbers.
    pub(super) fn take(&mut self) -> Vec<(When, T)> {
        let mut all: Vec<_> = self.wrong.drain(..).chain(self.other.drain(..)).collect();
        all.sort_by_key(|(_, item)| item.number());
        all
    }
}

/// What can be told again.
pub(super) trait Recallable {
    fn number(&self) -> u64;
    fn went_wrong(&self) -> bool;
}

impl Recallable for Exchange {
    fn number(&self) -> u64 {
        self.number
    }

    fn went_wrong(&self) -> bool {
        Self::went_wrong(self)
    }
}

impl Recallable for StreamSummary {
    fn number(&self) -> u64 {
        self.number
    }

    fn went_wrong(&self) -> bool {
        self.broke()
    }
}

#[cfg(test)]
mod tests {
    use assay_report::event::Phase;

    use super::*;

    #[derive(Debug)]
    struct One(u64, bool);

    impl Recallable for One {
        fn number(&self) -> u64 {
            self.0
        }

        fn went_wrong(&self) -> bool {
            self.1
        }
    }

    #[test]
    fn what_goes_well_does_not_push_out_what_went_wrong() {
        let mut recall = Recall::default();
        for number in 0..100 {
            let when = When {
                phase: Phase::Baseline,
                during: None,
            };
            recall.keep(when, One(number, number == 3 || number == 40));
        }
        let kept: Vec<_> = recall.take().iter().map(|(_, one)| one.0).collect();
        assert_eq!(kept, [3, 40, 92, 93, 94, 95, 96, 97, 98, 99]);
        assert!(recall.take().is_empty());
    }
}
