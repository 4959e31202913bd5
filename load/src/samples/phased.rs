//! Successes and failures apart, and each of them by phase.

use std::collections::BTreeMap;

use super::histogram::{Histogram, Template};
use super::sample::FailureId;
use super::totals::Measured;
use crate::encoded::EncodedHistogram;
use crate::outcome::{Counted, Split};
use crate::phase::Phase;

/// Successes and failures apart.
#[derive(Debug, Default)]
pub(super) struct Apart {
    pub(super) succeeded: Histogram,
    pub(super) failed: Histogram,
    pub(super) failures: Tally,
}

impl Apart {
    pub(super) fn count(
        &mut self,
        template: &Template,
        failure: Option<FailureId>,
        nanoseconds: u64,
    ) {
        match failure {
            None => self.succeeded.record(template, nanoseconds),
            Some(kind) => {
                self.failed.record(template, nanoseconds);
                self.failures.add(kind);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.succeeded.count() + self.failed.count() == 0
    }

    fn merge(&mut self, other: &Self) {
        self.succeeded.merge(&other.succeeded);
        self.failed.merge(&other.failed);
        self.failures.merge(&other.failures);
    }

    pub(super) fn told(&self, kinds: &[String]) -> Split {
        Split {
            succeeded: self.succeeded.distribution(),
            failed: self.failed.distribution(),
            failures: self.failures.told(kinds),
        }
    }
}

/// How often each kind of failure happened.
#[derive(Debug, Default)]
pub(crate) struct Tally(Vec<u64>);

impl Tally {
    pub(crate) fn add(&mut self, kind: FailureId) {
        self.add_many(kind, 1);
    }

    pub(crate) fn add_many(&mut self, kind: FailureId, count: u64) {
        let place = usize::from(kind.0);
        if place >= self.0.len() {
            self.0.resize(place + 1, 0);
        }
        self.0[place] += count;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        for (ours, theirs) in self.0.iter_mut().zip(&other.0) {
            *ours += theirs;
        }
    }

    pub(crate) fn sum(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The most frequent first.
    pub(crate) fn told(&self, kinds: &[String]) -> Vec<Counted> {
        let counted = kinds.iter().zip(&self.0).filter(|(_, count)| **count > 0);
        let mut told: Vec<_> = counted
            .map(|(name, count)| Counted {
                name: name.clone(),
                count: *count,
            })
            .collect();
        told.sort_by_key(|counted| std::cmp::Reverse(counted.count));
        told
    }
}

/// By phase.
#[derive(Debug, Default)]
pub(super) struct Phased(pub(super) [Apart; Phase::ALL.len()]);

impl Phased {
    pub(super) fn of(&mut self, phase: Phase) -> &mut Apart {
        &mut self.0[phase.place()]
    }

    pub(super) fn all(&self) -> Apart {
        let mut all = Apart::default();
        for phase in &self.0 {
            all.merge(phase);
        }
        all
    }

    /// Nothing if all of it belongs to the baseline.
    pub(super) fn told(&self, kinds: &[String]) -> BTreeMap<Phase, Split> {
        let present = |phase: &Phase| !self.0[phase.place()].is_empty();
        if !Phase::ALL
            .iter()
            .any(|phase| *phase != Phase::Baseline && present(phase))
        {
            return BTreeMap::new();
        }
        let phases = Phase::ALL.into_iter().filter(present);
        phases
            .map(|phase| (phase, self.0[phase.place()].told(kinds)))
            .collect()
    }

    /// Successful times and the number of failures, as a measure.
    pub(super) fn measured(&self) -> Measured {
        let mut succeeded = Histogram::default();
        let mut failed = 0;
        for phase in &self.0 {
            succeeded.merge(&phase.succeeded);
            failed += phase.failed.count();
        }
        Measured::Times {
            succeeded: Box::new(succeeded),
            failed,
        }
    }
}

/// The distributions of a metric in the phases that have any.
pub(crate) fn of_phases<'a>(
    metric: &str,
    of: impl Fn(Phase) -> &'a Histogram,
) -> Vec<EncodedHistogram> {
    let phases = Phase::ALL.into_iter().filter_map(|phase| {
        Some(EncodedHistogram {
            metric: metric.to_owned(),
            unit: "seconds".to_owned(),
            steps_per_unit: 1_000_000_000,
            phase,
            histogram: of(phase).text()?,
        })
    });
    phases.collect()
}
