//! How a load stands, for whoever has to make one of the shares of several machines.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Turns;
use crate::delta::Standing;
use crate::outcome::Generator;

impl Turns {
    /// Since the start of the load. `over`: every seat was dropped, so that what nobody came for until now is dropped for good.
    pub(crate) fn standing(&self, generator: &Generator, over: bool) -> Standing {
        let inner = &self.inner;
        let arrived = if over {
            self.arrived_in_all()
        } else {
            self.arrived()
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
