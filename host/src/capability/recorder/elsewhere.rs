//! An attempt that runs at an agent: what is told of it here, and whose its evidence is.

use assay_report::event::EventKind;
use tokio::time::Instant;

use super::{Evidence, Recorder};
use crate::ledger::{Happened, Mark};

impl Recorder {
    /// An agent has the attempt now.
    pub(crate) fn placed(&self, agent: &str) {
        self.tell(EventKind::AttemptPlaced {
            source: self.source().clone(),
            agent: agent.to_owned(),
        });
    }

    /// What an agent told of the attempt that began at the mark, and when it happened there. Nothing of it is counted here: see
    /// [`Recorder::adopt`].
    pub(crate) fn relay(&self, since: Mark, at: Instant, kind: EventKind) {
        let phase = self.attempt().ledger().phase_since(since);
        let _ = self.inner.events.send(Happened { phase, at, kind });
    }

    /// Takes for its own what an agent found in the attempt.
    pub(crate) fn adopt(&self, evidence: Evidence) {
        self.lock().evidence = evidence;
    }
}
