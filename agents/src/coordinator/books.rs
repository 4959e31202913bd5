//! The ledger with a clock, for the tasks of a coordinator.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, MissedTickBehavior},
};

use crate::{error::RunError, identity::AgentInfo, ledger::Ledger, settings::Settings};

/// Between two looks whether this process is awake.
const TICK: Duration = Duration::from_secs(1);

/// What the tasks of a coordinator share.
#[derive(Debug)]
pub(super) struct Books {
    started: Instant,
    /// Half of the time after which an agent is lost.
    patience: Duration,
    /// When this process was last seen awake.
    awake: Mutex<Instant>,
    ledger: Mutex<Ledger>,
    /// There may be something to say to a shard.
    said: Notify,
    /// Why the run cannot go on, if a task has found out so.
    trouble: Mutex<Option<RunError>>,
}

impl Books {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            started: Instant::now(),
            patience: settings.times.lost_after() / 2,
            awake: Mutex::new(Instant::now()),
            ledger: Mutex::new(Ledger::new(settings)),
            said: Notify::new(),
            trouble: Mutex::default(),
        }
    }

    /// When the run began.
    pub(super) fn started(&self) -> Instant {
        self.started
    }

    /// Since the run's start.
    pub(super) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Whether this process was stopped for so long that it may have heard nobody: a laptop that slept, a debugger.
    pub(super) fn slept(&self) -> bool {
        self.awake
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .elapsed()
            > self.patience
    }

    /// Sees, as long as it is awaited, that this process is awake, and forgives when it was not.
    pub(super) async fn stay_awake(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if self.slept() {
                self.ledger().forgive(self.now());
            }
            *self.awake.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        }
    }

    /// Never held while anything is waited for.
    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // What panicked with it changed one field at a time, and the run is not worth less for it.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// There may be something to say to a shard.
    pub(super) fn say(&self) {
        self.said.notify_one();
    }

    /// Waits until there may be.
    pub(super) async fn said(&self) {
        self.said.notified().await;
    }

    /// An agent is on its way, and may take as long as this.
    pub(super) fn expect(&self, agent: &AgentInfo, joining: Duration) {
        self.ledger().join(agent.id.clone(), self.now() + joining);
    }

    /// The run cannot go on. The first reason counts.
    pub(super) fn fail(&self, error: RunError) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.get_or_insert(error);
    }

    pub(super) fn trouble(&self) -> Option<RunError> {
        self.trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
