//! Who hears what happens in a run. A reporter knows [`Event`]s and nothing else, so a recorded log replays into any of them.
//!
//! The console report goes to standard output: it is what `host run` is asked for. Progress and messages go to standard error.

use std::{
    io::{self, ErrorKind},
    path::PathBuf,
};

use thiserror::Error;

use crate::{event::Event, hint::Hinted};

/// Hears what happens in a run and makes something of it.
pub trait Reporter: Send {
    /// Short, for messages: `console`, `json`.
    fn name(&self) -> &'static str;

    /// Hears one event. Called in the order of [`Event::sequence`].
    fn event(&mut self, event: &Event) -> Result<(), ReportError>;

    /// Writes what is left to write. Called once, also when the run ended without its last event.
    fn finish(&mut self) -> Result<(), ReportError>;
}

/// Why a report could not be written.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The folder of the reports cannot be made.
    #[error("cannot create the report folder `{}`: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be made, or a former one cannot be removed.
    #[error("cannot create `{}`: {source}", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write `{}`: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Standard output is gone or full.
    #[error("cannot write the report to the console: {source}")]
    Console {
        /// What the system said.
        source: io::Error,
    },
    /// The run cannot be kept in the history of runs.
    #[error("{message}")]
    History {
        /// Why.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A system that watches others cannot be told of the run.
    #[error("{message}")]
    Telemetry {
        /// Which, and why. Without credentials.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
}

impl ReportError {
    /// What the system said; none of a database or of a system that watches others, whose hints say more.
    pub fn io(&self) -> Option<&io::Error> {
        match self {
            Self::Folder { source, .. }
            | Self::Create { source, .. }
            | Self::Write { source, .. }
            | Self::Console { source } => Some(source),
            Self::History { .. } | Self::Telemetry { .. } => None,
        }
    }
}

impl Hinted for ReportError {
    fn hint(&self) -> Option<String> {
        let kind = match self {
            Self::History { hint, .. } | Self::Telemetry { hint, .. } => return hint.clone(),
            other => other.io().map_or(ErrorKind::Other, io::Error::kind),
        };
        let text = match (self, kind) {
            (Self::Console { .. }, ErrorKind::BrokenPipe) => {
                "the reader of the report closed it early; let it read to the end"
            }
            (Self::Console { .. }, _) => {
                "look at where standard output goes; the files in the report folder are complete"
            }
            (_, ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
                "free some space, or choose another report folder"
            }
            (_, ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
                "choose a report folder that you may write to"
            }
            (_, ErrorKind::NotADirectory | ErrorKind::AlreadyExists | ErrorKind::IsADirectory) => {
                "something else has this name; choose another report folder"
            }
            _ => "choose another report folder",
        };
        Some(text.to_owned())
    }
}
