//! The distributions that a run tells, each with its time, within limits.

use std::collections::BTreeMap;

use assay_load::encoded::EncodedHistogram;

use crate::event::{Event, EventKind, Source};

/// Distributions that are kept: the first ones.
pub const MAX_INTERVALS: usize = 10_000;
/// Bytes of their texts that are kept.
pub const MAX_LOG_BYTES: usize = 64 << 20;
/// Loads, and suites, whose start is kept; of others the start is that of the run.
const MAX_STARTS: usize = 10_000;

/// A distribution, and when it was measured.
#[derive(Clone, Debug)]
pub(super) struct Interval {
    pub(super) suite: String,
    /// Whose load it was; none for the suite's own figures.
    pub(super) source: Option<Source>,
    pub(super) scenario: Option<String>,
    pub(super) started_at_ns: u64,
    pub(super) ended_at_ns: u64,
    pub(super) distribution: EncodedHistogram,
}

impl Interval {
    pub(super) fn length_ns(&self) -> u64 {
        self.ended_at_ns.saturating_sub(self.started_at_ns)
    }
}

/// What was told so far.
#[derive(Debug, Default)]
pub(crate) struct Distributions {
    kept: Vec<Interval>,
    bytes: usize,
    left_out: usize,
    /// The loads that run, by their attempt and scenario.
    loads: BTreeMap<(Source, String), u64>,
    suites: BTreeMap<String, u64>,
}

impl Distributions {
    /// Takes in an event; most tell no distribution and no time of one.
    pub(crate) fn event(&mut self, event: &Event) {
        match &event.kind {
            EventKind::AttemptStarted(source) if self.suites.len() < MAX_STARTS => {
                let suite = self.suites.entry(source.suite.clone());
                suite.or_insert(event.at_ns);
            }
            EventKind::LoadStarted { source, load } if self.loads.len() < MAX_STARTS => {
                let key = (source.clone(), load.scenario.clone());
                self.loads.insert(key, event.at_ns);
            }
            EventKind::AttemptFinished { source, .. } => {
                self.loads.retain(|(of, _), _| of != source);
            }
            EventKind::Measured {
                suite,
                source,
                scenario,
                distributions,
            } => {
                let started_at_ns = self.start(suite, source.as_ref(), scenario.as_ref());
                for distribution in distributions {
                    self.keep(Interval {
                        suite: suite.clone(),
                        source: source.clone(),
                        scenario: scenario.clone(),
                        started_at_ns,
                        ended_at_ns: event.at_ns,
                        distribution: distribution.clone(),
                    });
                }
            }
            _ => {}
        }
    }

    fn start(&self, suite: &str, source: Option<&Source>, scenario: Option<&String>) -> u64 {
        let start = match (source, scenario) {
            (Some(source), Some(scenario)) => self.loads.get(&(source.clone(), scenario.clone())),
            _ => self.suites.get(suite),
        };
        start.copied().unwrap_or_default()
    }

    fn keep(&mut self, interval: Interval) {
        let EncodedHistogram {
            metric,
            unit,
            histogram,
            ..
        } = &interval.distribution;
        let bytes = metric.len() + unit.len() + histogram.len();
        if self.kept.len() >= MAX_INTERVALS || self.bytes + bytes > MAX_LOG_BYTES {
            self.left_out += 1;
            return;
        }
        self.bytes += bytes;
        self.kept.push(interval);
    }

    /// In the order in which they were told.
    pub(super) fn intervals(&self) -> &[Interval] {
        &self.kept
    }

    /// How many were told and are not kept.
    pub(super) fn left_out(&self) -> usize {
        self.left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Phase;

    fn measured(texts: impl IntoIterator<Item = String>) -> Event {
        let distributions = texts.into_iter().map(|histogram| EncodedHistogram {
            metric: String::new(),
            unit: String::new(),
            steps_per_unit: 1,
            phase: Phase::Baseline,
            histogram,
        });
        Event {
            sequence: 0,
            at_ns: 7,
            phase: Phase::Baseline,
            of_shard: None,
            kind: EventKind::Measured {
                suite: "jobs".to_owned(),
                source: None,
                scenario: None,
                distributions: distributions.collect(),
            },
        }
    }

    fn told(texts: impl IntoIterator<Item = String>) -> (usize, usize) {
        let mut distributions = Distributions::default();
        distributions.event(&measured(texts));
        (distributions.intervals().len(), distributions.left_out())
    }

    #[test]
    fn distributions_beyond_a_limit_are_counted() {
        let many = |number: usize| (0..number).map(|_| String::new());
        assert_eq!(told(many(MAX_INTERVALS)), (MAX_INTERVALS, 0));
        assert_eq!(told(many(MAX_INTERVALS + 1)), (MAX_INTERVALS, 1));
        let long = |more: usize| ["x".repeat(MAX_LOG_BYTES - 1), "x".repeat(1 + more)];
        assert_eq!(told(long(0)), (2, 0));
        assert_eq!(told(long(1)), (1, 1));
    }
}
