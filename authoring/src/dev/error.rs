//! What is in the way of the loop, and whether a change of the sources may mend it.

use std::{io, path::PathBuf};

use assay_report::hint::Hinted;
use thiserror::Error;

use super::{ReportError, WatchError};
use crate::{build::BuildError, project::ProjectError};

/// What is in the way.
#[derive(Debug, Error)]
pub enum DevError {
    /// The folder is no suite, or is none any more.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// There is no component.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The sources cannot be watched.
    #[error(transparent)]
    Watch(#[from] WatchError),
    /// The host cannot be started.
    #[error("cannot start `{}`: {source}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The host ran nothing; what it said is above.
    #[error("the host ended with {status} and ran nothing")]
    NotRun {
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// The host does not take the arguments that were given for it; what it said is above.
    #[error("the host does not take these arguments")]
    Arguments,
    /// What came of the run cannot be read.
    #[error(transparent)]
    Report(#[from] ReportError),
}

impl DevError {
    /// Whether a change of the suite may mend it.
    pub fn waits_for_a_change(&self) -> bool {
        match self {
            Self::Build(error) => error.is_of_the_suite(),
            Self::Project(_) | Self::NotRun { .. } => true,
            Self::Watch(_) | Self::Start { .. } | Self::Arguments | Self::Report(_) => false,
        }
    }
}

impl Hinted for DevError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Project(error) => error.hint(),
            Self::Build(error) => error.hint(),
            Self::Watch(error) => error.hint(),
            Self::Report(error) => error.hint(),
            Self::Start { .. } => {
                Some("was the host replaced or moved meanwhile? start it anew".to_owned())
            }
            Self::Arguments => Some(
                "its own message is above; `--report-dir` is given by the loop itself, and cannot be given after `--`"
                    .to_owned(),
            ),
            Self::NotRun { .. } => Some("its own message is above".to_owned()),
        }
    }
}
