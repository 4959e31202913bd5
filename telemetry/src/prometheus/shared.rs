//! The figures that all ways out share, and the reporter that keeps them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use assay_report::{ReportError, Reporter, event::Event};

use super::{figures::Figures, process, registry::Registry};

/// The figures of one run. Cheap to clone: all clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared(Arc<Mutex<Figures>>);

impl Shared {
    /// Plain data: a panic of another holder leaves at most one event out.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Figures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How things stand, with what this process uses. The figures are held for as long as a copy of them takes.
    pub(crate) fn now(&self) -> Registry {
        let mut registry = self.lock().registry().clone();
        process::look(&mut registry);
        registry
    }
}

/// Keeps the figures. It has to hear an event before those who tell of them.
#[derive(Debug)]
pub(crate) struct Collector(pub(crate) Shared);

impl Reporter for Collector {
    fn name(&self) -> &'static str {
        "prometheus"
    }

    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        self.0.lock().event(event);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        Ok(())
    }
}
