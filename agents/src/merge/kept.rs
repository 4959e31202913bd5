//! Words that are not told yet: a little of them in memory, and the rest in a file that has no name, so nothing is left of it whatever happens.
//!
//! Writing it does not leave the thread: it goes to the kernel's memory, and is at most [`crate::message::chunk::MAX_CHUNK_BYTES`] at once.

use std::{
    io::{self, BufRead as _, BufReader, Seek as _, Write as _},
    vec,
};

use serde::de::DeserializeOwned;
use tempfile::SpooledTempFile;

use super::Broken;

/// Bytes that are kept in memory, of each attempt.
const IN_MEMORY: usize = 64 << 10;

/// Lines of words.
#[derive(Debug)]
pub(super) struct Kept {
    file: SpooledTempFile,
    limit: u64,
    bytes: u64,
}

/// Words that are to be told, one after the other.
#[derive(Debug)]
pub(crate) enum Words<W> {
    /// As many as there are in a message.
    Now(vec::IntoIter<W>),
    /// Those that were kept.
    Kept(BufReader<SpooledTempFile>),
}

impl Kept {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            file: SpooledTempFile::new(IN_MEMORY),
            limit,
            bytes: 0,
        }
    }

    pub(super) fn keep(&mut self, line: &[u8]) -> Result<(), Broken> {
        self.bytes += line.len() as u64 + 1;
        if self.bytes > self.limit {
            return Err(Broken::TooMuch { limit: self.limit });
        }
        self.file.write_all(line)?;
        Ok(self.file.write_all(b"\n")?)
    }

    pub(super) fn words<W>(mut self) -> io::Result<Words<W>> {
        self.file.rewind()?;
        Ok(Words::Kept(BufReader::new(self.file)))
    }
}

impl<W: DeserializeOwned> Words<W> {
    /// The next one.
    pub(crate) fn next(&mut self) -> Result<Option<W>, Broken> {
        match self {
            Self::Now(words) => Ok(words.next()),
            Self::Kept(file) => {
                let mut line = String::new();
                if file.read_line(&mut line)? == 0 {
                    return Ok(None);
                }
                Ok(Some(serde_json::from_str(&line)?))
            }
        }
    }
}
