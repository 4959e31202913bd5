//! An event log that is there only when it is whole: of a run that is told after it was over.

use std::{
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::{ReportError, Reporter, event::Event, file};

/// Writes the event log beside its place, and moves it there at its end.
#[derive(Debug)]
pub struct WholeLog {
    path: PathBuf,
    /// None once it is in its place.
    writer: Option<BufWriter<NamedTempFile>>,
}

impl WholeLog {
    /// To be moved to `path`. What is there stays until then; the folder is made when it is missing.
    pub fn create(path: &Path) -> Result<Self, ReportError> {
        let folder = file::folder_of(path);
        file::create_folder(folder)?;
        let beside = file::temporary(folder).map_err(|source| ReportError::Create {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            writer: Some(BufWriter::new(beside)),
        })
    }

    fn write(&mut self, event: &Event) -> io::Result<()> {
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        serde_json::to_writer(&mut *writer, event)?;
        writer.write_all(b"\n")
    }

    fn close(&mut self) -> io::Result<()> {
        let Some(writer) = self.writer.take() else {
            return Ok(());
        };
        let beside = writer
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        beside.as_file().sync_all()?;
        beside.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }

    fn failed(&self, source: io::Error) -> ReportError {
        ReportError::Write {
            path: self.path.clone(),
            source,
        }
    }
}

impl Reporter for WholeLog {
    fn name(&self) -> &'static str {
        "log"
    }

    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        self.write(event).map_err(|source| self.failed(source))
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        self.close().map_err(|source| self.failed(source))
    }
}
