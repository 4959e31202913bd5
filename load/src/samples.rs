//! What is kept of a load: times by name, phase and outcome, counts, and nothing that grows with the length of a load.
//!
//! Each worker writes into a [`Shard`] of its own, a short log behind a lock that nobody else wants. A full log is emptied into the one set
//! of histograms that all workers share. So workers do not wait for each other, and memory does not grow with their number either: about
//! 120 KiB for each name, phase and outcome that occurs, if nothing takes longer than a second. Names are bounded by budgets.
//!
//! What belongs to the warm-up is left out here, by when it began.

pub(crate) mod bucket;
mod gate;
mod histogram;
mod names;
mod open;
mod phased;
mod sample;
mod shard;
mod totals;
mod under;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::CreationError;
use tokio::time::Instant;

use crate::delta::Contents;
use crate::encoded::EncodedHistogram;
use crate::outcome::Outcome;
use crate::threshold::Measure;

use gate::Gate;
use names::Names;
use totals::Totals;

pub use names::{MAX_NAME, OTHER};
pub use sample::{CheckId, FailureId, NameId, RequestSample};
pub use shard::Shard;
pub use under::{Percentiles, Second};

pub(crate) use histogram::{Histogram, LEAST_TIME, MOST_TIME, SIGNIFICANT_FIGURES, Template};
pub(crate) use open::Open;
pub(crate) use phased::{Tally, of_phases};
pub(crate) use sample::StreamSample;
pub(crate) use totals::Measured;
pub(crate) use under::Under;

/// How many names of requests are told apart.
pub const NAME_BUDGET: u16 = 1_000;
/// How many kinds of failures are told apart.
pub const FAILURE_BUDGET: u16 = 64;
/// How many checks are told apart.
pub const CHECK_BUDGET: u16 = 1_000;

/// The times cannot be counted on this machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no histogram of times can be made here ({0}); run the load on a machine of 64 bits")]
pub struct Uncountable(String);

impl Uncountable {
    pub(crate) fn new(error: CreationError) -> Self {
        Self(error.to_string())
    }
}

/// How many whole distributions are told of a load.
pub const MAX_ENCODED: usize = 300;

/// The samples of one load. Cheap to clone: all clones are the same.
#[derive(Clone, Debug)]
pub struct Samples {
    core: Arc<Core>,
    shards: Arc<Mutex<Vec<Arc<Shard>>>>,
}

/// What all shards share.
#[derive(Debug)]
struct Core {
    requests: Names,
    failures: Names,
    checks: Names,
    gate: Gate,
    open_streams: Open,
    totals: Mutex<Totals>,
}

impl Core {
    fn name(&self, name: &str) -> NameId {
        NameId(self.requests.number(name))
    }

    fn failure(&self, kind: &str) -> FailureId {
        FailureId(self.failures.number(kind))
    }

    fn check(&self, name: &str) -> CheckId {
        CheckId(self.checks.number(name))
    }

    /// Every change is an addition to a number: a panic of another holder leaves nothing half-written.
    fn totals(&self) -> MutexGuard<'_, Totals> {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Samples {
    /// Empty. `measures` are those that will be asked for: names of requests in them keep their place in the budget.
    pub fn new<'a>(measures: impl IntoIterator<Item = &'a Measure>) -> Result<Self, Uncountable> {
        let totals = Totals::new().map_err(Uncountable::new)?;
        let core = Core {
            requests: Names::with_budget(NAME_BUDGET),
            failures: Names::with_budget(FAILURE_BUDGET),
            checks: Names::with_budget(CHECK_BUDGET),
            gate: Gate::default(),
            open_streams: Open::default(),
            totals: Mutex::new(totals),
        };
        for measure in measures {
            if let Measure::Requests(name, _) = measure {
                core.name(name);
            }
        }
        Ok(Self {
            core: Arc::new(core),
            shards: Arc::default(),
        })
    }

    /// A log for one more worker.
    pub fn shard(&self) -> Arc<Shard> {
        let shard = Arc::new(Shard::new(Arc::clone(&self.core)));
        self.shards().push(Arc::clone(&shard));
        shard
    }

    /// The number of a request's name. About 30 ns once it is known.
    pub fn name(&self, name: &str) -> NameId {
        self.core.name(name)
    }

    /// The number of a kind of failure: few words, such as `status 503`. About 30 ns once it is known.
    pub fn failure(&self, kind: &str) -> FailureId {
        self.core.failure(kind)
    }

    /// The number of a check. About 30 ns once it is known.
    pub fn check(&self, name: &str) -> CheckId {
        self.core.check(name)
    }

    /// What began before that moment is left out from now on.
    pub(crate) fn measure_from(&self, moment: Instant) {
        self.core.gate.opens_at(moment);
    }

    fn shards(&self) -> MutexGuard<'_, Vec<Arc<Shard>>> {
        self.shards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that was recorded until now.
    fn settled(&self) -> MutexGuard<'_, Totals> {
        let shards = self.shards().clone();
        for shard in shards {
            shard.settle();
        }
        self.core.totals()
    }

    /// What came together since this was last asked, which is for one to ask. It costs some tens of microseconds.
    pub fn second(&self) -> Second {
        let open_streams = self.core.open_streams.now();
        Second {
            open_streams,
            ..self.settled().take_second()
        }
    }

    /// What a measure is now, from the start of what is measured.
    pub(crate) fn measured(&self, measure: &Measure) -> Measured {
        let name = match measure {
            Measure::Requests(name, _) => Some(self.name(name)),
            _ => None,
        };
        self.settled().measured(measure, name)
    }

    /// How many streams are open, and were at most.
    pub(crate) fn open_streams(&self) -> &Open {
        &self.core.open_streams
    }

    /// How many iterations ended, well and not.
    pub fn iterations(&self) -> u64 {
        self.settled().iterations()
    }

    /// How far starts were behind the intended ones, although a virtual user was free: the 99th percentile.
    pub fn lateness_of_the_free(&self) -> Duration {
        Duration::from_nanos(self.settled().lateness_of_the_free())
    }

    /// Whole distributions of what succeeded, at most [`MAX_ENCODED`]: of iterations, of streams, and of requests in the order of their
    /// first use.
    pub fn encoded(&self) -> Vec<EncodedHistogram> {
        let names = self.core.requests.all();
        let mut encoded = self.settled().encoded(&names);
        encoded.truncate(MAX_ENCODED);
        encoded
    }

    /// Takes out what was recorded since the time before, for a delta. It is not in these samples any more, but for the lateness of starts.
    pub(crate) fn take(&self) -> Vec<Contents> {
        // The lock is held for the taking alone: workers wait for it.
        let taken = self.settled().take();
        taken.contents(&self.core)
    }

    /// Adds what was taken elsewhere, and was checked.
    pub(crate) fn absorb(&self, contents: &Contents) {
        self.core.totals().absorb(contents, &self.core);
    }

    /// Adds all of it to an outcome.
    pub(crate) fn tell(&self, outcome: &mut Outcome) {
        let totals = self.settled();
        let (failures, requests, checks) = (
            self.core.failures.all(),
            self.core.requests.all(),
            self.core.checks.all(),
        );
        totals.tell_iterations(outcome, &failures);
        outcome.requests = totals.requests(&requests, &failures);
        outcome.checks = totals.checks(&checks);
        outcome.streams = totals.streams(self.core.open_streams.most(), &failures);
    }
}
