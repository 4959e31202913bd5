//! The second that is under way: what came together since somebody last looked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::histogram::{Histogram, Template};
use super::sample::FailureId;
use crate::delta::{Apart, Contents};

/// What came together since the time before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Second {
    /// Iterations that ended.
    pub iterations: u64,
    /// Iterations that failed.
    pub failed_iterations: u64,
    /// How long the successful ones took.
    pub iteration_times: Percentiles,
    /// Requests that ended.
    pub requests: u64,
    /// Requests that failed.
    pub failed_requests: u64,
    /// How long the successful ones took.
    pub request_times: Percentiles,
    /// Events of streams.
    pub events: u64,
    /// Streams that are open at the end of it.
    pub open_streams: u32,
}

/// In nanoseconds; 0 where there was nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names are the statistics' own")]
pub struct Percentiles {
    pub p50: u64,
    pub p95: u64,
    pub p99: u64,
}

/// What is gathered until it is taken.
#[derive(Debug, Default)]
pub(crate) struct Under {
    iterations: Histogram,
    requests: Histogram,
    failed_iterations: u64,
    failed_requests: u64,
    events: u64,
}

impl Under {
    pub(super) fn iteration(
        &mut self,
        template: &Template,
        failure: Option<FailureId>,
        nanoseconds: u64,
    ) {
        match failure {
            None => self.iterations.record(template, nanoseconds),
            Some(_) => self.failed_iterations += 1,
        }
    }

    pub(super) fn request(
        &mut self,
        template: &Template,
        failure: Option<FailureId>,
        nanoseconds: u64,
    ) {
        match failure {
            None => self.requests.record(template, nanoseconds),
            Some(_) => self.failed_requests += 1,
        }
    }

    pub(super) fn events(&mut self, events: u64) {
        self.events += events;
    }

    /// Adds what was taken elsewhere, and was checked.
    pub(crate) fn absorb(&mut self, template: &Template, contents: &Contents) {
        let count = |apart: &Apart| apart.failed.extent().map_or(0, |extent| extent.count);
        for of_phase in &contents.iterations {
            self.iterations.absorb(template, &of_phase.times.succeeded);
            self.failed_iterations += count(&of_phase.times);
        }
        for of_name in &contents.requests {
            self.requests.absorb(template, &of_name.times.succeeded);
            self.failed_requests += count(&of_name.times);
        }
        for of_phase in &contents.streams {
            let times = [&of_phase.first_event, &of_phase.gap];
            let counts = times.map(|times| times.extent().map_or(0, |extent| extent.count));
            self.events += counts.iter().sum::<u64>();
        }
    }

    /// What was gathered. Nothing is left of it.
    pub(crate) fn take(&mut self) -> Second {
        let second = Second {
            iterations: self.iterations.count() + self.failed_iterations,
            failed_iterations: self.failed_iterations,
            iteration_times: percentiles(&self.iterations),
            requests: self.requests.count() + self.failed_requests,
            failed_requests: self.failed_requests,
            request_times: percentiles(&self.requests),
            events: self.events,
            open_streams: 0,
        };
        self.iterations.clear();
        self.requests.clear();
        (self.failed_iterations, self.failed_requests, self.events) = (0, 0, 0);
        second
    }
}

fn percentiles(times: &Histogram) -> Percentiles {
    Percentiles {
        p50: times.quantile(0.5),
        p95: times.quantile(0.95),
        p99: times.quantile(0.99),
    }
}
