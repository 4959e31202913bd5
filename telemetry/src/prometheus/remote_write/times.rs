//! When each state was: by the clock of the machine, and always later than the one before. A remote refuses what is not, and tells of it as
//! of something wrong with the request, which is not tried again.

use std::time::{SystemTime, UNIX_EPOCH};

/// Gives each state its time, in milliseconds since the Unix epoch.
#[derive(Debug, Default)]
pub(super) struct Times {
    last: i64,
}

impl Times {
    pub(super) fn now(&mut self) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default().as_millis();
        self.after(i64::try_from(now).unwrap_or(i64::MAX))
    }

    /// A clock may be set back, and two states may be within a millisecond.
    fn after(&mut self, now: i64) -> i64 {
        self.last = now.max(self.last.saturating_add(1));
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_and_two_states_at_once_give_later_times_all_the_same() {
        let mut times = Times::default();
        let clock = [1_000, 2_000, 2_000, 500, 600, 2_003, 2_010];
        let given = clock.map(|now| times.after(now));
        assert_eq!(given, [1_000, 2_000, 2_001, 2_002, 2_003, 2_004, 2_010]);
    }

    #[test]
    fn it_is_the_clock_of_the_machine() {
        let before = Times::default().now();
        assert!(before > 1_600_000_000_000, "{before}");
        assert!(Times::default().now() >= before);
    }
}
