//! Loads: by the second while they run, and with whole distributions when they are over.

use std::collections::BTreeMap;

use assay_load::{
    encoded::EncodedHistogram, outcome::Outcome, samples::Percentiles, series::Point,
};
use assay_report::event::{LoadEnd, LoadInfo, Source};

use super::{
    super::{
        catalogue::{
            LOAD_ACHIEVED_RATE, LOAD_BUSIEST, LOAD_CHECKS, LOAD_DROPPED, LOAD_EVENTS,
            LOAD_FAILURES, LOAD_INTENDED_RATE, LOAD_INTERRUPTED, LOAD_ITERATION_DURATION,
            LOAD_ITERATION_PERCENTILE, LOAD_ITERATION_RATE, LOAD_ITERATIONS, LOAD_OPEN_STREAMS,
            LOAD_REQUEST_DURATION, LOAD_REQUEST_PERCENTILE, LOAD_REQUESTS, LOAD_SATURATED,
            LOAD_STREAM_WAIT, LOAD_VUS, LOADS_BROKEN, LOADS_RUNNING,
        },
        histogram::{Histogram, as_f64},
        labels::Labels,
        metric::Metric,
        registry::Registry,
    },
    MAX_REMEMBERED, seconds, truth,
};

/// The scenarios of the loads that run: what is told of a load has its number alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Loads(BTreeMap<(Source, u32), String>);

/// A scenario of a case, as labels: a retry of the case goes on where it was.
#[derive(Clone, Copy)]
struct Scenario<'a> {
    source: &'a Source,
    name: &'a str,
}

impl Scenario<'_> {
    fn labels(self) -> Labels {
        Labels::new([
            ("suite", &*self.source.suite),
            ("case", &*self.source.entry),
            ("scenario", self.name),
        ])
    }

    fn with(self, name: &str, value: &str) -> Labels {
        self.labels().and(name.to_owned(), value)
    }
}

impl Loads {
    pub(super) fn started(&mut self, registry: &mut Registry, source: &Source, load: &LoadInfo) {
        let scenario = Scenario {
            source,
            name: &load.scenario,
        };
        begin(registry, scenario);
        if self.0.len() < MAX_REMEMBERED {
            registry.add(&LOADS_RUNNING, scenario.labels(), 1.0);
            let key = (source.clone(), load.load);
            self.0.insert(key, load.scenario.clone());
        } else {
            registry.leave_out(&LOADS_RUNNING.name);
        }
    }

    pub(super) fn went(
        &mut self,
        registry: &mut Registry,
        source: &Source,
        load: u32,
        point: &Point,
    ) {
        match self.0.get(&(source.clone(), load)) {
            Some(name) => went(registry, Scenario { source, name }, point),
            None => registry.leave_out(&LOAD_ITERATIONS.name),
        }
    }

    pub(super) fn ended(&mut self, registry: &mut Registry, source: &Source, end: &LoadEnd) {
        let Some(name) = self.0.remove(&(source.clone(), end.load)) else {
            // One that could not begin was never told to begin.
            broken(registry, source);
            return;
        };
        let scenario = Scenario {
            source,
            name: &name,
        };
        registry.add(&LOADS_RUNNING, scenario.labels(), -1.0);
        for metric in [&LOAD_VUS, &LOAD_OPEN_STREAMS, &LOAD_ITERATION_RATE] {
            registry.set(metric, scenario.labels(), 0.0);
        }
        for metric in [&LOAD_ITERATION_PERCENTILE, &LOAD_REQUEST_PERCENTILE] {
            percentiles(registry, metric, scenario, Percentiles::default());
        }
        if let Some(outcome) = &end.outcome {
            came_of_it(registry, scenario, outcome);
        } else {
            broken(registry, source);
        }
    }
}

fn broken(registry: &mut Registry, source: &Source) {
    let labels = Labels::new([("suite", &*source.suite), ("case", &*source.entry)]);
    registry.add(&LOADS_BROKEN, labels, 1.0);
}

/// Counters begin at zero before anything is counted.
fn begin(registry: &mut Registry, scenario: Scenario<'_>) {
    for metric in [&LOAD_ITERATIONS, &LOAD_REQUESTS] {
        for result in ["succeeded", "failed"] {
            registry.add(metric, scenario.with("result", result), 0.0);
        }
    }
    for metric in [&LOAD_EVENTS, &LOAD_DROPPED, &LOAD_INTERRUPTED] {
        registry.add(metric, scenario.labels(), 0.0);
    }
}

