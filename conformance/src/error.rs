//! Why nothing can be said of a report.

use std::{io, path::PathBuf};

use assay_report::hint::Hinted;

use crate::read::MAX_REPORT;

/// Why a report or a description of a suite cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file is larger than a report of this suite can be.
    #[error("{path} has more than {MAX_REPORT} bytes, and is no report of this suite")]
    TooBig {
        /// Which.
        path: PathBuf,
    },
    /// It is no report, or one of another shape.
    #[error("{path} is no report: {source}")]
    NoReport {
        /// Which.
        path: PathBuf,
        /// Where it differs.
        source: serde_json::Error,
    },
    /// What is expected is not written as it must be.
    #[error("the description of the suite cannot be read: {0}")]
    Description(#[from] toml::de::Error),
}

impl Hinted for Error {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Unreadable { .. } => {
                "name the `report.json` in the folder that `host run --report-dir` wrote".to_owned()
            }
            Self::TooBig { .. } => "run the suite `conformance` alone".to_owned(),
            Self::NoReport { .. } => {
                "use the host and this program of one version of the repository".to_owned()
            }
            Self::Description(_) => "compare it with `conformance/suite.toml`".to_owned(),
        })
    }
}
