//! The last lines of a container's log, in the pieces in which the engine sends it: a line may come in several, and a piece may hold
//! several lines. However long its lines are, what is kept of them is bounded.

use std::collections::VecDeque;

/// Bytes that are kept; what came first is dropped.
const MAX_BYTES: usize = 4 << 20;

/// The end of a log, as it comes.
#[derive(Debug, Default)]
pub(super) struct LastLines {
    bytes: VecDeque<u8>,
}

impl LastLines {
    pub(super) fn add(&mut self, piece: &[u8]) {
        let piece = &piece[piece.len().saturating_sub(MAX_BYTES)..];
        let surplus = (self.bytes.len() + piece.len()).saturating_sub(MAX_BYTES);
        self.bytes.drain(..surplus);
        self.bytes.extend(piece);
    }

    pub(super) fn end(self) -> Vec<String> {
        let bytes = Vec::from(self.bytes);
        String::from_utf8_lossy(&bytes)
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let mut lines = LastLines::default();
        for piece in pieces {
            lines.add(piece);
        }
        lines.end()
    }

    #[test]
    fn a_line_may_come_in_pieces_and_may_lack_its_end() {
        assert_eq!(lines(&[]), [""; 0]);
        let pieces: [&[u8]; 3] = [b"one\ntw", b"o\n", b"thr"];
        assert_eq!(lines(&pieces), ["one", "two", "thr"]);
    }

    #[test]
    fn of_a_log_that_is_too_long_the_end_is_kept() {
        let long = vec![b'x'; MAX_BYTES - b"\nb\n".len()];
        let kept = lines(&[b"a\n", &long, b"\nb\n"]);
        assert_eq!(kept.len(), 2, "all that came after the first line fits");
        let longer = vec![b'x'; MAX_BYTES + 1];
        let kept = lines(&[b"a\n", &longer]);
        assert_eq!((kept.len(), kept[0].len()), (1, MAX_BYTES));
    }
}
