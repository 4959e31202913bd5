//! Why and how hard a run is to stop: one value that everybody who waits can watch.

use std::sync::Arc;

use tokio::sync::watch;

/// How a run is to stop. Each step includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Force {
    /// What runs may end; nothing new begins.
    Finish,
    /// What runs is cut off; teardowns and the end of the environment still happen.
    Cancel,
}

/// A wish to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// How hard.
    pub force: Force,
    /// By what: `Ctrl-C`, `SIGTERM`, `--fail-fast`.
    pub reason: String,
}

/// Carries the wish to stop to all who wait. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Interrupt {
    state: Arc<watch::Sender<Option<Stop>>>,
}

impl Default for Interrupt {
    fn default() -> Self {
        Self {
            state: Arc::new(watch::Sender::new(None)),
        }
    }
}

impl Interrupt {
    /// Asks to stop. A weaker wish than the one that stands changes nothing.
    pub fn stop(&self, force: Force, reason: &str) {
        self.state.send_if_modified(|state| {
            let stronger = state.as_ref().is_none_or(|stop| stop.force < force);
            if stronger {
                *state = Some(Stop {
                    force,
                    reason: reason.to_owned(),
                });
            }
            stronger
        });
    }

    /// The wish that stands.
    pub fn stopped(&self) -> Option<Stop> {
        self.state.borrow().clone()
    }

    /// Waits until somebody asks to stop at least this hard; gives the reason.
    pub async fn at_least(&self, force: Force) -> String {
        let mut receiver = self.state.subscribe();
        let reached = receiver
            .wait_for(|state| state.as_ref().is_some_and(|stop| stop.force >= force))
            .await
            .map(|state| state.as_ref().map(|stop| stop.reason.clone()));
        match reached {
            Ok(Some(reason)) => reason,
            // The sender is kept alive by `self`, and a reached wish has a reason.
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }

    /// Stops the run on Ctrl-C and SIGTERM. A second one ends the process at once: what it started dies with it.
    ///
    /// # Errors
    /// If the process may not handle signals.
    pub fn listen(&self) -> std::io::Result<tokio::task::JoinHandle<()>> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let this = self.clone();
        Ok(tokio::spawn(async move {
            let mut next = async || {
                tokio::select! {
                    _ = interrupt.recv() => "Ctrl-C",
                    _ = terminate.recv() => "SIGTERM",
                }
            };
            let reason = next().await;
            this.stop(Force::Cancel, reason);
            next().await;
            std::process::exit(i32::from(assay_report::exit::Exit::Interrupted.code()));
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stronger_wish_replaces_a_weaker_one_and_not_the_other_way() {
        let interrupt = Interrupt::default();
        interrupt.stop(Force::Finish, "--fail-fast");
        assert_eq!(interrupt.at_least(Force::Finish).await, "--fail-fast");
        interrupt.stop(Force::Cancel, "Ctrl-C");
        assert_eq!(interrupt.at_least(Force::Cancel).await, "Ctrl-C");
        interrupt.stop(Force::Finish, "--fail-fast");
        assert_eq!(
            interrupt.stopped().map(|stop| stop.reason).as_deref(),
            Some("Ctrl-C")
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_weak_wish_does_not_cut_off_what_runs() {
        let interrupt = Interrupt::default();
        interrupt.stop(Force::Finish, "--fail-fast");
        let waited = tokio::time::timeout(
            std::time::Duration::from_mins(1),
            interrupt.at_least(Force::Cancel),
        );
        assert!(waited.await.is_err());
    }
}
