//! Requests and event streams by name: histograms while the run goes on, figures at its end.

use std::collections::BTreeMap;

use assay_load::bins::{self, Bin};
use hdrhistogram::Histogram;

use super::document::{PhaseRequests, RequestSummary, StreamGroup, Times};
use crate::event::{Exchange, Phase, StreamSummary};

/// Names of requests and of streams each that a suite's summary holds.
pub const MAX_NAMES: usize = 100;
/// Different texts that a summary counts (kinds of errors, ends of streams).
pub const MAX_KINDS: usize = 100;
/// Longer times count as this one in the percentiles: a day.
const MAX_TIME_NS: u64 = 86_400_000_000_000;

/// The traffic of a suite.
#[derive(Clone, Debug, Default)]
pub(super) struct Traffic {
    requests: BTreeMap<String, Requests>,
    streams: BTreeMap<String, Streams>,
    /// Requests whose name is beyond the limit.
    pub(super) unnamed_requests: u64,
    /// Streams whose name is beyond the limit.
    pub(super) unnamed_streams: u64,
}

#[derive(Clone, Debug, Default)]
struct Requests {
    phases: BTreeMap<Phase, InPhase>,
    error_kinds: BTreeMap<String, u64>,
    sent_bytes: u64,
    received_bytes: u64,
    first_byte: Timer,
}

/// What is told by phase; the figures of all phases are its sum.
#[derive(Clone, Debug, Default)]
struct InPhase {
    count: u64,
    errors: u64,
    statuses: BTreeMap<u16, u64>,
    duration: Timer,
}

#[derive(Clone, Debug, Default)]
struct Streams {
    count: u64,
    events: u64,
    reconnects: u64,
    ends: BTreeMap<String, u64>,
    first_event: Timer,
    longest_gap_ns: Option<u64>,
}

impl Traffic {
    pub(super) fn exchanged(&mut self, phase: Phase, exchange: &Exchange) {
        match entry(&mut self.requests, &exchange.name) {
            Some(requests) => requests.add(phase, exchange),
            None => self.unnamed_requests += 1,
        }
    }

    pub(super) fn streamed(&mut self, stream: &StreamSummary) {
        match entry(&mut self.streams, &stream.name) {
            Some(streams) => streams.add(stream),
            None => self.unnamed_streams += 1,
        }
    }

    pub(super) fn requests(&self) -> Vec<RequestSummary> {
        self.requests
            .iter()
            .map(|(name, requests)| requests.summary(name))
            .collect()
    }

    pub(super) fn streams(&self) -> Vec<StreamGroup> {
        self.streams
            .iter()
            .map(|(name, streams)| streams.summary(name))
            .collect()
    }
}

/// The value under this name, unless the limit leaves no room for a new one.
fn entry<'a, V: Default>(map: &'a mut BTreeMap<String, V>, name: &str) -> Option<&'a mut V> {
    if !map.contains_key(name) && map.len() >= MAX_NAMES {
        return None;
    }
    Some(map.entry(name.to_owned()).or_default())
}

/// Counts a text; those beyond the limit are counted as `other`.
fn count(kinds: &mut BTreeMap<String, u64>, kind: &str) {
    let kind = if kinds.contains_key(kind) || kinds.len() < MAX_KINDS {
        kind
    } else {
        "other"
    };
    *kinds.entry(kind.to_owned()).or_default() += 1;
}

impl Requests {
    fn add(&mut self, phase: Phase, exchange: &Exchange) {
        self.phases.entry(phase).or_default().add(exchange);
        self.sent_bytes = self.sent_bytes.saturating_add(exchange.sent_bytes);
        self.received_bytes = self.received_bytes.saturating_add(exchange.received_bytes);
        if let Some(error) = &exchange.error {
            count(&mut self.error_kinds, &error.kind);
        }
        if let Some(first_byte) = exchange.first_byte_ns {
            self.first_byte.record(first_byte);
        }
    }

