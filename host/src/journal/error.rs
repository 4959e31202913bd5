//! Why a journal cannot be kept, and what to do about it.

use std::{io, path::PathBuf};

use assay_report::hint::Hinted;

use super::{MAX_BYTES, MAX_OPEN};

/// Why a journal cannot be kept. Without one nothing is done that it would have to undo.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The folder or a file of it cannot be used.
    #[error("the crash journal `{}` cannot be used: {source}", path.display())]
    Unusable {
        /// The folder or the file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Too much is active at once.
    #[error("the crash journal `{}` is full: it holds {MAX_OPEN} faults that are active or {MAX_BYTES} bytes", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
}

impl Hinted for JournalError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Unusable { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "make the folder `.assay/journal` one that only you may write to"
                }
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space",
                _ => "look at the folder `.assay/journal`",
            },
            Self::Full { .. } => "heal faults before further ones are made",
        };
        Some(text.to_owned())
    }
}
