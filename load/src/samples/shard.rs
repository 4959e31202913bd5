//! The log of one worker: where its virtual users leave what happened.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::open::Open;
use super::sample::{CheckId, RequestSample, Sample, StreamSample};
use super::{Core, FailureId, NameId};
use crate::phase::Phase;

/// How many samples are kept until they are counted. Small, so that it stays in the nearest cache and that counting them takes a few
/// microseconds at a time.
const CAPACITY: usize = 256;

/// The log of one worker. To record costs about 35 ns with the counting: a lock that only the once-a-second reader wants as well, and a
/// share of the lock of the histograms for each [`CAPACITY`] samples.
#[derive(Debug)]
pub struct Shard {
    core: Arc<Core>,
    log: Mutex<Vec<Sample>>,
}

impl Shard {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            log: Mutex::new(Vec::with_capacity(CAPACITY)),
        }
    }

    /// A request that ended. Left out if it began in the warm-up.
    pub fn record(&self, request: RequestSample) {
        if self.core.gate.admits(request.nanoseconds) {
            self.push(Sample::Request(request));
        }
    }

    /// A check that was made: evidence, so that those of the warm-up count, too.
    pub fn check(&self, id: CheckId, passed: bool) {
        self.push(Sample::Check { id, passed });
    }

    /// The number of a request's name, as [`super::Samples::name`].
    pub fn name(&self, name: &str) -> NameId {
        self.core.name(name)
    }

    /// The number of a kind of failure, as [`super::Samples::failure`].
    pub fn failure(&self, kind: &str) -> FailureId {
        self.core.failure(kind)
    }

    /// The number of a check, as [`super::Samples::check`].
    pub fn check_id(&self, name: &str) -> CheckId {
        self.core.check(name)
    }

    /// An iteration that ended. Whoever gave it knows whether it belongs to the warm-up.
    pub(crate) fn iteration(&self, phase: Phase, failure: Option<FailureId>, nanoseconds: u64) {
        self.push(Sample::Iteration {
            phase,
            failure,
            nanoseconds,
        });
    }

    /// The start of an iteration, behind its intended start, although its virtual user was free.
    pub(crate) fn late(&self, nanoseconds: u64) {
        self.push(Sample::Late { nanoseconds });
    }

    /// Something of a stream that took a time. Left out if it began in the warm-up.
    pub(crate) fn stream(&self, phase: Phase, nanoseconds: u64, sample: StreamSample) {
        if self.core.gate.admits(nanoseconds) {
            self.push(Sample::Stream {
                phase,
                sample,
                nanoseconds,
            });
        }
    }

    /// Events of a stream that never came. Left out in the warm-up.
    pub(crate) fn lost(&self, phase: Phase, events: u64) {
        if self.core.gate.admits(0) {
            self.push(Sample::Lost { phase, events });
        }
    }

    /// How many streams are open, over all workers.
    pub(crate) fn open_streams(&self) -> &Open {
        &self.core.open_streams
    }

    fn push(&self, sample: Sample) {
        let mut log = self.log();
        log.push(sample);
        if log.len() >= CAPACITY {
            self.empty(&mut log);
        }
    }

    /// Has all counted that was recorded.
    pub(super) fn settle(&self) {
        let mut log = self.log();
        if !log.is_empty() {
            self.empty(&mut log);
        }
    }

    /// Takes the lock of the histograms while it holds its own: always in this order.
    fn empty(&self, log: &mut Vec<Sample>) {
        let mut totals = self.core.totals();
        for sample in log.drain(..) {
            totals.count(sample);
        }
    }

    fn log(&self) -> MutexGuard<'_, Vec<Sample>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
