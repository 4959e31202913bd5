//! The documented waits between the attempts of a save, and what is wrong with those that were seen.

use std::time::{Duration, SystemTime};

use assay_client::SaveAttempt;
use assay_sdk::{Problem, Result, ResultExt as _};

/// The wait stops growing at 2 to this power times the first one.
const CAP: u32 = 4;
/// Moments are told in whole milliseconds.
const RESOLUTION: Duration = Duration::from_millis(1);

/// How a save that failed is tried again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    /// The wait after the first failed attempt.
    pub(crate) base: Duration,
    /// How many attempts there are.
    pub(crate) attempts: u32,
}

/// An attempt in moments.
struct Moments {
    started: SystemTime,
    ended: SystemTime,
    next: Option<SystemTime>,
}

impl Backoff {
    /// The shortest wait after so many failed attempts, 1 or more.
    pub(crate) fn wait(self, failed: u32) -> Duration {
        self.base * 2_u32.pow((failed - 1).min(CAP))
    }

    /// No wait is longer: it may differ by a tenth.
    pub(crate) fn longest(self) -> Duration {
        with_jitter(self.wait(CAP + 1))
    }

    /// The shortest time from the end of the first attempt to the start of the last one.
    pub(crate) fn shortest_of_all(self) -> Duration {
        (1..self.attempts).map(|failed| self.wait(failed)).sum()
    }

    /// The longest time from the end of the first attempt to the start of that one.
    pub(crate) fn longest_up_to(self, attempts: u32) -> Duration {
        let waits = (1..attempts).map(|failed| self.wait(failed));
        with_jitter(waits.sum())
    }

    /// What is wrong with attempts of which each but the last failed: their numbers, their reasons, and each wait, which is as
    /// long as documented, up to a tenth longer, and is kept. An attempt may begin later by `slack`.
    pub(crate) fn faults(self, attempts: &[SaveAttempt], slack: Duration) -> Result<Vec<String>> {
        let mut faults = Vec::new();
        let mut due = None;
        for (number, attempt) in (1..).zip(attempts) {
            let moments = Moments::of(attempt)?;
            if attempt.attempt != number {
                faults.push(format!("attempt {number} is called {}", attempt.attempt));
            }
            if moments.ended < moments.started {
                faults.push(format!("attempt {number} ends before it starts"));
            }
            faults.extend(due.and_then(|due| {
                let fault = beyond(due, moments.started, Duration::ZERO, slack)?;
                Some(format!("attempt {number} starts {fault}"))
            }));
            if attempts.len() > number as usize {
                faults.extend(self.fault_of_failed(number, attempt, &moments));
            }
            due = moments.next;
        }
        Ok(faults)
    }

    /// What is wrong with an attempt that another one followed.
    fn fault_of_failed(
        self,
        number: u32,
        attempt: &SaveAttempt,
        moments: &Moments,
    ) -> Option<String> {
        if attempt.error.as_deref().is_none_or(str::is_empty) {
            return Some(format!("attempt {number} does not say why it failed"));
        }
        let Some(next) = moments.next else {
            return Some(format!("attempt {number} does not name the next one"));
        };
        let (least, most) = (self.wait(number), with_jitter(self.wait(number)));
        let fault = beyond(moments.ended, next, least, most + RESOLUTION)?;
        Some(format!("the wait after attempt {number} is {fault}"))
    }
}

impl Moments {
    fn of(attempt: &SaveAttempt) -> Result<Self> {
        let next = attempt.next_attempt_at.as_deref();
        Ok(Self {
            started: moment(&attempt.started_at)?,
            ended: moment(&attempt.ended_at)?,
            next: next.map(moment).transpose()?,
        })
    }
}

fn with_jitter(wait: Duration) -> Duration {
    wait + wait / 10
}

fn moment(text: &str) -> Result<SystemTime> {
    humantime::parse_rfc3339(text)
        .map_err(Problem::from)
        .with_context(|| format!("`{text}` is a moment of RFC 3339"))
}

