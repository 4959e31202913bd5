//! How the faults of a run were at each moment, for what is told only after it happened: that happened elsewhere, and only here it is known
//! in which phase that was.

use std::{collections::VecDeque, time::Duration};

use assay_report::event::Phase;
use tokio::time::Instant;

use super::Counts;

/// Changes that are remembered: beginnings and heals of faults, and ends of attempts that had one. What happened before the oldest of them
/// happened as things were right before it.
pub(super) const MAX_CHANGES: usize = 65_536;

/// The last changes, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct History {
    /// How it was before the first change that is remembered.
    before: Counts,
    changes: VecDeque<(Instant, Counts)>,
}

impl History {
    /// It is so from now on.
    pub(super) fn add(&mut self, at: Instant, counts: Counts) {
        if self.changes.len() == MAX_CHANGES
            && let Some((_, oldest)) = self.changes.pop_front()
        {
            self.before = oldest;
        }
        self.changes.push_back((at, counts));
    }

    /// The same of something of which both moments are known only so exactly: what may have met a fault has met it.
    pub(super) fn phase_about(
        &self,
        from: Instant,
        until: Instant,
        uncertainty: Duration,
    ) -> Phase {
        let earliest = from.checked_sub(uncertainty).unwrap_or(from);
        let latest = until.checked_add(uncertainty).unwrap_or(until);
        match self.phase(earliest, latest) {
            Phase::Fault => Phase::Fault,
            Phase::Baseline | Phase::Recovery => self.phase(from, until),
        }
    }

    /// The phase of something that went on from the one moment to the other: a fault if one was active at any moment of it, else what it was
    /// at its end.
    fn phase(&self, from: Instant, until: Instant) -> Phase {
        let begun = self.changes.partition_point(|(at, _)| *at <= from);
        let at_first = begun.checked_sub(1);
        let at_first = at_first.and_then(|last| self.changes.get(last));
        let meanwhile = self.changes.iter().skip(begun);
        let meanwhile = meanwhile.take_while(|(at, _)| *at <= until);
        let mut at_last = at_first.map_or(self.before, |(_, counts)| *counts);
        let mut in_fault = at_last.active() > 0;
        for (_, counts) in meanwhile {
            at_last = *counts;
            in_fault |= at_last.active() > 0;
        }
        if in_fault {
            Phase::Fault
        } else {
            at_last.phase()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{ACTIVE, BEGUN, DISTURBED};

    /// A fault from the second 10 to the second 20, whose attempt ends at 30.
    fn history(start: Instant) -> History {
        let mut history = History::default();
        for (second, counts) in [
            (10, ACTIVE + DISTURBED + BEGUN),
            (20, DISTURBED + BEGUN),
            (30, BEGUN),
        ] {
            history.add(start + Duration::from_secs(second), Counts(counts));
        }
        history
    }

    #[test]
    fn what_is_told_later_has_the_phase_of_when_it_happened() {
        let start = Instant::now();
        let history = history(start);
        for (from, until, phase) in [
            (0, 0, Phase::Baseline),
            (9, 9, Phase::Baseline),
            (10, 10, Phase::Fault),
            (19, 19, Phase::Fault),
            (20, 20, Phase::Recovery),
            (30, 30, Phase::Baseline),
            (99, 99, Phase::Baseline),
            (0, 9, Phase::Baseline),
            (9, 10, Phase::Fault),
            (0, 99, Phase::Fault),
            (19, 25, Phase::Fault),
            (21, 31, Phase::Baseline),
        ] {
            let at = |second| start + Duration::from_secs(second);
            let found = history.phase(at(from), at(until));
            assert_eq!(found, phase, "{from} to {until}");
        }
    }

    #[test]
    fn what_may_have_met_a_fault_by_what_is_known_of_its_time_has_met_it() {
        let start = Instant::now();
        let history = history(start);
        for (from, until, uncertainty, phase) in [
            (7, 8, 1, Phase::Baseline),
            (7, 8, 2, Phase::Fault),
            (22, 23, 1, Phase::Recovery),
            (22, 23, 3, Phase::Fault),
            (28, 29, 2, Phase::Recovery),
            (32, 32, 3, Phase::Baseline),
            (12, 13, 0, Phase::Fault),
            (5, 5, 3_600, Phase::Fault),
        ] {
            let at = |second| start + Duration::from_secs(second);
            let uncertainty = Duration::from_secs(uncertainty);
            let found = history.phase_about(at(from), at(until), uncertainty);
            assert_eq!(
                found, phase,
                "{from} to {until} give or take {uncertainty:?}"
            );
        }
    }

    #[test]
    fn changes_are_remembered_up_to_their_limit_and_what_was_before_is_as_it_was_then() {
        let start = Instant::now();
        let mut history = history(start);
        let mut at = start + Duration::from_secs(30);
        for _ in 3..MAX_CHANGES {
            at += Duration::from_secs(1);
            history.add(at, Counts(BEGUN));
        }
        let second = |second| start + Duration::from_secs(second);
        assert_eq!(history.changes.len(), MAX_CHANGES);
        assert_eq!(history.phase(second(9), second(9)), Phase::Baseline);
        history.add(at, Counts(BEGUN));
        assert_eq!(history.changes.len(), MAX_CHANGES);
        assert_eq!(history.phase(second(9), second(9)), Phase::Fault);
        assert_eq!(history.phase(second(20), second(20)), Phase::Recovery);
    }
}
