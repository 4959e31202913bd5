//! The clock of this process: it only goes on, and counts what passes while the machine is suspended. Clocks of two processes have nothing in
//! common; how far they are apart [`crate::coordinator::Handle::clock`] helps to find out.

use std::{sync::LazyLock, time::Duration};

use assay_load::clock::Moment;
use tokio::time::{Instant, sleep};

/// Between two looks at this clock while a moment is waited for: timers stand still while the machine is suspended.
const LOOK: Duration = Duration::from_millis(250);

/// When the process began to count.
static ANCHOR: LazyLock<Reading> = LazyLock::new(Reading::now);

/// What this process' clock shows, in nanoseconds since it was asked first.
pub fn now() -> Moment {
    let anchor = &*ANCHOR;
    Moment(0).after(Reading::now().since(anchor))
}

/// When a moment of this process' clock comes or came, for its timers. One from before they count is now.
pub fn instant(moment: Moment) -> Instant {
    let (now, ahead) = (Instant::now(), moment.since(self::now()));
    let apart = Duration::from_nanos(ahead.unsigned_abs());
    let instant = if ahead < 0 {
        now.checked_sub(apart)
    } else {
        now.checked_add(apart)
    };
    instant.unwrap_or(now)
}

/// What this process' clock shows or showed at an instant of its timers.
pub fn moment(instant: Instant) -> Moment {
    let (now, timers) = (self::now(), Instant::now());
    match instant.checked_duration_since(timers) {
        Some(ahead) => now.after(ahead),
        None => now.before(timers.saturating_duration_since(instant)),
    }
}

/// How long it is until a moment; nothing after it.
fn until(moment: Moment) -> Duration {
    Duration::from_nanos(u64::try_from(moment.since(now())).unwrap_or(0))
}

/// Waits for a moment, also if the machine is suspended until after it.
pub(crate) async fn wait_for(moment: Moment) {
    loop {
        let left = until(moment);
        if left.is_zero() {
            return;
        }
        sleep(left.min(LOOK)).await;
    }
}

#[cfg(target_os = "linux")]
struct Reading(Duration);

#[cfg(target_os = "linux")]
impl Reading {
    fn now() -> Self {
        use rustix::time::{ClockId, clock_gettime};
        let time = clock_gettime(ClockId::Boottime);
        // It counts from the machine's start, so neither is negative.
        let seconds = Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or(0));
        Self(seconds + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or(0)))
    }

    fn since(&self, earlier: &Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// Elsewhere it may be that what passes while the machine is suspended is not counted.
#[cfg(not(target_os = "linux"))]
struct Reading(std::time::Instant);

#[cfg(not(target_os = "linux"))]
impl Reading {
    fn now() -> Self {
        Self(std::time::Instant::now())
    }

    fn since(&self, earlier: &Self) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{instant, moment, now, wait_for};

    #[tokio::test]
    async fn it_only_goes_on_and_agrees_with_the_timers() {
        let (before, earlier) = (now(), Instant::now());
        let later = before.after(Duration::from_millis(20));
        assert!(instant(later) >= earlier);
        wait_for(later).await;
        assert!(now() >= later);
        assert!(earlier.elapsed() >= Duration::from_millis(19));
    }

    #[tokio::test]
    async fn a_moment_that_has_passed_stays_where_it_was() {
        let ago = Duration::from_secs(3);
        let passed = now().before(ago);
        wait_for(passed).await;
        let since = instant(passed).elapsed();
        assert!(since >= ago && since < ago * 2, "{since:?}");
        let (before, after) = (Instant::now() - ago * 2, Instant::now() + ago);
        for instant in [before, after] {
            let there_and_back = super::instant(super::moment(instant));
            let apart = there_and_back.max(instant) - there_and_back.min(instant);
            assert!(apart < ago, "{apart:?}");
        }
    }

    #[tokio::test]
    async fn what_happened_is_told_by_when_it_happened_and_not_by_when_somebody_asks() {
        let (before, happened) = (now(), Instant::now());
        wait_for(now().after(Duration::from_millis(20))).await;
        let told = moment(happened);
        assert!(told >= before);
        assert!(now().since(told) >= 19_000_000);
    }

    #[tokio::test]
    async fn a_moment_far_ahead_is_not_now() {
        let far = now().after(Duration::from_hours(24));
        assert!(instant(far) > Instant::now() + Duration::from_hours(23));
        let waited = tokio::time::timeout(Duration::from_millis(10), wait_for(far)).await;
        assert!(waited.is_err());
    }
}
