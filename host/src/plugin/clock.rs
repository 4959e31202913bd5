//! The two clocks of an attempt: epochs stop a plugin that computes, a timer stops one that waits for the host.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, timeout, timeout_at};
use wasmtime::{Store, UpdateDeadline};

use super::{crash::DeadlineReached, engine::TICK, state::State};

/// How long a plugin that computes past its deadline has until its next epoch: that way of stopping it tells where it was.
const GRACE: Duration = TICK.saturating_mul(5);
/// A deadline for whoever has more time than can be counted.
const FOREVER: Duration = Duration::from_hours(24 * 365);

/// Why a call did not come to its end.
#[derive(Debug)]
pub(super) enum Stopped {
    /// The engine stopped it.
    ByError(wasmtime::Error),
    /// Its time was over.
    ByTimer {
        /// Whether it was computing, and not waiting for the host.
        computing: bool,
    },
}

/// When an attempt has to be over.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    deadline: Instant,
    /// Set while the plugin is interrupted in the middle of a computation.
    computing: Arc<AtomicBool>,
}

impl Clock {
    /// Runs from now on.
    pub(super) fn start(time: Duration) -> Self {
        Self {
            deadline: Instant::now() + time.min(FOREVER),
            computing: Arc::default(),
        }
    }

    /// Interrupts what this store computes at every tick: to let others run, and to end it at the deadline.
    pub(super) fn watch(&self, store: &mut Store<State>) {
        let Self {
            deadline,
            computing,
        } = self.clone();
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            if Instant::now() >= deadline {
                return Err(DeadlineReached.into());
            }
            let computing = Arc::clone(&computing);
            computing.store(true, Ordering::Relaxed);
            let pause = async move {
                tokio::task::yield_now().await;
                computing.store(false, Ordering::Relaxed);
            };
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(pause)))
        });
    }

    /// Waits for a call on a store that this clock watches, not longer than the deadline and a grace.
    pub(super) async fn limit<T>(
        &self,
        call: impl Future<Output = wasmtime::Result<T>>,
    ) -> Result<T, Stopped> {
        let mut call = pin!(call);
        if let Ok(outcome) = timeout_at(self.deadline, &mut call).await {
            return outcome.map_err(Stopped::ByError);
        }
        let computing = self.computing.load(Ordering::Relaxed);
        if computing && let Ok(Err(error)) = timeout(GRACE, call).await {
            return Err(Stopped::ByError(error));
        }
        Err(Stopped::ByTimer { computing })
    }
}
