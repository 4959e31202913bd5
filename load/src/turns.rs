//! Who may begin an iteration, and when.
//!
//! A virtual user has a [`Seat`], asks it for its next [`Turn`], and tells it how the one before ended. Seats belong to a [`Worker`], which is one
//! thread's share of a load. [`Turns`] is what they have in common, and how a load is begun, ended and told.
//!
//! - Closed models: a turn is given at once, unless pacing or a ramp say otherwise; nothing is allocated.
//! - Open models: a free virtual user claims the next arrival and waits for it. So arrivals go to whoever is free, in their order, and one that
//!   finds nobody free is behind its intended start by as long as it waited. From that start its latency counts.
//! - The end: no turn is given any more; what is under way has the grace.

mod alarm;
mod arrivals;
mod seat;
mod standing;
#[cfg(test)]
mod tests;
mod timer;
mod worker;

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::outcome::{Generator, Outcome};
use crate::plan::{Executor, Plan};
use crate::samples::{Open, Samples};
use crate::schedule::Schedule;
use crate::share::{Part, Starts};

use alarm::Alarm;
use arrivals::Arrivals;

pub use seat::{Ended, Ending, Next, Rings, Seat, Turn};
pub use worker::Worker;

/// The turns of one load. Cheap to clone: all clones are the same.
#[derive(Clone, Debug)]
pub struct Turns {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    part: Part,
    model: Model,
    samples: Samples,
    began: OnceLock<Instant>,
    stopped: OnceLock<Stopped>,
    /// Wakes those who wait for the beginning or the end of the load, not virtual users.
    changed: Notify,
    alarms: Mutex<Vec<Arc<Alarm>>>,
    /// Seats that may still get a turn, or have one.
    seated: AtomicU32,
    /// Virtual users in the load.
    present: Open,
    interrupted: AtomicU64,
    warm_up: AtomicU64,
    /// When the last iteration ended, in nanoseconds since the start.
    last_end: AtomicU64,
}

/// How turns are given.
#[derive(Debug)]
enum Model {
    /// So many of all, and how many were given.
    Shared {
        iterations: u64,
        given: AtomicU64,
    },
    PerVu {
        iterations: u64,
    },
    Closed(Schedule),
    Open(Starts, Arrivals),
}

/// Arrivals of an open model, since the start of what is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrived {
    /// Iterations that were to start.
    pub intended: u64,
    /// Those of them that found no free virtual user in time.
    pub dropped: u64,
}

#[derive(Debug)]
struct Stopped {
    at: Instant,
    reason: Option<String>,
}

impl Turns {
    /// Of a plan, all of it. Nothing begins before [`Turns::begin`].
    pub fn new(plan: Plan, samples: Samples) -> Self {
        Self::of_part(Part::whole(plan), samples)
    }

