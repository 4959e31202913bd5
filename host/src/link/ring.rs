//! The bytes that are under way in one direction of a connection: a ring of fixed size that sockets read into and write from
//! without a copy between.

/// A ring of bytes.
#[derive(Debug)]
pub(super) struct Ring {
    buffer: Box<[u8]>,
    start: usize,
    length: usize,
}

impl Ring {
    /// An empty ring for `capacity` bytes.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            buffer: vec![0; capacity].into_boxed_slice(),
            start: 0,
            length: 0,
        }
    }

    /// Bytes that it holds.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Whether it holds none.
    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether there is no room.
    pub(super) fn is_full(&self) -> bool {
        self.length == self.buffer.len()
    }

    /// Free room in one piece; empty only if the ring is full.
    pub(super) fn room(&mut self) -> &mut [u8] {
        if self.is_full() {
            return &mut [];
        }
        let capacity = self.buffer.len();
        let end = self.start + self.length;
        if end < capacity {
            &mut self.buffer[end..]
        } else {
            &mut self.buffer[end - capacity..self.start]
        }
    }

    /// The first `bytes` of the room are used now.
    pub(super) fn fill(&mut self, bytes: usize) {
        self.length += bytes;
        debug_assert!(self.length <= self.buffer.len(), "more than there was room");
    }

    /// The oldest bytes in one piece; empty only if the ring is empty.
    pub(super) fn front(&self) -> &[u8] {
        let end = (self.start + self.length).min(self.buffer.len());
        &self.buffer[self.start..end]
    }

    /// Forgets the oldest `bytes`.
    pub(super) fn consume(&mut self, bytes: usize) {
        debug_assert!(bytes <= self.length, "more than it holds");
        self.length -= bytes;
        self.start = if self.length == 0 {
            0 // the next read gets the whole room in one piece
        } else {
            (self.start + bytes) % self.buffer.len()
        };
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    #[test]
    fn a_ring_gives_back_what_it_got_in_order_and_never_holds_more_than_its_size() {
        let mut random = fastrand::Rng::with_seed(4);
        let mut ring = Ring::new(7);
        let mut model = VecDeque::new();
        let (mut full, mut wrapped) = (0, 0);
        for _ in 0..2_000 {
            let room = ring.room();
            let bytes = random.usize(..=room.len());
            room[..bytes].fill_with(|| {
                model.push_back(random.u8(..));
                *model.back().unwrap()
            });
            ring.fill(bytes);
            full += usize::from(ring.is_full());
            wrapped += usize::from(ring.front().len() < ring.len());
            assert_eq!(ring.room().is_empty(), ring.is_full());
            let bytes = random.usize(..=ring.front().len());
            let expected: Vec<u8> = model.drain(..bytes).collect();
            assert_eq!(&ring.front()[..bytes], expected);
            ring.consume(bytes);
            assert_eq!(ring.len(), model.len());
            assert_eq!(ring.is_empty(), model.is_empty());
        }
        assert!(full > 0 && wrapped > 0, "the test reaches both edges");
    }
}
