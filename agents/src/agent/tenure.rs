//! How long an agent may go on in a run, and what stops when it may not. The lease is looked at before anything is done that only its holder may do, and
//! not only from time to time: who was frozen for too long finds that out first.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use assay_load::clock::Moment;

use super::running::Running;
use crate::{
    clock,
    connection::Link,
    lease::Lease,
    message::{Pulse, Said},
    orders::Orders,
    settings::Times,
    shard::ShardNumber,
    stop::{Stop, StopReason, Stopper},
};

/// An agent's part in a run.
#[derive(Debug)]
pub(super) struct Tenure {
    link: Link,
    lease: Mutex<Lease>,
    running: Mutex<Running>,
    /// Everything that runs has to stop.
    stopper: Stopper,
    /// Nobody hears any more what is told.
    leaver: Stopper,
}

/// That what runs has to stop, and that nobody hears of it any more. The second never comes before the first.
#[derive(Clone, Debug)]
pub(super) struct Stops {
    pub(super) stop: Stop,
    pub(super) gone: Stop,
}

impl Tenure {
    /// It begins now.
    pub(super) fn new(link: Link, times: Times) -> (Arc<Self>, Stops) {
        let ((stopper, stop), (leaver, gone)) = (Stopper::new(), Stopper::new());
        let tenure = Arc::new(Self {
            link,
            lease: Mutex::new(Lease::new(times, clock::now())),
            running: Mutex::default(),
            stopper,
            leaver,
        });
        let looking = Arc::clone(&tenure);
        let stop = stop.looking(move || looking.look());
        (tenure, Stops { stop, gone })
    }

    /// Finds out whether it is over, or what runs has to stop.
    pub(super) fn look(&self) {
        let mut lease = lock(&self.lease);
        lease.linked(self.link.state().up);
        let now = clock::now();
        if let Some((reason, since)) = lease.ended(now) {
            self.leave_since(reason, since);
        } else if let Some(since) = lease.absent(now) {
            lock(&self.running).stop_all(&StopReason::CoordinatorLost, since);
        }
    }

    /// Whether nobody answers for the coordinator, and nothing runs any more because of that.
    pub(super) fn is_orphan(&self) -> bool {
        let is_absent = lock(&self.lease).absent(clock::now()).is_some();
        is_absent && lock(&self.running).is_empty()
    }

    /// It is over.
    pub(super) fn leave(&self, reason: StopReason) {
        self.leave_since(reason, clock::now());
    }

    fn leave_since(&self, reason: StopReason, since: Moment) {
        self.stopper.stop_since(reason.clone(), since);
        self.leaver.stop_since(reason, since);
    }

    /// Does what a pulse says.
    pub(super) fn hear(&self, pulse: Pulse) {
        match pulse {
            Pulse::Running => {}
            Pulse::Aborted(reason) => self.stopper.stop(StopReason::Aborted(reason)),
            Pulse::Over => self.leave(StopReason::Over),
            Pulse::Unknown => self.leave(StopReason::GivenUp),
        }
    }

    /// A beat that was sent then was answered, and so it was heard what had been given back by then.
    pub(super) fn answered(&self, sent: Moment, given_back: &[(ShardNumber, u32)]) {
        lock(&self.lease).answered(sent);
        lock(&self.running).forget_given_back(given_back);
    }

    /// Something else was answered.
    pub(super) fn somebody(&self) {
        lock(&self.lease).somebody();
    }

    /// The server knows nobody who would answer.
    pub(super) fn nobody(&self) {
        lock(&self.lease).nobody(clock::now());
    }

    /// Something is said to an attempt; whether it was taken.
    pub(super) fn hear_said(&self, said: Said) -> bool {
        lock(&self.running).hear(said)
    }

    /// An attempt runs from now on: its orders, and that it alone has to stop.
    pub(super) fn begin(&self, shard: ShardNumber, attempt: u32) -> (Orders, Stop) {
        lock(&self.running).begin(shard, attempt)
    }

    /// An attempt runs no longer. Whoever gives it back has not told its end.
    pub(super) fn end(&self, shard: ShardNumber, attempt: u32, is_given_back: bool) {
        lock(&self.running).end(shard, attempt, is_given_back);
    }

    /// What runs, and what was given back; which attempt at each it is.
    pub(super) fn attempts(&self) -> [Vec<(ShardNumber, u32)>; 2] {
        let running = lock(&self.running);
        [running.list(), running.given_back().to_vec()]
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
