//! Event streams under load: how long they take to open and to begin, how even they flow, and whether every event comes once.
//!
//! Each stream has a [`StreamMeter`], which keeps the last event's time and id and no more: 10,000 streams take 2 MB.

mod number;
mod shared;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::encoded::EncodedHistogram;
use crate::outcome::{StreamFigures, Streams};
use crate::phase::Phase;
use crate::samples::{
    Histogram, Measured, Shard, StreamSample as Sample, Tally, Template, of_phases,
};
use crate::threshold::Measure;

use number::{Numbers, Step};

/// What a stream is exposed to, which whoever knows of faults says.
pub trait Exposure {
    /// What the time since the last event was exposed to; since the stream was asked for, where there was none.
    fn phase(&self) -> Phase;

    /// An event came: what follows is a time of its own.
    fn event(&mut self);
}

/// One that stays, where nobody makes faults.
impl Exposure for Phase {
    fn phase(&self) -> Phase {
        *self
    }

    fn event(&mut self) {}
}

/// Watches one stream of a virtual user. Dropping it closes the stream as one that its reader has done with.
#[derive(Debug)]
pub struct StreamMeter<E: Exposure> {
    shard: Arc<Shard>,
    exposure: E,
    stall: Option<Duration>,
    asked: Instant,
    open: bool,
    event: Option<Instant>,
    numbers: Numbers,
}

impl<E: Exposure> StreamMeter<E> {
    /// Of a stream that is asked for now. A gap longer than `stall` is a stall.
    pub fn ask(shard: Arc<Shard>, exposure: E, stall: Option<Duration>) -> Self {
        Self {
            shard,
            exposure,
            stall,
            asked: Instant::now(),
            open: false,
            event: None,
            numbers: Numbers::default(),
        }
    }

    /// The head of an answer came that opens the stream for the first time.
    pub fn opened(&mut self) {
        if !self.open {
            self.open = true;
            self.shard.open_streams().enter();
        }
        let nanoseconds = nanoseconds(self.asked.elapsed());
        self.took(nanoseconds, Sample::Connected);
    }

    /// The stream could not be opened, for a reason of few words, such as `status 503`.
    pub fn not_opened(self, kind: &str) {
        let failure = self.shard.failure(kind);
        let nanoseconds = nanoseconds(self.asked.elapsed());
        self.took(nanoseconds, Sample::NotConnected { failure });
    }

    /// An event came, with the id that the stream gave it.
    pub fn event(&mut self, id: Option<&str>) {
        let now = Instant::now();
        let since = self.event.replace(now);
        let took = nanoseconds(now.duration_since(since.unwrap_or(self.asked)));
        let sample = match since {
            None => Sample::FirstEvent,
            Some(_) => Sample::Gap,
        };
        self.took(took, sample);
        if since.is_some() {
            self.look_for_stall(took);
        }
        match id.map(|id| self.numbers.next(id)) {
            Some(Step::Lost(events)) => self.shard.lost(self.exposure.phase(), events),
            Some(Step::Duplicated) => self.count(Sample::Duplicated),
            Some(Step::Fitting) | None => {}
        }
        self.exposure.event();
    }

    /// The stream broke, for a reason of few words. It may be opened again.
    pub fn broke(&mut self, kind: &str) {
        let failure = self.shard.failure(kind);
        self.count(Sample::Broken { failure });
    }

    /// The stream was opened again after a break. The gap between the events before and after it goes over the break.
    pub fn reconnected(&mut self) {
        self.count(Sample::Reconnected);
    }

    /// The stream ended and will not be opened again, before its reader had all of it. One that was not open is not counted here.
    pub fn cut_short(self) {
        if self.open {
            self.count(Sample::CutShort);
        }
    }

    fn count(&self, sample: Sample) {
        self.took(0, sample);
    }

    fn took(&self, nanoseconds: u64, sample: Sample) {
        self.shard
            .stream(self.exposure.phase(), nanoseconds, sample);
    }

    fn look_for_stall(&self, nanoseconds: u64) {
        let stalled = |stall: Duration| u128::from(nanoseconds) > stall.as_nanos();
        if self.stall.is_some_and(stalled) {
            self.took(nanoseconds, Sample::Stall);
        }
    }
}

impl<E: Exposure> Drop for StreamMeter<E> {
    /// A gap that nothing ended is a stall, too.
    fn drop(&mut self) {
        if let Some(event) = self.event {
            self.look_for_stall(nanoseconds(event.elapsed()));
        }
        if self.open {
            self.shard.open_streams().leave();
        }
    }
}

/// All streams of a load together, by phase.
#[derive(Debug, Default)]
pub(crate) struct StreamTotals([OfPhase; Phase::ALL.len()]);

/// The streams of one phase, or of all.
#[derive(Debug, Default)]
pub(crate) struct OfPhase {
    connect: Histogram,
    first_event: Histogram,
    gap: Histogram,
    not_opened: u64,
    stalls: u64,
    reconnects: u64,
    lost: u64,
    duplicated: u64,
    cut_short: u64,
    failures: Tally,
}

