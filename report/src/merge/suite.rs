//! A suite over its shards: it ends with the last of them.

use super::figures::{Figures, Unmerged};
use crate::{
    event::{EncodedHistogram, EventKind, MetricSnapshot},
    verdict::Verdict,
};

/// A suite that is not over in all shards that have a case of it.
#[derive(Debug)]
pub(super) struct Suite {
    name: String,
    waiting: usize,
    verdict: Verdict,
    began_ns: u64,
    figures: Figures,
}

impl Suite {
    /// Of so many shards.
    pub(super) fn new(name: &str, shards: usize) -> Self {
        Self {
            name: name.to_owned(),
            waiting: shards,
            verdict: Verdict::Skipped,
            began_ns: u64::MAX,
            figures: Figures::default(),
        }
    }

    pub(super) fn measured(&mut self, distributions: &[EncodedHistogram]) -> Result<(), Unmerged> {
        distributions
            .iter()
            .try_for_each(|encoded| self.figures.measured(encoded))
    }

    /// It is over in one more shard. Answers what is to be told of it if that was the last one.
    pub(super) fn ended(
        &mut self,
        at_ns: u64,
        verdict: Verdict,
        duration_ns: u64,
        metrics: &[MetricSnapshot],
    ) -> Result<Vec<EventKind>, Unmerged> {
        self.waiting = self.waiting.saturating_sub(1);
        self.verdict = Verdict::of_all([self.verdict, verdict]);
        self.began_ns = self.began_ns.min(at_ns.saturating_sub(duration_ns));
        for snapshot in metrics {
            self.figures.ended(snapshot)?;
        }
        if self.waiting > 0 {
            return Ok(Vec::new());
        }
        let (distributions, metrics) = self.figures.told()?;
        let measured = (!distributions.is_empty()).then(|| EventKind::Measured {
            suite: self.name.clone(),
            source: None,
            scenario: None,
            distributions,
        });
        let finished = EventKind::SuiteFinished {
            suite: self.name.clone(),
            verdict: self.verdict,
            duration_ns: at_ns.saturating_sub(self.began_ns),
            metrics,
        };
        Ok(measured.into_iter().chain([finished]).collect())
    }
}
