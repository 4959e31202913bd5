//! The streams of a load that several machines make: told by one, and added up on another.

use super::{OfPhase, StreamTotals, Template};
use crate::delta::PhaseStreams;
use crate::phase::Phase;
use crate::samples::FailureId;

impl StreamTotals {
    /// Each phase in which anything of a stream was seen, with names.
    pub(crate) fn shared(&self, kinds: &[String]) -> Vec<PhaseStreams> {
        let phases = Phase::ALL.into_iter().zip(&self.0);
        let present = phases.filter(|(_, of_phase)| !of_phase.is_blank());
        present
            .map(|(phase, of_phase)| of_phase.shared(phase, kinds))
            .collect()
    }
}

impl OfPhase {
    /// Whether nothing at all was counted. What is no sign of a stream by itself is told with the others.
    fn is_blank(&self) -> bool {
        self.is_empty() && self.not_opened + self.lost + self.duplicated == 0
    }

    fn shared(&self, phase: Phase, kinds: &[String]) -> PhaseStreams {
        PhaseStreams {
            phase,
            connect: self.connect.times(),
            first_event: self.first_event.times(),
            gap: self.gap.times(),
            not_opened: self.not_opened,
            stalls: self.stalls,
            reconnects: self.reconnects,
            lost: self.lost,
            duplicated: self.duplicated,
            cut_short: self.cut_short,
            failures: self.failures.told(kinds),
        }
    }

    /// Adds what another one told, and was checked.
    pub(crate) fn absorb(
        &mut self,
        template: &Template,
        other: &PhaseStreams,
        failure: impl Fn(&str) -> FailureId,
    ) {
        self.connect.absorb(template, &other.connect);
        self.first_event.absorb(template, &other.first_event);
        self.gap.absorb(template, &other.gap);
        self.not_opened += other.not_opened;
        self.stalls += other.stalls;
        self.reconnects += other.reconnects;
        self.lost = self.lost.saturating_add(other.lost);
        self.duplicated += other.duplicated;
        self.cut_short += other.cut_short;
        for counted in &other.failures {
            self.failures
                .add_many(failure(&counted.name), counted.count);
        }
    }
}
