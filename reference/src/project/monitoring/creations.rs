//! What was really measured of the creation of episodes: each operation with its end and its time, as far back as the window.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::integrity::share;
use super::model::PerformanceStats;
use crate::clock;
use crate::project::gauges::Gauges;
use crate::words::words;

/// How many operations of a window are kept at most; older ones are forgotten earlier.
const KEPT: usize = 100_000;

words! {
    /// How an operation ended.
    pub(in super::super) enum Outcome {
        /// The episode is made.
        Succeeded = "succeeded",
        /// The service could not do it: 5xx.
        Failed = "failed",
        /// The idempotency key was used for another request: 409.
        Conflict = "conflict",
    }
}

#[derive(Clone, Copy, Debug)]
struct Operation {
    ended: Instant,
    took: Duration,
    outcome: Outcome,
}

#[derive(Debug)]
struct Measured {
    recent: VecDeque<Operation>,
    active: u64,
    day: u64,
    today: u64,
}

/// The measured operations.
#[derive(Debug)]
pub(in super::super) struct Creations {
    window: Duration,
    measured: Mutex<Measured>,
}

/// An operation under way. Dropped without an end it was none.
pub(in super::super) struct UnderWay<'a> {
    creations: &'a Creations,
    gauges: &'a Gauges,
    began: Instant,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.creations.measured().active -= 1;
        self.gauges.creation_left();
    }
}

impl UnderWay<'_> {
    /// Notes how it ended.
    pub(in super::super) fn end(self, outcome: Outcome) {
        let took = self.began.elapsed();
        self.gauges.creation_ended(outcome, took);
        self.creations.note(Operation {
            ended: Instant::now(),
            took,
            outcome,
        });
    }
}

impl Creations {
    pub(super) fn new(window: Duration) -> Self {
        Self {
            window,
            measured: Mutex::new(Measured::new()),
        }
    }

    /// Begins an operation.
    pub(in super::super) fn begin<'a>(&'a self, gauges: &'a Gauges) -> UnderWay<'a> {
        self.measured().active += 1;
        gauges.creation_entered();
        UnderWay {
            creations: self,
            gauges,
            began: Instant::now(),
        }
    }

    /// How many operations are under way.
    pub(in super::super) fn under_way(&self) -> u64 {
        self.measured().active
    }

    fn note(&self, operation: Operation) {
        let mut measured = self.measured();
        measured.turn_to(today());
        measured.today += 1;
        if measured.recent.len() == KEPT {
            measured.recent.pop_front();
        }
        measured.recent.push_back(operation);
    }

    /// Empties the window; answers how many operations were in it.
    pub(in super::super) fn forget(&self) -> u64 {
        self.measured().recent.drain(..).count() as u64
    }

    /// What the window shows now.
    pub(super) fn stats(&self) -> PerformanceStats {
        let mut measured = self.measured();
        measured.turn_to(today());
        let now = Instant::now();
        let inside = |operation: &Operation| now.duration_since(operation.ended) < self.window;
        while measured.recent.front().is_some_and(|first| !inside(first)) {
            measured.recent.pop_front();
        }
        let count = |outcome: Outcome| {
            let ended = measured.recent.iter();
            ended
                .filter(|operation| operation.outcome == outcome)
                .count() as u64
        };
        let (succeeded, failed) = (count(Outcome::Succeeded), count(Outcome::Failed));
        // As large as it can get, at once: what grows by doubling leaves holes in the memory of the process.
        let mut durations = Vec::with_capacity(measured.recent.len());
        let tried = measured.recent.iter();
        durations.extend(
            tried
                .filter(|operation| operation.outcome != Outcome::Conflict)
                .map(|operation| operation.took),
        );
        let (average, p95) = average_and_p95(durations).unzip();
        let attempts = succeeded + failed;
        PerformanceStats {
            active_operations: measured.active,
            window_seconds: self.window.as_secs_f64(),
            operations: measured.recent.len() as u64,
            succeeded,
            failed,
            conflicts: count(Outcome::Conflict),
            average_duration_seconds: average,
            p95_duration_seconds: p95,
            success_rate_percentage: (attempts > 0).then(|| share(succeeded, attempts)),
            day: clock::date(measured.day),
            total_operations_today: measured.today,
        }
    }