/// How far a moment is from an earlier one, if it is not between `least` and `most`.
fn beyond(
    earlier: SystemTime,
    later: SystemTime,
    least: Duration,
    most: Duration,
) -> Option<String> {
    match later.duration_since(earlier) {
        Ok(wait) if wait < least => Some(format!("{wait:?}, and not {least:?} at least")),
        Ok(wait) if wait > most => Some(format!("{wait:?}, and not {most:?} at most")),
        Ok(_) => None,
        Err(error) => Some(format!("{:?} too early", error.duration())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff {
        base: Duration::from_millis(100),
        attempts: 5,
    };
    const SLACK: Duration = Duration::from_millis(50);

    /// Attempts of which each takes 10 ms, with these milliseconds from the end of one to the announced start of the next, and from
    /// there to its real start.
    fn attempts(waits: &[(u64, u64)]) -> Vec<SaveAttempt> {
        let text = |ms: u64| {
            let moment = SystemTime::UNIX_EPOCH + Duration::from_millis(ms);
            humantime::format_rfc3339_millis(moment).to_string()
        };
        let mut attempts = Vec::new();
        let mut start = 0;
        for (number, (wait, late)) in (1..).zip(waits.iter().copied()) {
            let end = start + 10;
            attempts.push(SaveAttempt {
                attempt: number,
                started_at: text(start),
                ended_at: text(end),
                error: Some("down".to_owned()),
                next_attempt_at: Some(text(end + wait)),
            });
            start = end + wait + late;
        }
        let last = attempts.last_mut().unwrap();
        last.next_attempt_at = None;
        last.error = None;
        attempts
    }

    fn faults(attempts: &[SaveAttempt]) -> Vec<String> {
        BACKOFF.faults(attempts, SLACK).unwrap()
    }

    #[test]
    fn waits_double_up_to_sixteen_times_the_first() {
        let waits: Vec<u128> = (1..=6).map(|n| BACKOFF.wait(n).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1_600, 1_600]);
        assert_eq!(BACKOFF.longest().as_millis(), 1_760);
        assert_eq!(BACKOFF.shortest_of_all().as_millis(), 1_500);
        assert_eq!(BACKOFF.longest_up_to(5).as_millis(), 1_650);
    }

    #[test]
    fn waits_as_documented_have_no_fault_up_to_their_limits() {
        for waits in [[(100, 0), (200, 0), (0, 0)], [(111, 50), (221, 50), (0, 0)]] {
            assert_eq!(faults(&attempts(&waits)), Vec::<String>::new(), "{waits:?}");
        }
    }

    #[test]
    fn a_wait_that_is_too_short_or_too_long_is_named() {
        for (waits, fault) in [
            (
                [(99, 0), (0, 0)],
                "the wait after attempt 1 is 99ms, and not 100ms at least",
            ),
            (
                [(112, 0), (0, 0)],
                "the wait after attempt 1 is 112ms, and not 111ms at most",
            ),
            (
                [(200, 0), (0, 0)],
                "the wait after attempt 1 is 200ms, and not 111ms at most",
            ),
            (
                [(100, 51), (0, 0)],
                "attempt 2 starts 51ms, and not 50ms at most",
            ),
        ] {
            assert_eq!(faults(&attempts(&waits)), [fault]);
        }
    }

    #[test]
    fn an_attempt_that_starts_before_it_is_due_is_named() {
        let mut early = attempts(&[(100, 0), (0, 0)]);
        early[1].started_at = "1970-01-01T00:00:00.109Z".to_owned();
        assert_eq!(faults(&early), ["attempt 2 starts 1ms too early"]);
    }

    #[test]
    fn an_attempt_that_hides_something_is_named() {
        let mut silent = attempts(&[(100, 0), (0, 0)]);
        silent[0].error = None;
        assert_eq!(faults(&silent), ["attempt 1 does not say why it failed"]);
        let mut open = attempts(&[(100, 0), (0, 0)]);
        open[0].next_attempt_at = None;
        assert_eq!(faults(&open), ["attempt 1 does not name the next one"]);
        let mut other = attempts(&[(100, 0), (0, 0)]);
        other[1].attempt = 3;
        assert_eq!(faults(&other), ["attempt 2 is called 3"]);
    }

    #[test]
    fn a_moment_that_is_none_is_a_failure() {
        let mut odd = attempts(&[(0, 0)]);
        odd[0].started_at = "yesterday".to_owned();
        assert!(BACKOFF.faults(&odd, SLACK).is_err());
    }
}
