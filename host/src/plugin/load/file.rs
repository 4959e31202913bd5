//! Reads the file of a plugin, and tells what it is if it is none. What it holds and where it lies are told by one opening.

use std::{
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use assay_pins::regular_file::{OpenError, RegularFile};

use crate::plugin::{digest, error::Problem};

/// Bytes that a plugin may have.
pub(super) const MAX_BYTES: u64 = 256 << 20;

/// How each binary of WebAssembly starts.
const MAGIC: &[u8] = b"\0asm";
/// What follows in a core module (version 1, layer 0).
const MODULE: &[u8] = &[1, 0, 0, 0];

/// A file that may be a component.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) bytes: Vec<u8>,
    /// Of these bytes.
    pub(super) digest: String,
    /// Where the file lies that they were read from, without links.
    pub(super) place: PathBuf,
}

/// What a file is, without its bytes.
pub(super) struct Identity {
    pub(super) digest: String,
    pub(super) size: u64,
    pub(super) place: PathBuf,
}

/// The bytes of a file that may be a component.
pub(super) fn read(path: &Path) -> Result<Read, Problem> {
    let file = open(path)?;
    let mut bytes = Vec::with_capacity(usize::try_from(file.size()).unwrap_or(0));
    let place = file.place().map_err(unreadable)?;
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    sized(bytes.len() as u64)?;
    recognise(&bytes)?;
    Ok(Read {
        digest: digest::of(&bytes),
        bytes,
        place,
    })
}

/// What a file is that may be a component.
pub(super) fn identify(path: &Path) -> Result<Identity, Problem> {
    let file = open(path)?;
    let place = file.place().map_err(unreadable)?;
    let (digest, size) = digest::of_reader(file.take(MAX_BYTES)).map_err(unreadable)?;
    Ok(Identity {
        digest,
        size,
        place,
    })
}

/// A regular file that is not too big.
fn open(path: &Path) -> Result<RegularFile, Problem> {
    let file = RegularFile::open(path).map_err(|error| match error {
        OpenError::NotRegular(kind) => Problem::NotAFile(kind),
        OpenError::Io(error) => unreadable(error),
    })?;
    sized(file.size())?;
    Ok(file)
}

fn sized(size: u64) -> Result<(), Problem> {
    if size > MAX_BYTES {
        return Err(Problem::TooBig {
            size,
            limit: MAX_BYTES,
        });
    }
    Ok(())
}

fn recognise(bytes: &[u8]) -> Result<(), Problem> {
    if bytes.is_empty() {
        return Err(Problem::Empty);
    }
    match bytes.strip_prefix(MAGIC) {
        None => Err(Problem::NotWasm),
        Some(rest) if rest.starts_with(MODULE) => Err(Problem::CoreModule),
        Some(_) => Ok(()),
    }
}

fn unreadable(error: io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::NotFound => Problem::Missing,
        _ => Problem::Unreadable(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_largest_size_is_read_and_one_beyond_it_is_refused_unread() {
        assert!(sized(MAX_BYTES).is_ok());
        // A sparse file: it has the size and takes no room.
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(MAX_BYTES + 1).unwrap();
        assert!(matches!(
            read(file.path()),
            Err(Problem::TooBig { size, .. }) if size == MAX_BYTES + 1
        ));
    }

    #[test]
    fn a_link_that_leads_elsewhere_is_read_and_told_at_the_place_where_it_leads() {
        let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let target = outside.path().join("target.wasm");
        std::fs::write(&target, b"\0asm\x0d\0\x01\0").unwrap();
        let link = inside.path().join("link.wasm");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let place = target.canonicalize().unwrap();
        let read = read(&link).unwrap();
        let known = identify(&link).unwrap();
        assert_eq!((&read.place, &known.place), (&place, &place));
        assert_eq!((read.digest, 8), (known.digest, known.size));
    }

    #[test]
    fn what_is_no_file_is_told_by_its_kind_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.wasm");
        let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR);
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, kind, mode, 0).unwrap();
        for (path, kind) in [
            (pipe.as_path(), "a pipe"),
            (folder.path(), "a folder"),
            (Path::new("/dev/null"), "a device"),
        ] {
            let problems = [read(path).err(), identify(path).err()];
            for problem in problems {
                assert!(
                    matches!(problem, Some(Problem::NotAFile(told)) if told == kind),
                    "{kind}: {problem:?}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_component_is_recognised_by_its_first_bytes() {
        assert!(matches!(recognise(b""), Err(Problem::Empty)));
        assert!(matches!(recognise(b"(component)"), Err(Problem::NotWasm)));
        assert!(matches!(recognise(b"\0as"), Err(Problem::NotWasm)));
        assert!(matches!(
            recognise(b"\0asm\x01\0\0\0"),
            Err(Problem::CoreModule)
        ));
        assert!(recognise(b"\0asm\x0d\0\x01\0").is_ok());
    }
}