impl StreamTotals {
    pub(crate) fn of(&mut self, phase: Phase) -> &mut OfPhase {
        &mut self.0[phase.place()]
    }

    fn all(&self) -> OfPhase {
        let mut all = OfPhase::default();
        for phase in &self.0 {
            all.merge(phase);
        }
        all
    }

    /// Of a measure of streams; nothing for all others.
    pub(crate) fn measured(&self, measure: &Measure) -> Measured {
        self.all().measured(measure)
    }

    /// Whole distributions of the times of streams, by phase.
    pub(crate) fn encoded(&self) -> Vec<EncodedHistogram> {
        let of = |phase: Phase| &self.0[phase.place()];
        [
            of_phases("stream connect", |phase| &of(phase).connect),
            of_phases("stream first event", |phase| &of(phase).first_event),
            of_phases("stream gap", |phase| &of(phase).gap),
        ]
        .concat()
    }

    /// None if nothing of a stream was seen.
    pub(crate) fn told(&self, most_open: u32, kinds: &[String]) -> Option<Streams> {
        let all = self.all();
        if all.is_empty() {
            return None;
        }
        let of = |phase: Phase| &self.0[phase.place()];
        let beyond_baseline = [Phase::Fault, Phase::Recovery];
        let by_phase = if beyond_baseline.iter().all(|phase| of(*phase).is_empty()) {
            BTreeMap::new()
        } else {
            let present = Phase::ALL
                .into_iter()
                .filter(|phase| !of(*phase).is_empty());
            present
                .map(|phase| (phase, of(phase).told(kinds)))
                .collect()
        };
        Some(Streams {
            most_open,
            all: all.told(kinds),
            by_phase,
        })
    }
}

impl OfPhase {
    /// Adds a sample. Answers how many events came with it.
    pub(crate) fn count(&mut self, template: &Template, sample: Sample, nanoseconds: u64) -> u64 {
        match sample {
            Sample::Connected => self.connect.record(template, nanoseconds),
            Sample::FirstEvent => {
                self.first_event.record(template, nanoseconds);
                return 1;
            }
            Sample::Gap => {
                self.gap.record(template, nanoseconds);
                return 1;
            }
            Sample::NotConnected { failure } => {
                self.not_opened += 1;
                self.failures.add(failure);
            }
            Sample::Broken { failure } => self.failures.add(failure),
            Sample::Stall => self.stalls += 1,
            Sample::Reconnected => self.reconnects += 1,
            Sample::Duplicated => self.duplicated += 1,
            Sample::CutShort => self.cut_short += 1,
        }
        0
    }

    /// Adds events that never came.
    pub(crate) fn lose(&mut self, events: u64) {
        self.lost += events;
    }

    fn merge(&mut self, other: &Self) {
        self.connect.merge(&other.connect);
        self.first_event.merge(&other.first_event);
        self.gap.merge(&other.gap);
        self.not_opened += other.not_opened;
        self.stalls += other.stalls;
        self.reconnects += other.reconnects;
        self.lost += other.lost;
        self.duplicated += other.duplicated;
        self.cut_short += other.cut_short;
        self.failures.merge(&other.failures);
    }

    /// Each event ends either a stream's wait for the first one or a gap.
    fn events(&self) -> u64 {
        self.first_event.count() + self.gap.count()
    }

    fn is_empty(&self) -> bool {
        let counted = self.stalls + self.reconnects + self.cut_short + self.failures.sum();
        self.connect.count() + self.events() + counted == 0
    }

    fn measured(&self, measure: &Measure) -> Measured {
        let times = |times: &Histogram, failed| Measured::Times {
            succeeded: Box::new(times.clone()),
            failed,
        };
        let opened = self.connect.count();
        let count = |count, among| Measured::Count { count, among };
        match measure {
            Measure::Iterations(_) | Measure::Requests(..) => count(0, 0),
            Measure::StreamConnect(_) => times(&self.connect, self.not_opened),
            Measure::FirstEvent(_) => times(&self.first_event, 0),
            Measure::EventGap(_) => times(&self.gap, 0),
            // A stall can also be what comes after the last event.
            Measure::Stalls => count(self.stalls, self.gap.count().max(self.stalls)),
            Measure::Reconnects => count(self.reconnects, opened),
            Measure::LostEvents => count(self.lost, self.events()),
            Measure::DuplicatedEvents => count(self.duplicated, self.events()),
            Measure::StreamsCutShort => count(self.cut_short, opened),
        }
    }

    fn told(&self, kinds: &[String]) -> StreamFigures {
        StreamFigures {
            opened: self.connect.count(),
            connect: self.connect.distribution(),
            first_event: self.first_event.distribution(),
            gap: self.gap.distribution(),
            events: self.events(),
            stalls: self.stalls,
            reconnects: self.reconnects,
            lost: self.lost,
            duplicated: self.duplicated,
            cut_short: self.cut_short,
            failures: self.failures.told(kinds),
        }
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
