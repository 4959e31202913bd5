//! The starts of an open model that are a share's own, each at the instant at which one machine would make it.

use std::time::Duration;

use super::lot::Lot;
use crate::schedule::Schedule;

/// The own starts among all that a schedule has.
#[derive(Clone, Debug, PartialEq)]
pub struct Starts {
    schedule: Schedule,
    lot: Lot,
}

impl Starts {
    pub(super) fn new(schedule: Schedule, lot: Lot) -> Self {
        Self { schedule, lot }
    }

    /// The schedule of the whole load.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.lot.count_before(self.schedule.count())
    }

    /// When the one at that index of its own (from 0) is to be, since the start of the load; none beyond the last one.
    pub fn start(&self, index: u64) -> Option<Duration> {
        self.schedule.start(self.lot.place(index)?)
    }

    /// How many were to be before a time.
    pub fn count_before(&self, elapsed: Duration) -> u64 {
        self.lot.count_before(self.schedule.count_before(elapsed))
    }

    /// All of them in their order.
    pub fn all(&self) -> impl Iterator<Item = Duration> {
        (0..self.count()).map_while(|index| self.start(index))
    }
}
