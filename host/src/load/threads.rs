//! The threads of loads, for whoever has to know that those of an attempt are gone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use assay_report::event::Source;
use tokio::sync::watch;
use tokio::time::timeout;

/// How long the threads of an attempt may take to end after it. They need some milliseconds, and with very many virtual users a second.
const END_TIME: Duration = Duration::from_secs(30);

/// The loads of a run, by the attempts that make them.
#[derive(Debug, Default)]
pub struct Loads {
    attempts: Mutex<BTreeMap<Source, Threads>>,
}

impl Loads {
    /// An attempt begins.
    pub fn attempt(&self, source: &Source) -> Threads {
        let threads = Threads::default();
        self.attempts().insert(source.clone(), threads.clone());
        threads
    }

    /// An attempt is over, and so are its loads: waits until their threads are gone. The error is for a person.
    pub async fn settle(&self, source: &Source) -> Result<(), String> {
        let threads = self.attempts().remove(source);
        let Some(threads) = threads else {
            return Ok(());
        };
        timeout(END_TIME, threads.ended()).await.map_err(|_| {
            format!(
                "{} loads of this attempt did not end within {} s\nhint: their figures, and those of what comes next, are not to be trusted; run it again",
                threads.running(),
                END_TIME.as_secs()
            )
        })
    }

    /// Each change is one of a map: a panic of another holder leaves nothing half-written.
    fn attempts(&self) -> MutexGuard<'_, BTreeMap<Source, Threads>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts threads. Cheap to clone: all clones count the same ones.
#[derive(Clone, Debug)]
pub struct Threads {
    running: Arc<watch::Sender<usize>>,
}

impl Default for Threads {
    fn default() -> Self {
        Self {
            running: Arc::new(watch::Sender::new(0)),
        }
    }
}

/// One thread that runs, until this is dropped.
#[derive(Debug)]
pub(super) struct Thread {
    running: Arc<watch::Sender<usize>>,
}

impl Threads {
    /// One more, from now on.
    pub(super) fn enter(&self) -> Thread {
        self.running.send_modify(|running| *running += 1);
        Thread {
            running: Arc::clone(&self.running),
        }
    }

    /// How many there are.
    pub fn running(&self) -> usize {
        *self.running.borrow()
    }

    /// Waits until there are none.
    pub async fn ended(&self) {
        // It fails only without a sender, and this is one.
        let _ = self
            .running
            .subscribe()
            .wait_for(|running| *running == 0)
            .await;
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.running.send_modify(|running| *running -= 1);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn the_end_is_when_the_last_one_is_gone() {
        let threads = Threads::default();
        assert!(threads.ended().now_or_never().is_some());
        let (one, other) = (threads.enter(), threads.enter());
        drop(one);
        assert_eq!(threads.running(), 1);
        assert!(threads.ended().now_or_never().is_none());
        drop(other);
        assert!(threads.ended().now_or_never().is_some());
    }
}
