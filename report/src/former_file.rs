//! The report of a former run, held open: the next run removes and replaces it, and it is read only when there is a page to show it.

use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read as _},
    path::{Path, PathBuf},
};

use crate::{
    former::{Former, FormerError},
    json::Gatherer,
    log::Events,
    replay::replay_events,
};

/// Bytes of a `report.json` that are read. The longest that a host writes has 32 MiB of evidence.
pub(crate) const MAX_REPORT_BYTES: u64 = 256 << 20;
/// How a log begins, and no report: only events have a number.
const HEAD_OF_LOG: &[u8] = b"{\"sequence\":";

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

    /// Reads it from its beginning to its end, once: up to 256 MiB of a report, all of a log. It may be a pipe.
    pub fn read(self) -> Result<Former, FormerError> {
        let Self { path, mut file } = self;
        let failed = |source| FormerError::Read {
            path: path.clone(),
            source,
        };
        let mut head = Vec::new();
        let length = HEAD_OF_LOG.len() as u64;
        let read = file.by_ref().take(length).read_to_end(&mut head);
        read.map_err(failed)?;
        let is_log = head == HEAD_OF_LOG;
        let whole = Cursor::new(head).chain(file);
        if is_log {
            let mut gatherer = Gatherer::default();
            let events = Events::of(&path, whole);
            replay_events(&path, events, |event| gatherer.event(event))?;
            return Ok(Former::of(&gatherer.finish()));
        }
        let mut text = Vec::new();
        let read = whole.take(MAX_REPORT_BYTES + 1).read_to_end(&mut text);
        if read.map_err(failed)? as u64 > MAX_REPORT_BYTES {
            return Err(FormerError::TooLong { path });
        }
        match serde_json::from_slice(&text) {
            Ok(report) => Ok(Former::of(&report)),
            Err(source) => Err(FormerError::NoReport { path, source }),
        }
    }
}
