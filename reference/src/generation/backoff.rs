//! When a save that failed is tried again: waits that double up to a cap, and differ a little, so that what failed together
//! does not come back together.

use std::time::Duration;

/// The wait stops growing at 2 to this power times the first one.
const CAP: u32 = 4;
/// A wait is longer by at most one part of so many.
const JITTER: u32 = 10;

/// How a failed save is tried again.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The wait after the first failed attempt.
    pub base: Duration,
    /// How many attempts there are.
    pub attempts: u32,
}

impl Backoff {
    /// Whether no attempt is left after so many that failed.
    pub(super) const fn is_over(self, failed: u32) -> bool {
        failed >= self.attempts
    }

    /// The wait after so many failed attempts, 1 or more. `chance` is anything between 0 and 255.
    pub(super) fn wait(self, failed: u32, chance: u8) -> Duration {
        let wait = self.base * 2_u32.pow(failed.saturating_sub(1).min(CAP));
        wait + wait / JITTER * u32::from(chance) / u32::from(u8::MAX)
    }

    /// No wait is longer.
    pub(super) fn longest(self) -> Duration {
        self.wait(CAP + 1, u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff {
        base: Duration::from_secs(1),
        attempts: 5,
    };

    #[test]
    fn waits_double_up_to_sixteen_times_the_first_one() {
        let waits: Vec<_> = (1..=8)
            .map(|failed| BACKOFF.wait(failed, 0).as_secs())
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 16, 16, 16]);
        assert_eq!(BACKOFF.wait(u32::MAX, 0).as_secs(), 16);
    }

    #[test]
    fn a_wait_is_never_shorter_and_at_most_a_tenth_longer() {
        for chance in 0..=u8::MAX {
            let wait = BACKOFF.wait(1, chance);
            assert!((1_000..=1_100).contains(&wait.as_millis()), "{wait:?}");
        }
        assert_eq!(BACKOFF.wait(1, u8::MAX).as_millis(), 1_100);
        assert_eq!(BACKOFF.longest().as_millis(), 17_600);
    }

    #[test]
    fn the_last_attempt_is_the_one_with_the_number_of_all() {
        assert!(!BACKOFF.is_over(4));
        assert!(BACKOFF.is_over(5));
    }
}
