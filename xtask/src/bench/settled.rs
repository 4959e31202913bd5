//! What a host has in memory while all its virtual users are there: not at its start, which has a peak of its own, and not at its end.

use std::time::{Duration, Instant};

use super::host::Load;
use super::proc::{self, Resident};
use super::statistics::Spread;

/// How often it is looked at: to add up what is the host's alone takes the kernel some time.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Looks at a host between two times after its load has begun.
pub(super) struct Settled {
    from: Duration,
    to: Duration,
    begun: Option<Instant>,
    last: Option<Instant>,
    resident: Vec<f64>,
    private: Vec<f64>,
}

/// Bytes: the medians of what was seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Memory {
    pub(super) resident: f64,
    /// What was the host's alone.
    pub(super) private: f64,
}

impl Settled {
    pub(super) fn between(from: Duration, to: Duration) -> Self {
        Self {
            from,
            to,
            begun: None,
            last: None,
            resident: Vec::new(),
            private: Vec::new(),
        }
    }

    /// To be called now and then, with the number of the process that makes the load.
    pub(super) fn look(&mut self, load: &Load, process: u32) {
        let now = Instant::now();
        if self.begun.is_none() && load.has_begun() {
            self.begun = Some(now);
        }
        if !self.is_due(now) {
            return;
        }
        self.last = Some(now);
        if let (Some(resident), Some(private)) = (Resident::of(process), proc::private(process)) {
            self.resident.push(float(resident.now));
            self.private.push(float(private));
        }
    }

    fn is_due(&self, now: Instant) -> bool {
        let inside = self.begun.is_some_and(|begun| {
            let since = now - begun;
            self.from <= since && since < self.to
        });
        inside && self.last.is_none_or(|last| now - last >= LOOK_EVERY)
    }

    /// The error is for a person.
    pub(super) fn seen(&self) -> Result<Memory, String> {
        let median =
            |values: &[f64]| Spread::of(values.iter().copied()).map(|spread| spread.median());
        match (median(&self.resident), median(&self.private)) {
            (Some(resident), Some(private)) => Ok(Memory { resident, private }),
            _ => Err(
                "nobody saw its memory while all were there: is the machine very busy?".to_owned(),
            ),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a number of bytes far below 2^52"
)]
fn float(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_time_in_which_all_are_there_is_looked_at() {
        let start = Instant::now();
        let after = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut settled = Settled::between(Duration::from_secs(1), Duration::from_secs(3));
        assert!(!settled.is_due(after(2_000)), "it has not begun");
        settled.begun = Some(start);
        let due = |at| settled.is_due(after(at));
        assert_eq!(
            [999, 1_000, 2_999, 3_000].map(due),
            [false, true, true, false]
        );
        settled.last = Some(after(1_000));
        let due = |at| settled.is_due(after(at));
        assert_eq!([1_499, 1_500].map(due), [false, true]);
    }

    #[test]
    fn what_was_seen_is_a_median() {
        let mut settled = Settled::between(Duration::ZERO, Duration::ZERO);
        assert!(settled.seen().unwrap_err().contains("very busy"));
        settled.resident = vec![9.0, 5.0, 7.0];
        settled.private = vec![1.0];
        let wanted = Memory {
            resident: 7.0,
            private: 1.0,
        };
        assert_eq!(settled.seen(), Ok(wanted));
    }
}
