//! The distributions of a run while it goes on: what single events tell is counted here, what loads and suites counted is taken as it is.

use std::collections::BTreeMap;

use assay_load::encoded::{self, EncodedHistogram};
use assay_report::event::{Exchange, Phase, StreamSummary};
use hdrhistogram::Histogram;

use crate::record::{MAX_DISTRIBUTIONS, MAX_METRIC_BYTES, Measured, MetricKey, cut};

/// Distributions that are counted here. Each takes 16 KiB, and 8 KiB more for each doubling of its greatest value beyond 2 ms: 88 KiB up to
/// a second, 184 KiB at an hour.
pub const MAX_COUNTED: usize = 500;
/// In nanoseconds: finer differences are not told apart.
const LEAST: u64 = 1 << 10;
/// An hour, in nanoseconds: what took longer counts as an hour.
const MOST: u64 = 3_600_000_000_000;
const SIGNIFICANT_FIGURES: u8 = 3;
const SECONDS: &str = "seconds";
const NANOSECONDS: u64 = 1_000_000_000;

#[derive(Debug, Default)]
pub(super) struct Distributions {
    counted: BTreeMap<MetricKey, Histogram<u64>>,
    taken: BTreeMap<MetricKey, Measured>,
    left_out: u64,
}

impl Distributions {
    /// A request of a case, if it had an answer.
    pub(super) fn exchanged(&mut self, suite: &str, phase: Phase, exchange: &Exchange) {
        if exchange.status.is_some() {
            let metric = format!("request {}", exchange.name);
            self.count(suite, metric, phase, exchange.duration_ns);
        }
    }

    /// A stream of a case, if it had an event.
    pub(super) fn streamed(&mut self, suite: &str, phase: Phase, stream: &StreamSummary) {
        if let Some(first_event_ns) = stream.first_event_ns {
            let metric = format!("stream first event {}", stream.name);
            self.count(suite, metric, phase, first_event_ns);
        }
    }

    /// What a load or a suite has counted. What comes under the same name again is added.
    pub(super) fn measured(
        &mut self,
        suite: &str,
        entry: Option<&str>,
        scenario: Option<&str>,
        encoded: &EncodedHistogram,
    ) {
        let parts = [entry, scenario, Some(encoded.metric.as_str())];
        let metric = parts.into_iter().flatten().collect::<Vec<_>>().join(": ");
        let Some(key) = key(suite, metric, encoded.phase) else {
            self.left_out += 1;
            return;
        };
        let full = self.taken.len() >= MAX_DISTRIBUTIONS - MAX_COUNTED;
        let kept = match self.taken.get_mut(&key) {
            Some(known) => add(known, encoded),
            None if full => None,
            None => taken(key.clone(), encoded).map(|measured| {
                self.taken.insert(key, measured);
            }),
        };
        self.left_out += u64::from(kept.is_none());
    }

    /// All of them, and how many were left out.
    pub(super) fn told(&self) -> (Vec<Measured>, u64) {
        let mut left_out = self.left_out;
        let mut told: Vec<_> = self.taken.values().cloned().collect();
        for (key, histogram) in &self.counted {
            match encoded::to_bytes(histogram) {
                Some(histogram) => told.push(Measured {
                    key: key.clone(),
                    unit: SECONDS.to_owned(),
                    steps_per_unit: NANOSECONDS,
                    histogram,
                }),
                None => left_out += 1,
            }
        }
        told.sort_by(|one, other| one.key.cmp(&other.key));
        (told, left_out)
    }

    fn count(&mut self, suite: &str, metric: String, phase: Phase, nanoseconds: u64) {
        let Some(key) = key(suite, metric, phase) else {
            self.left_out += 1;
            return;
        };
        let full = self.counted.len() >= MAX_COUNTED;
        let histogram = match self.counted.entry(key) {
            std::collections::btree_map::Entry::Occupied(known) => Some(known.into_mut()),
            std::collections::btree_map::Entry::Vacant(_) if full => None,
            std::collections::btree_map::Entry::Vacant(new) => {
                empty().map(|histogram| new.insert(histogram))
            }
        };
        match histogram {
            // It grows up to the hour by itself; growing fails only where the machine's words are too short for it.
            Some(histogram) => {
                if histogram.record(nanoseconds.min(MOST)).is_err() {
                    histogram.saturating_record(nanoseconds);
                }
            }
            None => self.left_out += 1,
        }
    }
}

