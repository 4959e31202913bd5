//! What came of a load.

use std::time::Duration;

use crate::bindings::load as contract;

pub use contract::{CheckCount, Counted};

/// What came of a load, without its warm-up.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// From start to end.
    pub elapsed: Duration,
    /// How many iterations came to their end.
    pub iterations: u64,
    /// How many of them failed.
    pub failed: u64,
    /// How many were cut off at the end of the grace.
    pub interrupted: u64,
    /// Iterations of an open model that never started.
    pub dropped: u64,
    /// Iterations that began in the warm-up. They are counted nowhere else.
    pub warm_up: u64,
    /// Open models: how many should have started each second.
    pub intended_per_second: Option<f64>,
    /// How many came to their end each second.
    pub per_second: f64,
    /// The most virtual users at once.
    pub most_vus: u32,
    /// Instances that were replaced after a trap.
    pub replaced: u64,
    /// Times of the iterations that passed.
    pub succeeded: Distribution,
    /// Times of those that failed.
    pub failed_after: Distribution,
    /// Why they failed.
    pub failures: Vec<Counted>,
    /// The checks of the virtual users: evidence, so that those of the warm-up count, too.
    pub checks: Vec<CheckCount>,
    /// Their requests, by name.
    pub requests: Vec<Requests>,
    /// Their event streams; none if there were none.
    pub streams: Option<Streams>,
    /// How the generator itself did.
    pub generator: Generator,
    /// Why it ended before its time: a missed baseline.
    pub aborted: Option<String>,
    /// A search: the last step that missed nothing; none if the first one did.
    pub limit: Option<f64>,
}

/// A distribution of times, to three significant figures; all zero if there is no value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Distribution {
    /// How many values.
    pub count: u64,
    /// The least.
    pub min: Duration,
    /// Their mean.
    pub mean: Duration,
    /// The median.
    pub p50: Duration,
    /// 90 % are at most this.
    pub p90: Duration,
    /// 95 % are at most this.
    pub p95: Duration,
    /// 99 % are at most this.
    pub p99: Duration,
    /// 99.9 % are at most this.
    pub p999: Duration,
    /// The greatest.
    pub max: Duration,
}

/// Requests of one name. A status of 400 or more is a failure, as is no answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Requests {
    /// The name.
    pub name: String,
    /// Those that succeeded.
    pub succeeded: Distribution,
    /// Those that did not.
    pub failed: Distribution,
    /// Why: `timeout`, `connect`, `status 503`, ...
    pub failures: Vec<Counted>,
    /// Bytes of all bodies.
    pub received: u64,
}

/// What came of the event streams.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Streams {
    /// How many were opened.
    pub opened: u64,
    /// The most that were open at once.
    pub most_open: u32,
    /// From asking to the head of the answer.
    pub connect: Distribution,
    /// From asking to the first event.
    pub first_event: Distribution,
    /// Between two events of a stream.
    pub gap: Distribution,
    /// Events of all of them.
    pub events: u64,
    /// Gaps that were longer than [`Plan::stall`](super::Plan::stall).
    pub stalls: u64,
    /// How often one was opened again.
    pub reconnects: u64,
    /// Ids that were left out.
    pub lost: u64,
    /// Events whose id was there before.
    pub duplicated: u64,
    /// Streams that broke while they were read, and were not opened again.
    pub cut_short: u64,
    /// Why streams were not opened, or broke.
    pub failures: Vec<Counted>,
}

/// How the generator itself did.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Generator {
    /// True if it was itself the limit, so that the figures say more of it than of the system.
    pub saturated: bool,
    /// The share of a processor that its busiest thread took.
    pub busiest: f64,
    /// From the intended start of an iteration to the actual one, where a virtual user was free.
    pub late: Distribution,
}

impl Outcome {
    /// The requests of this name, if there were any.
    pub fn requests(&self, name: &str) -> Option<&Requests> {
        self.requests.iter().find(|requests| requests.name == name)
    }
}

impl Requests {
    /// All of them.
    pub fn count(&self) -> u64 {
        self.succeeded.count + self.failed.count
    }
}

impl From<contract::Outcome> for Outcome {
    fn from(outcome: contract::Outcome) -> Self {
        Self {
            elapsed: Duration::from_nanos(outcome.elapsed_ns),
            iterations: outcome.iterations,
            failed: outcome.failed,
            interrupted: outcome.interrupted,
            dropped: outcome.dropped,
            warm_up: outcome.warm_up,
            intended_per_second: outcome.intended_per_second,
            per_second: outcome.per_second,
            most_vus: outcome.most_vus,
            replaced: outcome.replaced,
            succeeded: outcome.succeeded.into(),
            failed_after: outcome.failed_after.into(),
            failures: outcome.failures,
            checks: outcome.checks,
            requests: outcome.requests.into_iter().map(Requests::from).collect(),
            streams: outcome.streams.map(Streams::from),
            generator: Generator {
                saturated: outcome.generator.saturated,
                busiest: outcome.generator.busiest,
                late: outcome.generator.late.into(),
            },
            aborted: outcome.aborted,
            limit: outcome.limit,
        }
    }
}

impl From<contract::Requests> for Requests {
    fn from(requests: contract::Requests) -> Self {
        Self {
            name: requests.name,
            succeeded: requests.succeeded.into(),
            failed: requests.failed.into(),
            failures: requests.failures,
            received: requests.received,
        }
    }
}

impl From<contract::Streams> for Streams {
    fn from(streams: contract::Streams) -> Self {
        Self {
            opened: streams.opened,
            most_open: streams.most_open,
            connect: streams.connect.into(),
            first_event: streams.first_event.into(),
            gap: streams.gap.into(),
            events: streams.events,
            stalls: streams.stalls,
            reconnects: streams.reconnects,
            lost: streams.lost,
            duplicated: streams.duplicated,
            cut_short: streams.cut_short,
            failures: streams.failures,
        }
    }
}

impl From<contract::Distribution> for Distribution {
    fn from(distribution: contract::Distribution) -> Self {
        Self {
            count: distribution.count,
            min: Duration::from_nanos(distribution.min),
            mean: Duration::from_secs_f64(distribution.mean.max(0.0) / 1e9),
            p50: Duration::from_nanos(distribution.p50),
            p90: Duration::from_nanos(distribution.p90),
            p95: Duration::from_nanos(distribution.p95),
            p99: Duration::from_nanos(distribution.p99),
            p999: Duration::from_nanos(distribution.p999),
            max: Duration::from_nanos(distribution.max),
        }
    }
}
