//! The clocks: the one that measures must never go back, and the one that names the day must name a possible one.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use super::Finding;

const AREA: &str = "clock";
/// How often the measuring clock is read.
const READINGS: usize = 1_000;
/// A day before this host was made, in seconds since 1970: 2026-01-01.
const MADE: u64 = 1_767_225_600;
/// What the measuring clock must at least tell apart.
const COARSE: Duration = Duration::from_millis(1);

/// Reads both.
pub(super) fn look() -> Vec<Finding> {
    let readings: Vec<Instant> = (0..READINGS).map(|_| Instant::now()).collect();
    let first = readings.first().copied();
    let times: Vec<Duration> = readings
        .iter()
        .filter_map(|reading| Some(reading.saturating_duration_since(first?)))
        .collect();
    let day = SystemTime::now().duration_since(UNIX_EPOCH);
    vec![
        measuring(&times),
        calendar(day.map_or(0, |since| since.as_secs())),
    ]
}

/// The smallest step between two readings says how fine it is.
fn measuring(times: &[Duration]) -> Finding {
    let name = "measuring";
    if !times.is_sorted() {
        return Finding::bad(
            AREA,
            name,
            "goes back",
            "choose another clock source of the kernel: no time that is measured here is right",
        );
    }
    let steps = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
    let step = steps.filter(|step| !step.is_zero()).min();
    let step = step.unwrap_or(Duration::MAX);
    let told = format!("never goes back, steps of {} ns", step.as_nanos());
    if step > COARSE {
        return Finding::warn(
            AREA,
            name,
            told,
            "choose a finer clock source of the kernel: recovery times are only as fine as this",
        );
    }
    Finding::ok(AREA, name, told)
}

fn calendar(seconds: u64) -> Finding {
    let time = UNIX_EPOCH + Duration::from_secs(seconds);
    let told = humantime::format_rfc3339_seconds(time).to_string();
    if seconds < MADE {
        return Finding::bad(
            AREA,
            "day and time",
            told,
            "set the system's clock: it is before this host was made",
        );
    }
    Finding::ok(AREA, "day and time", told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn a_clock_that_goes_back_is_bad_and_a_coarse_one_is_told() {
        let grade = |values: [u64; 3]| measuring(&values.map(Duration::from_nanos)).grade;
        assert_eq!(grade([0, 5, 5]), Grade::Ok);
        assert_eq!(grade([0, 5, 4]), Grade::Bad);
        assert_eq!(grade([0, 1_000_000, 2_000_000]), Grade::Ok);
        assert_eq!(grade([0, 1_000_001, 2_000_002]), Grade::Warn);
        assert_eq!(grade([0, 0, 0]), Grade::Warn);
    }

    #[test]
    fn a_day_before_this_host_was_made_is_bad() {
        assert_eq!(calendar(MADE).grade, Grade::Ok);
        assert_eq!(calendar(MADE - 1).grade, Grade::Bad);
        assert_eq!(calendar(0).what, "1970-01-01T00:00:00Z");
    }
}