    /// Of what one share makes of a plan. Its virtual users are those of [`Part::numbers`]; what it counts is its own alone.
    pub fn of_part(part: Part, samples: Samples) -> Self {
        let model = match (
            part.starts(),
            Schedule::of(part.plan()),
            part.plan().executor(),
        ) {
            (Some(starts), _, _) => {
                let warm_up = starts.count_before(starts.schedule().warm_up());
                let first = starts.count_before(part.makes_up_from().unwrap_or_default());
                Model::Open(starts, Arrivals::new(first, warm_up))
            }
            (None, Some(schedule), _) => Model::Closed(schedule),
            (None, None, Executor::PerVuIterations { iterations, .. }) => Model::PerVu {
                iterations: *iterations,
            },
            // Who has neither a schedule nor iterations for each has iterations for all.
            (None, None, _) => Model::Shared {
                iterations: part.iterations().unwrap_or(0),
                given: AtomicU64::new(0),
            },
        };
        let inner = Inner {
            part,
            model,
            samples,
            began: OnceLock::new(),
            stopped: OnceLock::new(),
            changed: Notify::new(),
            alarms: Mutex::default(),
            seated: AtomicU32::new(0),
            present: Open::default(),
            interrupted: AtomicU64::new(0),
            warm_up: AtomicU64::new(0),
            last_end: AtomicU64::new(0),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// One thread's share of the load: its log of samples and its timer.
    pub fn worker(&self) -> Worker {
        let alarm = Arc::new(Alarm::default());
        self.alarms().push(Arc::clone(&alarm));
        Worker::new(self.clone(), alarm)
    }

    /// What is to be run, by all shares together.
    pub fn plan(&self) -> &Plan {
        self.inner.part.plan()
    }

    /// What of it is run here.
    pub fn part(&self) -> &Part {
        &self.inner.part
    }

    /// What was kept until now.
    pub fn samples(&self) -> &Samples {
        &self.inner.samples
    }

    /// Starts the clock: seats that wait get their turns. All virtual users have their seats by now.
    pub fn begin(&self) {
        self.begin_from(Instant::now());
    }

    /// Starts the clock at a moment that is agreed with others, and waits for it. What is late then is late by that moment, which the
    /// outcome tells: a moment that has passed already is not put off.
    pub async fn begin_at(&self, moment: Instant) {
        sleep_until(moment).await;
        self.begin_from(moment);
    }

    /// Starts the clock of a load that others began at that moment, `late` ago: what another machine has left of its share is made from now
    /// on. What was due until now comes to nothing, so that it does not begin with all of it at once.
    pub fn take_over(&self, moment: Instant, late: Duration) {
        if let Model::Open(starts, arrivals) = &self.inner.model {
            arrivals.drop_before(starts.count_before(late));
        }
        self.begin_from(moment);
    }

    fn begin_from(&self, moment: Instant) {
        let warm_up = self.plan().warm_up();
        if !warm_up.is_zero() {
            self.inner.samples.measure_from(moment + warm_up);
        }
        let _ = self.inner.began.set(moment);
        self.wake_all();
    }

    /// Ends the load before its time, as a search does that has found its limit.
    pub fn stop(&self) {
        self.end(None);
    }

    /// Ends the load before its time, for a reason that the outcome tells. The first reason counts.
    pub fn abort(&self, reason: impl Into<String>) {
        self.end(Some(reason.into()));
    }

    /// Whether somebody has ended the load before its schedule did.
    pub fn was_ended(&self) -> bool {
        self.inner.stopped.get().is_some()
    }

    fn end(&self, reason: Option<String>) {
        let _ = self.inner.stopped.set(Stopped {
            at: Instant::now(),
            reason,
        });
        self.wake_all();
    }

    fn wake_all(&self) {
        for alarm in &*self.alarms() {
            alarm.ring();
        }
        self.inner.changed.notify_waiters();
    }

    fn alarms(&self) -> MutexGuard<'_, Vec<Arc<Alarm>>> {
        self.inner
            .alarms
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopped(&self) -> bool {
        self.inner.stopped.get().is_some()
    }

    /// Since the start of the load; zero before.
    pub fn elapsed(&self) -> Duration {
        self.inner
            .began
            .get()
            .map_or(Duration::ZERO, Instant::elapsed)
    }

    /// How much time of what is measured has passed, without the warm-up and at most to the end of the load.
    pub fn measured(&self) -> Duration {
        let passed = self
            .end_of_load()
            .map_or(self.elapsed(), |end| end.min(self.elapsed()));
        passed.saturating_sub(self.plan().warm_up())
    }

    /// How many virtual users are in the load now; in open models, how many are busy.
    pub fn present(&self) -> u32 {
        self.inner.present.now()
    }

    /// When the load ends or ended, since its start; none if that is when its iterations have been made.
    fn end_of_load(&self) -> Option<Duration> {
        let total = match &self.inner.model {
            Model::Closed(schedule) => Some(schedule.total()),
            Model::Open(starts, _) => Some(starts.schedule().total()),
            Model::Shared { .. } | Model::PerVu { .. } => None,
        };
        let stopped = self.inner.stopped.get().zip(self.inner.began.get());
        let stopped = stopped.map(|(stopped, began)| stopped.at.duration_since(*began));
        match (total, stopped) {
            (Some(total), Some(stopped)) => Some(total.min(stopped)),
            (one, other) => one.or(other),
        }
    }

    /// Waits until no turn is given any more: the time is over, the iterations have been made, or the load was ended.
    pub async fn ended(&self) {
        loop {
            let changed = self.inner.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.is_stopped() || self.is_empty() {
                return;
            }
            match self.inner.began.get().zip(self.end_of_load()) {
                Some((began, end)) => {
                    let end = *began + end;
                    if timeout_at(end, changed).await.is_err() {
                        return;
                    }
                }
                None => changed.await,
            }
        }
    }

    /// Waits for the end of the load and for what is under way then, at most as long as the grace. What has not ended by then is to be dropped
    /// with its seat, and counts as interrupted.
    pub async fn finished(&self) {
        self.ended().await;
        let began = self.inner.began.get().copied().unwrap_or_else(Instant::now);
        let end = self
            .end_of_load()
            .map_or_else(Instant::now, |end| began + end);
        let deadline = sleep_until(end + self.plan().grace());
        tokio::pin!(deadline);
        loop {
            let changed = self.inner.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.is_empty() {
                return;
            }
            tokio::select! {
                () = &mut changed => {}
                () = &mut deadline => return,
            }
        }
    }

    /// Whether the load has begun and no seat can get a turn or has one.
    fn is_empty(&self) -> bool {
        self.inner.began.get().is_some() && self.inner.seated.load(Ordering::Acquire) == 0
    }

    fn sit(&self) {
        self.inner.seated.fetch_add(1, Ordering::AcqRel);
    }

    fn stand_up(&self) {
        if self.inner.seated.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.inner.changed.notify_waiters();
        }
    }

    /// What came of it. Complete once every seat was dropped.
    pub fn outcome(&self, generator: Generator, limit: Option<f64>) -> Outcome {
        let inner = &self.inner;
        let mut outcome = Outcome {
            generator,
            limit,
            ..Outcome::default()
        };
        inner.samples.tell(&mut outcome);
        let last_end = Duration::from_nanos(inner.last_end.load(Ordering::Acquire));
        let elapsed = last_end.saturating_sub(self.plan().warm_up());
        outcome.elapsed_ns = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        outcome.interrupted = inner.interrupted.load(Ordering::Acquire);
        outcome.warm_up = inner.warm_up.load(Ordering::Acquire);
        outcome.most_vus = inner.present.most();
        outcome.aborted = inner
            .stopped
            .get()
            .and_then(|stopped| stopped.reason.clone());
        outcome.per_second = rate(outcome.iterations, elapsed);
        if let Some(arrived) = self.arrived_in_all() {
            let measured = self.measured();
            outcome.dropped = arrived.dropped;
            outcome.intended_per_second = Some(rate(arrived.intended, measured));
            outcome.per_second = rate(outcome.iterations, measured);
        }
        outcome
    }
}

/// Of no time, no rate.
#[expect(
    clippy::cast_precision_loss,
    reason = "no count of a load is near 2^53"
)]
pub(crate) fn rate(count: u64, time: Duration) -> f64 {
    if time.is_zero() {
        0.0
    } else {
        count as f64 / time.as_secs_f64()
    }
}