fn went(registry: &mut Registry, scenario: Scenario<'_>, point: &Point) {
    for (metric, all, failed) in [
        (&LOAD_ITERATIONS, point.iterations, point.failed_iterations),
        (&LOAD_REQUESTS, point.requests, point.failed_requests),
    ] {
        let succeeded = as_f64(all.saturating_sub(failed));
        registry.add(metric, scenario.with("result", "succeeded"), succeeded);
        registry.add(metric, scenario.with("result", "failed"), as_f64(failed));
    }
    registry.add(&LOAD_EVENTS, scenario.labels(), as_f64(point.events));
    registry.set(&LOAD_VUS, scenario.labels(), f64::from(point.vus));
    let open = f64::from(point.open_streams);
    registry.set(&LOAD_OPEN_STREAMS, scenario.labels(), open);
    if point.length_ms > 0 {
        let rate = as_f64(point.iterations) * 1_000.0 / as_f64(point.length_ms);
        registry.set(&LOAD_ITERATION_RATE, scenario.labels(), rate);
    }
    percentiles(
        registry,
        &LOAD_ITERATION_PERCENTILE,
        scenario,
        point.iteration_times,
    );
    percentiles(
        registry,
        &LOAD_REQUEST_PERCENTILE,
        scenario,
        point.request_times,
    );
}

/// 0 means that there was nothing, of which there is no percentile: that of before would hide an outage.
fn percentiles(
    registry: &mut Registry,
    metric: &Metric,
    scenario: Scenario<'_>,
    times: Percentiles,
) {
    for (percentile, time) in [("50", times.p50), ("95", times.p95), ("99", times.p99)] {
        let value = if time > 0 { seconds(time) } else { f64::NAN };
        registry.set(metric, scenario.with("percentile", percentile), value);
    }
}

fn came_of_it(registry: &mut Registry, scenario: Scenario<'_>, outcome: &Outcome) {
    registry.add(&LOAD_DROPPED, scenario.labels(), as_f64(outcome.dropped));
    let interrupted = as_f64(outcome.interrupted);
    registry.add(&LOAD_INTERRUPTED, scenario.labels(), interrupted);
    registry.set(&LOAD_ACHIEVED_RATE, scenario.labels(), outcome.per_second);
    if let Some(intended) = outcome.intended_per_second {
        registry.set(&LOAD_INTENDED_RATE, scenario.labels(), intended);
    }
    let generator = &outcome.generator;
    registry.set(&LOAD_BUSIEST, scenario.labels(), generator.busiest);
    let saturated = truth(generator.saturated);
    registry.set(&LOAD_SATURATED, scenario.labels(), saturated);
    for failure in &outcome.latency.failures {
        let labels = scenario.with("failure", &failure.name);
        registry.add(&LOAD_FAILURES, labels, as_f64(failure.count));
    }
    for check in &outcome.checks {
        for (result, count) in [("passed", check.passed), ("failed", check.failed)] {
            let labels = scenario.with("result", result);
            registry.add(&LOAD_CHECKS, labels, as_f64(count));
        }
    }
}

/// Adds the whole distributions of a load. One that cannot be read is counted as left out.
pub(super) fn measured(
    registry: &mut Registry,
    source: &Source,
    scenario: &str,
    distributions: &[EncodedHistogram],
) {
    let scenario = Scenario {
        source,
        name: scenario,
    };
    for one in distributions {
        let (metric, labels) = match &*one.metric {
            "iteration" => (&LOAD_ITERATION_DURATION, scenario.labels()),
            name => match (name.strip_prefix("request "), name.strip_prefix("stream ")) {
                (Some(name), _) => (&LOAD_REQUEST_DURATION, scenario.with("name", name)),
                (_, Some(stage)) => (&LOAD_STREAM_WAIT, scenario.with("stage", stage)),
                _ => {
                    registry.leave_out(name);
                    continue;
                }
            },
        };
        let labels = labels.and("phase".to_owned(), one.phase.word());
        match one.decode() {
            Ok(encoded) => {
                let mut histogram = Histogram::default();
                for step in encoded.iter_recorded() {
                    let value = encoded.median_equivalent(step.value_iterated_to());
                    let value = as_f64(value) / as_f64(one.steps_per_unit);
                    histogram.observe(value, step.count_since_last_iteration());
                }
                registry.merge(metric, labels, &histogram);
            }
            Err(_) => registry.leave_out(&metric.name),
        }
    }
}
