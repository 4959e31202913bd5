//! The last lines of a container's log, in the pieces in which the engine sends it: a line may come in several, and a piece may hold
//! several lines. However long its lines are, what is kept of them is bounded.

use std::{collections::VecDeque, time::SystemTime};

/// Lines that are asked for where only those of some time are wanted.
pub(super) const MAX_LINES: usize = 2_000;
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

/// Those of lines with the engine's times in front of them that were written since then, without the times. The rest of a line whose
/// beginning was dropped has no time, and is left out.
pub(super) fn since(lines: &[String], then: SystemTime) -> impl Iterator<Item = String> {
    lines.iter().filter_map(move |line| {
        let (time, rest) = line.split_once(' ')?;
        let written = humantime::parse_rfc3339(time).ok()?;
        (written >= then).then(|| rest.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
    fn lines_from_before_a_moment_are_left_out_and_the_others_lose_their_times() {
        let lines = [
            "2026-11-30T01:02:03.999999999Z before",
            "2026-11-30T01:02:04.000000000Z just then",
            "2026-11-30T01:02:04.000000001Z after",
            "no time",
        ]
        .map(str::to_owned);
        // 2026-11-30T01:02:04Z
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_796_000_524);
        let found: Vec<_> = since(&lines, then).collect();
        assert_eq!(found, ["just then", "after"]);
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
