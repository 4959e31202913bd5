//! A deadline that costs next to nothing when it is not reached.
//!
//! Entering a timer into the runtime's wheel and taking it out again for each request is a measurable part of a request. A kept
//! connection keeps its timer instead: one that is due earlier than needed is left where it is, and only when it fires, once in a
//! timeout and not once in a request, it is moved to where it should be.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::error::Error;

/// When the time of a request is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    pub(super) at: Instant,
    timeout: Duration,
}

impl Deadline {
    /// For a request that was started then.
    pub(super) fn new(start: Instant, timeout: Duration) -> Self {
        // A timeout of centuries is none; this is the one that the runtime's timers know.
        let far = Duration::from_hours(24 * 365 * 30);
        let at = start.checked_add(timeout).unwrap_or(start + far);
        Self { at, timeout }
    }

    /// The error for a request that was then in this part.
    pub(super) fn over(self, part: &str) -> Error {
        let milliseconds = self.timeout.as_millis();
        Error::Timeout(format!(
            "{milliseconds} ms were over while {part}; a longer `timeout-ms` would wait on"
        ))
    }
}

/// Belongs to one connection; used by one request after the other.
#[derive(Debug, Default)]
pub(super) struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Timer {
    /// Ready once `deadline` is over.
    pub(super) fn poll_over(&mut self, context: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if sleep.deadline() > deadline {
            sleep.as_mut().reset(deadline);
        }
        loop {
            ready!(sleep.as_mut().poll(context));
            if sleep.deadline() >= deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use super::*;

    /// How long a request with this timeout waits that is never answered, in milliseconds.
    async fn waits(timer: &mut Timer, milliseconds: u64) -> u128 {
        let start = Instant::now();
        let deadline = start + Duration::from_millis(milliseconds);
        poll_fn(|context| timer.poll_over(context, deadline)).await;
        start.elapsed().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn each_request_has_its_own_deadline_whatever_the_one_before_had() {
        let mut timer = Timer::default();
        for milliseconds in [50, 1_000, 20, 20, 400] {
            let waited = waits(&mut timer, milliseconds).await;
            // The runtime's timers are true to a millisecond.
            assert!((milliseconds.into()..=u128::from(milliseconds) + 1).contains(&waited));
        }
    }

    /// Whoever asks in one poll with many others may have no budget left, and is asked again with a new one.
    #[tokio::test(start_paused = true)]
    async fn who_asks_with_the_budget_of_its_task_used_up_is_woken_all_the_same() {
        let mut timer = Timer::default();
        let deadline = Instant::now() + Duration::from_millis(50);
        let mut is_used = false;
        let over = poll_fn(|context| {
            while !is_used {
                match tokio::task::coop::poll_proceed(context) {
                    Poll::Ready(step) => step.made_progress(),
                    Poll::Pending => is_used = true,
                }
            }
            timer.poll_over(context, deadline)
        });
        let over = tokio::time::timeout(Duration::from_secs(5), over).await;
        assert!(over.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_of_a_request_that_was_answered_is_not_that_of_the_next() {
        let mut timer = Timer::default();
        for (answered, next) in [(100, 300), (10_000, 50), (200, 200)] {
            let deadline = Instant::now() + Duration::from_millis(answered);
            poll_fn(|context| {
                assert!(timer.poll_over(context, deadline).is_pending());
                Poll::Ready(())
            })
            .await;
            let waited = waits(&mut timer, next).await;
            assert!(
                (next.into()..=u128::from(next) + 1).contains(&waited),
                "{waited}"
            );
        }
    }
}
