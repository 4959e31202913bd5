//! The report of a former run, held open: the next run removes and replaces it, and it is read only when there is a page to show it.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _, Seek as _},
    path::{Path, PathBuf},
};

use crate::{
    former::{Former, FormerError},
    json::Gatherer,
    replay,
};

/// Bytes of a `report.json` that are read. The longest that a host writes has 32 MiB of evidence.
pub(crate) const MAX_REPORT_BYTES: u64 = 256 << 20;
/// Bytes of its first line that are looked at to tell a log from a report.
const MAX_HEAD_BYTES: u64 = 4 << 10;

/// A `report.json`, or an event log, that is open and not read.
#[derive(Debug)]
pub struct FormerFile {
    path: PathBuf,
    file: BufReader<File>,
}

impl FormerFile {
    /// Opens it. What is opened can be read even if it has been removed or replaced since, unless it is an event log.
    pub fn open(path: &Path) -> Result<Self, FormerError> {
        let file = File::open(path).map_err(|source| FormerError::Read {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            file: BufReader::new(file),
        })
    }

    /// The same; none if there is no such file.
    pub fn find(path: &Path) -> Result<Option<Self>, FormerError> {
        match Self::open(path) {
            Err(FormerError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            other => other.map(Some),
        }
    }

    /// Reads it: up to 256 MiB of a report, all of a log.
    pub fn read(mut self) -> Result<Former, FormerError> {
        let failed = |source| FormerError::Read {
            path: self.path.clone(),
            source,
        };
        if is_log(&mut self.file).map_err(failed)? {
            let mut gatherer = Gatherer::default();
            replay(&self.path, |event| gatherer.event(event))?;
            return Ok(Former::of(&gatherer.finish()));
        }
        let mut text = Vec::new();
        self.file.rewind().map_err(failed)?;
        let read = self.file.take(MAX_REPORT_BYTES + 1).read_to_end(&mut text);
        if read.map_err(failed)? as u64 > MAX_REPORT_BYTES {
            return Err(FormerError::TooLong { path: self.path });
        }
        match serde_json::from_slice(&text) {
            Ok(report) => Ok(Former::of(&report)),
            Err(source) => Err(FormerError::NoReport {
                path: self.path,
                source,
            }),
        }
    }
}

/// Whether the file begins like an event: only events have a number.
fn is_log(file: &mut BufReader<File>) -> io::Result<bool> {
    let mut head = Vec::new();
    file.take(MAX_HEAD_BYTES).read_until(b'\n', &mut head)?;
    Ok(head.starts_with(b"{\"sequence\":"))
}
