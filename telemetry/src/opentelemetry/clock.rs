//! When things happened: events have times since the start of their run, spans need times of the day.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How the start of a run is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The run goes on: its first event happens now. To the microsecond, so that the system's own spans lie inside those of its requests.
    Live,
    /// The run is told again: it says itself when it was, to the second.
    Recorded,
}

impl Clock {
    /// When a run began whose first event says `started_at` and came `at_ns` after its start.
    pub(super) fn start(self, started_at: &str, at_ns: u64) -> Start {
        let told = || humantime::parse_rfc3339(started_at).ok();
        let time = match self {
            Self::Live => None,
            Self::Recorded => told(),
        };
        // A log that does not say when it was is of now, rather than of 1970.
        let time = time.unwrap_or_else(|| {
            SystemTime::now()
                .checked_sub(Duration::from_nanos(at_ns))
                .unwrap_or(UNIX_EPOCH)
        });
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Start(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
    }
}

/// The start of a run, in nanoseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start(u64);

impl Start {
    /// The time of the day of something so long after the start.
    pub(super) fn at(self, nanoseconds: u64) -> u64 {
        self.0.saturating_add(nanoseconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_run_is_of_the_time_that_it_says() {
        let start = Clock::Recorded.start("2026-11-25T12:47:00Z", 5);
        assert_eq!(start.at(7), 1_795_610_820_000_000_007);
    }

    #[test]
    fn a_run_that_goes_on_began_so_long_ago_as_its_first_event_says() {
        let nanoseconds = |time: SystemTime| {
            u64::try_from(time.duration_since(UNIX_EPOCH).unwrap().as_nanos()).unwrap()
        };
        for clock in [Clock::Live, Clock::Recorded] {
            let before = nanoseconds(SystemTime::now());
            let start = clock.start("no time at all", 1_000_000);
            let after = nanoseconds(SystemTime::now());
            assert!((before..=after).contains(&start.at(1_000_000)));
        }
    }

    #[test]
    fn a_time_beyond_the_end_of_days_is_the_last_one() {
        let start = Clock::Recorded.start("2026-11-25T12:47:00Z", 0);
        assert_eq!(start.at(u64::MAX), u64::MAX);
    }
}
