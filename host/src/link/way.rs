//! One direction of a connection: what was read and is not written yet, and from when each piece of it may go.
//!
//! It holds at most [`MAX_HELD_BYTES`] in at most [`MAX_PIECES`] pieces and reads no more while it is full, so whoever sends
//! faster than the link lets through is slowed down by TCP itself.

use std::{collections::VecDeque, io, time::Duration};

use tokio::{net::TcpStream, time::Instant};

use super::{MAX_HELD_BYTES, faced::Faced, fault::Direction, ring::Ring};

/// Pieces with a time of their own that are held.
const MAX_PIECES: usize = 1_024;

/// One direction of a connection.
#[derive(Debug)]
pub(super) struct Way {
    direction: Direction,
    ring: Ring,
    pieces: VecDeque<Piece>,
    /// Bytes of the ring that have no piece yet: they were just read.
    arrived: usize,
    end: End,
    /// The socket that it reads from was reset.
    pub(super) broken: bool,
    /// Bytes that were taken are gone, so that the stream cannot go on.
    has_hole: bool,
    wait: Wait,
}

/// Bytes that arrived together.
#[derive(Debug)]
struct Piece {
    bytes: usize,
    due: Instant,
    delayed: bool,
}

/// How far the end of the stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Not here yet.
    Open,
    /// It was read and goes on from when it is due; no time was given to it yet if there is none.
    Seen(Option<Instant>),
    /// The other side has it.
    Delivered,
}

/// What the way waits for before it can write again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// Something to read, or a change of the faults.
    Nothing,
    /// Room in the socket that it writes to.
    Room,
    /// A time.
    Until(Instant),
}

impl Way {
    pub(super) fn new(direction: Direction) -> Self {
        Self {
            direction,
            ring: Ring::new(MAX_HELD_BYTES),
            pieces: VecDeque::new(),
            arrived: 0,
            end: End::Open,
            broken: false,
            has_hole: false,
            wait: Wait::Nothing,
        }
    }

    pub(super) fn held(&self) -> usize {
        self.ring.len()
    }

    pub(super) fn wait(&self) -> Wait {
        self.wait
    }

    pub(super) fn wants_to_read(&self) -> bool {
        self.end == End::Open && !self.ring.is_full() && self.pieces.len() < MAX_PIECES
    }

    /// Nothing more will be read, and a reset can only be seen as an error.
    pub(super) fn listens_for_reset(&self) -> bool {
        self.end != End::Open && !self.broken
    }

    pub(super) fn is_over(&self) -> bool {
        self.end == End::Delivered
    }

    /// Takes what is there, without waiting.
    pub(super) fn read(&mut self, from: &TcpStream) {
        if !self.wants_to_read() {
            return;
        }
        match from.try_read(self.ring.room()) {
            Ok(0) => self.end = End::Seen(None),
            Ok(bytes) => {
                self.ring.fill(bytes);
                self.arrived += bytes;
            }
            Err(error) if is_for_later(&error) => {}
            Err(_) => {
                self.end = End::Seen(None);
                self.broken = true;
            }
        }
    }

    /// Gives what was just read, and its end, the time from when it may go; or drops it.
    pub(super) fn admit(&mut self, faced: &mut Faced, now: Instant) {
        let bytes = std::mem::take(&mut self.arrived);
        if faced.swallows(self.direction) {
            return self.swallow(faced);
        }
        if bytes > 0 {
            let delay = faced.delay(self.direction, bytes);
            self.push(bytes, delay, now);
        }
        if self.end == End::Seen(None) {
            let delay = faced.delay(self.direction, 0).unwrap_or_default();
            self.end = End::Seen(Some(now + delay));
        }
    }

    fn push(&mut self, bytes: usize, delay: Option<Duration>, now: Instant) {
        let last = self.pieces.back_mut();
        let not_before = last.as_ref().map_or(now, |piece| piece.due);
        match (delay, last) {
            (None, Some(piece)) if !piece.delayed => piece.bytes += bytes,
            _ => self.pieces.push_back(Piece {
                bytes,
                due: not_before.max(now + delay.unwrap_or_default()),
                delayed: delay.is_some(),
            }),
        }
    }

    fn swallow(&mut self, faced: &mut Faced) {
        let bytes = self.ring.len();
        if bytes > 0 {
            self.forget();
            self.has_hole = true;
            faced.swallowed(self.direction, bytes);
        } else if matches!(self.end, End::Seen(_)) {
            faced.swallowed(self.direction, 0);
        }
    }

