//! How much of a load is not made where nobody makes a part of it for a while: what a loss costs, as a part of what was asked for.

use std::ops::Range;
use std::time::Duration;

use super::Part;
use crate::schedule::Schedule;

/// Into so many slices of time virtual users are counted.
const SLICES: u32 = 1_000;

impl Part {
    /// Which part of the whole load, from 0 to 1, is its own in a time since the start of the load: of all starts, or of the time of all virtual
    /// users, which is counted to a thousandth of the load. The warm-up is no part of either. 0 if iterations are counted, for nobody knows when
    /// those would have been made.
    pub fn fraction_in(&self, time: Range<Duration>) -> f64 {
        let Some(schedule) = Schedule::of(self.plan()) else {
            return 0.0;
        };
        let from = time.start.max(schedule.warm_up());
        let until = time.end.min(schedule.total());
        if until <= from {
            return 0.0;
        }
        match self.starts() {
            Some(starts) => {
                let before = schedule.count_before(schedule.warm_up());
                let own = starts.count_before(until) - starts.count_before(from);
                ratio(own, schedule.count() - before)
            }
            None => self.users_in(&schedule, from..until),
        }
    }

    /// Of the time of all virtual users.
    fn users_in(&self, schedule: &Schedule, time: Range<Duration>) -> f64 {
        let slice = schedule.total().saturating_sub(schedule.warm_up()) / SLICES;
        let (mut own, mut all) = (0.0, 0.0);
        for number in 0..SLICES {
            let begins = schedule.warm_up() + slice * number;
            let ends = begins + slice;
            let vus = schedule.vus_at(begins + slice / 2);
            let within = ends.min(time.end).saturating_sub(begins.max(time.start));
            own += f64::from(self.vus_of(vus)) * within.as_secs_f64();
            all += f64::from(vus) * slice.as_secs_f64();
        }
        if all > 0.0 { own / all } else { 0.0 }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a load has far fewer than 2^53 starts"
)]
fn ratio(own: u64, all: u64) -> f64 {
    if all == 0 {
        0.0
    } else {
        own as f64 / all as f64
    }
}
