//! How long an agent may go on without its coordinator. Pure: it is told what was heard, and asked.
//!
//! It counts from when an answered beat was sent, which is before the coordinator heard it: so it ends before the coordinator believes
//! the agent lost. Whether a coordinator that nobody answers for is dead, or has lost its own connection and will be back, an agent cannot know: so
//! it stops what it runs after an absence, and leaves only after an outage.

use std::time::Duration;

use assay_load::clock::Moment;

use crate::{settings::Times, stop::StopReason};

/// What an agent has heard; moments are those of its clock.
#[derive(Debug)]
pub(crate) struct Lease {
    times: Times,
    /// When the last beat was sent that was answered.
    answered: Moment,
    /// Since when nobody answers for the coordinator.
    nobody: Option<Moment>,
    linked: bool,
    /// Whether the server was away since the last answer.
    returned: bool,
}

/// How many times as long an absence is borne after the server was away: the coordinator may come back to it later than this agent.
const AFTER_OUTAGE: u32 = 4;

impl Lease {
    pub(crate) fn new(times: Times, now: Moment) -> Self {
        Self {
            times,
            answered: now,
            nobody: None,
            linked: true,
            returned: false,
        }
    }

    /// The coordinator answered a beat that was sent then.
    pub(crate) fn answered(&mut self, sent: Moment) {
        self.answered = self.answered.max(sent);
        self.nobody = None;
        self.returned = false;
    }

    /// The server knows nobody who would answer.
    pub(crate) fn nobody(&mut self, now: Moment) {
        self.nobody.get_or_insert(now);
    }

    /// Somebody answers for the coordinator, though not to a beat.
    pub(crate) fn somebody(&mut self) {
        self.nobody = None;
    }

    /// Whether the server is in reach.
    pub(crate) fn linked(&mut self, linked: bool) {
        if linked != self.linked {
            self.nobody = None;
            self.returned = true;
        }
        self.linked = linked;
    }

    /// Since when what runs has to stop because nobody answers, if it has to. It may go on with something new once somebody does.
    pub(crate) fn absent(&self, now: Moment) -> Option<Moment> {
        let absence = self.times.absence * if self.returned { AFTER_OUTAGE } else { 1 };
        over(self.nobody?, absence, now)
    }

    /// Why the agent has to leave, and since when, if it has to.
    pub(crate) fn ended(&self, now: Moment) -> Option<(StopReason, Moment)> {
        let since = over(self.answered, self.times.outage, now)?;
        let reason = if self.linked {
            StopReason::CoordinatorLost
        } else {
            StopReason::NatsAway
        };
        Some((reason, since))
    }
}

/// Since when more time than this has passed, if it has.
fn over(from: Moment, time: Duration, now: Moment) -> Option<Moment> {
    let end = from.after(time);
    (now > end).then_some(end)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{AFTER_OUTAGE, Lease, Moment};
    use crate::{settings::Times, stop::StopReason};

    const MOMENT: Duration = Duration::from_nanos(1);
    const BEGINNING: Moment = Moment(0);

    fn lease() -> (Lease, Times) {
        let times = Times::default();
        (Lease::new(times, BEGINNING), times)
    }

    #[test]
    fn a_silent_coordinator_is_borne_as_long_as_an_outage() {
        let (mut lease, times) = lease();
        lease.answered(BEGINNING.after(times.beat));
        let limit = BEGINNING.after(times.beat + times.outage);
        assert_eq!(lease.ended(limit), None);
        let later = limit.after(Duration::from_hours(1));
        for now in [limit.after(MOMENT), later] {
            let ended = Some((StopReason::CoordinatorLost, limit));
            assert_eq!(lease.ended(now), ended, "it counts from the limit");
        }
    }

    #[test]
    fn without_a_coordinator_what_runs_goes_on_for_an_absence_and_the_agent_stays_longer() {
        let (mut lease, times) = lease();
        lease.nobody(BEGINNING.after(times.beat));
        lease.nobody(BEGINNING.after(times.beat * 2));
        let limit = BEGINNING.after(times.beat + times.absence);
        assert_eq!(lease.absent(limit), None);
        assert_eq!(lease.absent(limit.after(MOMENT)), Some(limit));
        assert_eq!(lease.ended(limit.after(MOMENT)), None);
        lease.answered(limit);
        assert_eq!(lease.absent(limit.after(MOMENT)), None);
    }

    #[test]
    fn a_server_that_is_away_is_named() {
        let (mut lease, times) = lease();
        lease.linked(false);
        let limit = BEGINNING.after(times.outage);
        assert_eq!(lease.ended(limit), None);
        let ended = lease.ended(limit.after(MOMENT));
        assert_eq!(ended, Some((StopReason::NatsAway, limit)));
    }

    #[test]
    fn after_an_outage_the_coordinator_may_come_back_later_than_the_agent() {
        let (mut lease, times) = lease();
        lease.nobody(BEGINNING);
        lease.linked(false);
        lease.linked(true);
        lease.nobody(BEGINNING.after(times.absence));
        let limit = BEGINNING.after(times.absence + times.absence * AFTER_OUTAGE);
        assert_eq!(lease.absent(limit), None);
        assert!(lease.absent(limit.after(MOMENT)).is_some());
        lease.answered(limit);
        lease.nobody(limit);
        let soon = limit.after(times.absence + MOMENT);
        assert!(lease.absent(soon).is_some());
    }

    #[test]
    fn an_answer_counts_from_when_its_beat_was_sent_and_never_backwards() {
        let (mut lease, times) = lease();
        lease.answered(BEGINNING.after(times.beat * 2));
        lease.answered(BEGINNING.after(times.beat));
        let limit = BEGINNING.after(times.beat * 2 + times.outage);
        assert_eq!(lease.ended(limit), None);
        assert!(lease.ended(limit.after(MOMENT)).is_some());
    }
}
