//! `report.json`: the whole run as one document with a published schema, for programs. It is gathered in bounded memory and
//! written at the end in one piece, also when the run was interrupted.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    ReportError, Reporter,
    event::{Event, EventKind},
    file,
};

mod cut;
pub mod document;
mod evidence;
mod gather;
mod hearing;
pub mod loads;
mod traffic;

pub use self::{
    evidence::{
        MAX_ATTACHMENTS, MAX_EVIDENCE_BYTES, MAX_EXCHANGES, MAX_FAILED_CHECKS, MAX_FAULTS,
        MAX_LOGS, MAX_OUTPUT_BYTES, MAX_OUTPUTS, MAX_PASSED_CHECKS,
    },
    gather::{Gatherer, MAX_JUDGEMENTS},
    loads::MAX_LOADS,
    traffic::{MAX_KINDS, MAX_NAMES},
};

/// The file's name in the report folder.
pub const FILE_NAME: &str = "report.json";

/// Gathers a run and writes `report.json`.
#[derive(Debug)]
pub struct Json {
    folder: PathBuf,
    gatherer: Gatherer,
}

impl Json {
    /// For `folder`, which is made when it is missing. Nothing is touched before the first event.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            gatherer: Gatherer::default(),
        }
    }
}

impl Reporter for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        if matches!(event.kind, EventKind::RunStarted(_)) {
            file::remove_former(&self.folder.join(FILE_NAME))?;
        }
        self.gatherer.event(event);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let report = std::mem::take(&mut self.gatherer).finish();
        file::write_whole(&self.folder, FILE_NAME, |writer| {
            serde_json::to_writer_pretty(&mut *writer, &report).map_err(io::Error::from)?;
            writer.write_all(b"\n")
        })
        .map(drop)
    }
}
