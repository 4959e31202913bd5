//! Words that are not told yet: a little of them in memory, and the rest in a file that has no name, so nothing is left of it whatever happens.
//!
//! Writing it does not leave the thread: it goes to the kernel's memory, and is at most [`crate::message::chunk::MAX_CHUNK_BYTES`] at once.

use std::{
    io::{self, BufRead as _, BufReader, Seek as _, Write as _},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    vec,
};

use serde::de::DeserializeOwned;
use tempfile::SpooledTempFile;

use super::Broken;

/// Bytes that are kept in memory, of each attempt.
const IN_MEMORY: usize = 64 << 10;

/// Lines of words.
#[derive(Debug)]
pub(crate) struct Kept {
    file: SpooledTempFile,
    limit: u64,
    bytes: u64,
    shelf: Shelf,
}

/// What all attempts have together.
#[derive(Clone, Debug)]
pub(super) struct Shelf {
    limit: u64,
    bytes: Arc<AtomicU64>,
}

impl Shelf {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            bytes: Arc::default(),
        }
    }
}

/// Words that are to be told, one after the other.
#[derive(Debug)]
pub(crate) enum Words<W> {
    /// As many as there are in a message.
    Now(vec::IntoIter<W>),
    /// Those that were kept.
    Kept(BufReader<Kept>),
}

impl Kept {
    pub(super) fn new(limit: u64, shelf: &Shelf) -> Self {
        Self {
            shelf: shelf.clone(),
            file: SpooledTempFile::new(IN_MEMORY),
            limit,
            bytes: 0,
        }
    }

    pub(super) fn keep(&mut self, line: &[u8]) -> Result<(), Broken> {
        let bytes = line.len() as u64 + 1;
        if self.bytes + bytes > self.limit {
            return Err(Broken::TooMuch { limit: self.limit });
        }
        self.bytes += bytes;
        let before = self.shelf.bytes.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes > self.shelf.limit {
            let limit = self.shelf.limit;
            return Err(Broken::AllTooMuch { limit });
        }
        self.file.write_all(line)?;
        Ok(self.file.write_all(b"\n")?)
    }

    pub(super) fn words<W>(mut self) -> io::Result<Words<W>> {
        self.file.rewind()?;
        Ok(Words::Kept(BufReader::new(self)))
    }
}

impl io::Read for Kept {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.shelf.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl<W: DeserializeOwned> Words<W> {
    /// The next one.
    pub(crate) fn next(&mut self) -> Result<Option<W>, Broken> {
        match self {
            Self::Now(words) => Ok(words.next()),
            Self::Kept(file) => {
                // As bytes, as when it was kept: what is no text may stand where nobody reads it.
                let mut line = Vec::new();
                if file.read_until(b'\n', &mut line)? == 0 {
                    return Ok(None);
                }
                Ok(Some(serde_json::from_slice(&line)?))
            }
        }
    }
}
