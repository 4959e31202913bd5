//! What can be wrong with a lock, each with what to do about it.

use std::{io, path::PathBuf};

use assay_report::hint::Hinted;
use thiserror::Error;

use super::{MAX_FILE, VERSION};
use crate::{digest::Digest, limits::MAX_PLUGINS};

/// Why there is no lock.
#[derive(Debug, Error)]
pub enum LockError {
    /// There is no file.
    #[error("there is no lock `{}`", .0.display())]
    Missing(PathBuf),
    /// It cannot be read.
    #[error("cannot read the lock `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("cannot write the lock `{}`: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It has more than [`MAX_FILE`].
    #[error("the lock has more than {MAX_FILE} bytes")]
    TooBig,
    /// Bytes were changed after it was written.
    #[error("the lock was changed: it says that it is {wanted}, and it is {got}")]
    Changed {
        /// What its first line says.
        wanted: Digest,
        /// What is below it.
        got: Digest,
    },
    /// Its first line is not the digest of the others.
    #[error("the lock was changed: its first line is no digest, and what is below it is {got}")]
    NoDigest {
        /// What is below the first line.
        got: Digest,
    },
    /// A later host wrote it.
    #[error("the lock has version {0}, and this host reads version {VERSION}")]
    Version(i64),
    /// A line says something that no lock says.
    #[error("line {line} of the lock: {problem}")]
    Text {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A value of a pin is none.
    #[error("the {what} of `{name}` {problem}")]
    Value {
        /// The pin.
        name: String,
        /// The key.
        what: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A name is there twice.
    #[error("there are two plugins called `{0}`")]
    Twice(String),
    /// Two names have the same bytes.
    #[error("`{0}` and `{1}` are the same plugin")]
    Same(String, String),
    /// There are more than [`MAX_PLUGINS`].
    #[error("there are more than {MAX_PLUGINS} plugins")]
    TooMany,
}

impl Hinted for LockError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Missing(_) => {
                "write one with `host lock SOURCE...`, such as `host lock plugins`, and commit it"
            }
            Self::Read { .. } => "look whether it is a file that you may read",
            Self::Write { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space",
                _ => "look whether you may write to its folder",
            },
            Self::TooBig => "it is no lock; write one with `host lock`",
            Self::Changed { .. } | Self::NoDigest { .. } => {
                "take back what was changed (`git diff`), or let `host lock SOURCE...` write it anew"
            }
            Self::Version(_) => "use the host that wrote it, or write it anew with `host lock`",
            Self::Text { .. } => "write it anew with `host lock`",
            Self::Value { .. } => "look at the plugin that it is from",
            Self::Twice(_) | Self::Same(..) => {
                "name only one of them, or give one suite another name"
            }
            Self::TooMany => "lock fewer",
        };
        Some(text.to_owned())
    }
}