    fn summary(&self, name: &str) -> RequestSummary {
        let mut all = InPhase::default();
        for phase in self.phases.values() {
            all.merge(phase);
        }
        let only_baseline = self.phases.keys().all(|phase| *phase == Phase::Baseline);
        let told = if only_baseline {
            None
        } else {
            Some(&self.phases)
        };
        RequestSummary {
            name: name.to_owned(),
            count: all.count,
            errors: all.errors,
            duration: all.duration.times(),
            histogram: all.duration.bins(),
            statuses: all.statuses,
            error_kinds: self.error_kinds.clone(),
            sent_bytes: self.sent_bytes,
            received_bytes: self.received_bytes,
            first_byte: self.first_byte.times(),
            by_phase: told
                .into_iter()
                .flatten()
                .map(|(phase, part)| (*phase, part.summary()))
                .collect(),
        }
    }
}

impl InPhase {
    fn add(&mut self, exchange: &Exchange) {
        self.count += 1;
        if exchange.error.is_some() {
            self.errors += 1;
        } else {
            self.duration.record(exchange.duration_ns);
        }
        if let Some(status) = exchange.status {
            *self.statuses.entry(status).or_default() += 1;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.errors += other.errors;
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
        self.duration.merge(&other.duration);
    }

    fn summary(&self) -> PhaseRequests {
        PhaseRequests {
            count: self.count,
            errors: self.errors,
            statuses: self.statuses.clone(),
            duration: self.duration.times(),
        }
    }
}

impl Streams {
    fn add(&mut self, stream: &StreamSummary) {
        self.count += 1;
        self.events = self.events.saturating_add(stream.events);
        self.reconnects += u64::from(stream.reconnects);
        count(&mut self.ends, &stream.end);
        if let Some(first_event) = stream.first_event_ns {
            self.first_event.record(first_event);
        }
        self.longest_gap_ns = self.longest_gap_ns.max(stream.longest_gap_ns);
    }

    fn summary(&self, name: &str) -> StreamGroup {
        StreamGroup {
            name: name.to_owned(),
            count: self.count,
            events: self.events,
            reconnects: self.reconnects,
            ends: self.ends.clone(),
            first_event: self.first_event.times(),
            longest_gap_ns: self.longest_gap_ns,
        }
    }
}

/// A histogram of times, made with the first time. It grows with the longest one: some 90 KiB for seconds.
#[derive(Clone, Debug, Default)]
struct Timer {
    histogram: Option<Histogram<u32>>,
    min: u64,
    max: u64,
}

impl Timer {
    fn record(&mut self, nanoseconds: u64) {
        if self.histogram.is_none() {
            // One to five digits are possible, so this is always there.
            self.histogram = Histogram::new(3).ok();
            self.min = nanoseconds;
        }
        self.min = self.min.min(nanoseconds);
        self.max = self.max.max(nanoseconds);
        if let Some(histogram) = &mut self.histogram {
            // It grows as it must, far beyond a day, so this cannot fail.
            let _ = histogram.record(nanoseconds.min(MAX_TIME_NS));
        }
    }

    /// Takes in what another one holds.
    fn merge(&mut self, other: &Self) {
        match (&mut self.histogram, &other.histogram) {
            (_, None) => {}
            (None, Some(_)) => *self = other.clone(),
            (Some(histogram), Some(further)) => {
                // It grows as it must, so this cannot fail.
                let _ = histogram.add(further);
                self.min = self.min.min(other.min);
                self.max = self.max.max(other.max);
            }
        }
    }

    fn bins(&self) -> Vec<Bin> {
        self.histogram.as_ref().map(bins::of).unwrap_or_default()
    }

    /// The percentiles never leave what was measured, though the histogram rounds up.
    fn times(&self) -> Option<Times> {
        let histogram = self.histogram.as_ref()?;
        let at = |quantile| {
            histogram
                .value_at_quantile(quantile)
                .clamp(self.min, self.max)
        };
        Some(Times {
            min_ns: self.min,
            p50_ns: at(0.50),
            p95_ns: at(0.95),
            p99_ns: at(0.99),
            max_ns: self.max,
        })
    }
}
