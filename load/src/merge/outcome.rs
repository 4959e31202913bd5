//! What came of a load that several machines made.

use std::time::Duration;

use super::Merged;
use crate::generator;
use crate::outcome::Outcome;
use crate::turns::rate;

impl Merged {
    /// Which shares were made by machines that were themselves the limit. The figures tell more of those than of the system under test.
    pub fn saturated(&self) -> Vec<usize> {
        let shares = self.standings().enumerate();
        let saturated =
            shares.filter(|(_, standing)| standing.is_some_and(|standing| standing.saturated));
        saturated.map(|(share, _)| share).collect()
    }

    /// What came of it, as far as it has come. `limit`: of a search, the last level that was held; `aborted`: why it ended early, if it did.
    pub fn outcome(&self, limit: Option<f64>, aborted: Option<String>) -> Outcome {
        let mut outcome = Outcome {
            aborted,
            limit,
            ..Outcome::default()
        };
        self.samples.tell(&mut outcome);
        let most_open = self.most_at_once(|standing| standing.most_open_streams);
        if let Some(streams) = &mut outcome.streams {
            streams.most_open = most_open;
        }
        outcome.elapsed_ns = self.most(|standing| standing.elapsed_ns);
        outcome.interrupted = self.sum(|standing| standing.interrupted);
        outcome.warm_up = self.sum(|standing| standing.warm_up);
        outcome.most_vus = self.most_at_once(|standing| standing.most_vus);
        let late = Duration::from_nanos(outcome.generator.late.p99);
        outcome.generator.saturated = generator::is_late(late) || !self.saturated().is_empty();
        outcome.generator.busiest = self
            .heard()
            .map(|standing| standing.busiest)
            .fold(0.0, f64::max);
        let elapsed = Duration::from_nanos(outcome.elapsed_ns);
        outcome.per_second = rate(outcome.iterations, elapsed);
        if let Some(arrived) = self.arrived() {
            outcome.dropped = arrived.dropped;
            outcome.intended_per_second = Some(rate(arrived.intended, self.measured()));
            outcome.per_second = rate(outcome.iterations, self.measured());
        }
        outcome
    }
}
