//! All samples of a load together: the one set of histograms and counts.

mod shared;

use hdrhistogram::CreationError;

use super::histogram::{Histogram, Template};
use super::phased::{Phased, of_phases};
use super::sample::{NameId, RequestSample, Sample};
use super::under::{Second, Under};
use crate::encoded::EncodedHistogram;
use crate::outcome::{CheckCount, Outcome, Requests, Streams};
use crate::phase::Phase;
use crate::streams::StreamTotals;
use crate::threshold::Measure;

#[derive(Debug, Default)]
struct OfName {
    times: Phased,
    received: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Checked {
    passed: u64,
    failed: u64,
}

/// What a measure is at a moment.
#[derive(Clone, Debug)]
pub(crate) enum Measured {
    /// Of things that take time.
    Times {
        succeeded: Box<Histogram>,
        failed: u64,
    },
    /// Of things that are counted, among so many that could have been.
    Count { count: u64, among: u64 },
}

impl Measured {
    /// What came to it since it was `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        match (self, earlier) {
            (
                Self::Times { succeeded, failed },
                Self::Times {
                    succeeded: before,
                    failed: failed_before,
                },
            ) => Self::Times {
                succeeded: Box::new(succeeded.since(before)),
                failed: failed.saturating_sub(*failed_before),
            },
            (
                Self::Count { count, among },
                Self::Count {
                    count: before,
                    among: among_before,
                },
            ) => Self::Count {
                count: count.saturating_sub(*before),
                among: among.saturating_sub(*among_before),
            },
            (now, _) => now.clone(),
        }
    }
}

/// All of it.
#[derive(Debug)]
pub(super) struct Totals {
    template: Template,
    iterations: Phased,
    late: Histogram,
    /// Of what was taken already.
    late_before: Histogram,
    requests: Vec<OfName>,
    checks: Vec<Checked>,
    streams: StreamTotals,
    under: Under,
}

impl Totals {
    pub(super) fn new() -> Result<Self, CreationError> {
        Ok(Self {
            template: Template::new()?,
            iterations: Phased::default(),
            late: Histogram::default(),
            late_before: Histogram::default(),
            requests: Vec::new(),
            checks: Vec::new(),
            streams: StreamTotals::default(),
            under: Under::default(),
        })
    }

    /// Adds a sample. About 10 ns.
    pub(super) fn count(&mut self, sample: Sample) {
        match sample {
            Sample::Iteration {
                phase,
                failure,
                nanoseconds,
            } => {
                self.iterations
                    .of(phase)
                    .count(&self.template, failure, nanoseconds);
                self.under.iteration(&self.template, failure, nanoseconds);
            }
            Sample::Late { nanoseconds } => self.late.record(&self.template, nanoseconds),
            Sample::Request(request) => self.count_request(request),
            Sample::Check { id, passed } => {
                let checked = at(&mut self.checks, id.0);
                *(if passed {
                    &mut checked.passed
                } else {
                    &mut checked.failed
                }) += 1;
            }
            Sample::Stream {
                phase,
                sample,
                nanoseconds,
            } => {
                let of_phase = self.streams.of(phase);
                let events = of_phase.count(&self.template, sample, nanoseconds);
                self.under.events(events);
            }
            Sample::Lost { phase, events } => self.streams.of(phase).lose(events),
        }
    }

    fn count_request(&mut self, request: RequestSample) {
        let RequestSample {
            name,
            phase,
            failure,
            nanoseconds,
            received,
        } = request;
        let of_name = at(&mut self.requests, name.0);
        of_name
            .times
            .of(phase)
            .count(&self.template, failure, nanoseconds);
        of_name.received += received;
        self.under.request(&self.template, failure, nanoseconds);
    }

    pub(super) fn take_second(&mut self) -> Second {
        self.under.take()
    }

    pub(super) fn measured(&self, measure: &Measure, name: Option<NameId>) -> Measured {
        match measure {
            Measure::Iterations(_) => self.iterations.measured(),
            Measure::Requests(..) => {
                let of_name = name.and_then(|name| self.requests.get(usize::from(name.0)));
                of_name.map_or_else(
                    || Phased::default().measured(),
                    |of_name| of_name.times.measured(),
                )
            }
            _ => self.streams.measured(measure),
        }
    }

    pub(super) fn iterations(&self) -> u64 {
        self.iterations
            .0
            .iter()
            .map(|phase| phase.succeeded.count() + phase.failed.count())
            .sum()
    }

    pub(super) fn lateness_of_the_free(&self) -> u64 {
        let mut all = self.late_before.clone();
        all.merge(&self.late);
        all.quantile(0.99)
    }

    pub(super) fn tell_iterations(&self, outcome: &mut Outcome, kinds: &[String]) {
        let all = self.iterations.all();
        outcome.latency = all.told(kinds);
        outcome.histogram = all.succeeded.bins();
        outcome.by_phase = self.iterations.told(kinds);
        outcome.failed = outcome.latency.failed.count;
        outcome.iterations = outcome.latency.succeeded.count + outcome.failed;
        outcome.generator.late = self.late.distribution();
    }

    /// Of the names that have any.
    pub(super) fn requests(&self, names: &[String], kinds: &[String]) -> Vec<Requests> {
        let told = names
            .iter()
            .zip(&self.requests)
            .map(|(name, of_name)| Requests {
                name: name.clone(),
                latency: of_name.times.all().told(kinds),
                received: of_name.received,
                by_phase: of_name.times.told(kinds),
            });
        told.filter(|requests| requests.latency.succeeded.count + requests.latency.failed.count > 0)
            .collect()
    }

    pub(super) fn checks(&self, names: &[String]) -> Vec<CheckCount> {
        let told = names.iter().zip(&self.checks);
        let told = told.filter(|(_, checked)| checked.passed + checked.failed > 0);
        told.map(|(name, checked)| CheckCount {
            name: name.clone(),
            passed: checked.passed,
            failed: checked.failed,
        })
        .collect()
    }

    /// Whole distributions of what succeeded, by phase: iterations, streams, and requests in the order of their first use.
    pub(super) fn encoded(&self, names: &[String]) -> Vec<EncodedHistogram> {
        let mut encoded = of_phases("iteration", |phase| {
            &self.iterations.0[phase.place()].succeeded
        });
        encoded.extend(self.streams.encoded());
        for (name, of_name) in names.iter().zip(&self.requests) {
            let metric = format!("request {name}");
            let times = |phase: Phase| &of_name.times.0[phase.place()].succeeded;
            encoded.extend(of_phases(&metric, times));
        }
        encoded
    }

    pub(super) fn streams(&self, most_open: u32, kinds: &[String]) -> Option<Streams> {
        self.streams.told(most_open, kinds)
    }
}

/// What is at a number, made where it is not there yet.
fn at<T: Default>(of: &mut Vec<T>, number: u16) -> &mut T {
    let place = usize::from(number);
    if place >= of.len() {
        of.resize_with(place + 1, T::default);
    }
    &mut of[place]
}