/// None if the bounds are such that they cannot be counted.
fn empty() -> Option<Histogram<u64>> {
    let mut histogram = Histogram::new_with_bounds(LEAST, 2 * LEAST, SIGNIFICANT_FIGURES).ok()?;
    histogram.auto(true);
    Some(histogram)
}

/// None if the name is too long.
fn key(suite: &str, metric: String, phase: Phase) -> Option<MetricKey> {
    let suite = cut(suite);
    (metric.len() <= MAX_METRIC_BYTES).then_some(MetricKey {
        suite,
        metric,
        phase,
    })
}

/// None if it is no histogram.
fn taken(key: MetricKey, encoded: &EncodedHistogram) -> Option<Measured> {
    let histogram = encoded.decode().ok()?;
    Some(Measured {
        key,
        unit: cut(&encoded.unit),
        steps_per_unit: encoded.steps_per_unit.max(1),
        histogram: encoded::to_bytes(&histogram)?,
    })
}

/// None if it is no histogram, or has another unit than the one it is added to.
fn add(known: &mut Measured, encoded: &EncodedHistogram) -> Option<()> {
    let fits = (&known.unit, known.steps_per_unit) == (&encoded.unit, encoded.steps_per_unit);
    let added = encoded.decode().ok().filter(|_| fits)?;
    let mut whole = encoded::from_bytes(&known.histogram).ok()?;
    whole.auto(true);
    whole.add(&added).ok()?;
    known.histogram = encoded::to_bytes(&whole)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded_of(values: &[u64]) -> EncodedHistogram {
        let mut histogram = Histogram::<u64>::new_with_bounds(64, 1 << 40, 3).unwrap();
        for value in values {
            histogram.record(*value).unwrap();
        }
        EncodedHistogram {
            metric: "iteration".to_owned(),
            unit: SECONDS.to_owned(),
            steps_per_unit: NANOSECONDS,
            phase: Phase::Baseline,
            histogram: encoded::to_text(&histogram).unwrap(),
        }
    }

    fn counts(distributions: &Distributions) -> (Vec<(String, u64)>, u64) {
        let (told, left_out) = distributions.told();
        let told = told.iter().map(|measured| {
            let count = measured.distribution().unwrap().count();
            (measured.key.metric.clone(), count)
        });
        (told.collect(), left_out)
    }

    #[test]
    fn what_comes_under_the_same_name_again_is_added() {
        let mut distributions = Distributions::default();
        for values in [&[1_000_000, 2_000_000][..], &[900_000_000]] {
            distributions.measured("shop", Some("peak"), Some("buy"), &encoded_of(values));
        }
        let other_unit = EncodedHistogram {
            unit: "bytes".to_owned(),
            ..encoded_of(&[1])
        };
        distributions.measured("shop", Some("peak"), Some("buy"), &other_unit);
        let broken = EncodedHistogram {
            histogram: "none".to_owned(),
            ..encoded_of(&[1])
        };
        distributions.measured("shop", None, None, &broken);
        assert_eq!(
            counts(&distributions),
            (vec![("peak: buy: iteration".to_owned(), 3)], 2)
        );
    }

    #[test]
    fn one_distribution_too_many_is_counted_and_known_ones_go_on() {
        let mut distributions = Distributions::default();
        for place in 0..=MAX_COUNTED {
            distributions.count("shop", format!("request {place}"), Phase::Baseline, 5_000);
        }
        distributions.count("shop", "request 0".to_owned(), Phase::Baseline, u64::MAX);
        let (told, left_out) = counts(&distributions);
        assert_eq!((told.len(), left_out), (MAX_COUNTED, 1));
        assert!(told.contains(&("request 0".to_owned(), 2)));

        let one = encoded_of(&[1_000]);
        for place in 0..=(MAX_DISTRIBUTIONS - MAX_COUNTED) {
            distributions.measured("shop", Some(&place.to_string()), None, &one);
        }
        let (told, left_out) = counts(&distributions);
        assert_eq!((told.len(), left_out), (MAX_DISTRIBUTIONS, 2));
    }

    #[test]
    fn a_name_at_the_limit_is_kept_and_a_longer_one_is_left_out() {
        let mut distributions = Distributions::default();
        for length in [MAX_METRIC_BYTES, MAX_METRIC_BYTES + 1] {
            distributions.count("shop", "a".repeat(length), Phase::Baseline, 5_000);
        }
        let (told, left_out) = counts(&distributions);
        assert_eq!((told.len(), left_out), (1, 1));
    }
}
