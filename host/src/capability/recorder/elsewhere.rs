//! An attempt that runs at an agent: what is told of it here, and whose its evidence is.

use assay_report::event::EventKind;
use tokio::time::Instant;

use super::{Evidence, Recorder, When};
use crate::ledger::Span;

impl Recorder {
    /// An agent has the attempt now.
    pub(crate) fn placed(&self, agent: &str) {
        self.tell(EventKind::AttemptPlaced {
            source: self.source().clone(),
            agent: agent.to_owned(),
        });
    }

    /// What an agent told of the attempt, when it happened there, and when what it tells of went on. The phase is that of then. Nothing of it
    /// is counted here: see [`Recorder::adopt`].
    pub(crate) fn relay(&self, at: Instant, during: Option<Span>, kind: EventKind) {
        let span = during.unwrap_or(Span::at(at));
        let phase = self.attempt().ledger().phase_during(span);
        self.send_of(at, When { phase, during }, kind);
    }

    /// Takes for its own what an agent found in the attempt.
    pub(crate) fn adopt(&self, evidence: Evidence) {
        self.lock().evidence = evidence;
    }
}
