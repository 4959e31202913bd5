//! How long an agent may go on without its coordinator. Pure: it is told what was heard, and asked.
//!
//! It counts from when an answered beat was sent, which is before the coordinator heard it: so it ends before the coordinator believes
//! the agent lost.

use std::time::Duration;

use crate::{settings::Times, stop::StopReason};

/// What an agent has heard; times are since its joining.
#[derive(Debug)]
pub(crate) struct Lease {
    times: Times,
    /// When the last beat was sent that was answered.
    answered: Duration,
    /// Since when nobody answers for the coordinator.
    nobody: Option<Duration>,
    linked: bool,
    /// Whether the server was away since the last answer.
    returned: bool,
}

/// How many times as long an absence is borne after the server was away: the coordinator may come back to it later than this agent.
const AFTER_OUTAGE: u32 = 4;

impl Lease {
    pub(crate) fn new(times: Times, now: Duration) -> Self {
        Self {
            times,
            answered: now,
            nobody: None,
            linked: true,
            returned: false,
        }
    }

    /// The coordinator answered a beat that was sent then.
    pub(crate) fn answered(&mut self, sent: Duration) {
        self.answered = self.answered.max(sent);
        self.nobody = None;
        self.returned = false;
    }

    /// The server knows nobody who would answer.
    pub(crate) fn nobody(&mut self, now: Duration) {
        self.nobody.get_or_insert(now);
    }

    /// Whether the server is in reach.
    pub(crate) fn linked(&mut self, linked: bool) {
        if linked != self.linked {
            self.nobody = None;
            self.returned = true;
        }
        self.linked = linked;
    }

    /// Why the agent has to stop, if it has to.
    pub(crate) fn ended(&self, now: Duration) -> Option<StopReason> {
        let since = |then: Duration| now.saturating_sub(then);
        let absence = self.times.absence * if self.returned { AFTER_OUTAGE } else { 1 };
        if self.nobody.is_some_and(|first| since(first) > absence) {
            return Some(StopReason::CoordinatorLost);
        }
        if since(self.answered) <= self.times.outage {
            return None;
        }
        Some(if self.linked {
            StopReason::CoordinatorLost
        } else {
            StopReason::NatsAway
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{AFTER_OUTAGE, Lease};
    use crate::{settings::Times, stop::StopReason};

    const MOMENT: Duration = Duration::from_nanos(1);

    fn lease() -> (Lease, Times) {
        let times = Times::default();
        (Lease::new(times, Duration::ZERO), times)
    }

    #[test]
    fn a_silent_coordinator_is_borne_as_long_as_an_outage() {
        let (mut lease, times) = lease();
        lease.answered(times.beat);
        let limit = times.beat + times.outage;
        assert_eq!(lease.ended(limit), None);
        assert_eq!(
            lease.ended(limit + MOMENT),
            Some(StopReason::CoordinatorLost)
        );
    }

    #[test]
    fn a_coordinator_that_is_not_there_is_borne_for_less() {
        let (mut lease, times) = lease();
        lease.nobody(times.beat);
        lease.nobody(times.beat * 2);
        let limit = times.beat + times.absence;
        assert_eq!(lease.ended(limit), None);
        assert_eq!(
            lease.ended(limit + MOMENT),
            Some(StopReason::CoordinatorLost)
        );
        lease.answered(limit);
        assert_eq!(lease.ended(limit + MOMENT), None);
    }

    #[test]
    fn a_server_that_is_away_is_named() {
        let (mut lease, times) = lease();
        lease.linked(false);
        assert_eq!(lease.ended(times.outage), None);
        assert_eq!(
            lease.ended(times.outage + MOMENT),
            Some(StopReason::NatsAway)
        );
    }

    #[test]
    fn after_an_outage_the_coordinator_may_come_back_later_than_the_agent() {
        let (mut lease, times) = lease();
        lease.nobody(Duration::ZERO);
        lease.linked(false);
        lease.linked(true);
        lease.nobody(times.absence);
        let limit = times.absence + times.absence * AFTER_OUTAGE;
        assert_eq!(lease.ended(limit), None);
        assert!(lease.ended(limit + MOMENT).is_some());
        lease.answered(limit);
        lease.nobody(limit);
        assert!(lease.ended(limit + times.absence + MOMENT).is_some());
    }

    #[test]
    fn an_answer_counts_from_when_its_beat_was_sent_and_never_backwards() {
        let (mut lease, times) = lease();
        lease.answered(times.beat * 2);
        lease.answered(times.beat);
        assert_eq!(lease.ended(times.beat * 2 + times.outage), None);
        assert!(
            lease
                .ended(times.beat * 2 + times.outage + MOMENT)
                .is_some()
        );
    }
}
