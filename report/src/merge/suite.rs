//! A suite over its shards: it ends with the last of them.

use super::figures::{Figures, Unmerged};
use crate::{
    event::{EncodedHistogram, EventKind, MAX_REFUSING_AGENTS, MetricSnapshot, Proposal},
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
    proposal: Option<Proposal>,
}

/// How a suite ended in one shard.
#[derive(Clone, Copy, Debug)]
pub(super) struct End<'a> {
    pub(super) at_ns: u64,
    pub(super) verdict: Verdict,
    pub(super) duration_ns: u64,
    pub(super) metrics: &'a [MetricSnapshot],
    pub(super) proposal: Option<&'a Proposal>,
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
            proposal: None,
        }
    }

    pub(super) fn measured(&mut self, distributions: &[EncodedHistogram]) -> Result<(), Unmerged> {
        distributions
            .iter()
            .try_for_each(|encoded| self.figures.measured(encoded))
    }

    /// It is over in one more shard. Answers what is to be told of it if that was the last one.
    pub(super) fn ended(&mut self, end: End<'_>) -> Result<Vec<EventKind>, Unmerged> {
        let End {
            at_ns,
            verdict,
            duration_ns,
            metrics,
            proposal,
        } = end;
        self.waiting = self.waiting.saturating_sub(1);
        self.verdict = Verdict::of_all([self.verdict, verdict]);
        self.began_ns = self.began_ns.min(at_ns.saturating_sub(duration_ns));
        for snapshot in metrics {
            self.figures.ended(snapshot)?;
        }
        if let Some(proposal) = proposal {
            self.propose(proposal);
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
            proposal: self.proposal.take(),
        };
        Ok(measured.into_iter().chain([finished]).collect())
    }

    /// Two tables of one name are no TOML: the first stands, and says that it is not all where another one differs. Agents are those of each shard.
    fn propose(&mut self, other: &Proposal) {
        let known = self.proposal.get_or_insert_with(|| other.clone());
        let is_other = !other.table.is_empty() && known.table != other.table;
        if known.table.is_empty() && !known.truncated {
            known.table.clone_from(&other.table);
        } else {
            known.truncated |= is_other;
        }
        known.truncated |= other.truncated;
        for agent in &other.at_agents {
            let is_known = known.at_agents.contains(agent);
            if !is_known && known.at_agents.len() < MAX_REFUSING_AGENTS {
                known.at_agents.push(agent.clone());
            }
        }
    }
}
