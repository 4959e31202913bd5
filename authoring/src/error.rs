//! What can go wrong with any file or folder.

use std::{
    io,
    path::{Path, PathBuf},
};

use assay_report::hint::Hinted;
use thiserror::Error;

/// A file or folder that could not be read or written.
#[derive(Debug, Error)]
#[error("cannot {} `{}`: {source}", .doing, path.display())]
pub struct FileError {
    /// What was being done, such as `read`.
    doing: &'static str,
    /// Which.
    path: PathBuf,
    /// The system's reason.
    source: io::Error,
}

impl FileError {
    /// For `map_err`: the error of doing something with that file.
    pub(crate) fn of<'a>(
        doing: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(io::Error) -> Self + 'a {
        move |source| Self {
            doing,
            path: path.to_owned(),
            source,
        }
    }
}

impl Hinted for FileError {
    fn hint(&self) -> Option<String> {
        let text = match self.source.kind() {
            io::ErrorKind::StorageFull => "make room on the disk",
            io::ErrorKind::FileTooLarge => "look whether it is the file that is meant",
            _ => "look whether it is there and who may read and write it",
        };
        Some(text.to_owned())
    }
}
