//! Reads the file of a plugin, and tells what it is if it is none.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    os::unix::fs::FileTypeExt as _,
    path::Path,
};

use crate::plugin::{digest, error::Problem};

/// Bytes that a plugin may have.
pub(super) const MAX_BYTES: u64 = 256 << 20;

/// How each binary of WebAssembly starts.
const MAGIC: &[u8] = b"\0asm";
/// What follows in a core module (version 1, layer 0).
const MODULE: &[u8] = &[1, 0, 0, 0];

/// The bytes of a file that may be a component.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let (file, size) = open(path)?;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    sized(bytes.len() as u64)?;
    recognise(&bytes)?;
    Ok(bytes)
}

/// The digest and the size of a file that may be a component.
pub(super) fn identify(path: &Path) -> Result<(String, u64), Problem> {
    let (file, _) = open(path)?;
    digest::of_reader(file.take(MAX_BYTES)).map_err(unreadable)
}

/// A regular file that is not too big, and its size.
fn open(path: &Path) -> Result<(File, u64), Problem> {
    let metadata = fs::metadata(path).map_err(unreadable)?;
    let kind = metadata.file_type();
    if !kind.is_file() {
        return Err(Problem::NotAFile(match kind {
            kind if kind.is_dir() => "a folder",
            kind if kind.is_fifo() => "a pipe",
            kind if kind.is_socket() => "a socket",
            _ => "a device",
        }));
    }
    sized(metadata.len())?;
    let file = File::open(path).map_err(unreadable)?;
    Ok((file, metadata.len()))
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
