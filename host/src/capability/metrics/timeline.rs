//! When figures were recorded, for a host that is told of them only later, and alone knows in which phase of its run that was.
//!
//! What was recorded in one slice of time is kept together, with its first and its last moment. There are so many parts (one series in one
//! slice) as memory allows: where there would be more, slices become twice as long. So whoever records a little has each figure by itself,
//! and of a flood it is known to a hundredth of its time when it was.

use std::{collections::BTreeMap, mem, time::Duration};

use tokio::time::Instant;

use super::{
    phased::Phased,
    series::{Key, MAX_HISTOGRAMS, MAX_SERIES},
};
use crate::ledger::Span;

/// Parts, of all kinds together: at least those of two slices.
pub(crate) const MAX_PARTS: usize = 2 * MAX_SERIES;
/// Parts that are histograms.
pub(super) const MAX_HISTOGRAM_PARTS: usize = 2 * MAX_HISTOGRAMS;
/// How long a slice is at first.
const FIRST_WIDTH: Duration = Duration::from_millis(1);

/// What was recorded, by time.
#[derive(Debug)]
pub(super) struct Timeline {
    began: Instant,
    width: Duration,
    /// In the order of their time.
    slices: Vec<Slice>,
    parts: usize,
    histograms: usize,
}

/// What was recorded within a slice of time.
#[derive(Debug)]
struct Slice {
    /// Since the beginning, in widths.
    number: u128,
    span: Span,
    parts: BTreeMap<Key, Phased>,
}

impl Timeline {
    /// Begins now.
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            width: FIRST_WIDTH,
            slices: Vec::new(),
            parts: 0,
            histograms: 0,
        }
    }

    /// Records something of a series now, which is this one before anything of it is recorded.
    pub(super) fn record(&mut self, key: Key, empty: Phased, record: impl FnOnce(&mut Phased)) {
        let is_histogram = matches!(empty, Phased::Histogram(_));
        let parts = &mut self.slice(Instant::now()).parts;
        let before = parts.len();
        record(parts.entry(key).or_insert(empty));
        if parts.len() > before {
            self.parts += 1;
            self.histograms += usize::from(is_histogram);
        }
        while self.is_full() && self.slices.len() > 1 {
            self.widen();
        }
    }

    /// All parts, in the order of their time.
    pub(super) fn parts(&self) -> impl Iterator<Item = (Span, &Key, &Phased)> {
        let slices = self.slices.iter();
        slices.flat_map(|slice| {
            let parts = slice.parts.iter();
            parts.map(move |(key, part)| (slice.span, key, part))
        })
    }

    fn is_full(&self) -> bool {
        self.parts > MAX_PARTS || self.histograms > MAX_HISTOGRAM_PARTS
    }

    /// That of this moment.
    fn slice(&mut self, now: Instant) -> &mut Slice {
        let passed = now.saturating_duration_since(self.began);
        let number = passed.as_nanos() / self.width.as_nanos();
        let is_new = self.slices.last().is_none_or(|last| last.number < number);
        if is_new {
            self.slices.push(Slice {
                number,
                span: Span::at(now),
                parts: BTreeMap::new(),
            });
        }
        let last = self.slices.len() - 1;
        let slice = &mut self.slices[last];
        slice.span.until = slice.span.until.max(now);
        slice
    }

    /// Makes slices twice as long, and two that are one then to one.
    fn widen(&mut self) {
        self.width *= 2;
        (self.parts, self.histograms) = (0, 0);
        let mut wider: Vec<Slice> = Vec::new();
        for mut slice in mem::take(&mut self.slices) {
            slice.number /= 2;
            match wider.last_mut() {
                Some(last) if last.number == slice.number => last.take_in(slice),
                _ => wider.push(slice),
            }
        }
        for slice in &wider {
            self.parts += slice.parts.len();
            let parts = slice.parts.values();
            let histograms = parts.filter(|part| matches!(part, Phased::Histogram(_)));
            self.histograms += histograms.count();
        }
        self.slices = wider;
    }
}

impl Slice {
    /// Takes in the next one.
    fn take_in(&mut self, next: Self) {
        self.span.until = next.span.until;
        for (key, part) in next.parts {
            match self.parts.get_mut(&key) {
                // They are of one kind, and that their sum is none too large was found when it was recorded.
                Some(known) => drop(known.absorb(part)),
                None => drop(self.parts.insert(key, part)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use assay_report::event::Phase;
    use tokio::time::advance;

    use super::*;
    use crate::capability::metrics::phased::{Counter, Distributions};

    fn key(name: &str) -> Key {
        Key {
            name: name.to_owned(),
            labels: BTreeMap::new(),
        }
    }

    fn count(timeline: &mut Timeline, name: &str) {
        let empty = Phased::Counter(Counter::default());
        timeline.record(key(name), empty, |part| {
            if let Phased::Counter(counter) = part {
                assert!(counter.add(Phase::Baseline, 1.0));
            }
        });
    }

    fn observe(timeline: &mut Timeline, name: &str) {
        let empty = Phased::Histogram(Distributions::default());
        timeline.record(key(name), empty, |part| {
            if let Phased::Histogram(histogram) = part {
                histogram.record(Phase::Baseline, 1.0).unwrap();
            }
        });
    }

    /// How often each part was counted, with its first and its last moment.
    fn counted(timeline: &Timeline) -> Vec<(Span, f64)> {
        let counted = timeline.parts().map(|(span, _, part)| {
            let Some(assay_report::event::MetricValue::Counter { value }) = part.total() else {
                panic!("{part:?}");
            };
            (span, value)
        });
        counted.collect()
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_recorded_now_and_then_has_its_own_moment_each() {
        let mut timeline = Timeline::new();
        let mut expected = Vec::new();
        for _ in 0..3 {
            advance(Duration::from_millis(7)).await;
            expected.push((Span::at(Instant::now()), 1.0));
            count(&mut timeline, "orders");
        }
        assert_eq!(counted(&timeline), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn at_the_limit_each_has_its_slice_and_beyond_it_slices_are_longer_and_nothing_is_lost() {
        let mut timeline = Timeline::new();
        let began = Instant::now();
        for _ in 0..MAX_PARTS {
            count(&mut timeline, "orders");
            advance(FIRST_WIDTH).await;
        }
        assert_eq!(timeline.parts, MAX_PARTS);
        assert_eq!(timeline.width, FIRST_WIDTH);
        count(&mut timeline, "orders");
        assert_eq!(timeline.width, 2 * FIRST_WIDTH);
        let found = counted(&timeline);
        assert_eq!(found.len(), MAX_PARTS / 2 + 1);
        let first = Span {
            from: began,
            until: began + FIRST_WIDTH,
        };
        assert_eq!(found[0], (first, 2.0));
        assert_eq!(found[MAX_PARTS / 2], (Span::at(Instant::now()), 1.0));
    }

    #[tokio::test(start_paused = true)]
    async fn histograms_have_a_limit_of_their_own() {
        let mut timeline = Timeline::new();
        for _ in 0..MAX_HISTOGRAM_PARTS {
            observe(&mut timeline, "time");
            advance(FIRST_WIDTH).await;
        }
        assert_eq!(timeline.width, FIRST_WIDTH);
        observe(&mut timeline, "time");
        assert_eq!(timeline.width, 2 * FIRST_WIDTH);
        assert_eq!(timeline.histograms, MAX_HISTOGRAM_PARTS / 2 + 1);
    }
}
