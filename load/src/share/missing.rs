//! How much of a load is not made where nobody makes a part of it for a while: what a loss costs, as a part of what was asked for.

use std::ops::Range;
use std::time::Duration;

use super::{Part, Starts};
use crate::schedule::Schedule;

impl Part {
    /// Which part of the whole load, from 0 to 1, is its own in a time since the start of the load: of all starts, or of the time of all virtual
    /// users, as if its own were always as many of those that are wanted. The warm-up is no part of either. 0 if iterations are counted, for nobody
    /// knows when those would have been made.
    pub fn fraction_in(&self, time: Range<Duration>) -> f64 {
        let Some(schedule) = Schedule::of(self.plan()) else {
            return 0.0;
        };
        let from = time.start.max(schedule.warm_up());
        let until = time.end.min(schedule.total());
        if until <= from {
            return 0.0;
        }
        if self.plan().executor().is_open() {
            let own = Starts::new(schedule, self.lot().clone());
            return fraction_of(own.count_before(until) - own.count_before(from), &own);
        }
        let vus = f64::from(self.vus()) / f64::from(self.plan().vus().max(1));
        let all = schedule.area(schedule.warm_up()..schedule.total());
        let own = vus * schedule.area(from..until);
        if all > 0.0 { own / all } else { 0.0 }
    }

    /// Which part of all starts that are measured so many are, from 0 to 1; 0 in closed models.
    pub fn fraction_of(&self, starts: u64) -> f64 {
        self.starts().map_or(0.0, |own| fraction_of(starts, &own))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a load has far fewer than 2^53 starts"
)]
fn fraction_of(starts: u64, own: &Starts) -> f64 {
    let schedule = own.schedule();
    let all = schedule.count() - schedule.count_before(schedule.warm_up());
    if all == 0 {
        0.0
    } else {
        starts as f64 / all as f64
    }
}
