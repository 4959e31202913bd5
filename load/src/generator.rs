//! Whether the machine that made the load was itself the limit.
//!
//! Two things give it away: a worker that used its core up, and starts of open models that were late although a virtual user was free. Figures of
//! such a load tell more of the generator than of the system under test, so it is told with them.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::outcome;
use crate::samples::Samples;

/// From this share of a core on, a worker is used up.
const USED_UP: f64 = 0.95;
/// How many of a hundred looks at a worker may find it used up: its beginning, and a neighbour on the machine, are not the load.
const ALLOWED_PERCENT: u64 = 10;
/// Starts may be so late, at the 99th percentile, although a virtual user was free.
const ALLOWED_LATE: Duration = Duration::from_millis(10);

/// How much time the calling thread has spent on a processor. For a worker to tell its [`Usage`].
pub fn thread_time() -> Duration {
    // The time of a thread is never negative.
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// How much of a core one worker used. Looked at about once a second, by the worker or by whoever it tells its time.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// Time that passed and time on a processor, at the first look and at the last one.
    looks: Option<(Look, Look)>,
    windows: u64,
    used_up: u64,
}

#[derive(Clone, Copy, Debug)]
struct Look {
    elapsed: Duration,
    on_processor: Duration,
}

impl Look {
    /// From 0 to 1; none if no time passed.
    fn share_since(&self, earlier: &Self) -> Option<f64> {
        let passed = self.elapsed.saturating_sub(earlier.elapsed).as_secs_f64();
        let used = self
            .on_processor
            .saturating_sub(earlier.on_processor)
            .as_secs_f64();
        (passed > 0.0).then(|| (used / passed).min(1.0))
    }
}

impl Usage {
    /// Looks at a worker: `elapsed` since the start of the load, and the time it has spent `on_processor`. The first look only begins: what was
    /// before it, such as the warm-up, does not count.
    pub fn look(&mut self, elapsed: Duration, on_processor: Duration) {
        let look = Look {
            elapsed,
            on_processor,
        };
        let Some((_, last)) = &mut self.looks else {
            self.looks = Some((look, look));
            return;
        };
        if let Some(share) = look.share_since(last) {
            self.windows += 1;
            self.used_up += u64::from(share >= USED_UP);
            *last = look;
        }
    }

    /// The share of a core that it used, from 0 to 1, over all looks; 0 before the second one.
    pub fn share(&self) -> f64 {
        let share = self
            .looks
            .as_ref()
            .and_then(|(first, last)| last.share_since(first));
        share.unwrap_or(0.0)
    }

    /// Whether it used its core up for more than a tenth of the looks.
    pub fn is_used_up(&self) -> bool {
        self.used_up * 100 > self.windows * ALLOWED_PERCENT
    }
}

/// Whether starts were so late, at the 99th percentile, that it is the generator's.
pub(crate) fn is_late(lateness: Duration) -> bool {
    lateness > ALLOWED_LATE
}

/// What is to be told of the generator, by what its workers used and by how late starts were.
pub fn told<'a>(
    workers: impl IntoIterator<Item = &'a Usage>,
    samples: &Samples,
) -> outcome::Generator {
    let mut generator = outcome::Generator {
        saturated: is_late(samples.lateness_of_the_free()),
        ..outcome::Generator::default()
    };
    for worker in workers {
        generator.saturated |= worker.is_used_up();
        generator.busiest = generator.busiest.max(worker.share());
    }
    generator
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milliseconds(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// A worker that used so many thousandths of each second.
    fn worker(seconds: &[u64]) -> Usage {
        let mut usage = Usage::default();
        let mut used = milliseconds(700);
        usage.look(milliseconds(5_000), used);
        for (second, share) in (6..).zip(seconds) {
            used += milliseconds(*share);
            usage.look(milliseconds(second * 1_000), used);
        }
        usage
    }

    fn late(milliseconds: u64) -> Samples {
        let samples = Samples::new([]).unwrap();
        samples.shard().late(milliseconds * 1_000_000);
        samples
    }

    #[test]
    fn the_busiest_worker_counts_and_only_the_time_between_the_looks() {
        let workers = [worker(&[500, 500]), worker(&[200, 800, 500, 100])];
        let told = told(&workers, &late(0));
        assert!((told.busiest - 0.5).abs() < 1e-9, "{told:?}");
        assert!(!told.saturated);
    }

    #[test]
    fn a_worker_that_uses_its_core_up_is_the_limit_and_a_moment_of_it_is_not() {
        for (seconds, saturated) in [
            (vec![950; 10], true),
            (vec![949; 10], false),
            ([vec![1_000; 1], vec![500; 9]].concat(), false),
            ([vec![1_000; 2], vec![500; 9]].concat(), true),
        ] {
            let told = told([&worker(&seconds)], &late(0));
            assert_eq!(told.saturated, saturated, "{seconds:?}");
        }
    }

    #[test]
    fn starts_that_are_late_although_a_virtual_user_was_free_are_the_generators() {
        for (milliseconds, saturated) in [(10, false), (11, true)] {
            let told = told([&Usage::default()], &late(milliseconds));
            assert_eq!(told.saturated, saturated, "{milliseconds}");
        }
    }

    #[test]
    fn nothing_is_known_before_the_second_look() {
        let mut usage = Usage::default();
        assert!(usage.share().abs() < 1e-9 && !usage.is_used_up());
        usage.look(milliseconds(10), milliseconds(10));
        usage.look(milliseconds(10), milliseconds(10));
        assert!(usage.share().abs() < 1e-9 && !usage.is_used_up());
    }

    #[test]
    fn the_time_of_a_thread_is_its_own() {
        let before = thread_time();
        let other = std::thread::spawn(|| {
            // Until this thread has been on a processor for a while.
            while thread_time() < Duration::from_millis(20) {
                std::hint::spin_loop();
            }
            thread_time()
        });
        let other = other.join().unwrap();
        assert!(thread_time().saturating_sub(before) < other);
    }
}
