//! What was received and not yet looked at.

use std::future::Future as _;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncReadExt as _;

use super::super::stream::Stream;

/// Bytes that a buffer grows to while answers fill it.
const MAX_BYTES: usize = 64 << 10;
/// Bytes that a buffer may keep while nothing is in it: ten thousand connections wait at once.
const MAX_IDLE_BYTES: usize = 8 << 10;

/// A read buffer that is small until there is much to read.
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

    /// Whether it is worth parsing a head: for the first time, and then whenever an empty line came. A server that sends byte by byte
    /// would otherwise have its head parsed as often.
    pub(super) fn may_hold_a_head(&mut self) -> bool {
        let length = self.filled().len();
        let from = std::mem::replace(&mut self.searched, length);
        if length == 0 {
            return false;
        }
        if from == 0 || length > super::MAX_HEAD_BYTES {
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
        let read = ready!(pin!(stream.read_buf(&mut self.bytes)).poll(context))?;
        self.was_full = read == room;
        Poll::Ready(Ok(read))
    }

    fn make_room(&mut self) {
        let capacity = self.bytes.capacity();
        let is_full = self.bytes.len() == capacity;
        if self.start > 0 && is_full {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        if capacity == 0 {
            self.bytes.reserve_exact(self.initial);
        } else if self.was_full && capacity < MAX_BYTES {
            let room = (capacity * 2).min(MAX_BYTES) - self.bytes.len();
            self.bytes.reserve_exact(room);
        } else if self.bytes.len() == capacity {
            self.bytes.reserve_exact(self.initial);
        }
        self.was_full = false;
    }

    /// Gives back memory that only a large answer needed. Called when there is nothing to read.
    pub(super) fn relax(&mut self) {
        if self.bytes.is_empty() && self.bytes.capacity() > MAX_IDLE_BYTES.max(self.initial) {
            self.bytes = Vec::new();
            self.was_full = false;
        }
    }

    /// Bytes that are held.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}
