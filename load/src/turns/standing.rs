//! How a load stands: what has been of its arrivals, and all that whoever makes a share of it tells.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Arrived, Model, Turns};
use crate::delta::Standing;
use crate::outcome::Generator;

impl Turns {
    /// What has been of the arrivals until now, without those of the warm-up; none in closed models.
    pub fn arrived(&self) -> Option<Arrived> {
        self.arrived_by(self.elapsed())
    }

    /// The same until a time since the start of the load, which is not in the future.
    fn arrived_by(&self, elapsed: Duration) -> Option<Arrived> {
        let Model::Open(starts, arrivals) = &self.inner.model else {
            return None;
        };
        let elapsed = self.end_of_load().unwrap_or_default().min(elapsed);
        let too_late = elapsed.saturating_sub(self.plan().late());
        Some(Arrived {
            intended: arrivals.measured(starts.count_before(elapsed)),
            dropped: arrivals.dropped(starts.count_before(too_late)),
        })
    }

    /// How many were due by a time, are not too late for a virtual user then, and have none.
    fn waiting_by(&self, elapsed: Duration) -> u64 {
        let Model::Open(starts, arrivals) = &self.inner.model else {
            return 0;
        };
        let elapsed = self.end_of_load().unwrap_or_default().min(elapsed);
        let too_late = elapsed.saturating_sub(self.plan().late());
        let dropped = |due| arrivals.dropped(starts.count_before(due));
        dropped(elapsed).saturating_sub(dropped(too_late))
    }

    /// Of a load that has ended: whoever found nobody until its end is dropped.
    pub(super) fn arrived_in_all(&self) -> Option<Arrived> {
        let Model::Open(starts, arrivals) = &self.inner.model else {
            return None;
        };
        let end = self.end_of_load().unwrap_or_default().min(self.elapsed());
        let due = starts.count_before(end);
        Some(Arrived {
            intended: arrivals.measured(due),
            dropped: arrivals.dropped(due),
        })
    }

    /// Since the start of the load. `over`: every seat was dropped, so that what nobody came for until now is dropped for good; else arrivals
    /// are told `until` a time, and whoever makes up for the share begins with the next one.
    pub(crate) fn standing(&self, generator: &Generator, until: Duration, over: bool) -> Standing {
        let inner = &self.inner;
        let arrived = if over {
            self.arrived_in_all()
        } else {
            self.arrived_by(until)
        };
        let streams = inner.samples.open_streams();
        let last_end = Duration::from_nanos(inner.last_end.load(Ordering::Acquire));
        Standing {
            vus: inner.present.now(),
            most_vus: inner.present.most(),
            open_streams: streams.now(),
            most_open_streams: streams.most(),
            intended: arrived.map(|arrived| arrived.intended),
            dropped: arrived.map_or(0, |arrived| arrived.dropped),
            waiting: if over { 0 } else { self.waiting_by(until) },
            interrupted: inner.interrupted.load(Ordering::Acquire),
            warm_up: inner.warm_up.load(Ordering::Acquire),
            measured_ns: nanoseconds(self.measured()),
            elapsed_ns: nanoseconds(last_end.saturating_sub(self.plan().warm_up())),
            saturated: generator.saturated,
            busiest: generator.busiest,
            over,
        }
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
