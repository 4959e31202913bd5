//! A file for the textfile collector of the node exporter, of the last state of the run. It takes the place of the former one at once, so
//! that no half of it is ever read.

use std::{
    fs::Permissions,
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use assay_report::{ReportError, Reporter, event::Event};
use tempfile::NamedTempFile;

use super::{exposition::Format, shared::Shared};

/// The exporter is somebody else on the machine.
const FOR_ALL_TO_READ: u32 = 0o644;

/// Writes the file when the run is over, also one that was stopped.
#[derive(Debug)]
pub(crate) struct Textfile {
    path: PathBuf,
    shared: Shared,
}

impl Textfile {
    pub(crate) fn new(path: PathBuf, shared: Shared) -> Self {
        Self { path, shared }
    }

    /// What the process uses is left out: the exporter has metrics of the same names of its own.
    fn write(&self) -> io::Result<()> {
        let text = Format::Prometheus.text(self.shared.lock().registry());
        let folder = self.path.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.unwrap_or(Path::new("."));
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        // Not when it is made: the mask of the process would take some of them away.
        let permissions = Permissions::from_mode(FOR_ALL_TO_READ);
        file.as_file().set_permissions(permissions)?;
        file.persist(&self.path)?;
        Ok(())
    }
}

impl Reporter for Textfile {
    fn name(&self) -> &'static str {
        "prometheus textfile"
    }

    fn event(&mut self, _event: &Event) -> Result<(), ReportError> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        self.write().map_err(|source| ReportError::Write {
            path: self.path.clone(),
            source,
        })
    }
}
