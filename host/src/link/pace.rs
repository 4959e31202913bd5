//! How a bandwidth is kept: time is spent for each byte, and who has spent the time up to now waits.

use std::time::Duration;

use tokio::time::Instant;

/// Bytes are let through in pieces worth this much time, and so much unused time can be made up for: timers are not exact.
const PIECE: Duration = Duration::from_millis(20);

/// The pace of one direction, shared by all connections.
#[derive(Debug)]
pub(super) struct Pace {
    bytes_per_second: u64,
    spent_until: Instant,
}

impl Pace {
    /// A pace of at least 1 byte a second.
    pub(super) fn new(bytes_per_second: u64, now: Instant) -> Self {
        Self {
            bytes_per_second: bytes_per_second.max(1),
            spent_until: now,
        }
    }

    /// How many bytes may pass now, at least 1, or when to ask again.
    pub(super) fn allowance(&self, now: Instant) -> Result<usize, Instant> {
        if self.spent_until > now {
            return Err(self.spent_until);
        }
        let piece = u128::from(self.bytes_per_second) * PIECE.as_millis() / 1000;
        Ok(usize::try_from(piece).unwrap_or(usize::MAX).max(1))
    }

    /// So many bytes have passed.
    pub(super) fn spend(&mut self, bytes: usize, now: Instant) {
        let nanoseconds = bytes as u128 * 1_000_000_000 / u128::from(self.bytes_per_second);
        let time = Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
        let earliest = now.checked_sub(PIECE).unwrap_or(now);
        self.spent_until = self.spent_until.max(earliest) + time;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that pass within `seconds` when asked every `step`.
    fn passed(rate: u64, seconds: u64, step: Duration) -> u64 {
        let start = Instant::now();
        let mut pace = Pace::new(rate, start);
        let mut now = start;
        let mut total = 0;
        while now < start + Duration::from_secs(seconds) {
            while let Ok(bytes) = pace.allowance(now) {
                pace.spend(bytes, now);
                total += bytes as u64;
            }
            now += step;
        }
        total
    }

    #[test]
    fn a_bandwidth_is_reached_and_not_exceeded_by_more_than_two_pieces() {
        for rate in [1, 10, 1_000, 1_000_000, 10_000_000_000] {
            for step in [Duration::from_millis(1), Duration::from_millis(15)] {
                let total = passed(rate, 10, step);
                let most = rate * 10 + rate / 25 + 2;
                assert!(total <= most, "{rate} B/s: {total} in 10 s");
                assert!(total >= rate * 10 * 95 / 100, "{rate} B/s: {total} in 10 s");
            }
        }
    }

    #[test]
    fn an_idle_time_is_not_saved_up() {
        let start = Instant::now();
        let mut pace = Pace::new(1_000, start);
        pace.spend(20, start);
        let later = start + Duration::from_mins(1);
        let mut total = 0;
        while let Ok(bytes) = pace.allowance(later) {
            pace.spend(bytes, later);
            total += bytes;
        }
        assert!(total <= 60, "{total} bytes at once");
    }
}
