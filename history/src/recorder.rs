//! The reporter that keeps a run: a pure listener. Its failure is told like that of any other report, and the run's verdict stands.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use assay_report::{ReportError, Reporter, event::Event, hint::Hinted as _};

use crate::{
    error::HistoryError,
    gather::Gathering,
    store::{Keep, Store},
};

/// What is known of the run so far, for those who share it: the reporter, and who judges the run before its end.
#[derive(Clone, Debug, Default)]
pub struct Shared(Arc<Mutex<Gathering>>);

impl Shared {
    /// Plain data: a panic of another holder leaves at most one event out.
    pub fn lock(&self) -> MutexGuard<'_, Gathering> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a run in the history once it is over.
#[derive(Debug)]
pub struct Recorder {
    gathering: Shared,
    file: PathBuf,
    keep: Keep,
}

impl Recorder {
    /// Into this file, with what is kept there. Nothing is touched before the run is over.
    pub fn new(gathering: Shared, file: PathBuf, keep: Keep) -> Self {
        Self {
            gathering,
            file,
            keep,
        }
    }

    fn keep(&self) -> Result<(), HistoryError> {
        let Some(record) = self.gathering.lock().record() else {
            return Ok(());
        };
        let mut store = Store::open(&self.file)?;
        store.add(&record)?;
        store.retain(self.keep, SystemTime::now())?;
        Ok(())
    }
}

impl Reporter for Recorder {
    fn name(&self) -> &'static str {
        "history"
    }

    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        self.gathering.lock().event(event);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        self.keep().map_err(|error| ReportError::History {
            message: error.to_string(),
            hint: error.hint(),
        })
    }
}
