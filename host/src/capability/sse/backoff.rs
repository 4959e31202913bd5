//! How long to wait before a broken stream is opened again.

use std::time::Duration;

/// Where the server did not say.
const DEFAULT: Duration = Duration::from_secs(1);
/// However often it failed.
const LONGEST: Duration = Duration::from_secs(30);
/// The most that jitter adds, so that many clients do not come back at the same moment.
const JITTER: f64 = 0.1;

/// What the server asked for, doubled for each try that failed in a row, plus jitter; `random` is from 0 to 1.
pub(crate) fn delay(retry_ms: Option<u64>, failed_in_a_row: u32, random: f64) -> Duration {
    let base = retry_ms.map_or(DEFAULT, Duration::from_millis);
    let doubled = base.saturating_mul(2_u32.saturating_pow(failed_in_a_row));
    let wait = doubled.min(LONGEST);
    wait + wait.mul_f64(JITTER * random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_limit() {
        let table = [
            (None, 0, 1_000),
            (None, 1, 2_000),
            (None, 4, 16_000),
            (None, 5, 30_000),
            (None, u32::MAX, 30_000),
            (Some(0), 7, 0),
            (Some(50), 0, 50),
            (Some(50), 3, 400),
            (Some(u64::MAX), 0, 30_000),
        ];
        for (retry, failed, milliseconds) in table {
            let wait = delay(retry, failed, 0.0);
            assert_eq!(
                wait,
                Duration::from_millis(milliseconds),
                "{retry:?} {failed}"
            );
        }
    }

    #[test]
    fn jitter_adds_at_most_a_tenth() {
        assert_eq!(delay(None, 0, 1.0), Duration::from_millis(1_100));
        assert_eq!(delay(None, 9, 1.0), Duration::from_secs(33));
    }
}
