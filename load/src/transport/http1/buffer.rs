//! What was received and not yet looked at.

use std::cell::Cell;
use std::io;
use std::task::{Context, Poll};

use super::super::error::Error;
use super::super::stream::Stream;
use super::MAX_HEAD_BYTES;
use super::head::{self, Parsed, Wanted};

/// Bytes that a buffer grows to while answers fill it.
const MAX_BYTES: usize = 64 << 10;
/// Bytes of the memory that a thread keeps for whichever of its connections reads next.
const MAX_SPARE_BYTES: usize = 8 << 10;

thread_local! {
    /// Whoever reads takes it, and gives it back when all is read: ten thousand connections that wait hold nothing, and those that read
    /// find memory that is in the processor's cache.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A read buffer that has memory only while something is in it, and little until there is much to read.
#[derive(Debug)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    /// What is before was consumed.
    start: usize,
    /// Where the search for the end of a head goes on.
    searched: usize,
    initial: usize,
    /// The last read took all the room there was, so that there may be more to read.
    was_full: bool,
}

impl Buffer {
    /// Takes no memory before the first read.
    pub(super) fn new(initial: usize) -> Self {
        Self {
            bytes: Vec::new(),
            start: 0,
            searched: 0,
            initial: initial.clamp(256, MAX_BYTES),
            was_full: false,
        }
    }

    /// What is there.
    pub(super) fn filled(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Takes from the front.
    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
        self.searched = 0;
        if self.start >= self.bytes.len() {
            self.bytes.clear();
            self.start = 0;
        }
    }

    /// The head of the answer if all of it is there, after any interim ones. `interim` counts the bytes of those.
    pub(super) fn head(
        &mut self,
        wanted: Wanted,
        interim: &mut usize,
    ) -> Result<Option<Parsed>, Error> {
        loop {
            if !self.may_hold_a_head() {
                return Ok(None);
            }
            let parsed = head::parse(self.filled(), wanted)?;
            let length = parsed
                .as_ref()
                .map_or(self.filled().len(), |head| head.length);
            if *interim + length > MAX_HEAD_BYTES {
                return Err(Error::Protocol(format!(
                    "the head of the answer has more than {MAX_HEAD_BYTES} bytes"
                )));
            }
            let Some(parsed) = parsed else {
                return Ok(None);
            };
            self.consume(parsed.length);
            if !parsed.is_interim() {
                return Ok(Some(parsed));
            }
            *interim += parsed.length;
        }
    }

    /// What to say of an answer whose connection ended within its head, or before.
    pub(super) fn cut_off_head(&self, wanted: Wanted) -> Error {
        let begun = self.filled();
        if begun.is_empty() {
            return Error::Closed("the connection ended before the answer began".to_owned());
        }
        match head::parse(begun, wanted) {
            Err(error) => error,
            Ok(_) => Error::Closed("the connection ended within the head of the answer".to_owned()),
        }
    }

    /// Adds to what is there, as a read would.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether it is worth parsing a head: for the first time, and then whenever an empty line came. A server that sends byte by byte
    /// would otherwise have its head parsed as often.
    fn may_hold_a_head(&mut self) -> bool {
        let length = self.filled().len();
        let from = std::mem::replace(&mut self.searched, length);
        if length == 0 {
            return false;
        }
        if from == 0 || length > MAX_HEAD_BYTES {
            return true;
        }
        let unseen = &self.filled()[from.saturating_sub(3)..];
        let has = |end: &[u8]| unseen.windows(end.len()).any(|window| window == end);
        has(b"\n\r\n") || has(b"\n\n")
    }

    /// Reads what is there to be read, or waits for it; 0 at the end of the stream.
    pub(super) fn poll_fill(
        &mut self,
        stream: &mut Stream,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        self.make_room();
        let room = self.bytes.capacity() - self.bytes.len();
        let Poll::Ready(read) = stream.poll_fill(context, &mut self.bytes) else {
            self.relax();
            return Poll::Pending;
        };
        let read = read?;
        self.was_full = read == room;
        Poll::Ready(Ok(read))
    }

    fn make_room(&mut self) {
        if self.bytes.capacity() == 0 {
            self.bytes = SPARE.take();
        }
        let capacity = self.bytes.capacity();
        let is_full = self.bytes.len() == capacity;
        if self.start > 0 && is_full {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        if capacity < self.initial {
            self.bytes.reserve_exact(self.initial);
        } else if self.was_full && capacity < MAX_BYTES {
            let room = (capacity * 2).min(MAX_BYTES) - self.bytes.len();
            self.bytes.reserve_exact(room);
        } else if self.bytes.len() == capacity {
            self.bytes.reserve_exact(self.initial);
        }
        self.was_full = false;
    }

    /// Gives its memory back if nothing is in it.
    pub(super) fn relax(&mut self) {
        if self.bytes.is_empty() && self.bytes.capacity() > 0 {
            let bytes = std::mem::take(&mut self.bytes);
            if bytes.capacity() <= MAX_SPARE_BYTES {
                SPARE.set(bytes);
            }
        }
    }

    /// Bytes that are held.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}
