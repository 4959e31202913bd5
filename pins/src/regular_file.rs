//! A file of this machine that is opened once: what it is, where it lies and what it holds are all told by what was opened. Whoever exchanges
//! a link, or the file at its path, after that changes nothing about any of them.

use std::{
    fs::{self, File, FileType, Metadata, OpenOptions},
    io::{self, Read},
    os::{
        fd::AsRawFd as _,
        unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _},
    },
    path::{Path, PathBuf},
};

use rustix::{fs::OFlags, io::Errno};
use thiserror::Error;

/// Why a file was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// It is a folder, a pipe, a socket or a device.
    #[error("it is no regular file but {0}")]
    NotRegular(&'static str),
    /// The system does not let it be opened.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<OpenError> for io::Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Io(error) => error,
            OpenError::NotRegular(_) => Self::other(error),
        }
    }
}

/// A regular file, open to be read.
#[derive(Debug)]
pub struct RegularFile {
    file: File,
    metadata: Metadata,
}

impl RegularFile {
    /// Opens what a path leads to, over links as well. A pipe without a writer is not waited for, and a terminal does not become ours.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(flags.bits().cast_signed())
            .open(path);
        let file = opened.map_err(|error| unopened(path, error))?;
        let metadata = file.metadata()?;
        match irregular(metadata.file_type()) {
            Some(kind) => Err(OpenError::NotRegular(kind)),
            None => Ok(Self { file, metadata }),
        }
    }

    /// How many bytes it had when it was opened. It can have grown since: whoever reads has a limit.
    pub fn size(&self) -> u64 {
        self.metadata.len()
    }

    /// Where it lies, without links. An error if it has no path any more, or something else lies there now.
    pub fn place(&self) -> io::Result<PathBuf> {
        let place = fs::read_link(format!("/proc/self/fd/{}", self.file.as_raw_fd()))?;
        let there = fs::symlink_metadata(&place);
        let id = |metadata: &Metadata| (metadata.dev(), metadata.ino());
        if there.is_ok_and(|there| id(&there) == id(&self.metadata)) {
            return Ok(place);
        }
        Err(io::Error::other(
            "it was moved, removed or replaced while it was read",
        ))
    }
}

impl Read for RegularFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

/// A socket cannot be opened at all, and the system does not say that it is one.
fn unopened(path: &Path, error: io::Error) -> OpenError {
    let is_strange = error.raw_os_error() == Some(Errno::NXIO.raw_os_error());
    let kind = match fs::metadata(path) {
        Ok(metadata) if is_strange => irregular(metadata.file_type()),
        _ => None,
    };
    kind.map_or(OpenError::Io(error), OpenError::NotRegular)
}

/// What it is instead.
fn irregular(kind: FileType) -> Option<&'static str> {
    match kind {
        kind if kind.is_file() => None,
        kind if kind.is_dir() => Some("a folder"),
        kind if kind.is_fifo() => Some("a pipe"),
        kind if kind.is_socket() => Some("a socket"),
        _ => Some("a device"),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::{fs::symlink, net::UnixListener};

    use rustix::fs::{CWD, Mode, mknodat};
    use tempfile::tempdir;

    use super::*;

    fn content(mut file: RegularFile) -> String {
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn what_is_no_regular_file_is_refused_and_not_waited_for() {
        let folder = tempdir().unwrap();
        let (pipe, socket) = (folder.path().join("pipe"), folder.path().join("socket"));
        mknodat(CWD, &pipe, rustix::fs::FileType::Fifo, Mode::RUSR, 0).unwrap();
        let _listener = UnixListener::bind(&socket).unwrap();
        let link = folder.path().join("link.wasm");
        symlink(&pipe, &link).unwrap();
        for (path, expected) in [
            (pipe.as_path(), "a pipe"),
            (link.as_path(), "a pipe"),
            (folder.path(), "a folder"),
            (socket.as_path(), "a socket"),
            (Path::new("/dev/zero"), "a device"),
        ] {
            let error = RegularFile::open(path).unwrap_err();
            assert!(
                matches!(error, OpenError::NotRegular(kind) if kind == expected),
                "{expected}: {error:?}"
            );
        }
        let missing = RegularFile::open(&folder.path().join("none")).unwrap_err();
        assert!(matches!(missing, OpenError::Io(error) if error.kind() == io::ErrorKind::NotFound));
    }

    #[test]
    fn a_link_is_followed_and_the_place_is_where_it_leads() {
        let (inside, outside) = (tempdir().unwrap(), tempdir().unwrap());
        let real = outside.path().join("real.wasm");
        fs::write(&real, "real").unwrap();
        let link = inside.path().join("link.wasm");
        symlink(&real, &link).unwrap();
        let file = RegularFile::open(&link).unwrap();
        assert_eq!(file.size(), 4);
        assert_eq!(file.place().unwrap(), real.canonicalize().unwrap());
        assert_eq!(content(file), "real");
    }

    #[test]
    fn a_link_that_is_turned_after_the_opening_changes_neither_the_place_nor_the_bytes() {
        let (inside, outside) = (tempdir().unwrap(), tempdir().unwrap());
        let (own, stranger) = (inside.path().join("own"), outside.path().join("stranger"));
        fs::write(&own, "own").unwrap();
        fs::write(&stranger, "stranger").unwrap();
        let link = inside.path().join("link");
        symlink(&stranger, &link).unwrap();
        let file = RegularFile::open(&link).unwrap();
        fs::remove_file(&link).unwrap();
        symlink(&own, &link).unwrap();
        assert_eq!(file.place().unwrap(), stranger.canonicalize().unwrap());
        assert_eq!(content(file), "stranger");
    }

    #[test]
    fn a_file_that_something_else_lies_in_place_of_has_no_place() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("a.wasm");
        for replaced in [false, true] {
            fs::write(&path, "first").unwrap();
            let file = RegularFile::open(&path).unwrap();
            fs::remove_file(&path).unwrap();
            if replaced {
                fs::write(&path, "second").unwrap();
                // The kernel would tell this path of it, too.
                fs::write(folder.path().join("a.wasm (deleted)"), "third").unwrap();
            }
            assert!(file.place().is_err(), "{replaced}");
            assert_eq!(content(file), "first", "what was opened is still read");
        }
    }
}