    /// The faults have changed: what is held waits no longer than it would now.
    pub(super) fn adapt(&mut self, faced: &Faced, now: Instant) {
        let latest = now + faced.longest_delay(self.direction);
        for piece in &mut self.pieces {
            piece.due = piece.due.min(latest);
        }
        if let End::Seen(Some(due)) = &mut self.end {
            *due = latest.min(*due);
        }
    }

    /// Whether what was taken is gone and nothing takes it any more.
    pub(super) fn cannot_go_on(&self, faced: &Faced) -> bool {
        self.has_hole && !faced.swallows(self.direction)
    }

    /// Writes what may go, without waiting; gives the bytes that were written.
    pub(super) fn write(
        &mut self,
        to: &TcpStream,
        faced: &mut Faced,
        now: Instant,
    ) -> io::Result<usize> {
        self.wait = Wait::Nothing;
        let Some(first) = self.pieces.front() else {
            return Ok(0);
        };
        if first.due > now {
            self.wait = Wait::Until(first.due);
            return Ok(0);
        }
        let allowed = match faced.allowance(self.direction, now) {
            Ok(bytes) => bytes,
            Err(later) => {
                self.wait = Wait::Until(later);
                return Ok(0);
            }
        };
        let front = self.ring.front();
        let bytes = self.due(now).min(front.len()).min(allowed);
        let written = match to.try_write(&front[..bytes]) {
            Ok(written) => written,
            Err(error) if is_for_later(&error) => 0,
            Err(error) => return Err(error),
        };
        self.wait = match self.ring.len() - written {
            0 => Wait::Nothing,
            _ => Wait::Room,
        };
        self.forget_first(written, faced, now);
        Ok(written)
    }

    /// Bytes that may go now as far as time is concerned.
    fn due(&self, now: Instant) -> usize {
        let due = self.pieces.iter().take_while(|piece| piece.due <= now);
        due.map(|piece| piece.bytes).sum()
    }

    fn forget_first(&mut self, bytes: usize, faced: &mut Faced, now: Instant) {
        self.ring.consume(bytes);
        let (mut rest, mut delayed) = (bytes, 0);
        while rest > 0
            && let Some(piece) = self.pieces.front_mut()
        {
            let part = rest.min(piece.bytes);
            piece.bytes -= part;
            rest -= part;
            delayed += if piece.delayed { part } else { 0 };
            if piece.bytes == 0 {
                self.pieces.pop_front();
            }
        }
        if bytes > 0 {
            faced.delivered(self.direction, bytes, delayed, now);
            if let End::Seen(Some(due)) = &mut self.end {
                *due = now.max(*due);
            }
        }
    }

    /// Whether the end is to be passed on now; if it is held back, it waits for that.
    pub(super) fn end_is_due(&mut self, faced: &mut Faced, now: Instant) -> bool {
        let End::Seen(Some(mut due)) = self.end else {
            return false;
        };
        if !self.ring.is_empty() || faced.swallows(self.direction) {
            return false;
        }
        if !self.broken {
            due += faced.hold(self.direction);
        }
        if due > now {
            self.wait = Wait::Until(due);
        }
        due <= now
    }

    /// The other side has the end, or will never take anything again.
    pub(super) fn finish(&mut self) {
        self.forget();
        self.end = End::Delivered;
        self.wait = Wait::Nothing;
    }

    fn forget(&mut self) {
        self.ring.consume(self.ring.len());
        self.pieces.clear();
        self.arrived = 0;
    }
}

fn is_for_later(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_reads_no_more_once_it_holds_its_limit_of_pieces() {
        let now = Instant::now();
        let mut way = Way::new(Direction::Upstream);
        for _ in 0..MAX_PIECES {
            assert!(way.wants_to_read());
            way.push(1, Some(Duration::ZERO), now);
        }
        assert!(!way.wants_to_read());
    }

    #[test]
    fn what_is_not_delayed_is_one_piece_and_never_overtakes_what_is() {
        let now = Instant::now();
        let mut way = Way::new(Direction::Upstream);
        for _ in 0..2 * MAX_PIECES {
            way.push(1, None, now);
        }
        assert_eq!(way.pieces.len(), 1);
        way.push(1, Some(Duration::from_secs(2)), now);
        way.push(1, Some(Duration::from_secs(1)), now);
        way.push(1, None, now);
        assert!(way.pieces.iter().is_sorted_by_key(|piece| piece.due));
        assert_eq!(way.due(now), 2 * MAX_PIECES);
    }
}