    fn measured(&self) -> MutexGuard<'_, Measured> {
        self.measured.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Measured {
    fn new() -> Self {
        Self {
            // All at once: growing by doubling would copy, and leave a hole each time. What is not used yet is no memory.
            recent: VecDeque::with_capacity(KEPT),
            active: 0,
            day: 0,
            today: 0,
        }
    }

    fn turn_to(&mut self, day: u64) {
        if self.day != day {
            self.day = day;
            self.today = 0;
        }
    }
}

/// Days since 1970, in UTC.
fn today() -> u64 {
    clock::day(clock::now_ms())
}

/// The mean and the 95th percentile by nearest rank, in seconds.
fn average_and_p95(mut durations: Vec<Duration>) -> Option<(f64, f64)> {
    let rank = (durations.len() * 95).div_ceil(100);
    let (_, p95, _) = durations.select_nth_unstable(rank.checked_sub(1)?);
    let p95 = *p95;
    let sum: Duration = durations.iter().sum();
    let count = u32::try_from(durations.len()).ok()?;
    Some(((sum / count).as_secs_f64(), p95.as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    const WINDOW: Duration = Duration::from_secs(10);

    async fn operation(creations: &Creations, ms: u64, outcome: Outcome) {
        let gauges = Gauges::default();
        let under_way = creations.begin(&gauges);
        advance(Duration::from_millis(ms)).await;
        under_way.end(outcome);
    }

    #[tokio::test(start_paused = true)]
    async fn figures_are_those_of_what_was_measured() {
        let creations = Creations::new(WINDOW);
        let none = creations.stats();
        assert_eq!(none.average_duration_seconds, None);
        assert_eq!(none.success_rate_percentage, None);
        for ms in 1..=20 {
            operation(&creations, ms * 10, Outcome::Succeeded).await;
        }
        operation(&creations, 1, Outcome::Conflict).await;
        let stats = creations.stats();
        assert_eq!(stats.average_duration_seconds, Some(0.105));
        assert_eq!(stats.p95_duration_seconds, Some(0.19));
        assert_eq!(stats.success_rate_percentage, Some(100.0));
        assert_eq!((stats.operations, stats.conflicts), (21, 1));
        for _ in 0..5 {
            operation(&creations, 1, Outcome::Failed).await;
        }
        assert_eq!(creations.stats().success_rate_percentage, Some(80.0));
        assert_eq!(creations.stats().total_operations_today, 26);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_as_old_as_the_window_is_outside() {
        let creations = Creations::new(WINDOW);
        operation(&creations, 1, Outcome::Failed).await;
        advance(Duration::from_millis(9_999)).await;
        assert_eq!(creations.stats().failed, 1);
        advance(Duration::from_millis(1)).await;
        assert_eq!(creations.stats().operations, 0);
        assert_eq!(creations.stats().total_operations_today, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_operation_is_active_until_it_ends_or_is_dropped() {
        let creations = Creations::new(WINDOW);
        let gauges = Gauges::default();
        let (one, other) = (creations.begin(&gauges), creations.begin(&gauges));
        assert_eq!(creations.stats().active_operations, 2);
        one.end(Outcome::Succeeded);
        drop(other);
        let stats = creations.stats();
        assert_eq!((stats.active_operations, stats.operations), (0, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_keeps_so_many_and_then_forgets_the_oldest() {
        let creations = Creations::new(WINDOW);
        operation(&creations, 0, Outcome::Failed).await;
        for _ in 0..KEPT {
            operation(&creations, 0, Outcome::Succeeded).await;
        }
        let stats = creations.stats();
        assert_eq!((stats.failed, stats.succeeded), (0, KEPT as u64));
        assert_eq!(creations.forget(), KEPT as u64);
        assert_eq!(creations.stats().operations, 0);
    }

    #[test]
    fn the_count_of_a_day_begins_with_the_day() {
        let mut measured = Measured {
            day: 5,
            today: 7,
            ..Measured::new()
        };
        measured.turn_to(5);
        assert_eq!(measured.today, 7);
        measured.turn_to(6);
        assert_eq!((measured.day, measured.today), (6, 0));
    }
}
