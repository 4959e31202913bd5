//! What the thresholds of a plan are at a moment: of the whole load, or of a step of a search.

use std::time::Duration;

use super::{Figure, Threshold};
use crate::plan::Plan;
use crate::samples::{Measured, Samples};

/// A threshold at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The name of the baseline.
    pub baseline: String,
    /// In the baseline's unit. None if nothing was measured, which reaches no level.
    pub value: Option<f64>,
    /// On how many samples it rests.
    pub samples: u64,
    /// Whether missing the critical level ends the load.
    pub aborts: bool,
}

/// Reads the thresholds of a load, since its start or since a step of it began.
#[derive(Clone, Debug)]
pub struct Watch {
    samples: Samples,
    thresholds: Vec<Threshold>,
    /// What each was when the step began.
    begin: Option<(Duration, Vec<Measured>)>,
}

impl Watch {
    /// Of a plan, from the start of what is measured.
    pub fn new(plan: &Plan, samples: Samples) -> Self {
        Self {
            samples,
            thresholds: plan.thresholds().to_vec(),
            begin: None,
        }
    }

    /// Begins a step: what comes from now on is read apart. `measured` is the time that has been measured until now.
    pub fn begin_step(&mut self, measured: Duration) {
        let now = self
            .thresholds
            .iter()
            .map(|threshold| self.samples.measured(threshold.measure()));
        self.begin = Some((measured, now.collect()));
    }

    /// What each threshold is. `measured` is the time that has been measured until now: rates are of it.
    pub fn read(&self, measured: Duration) -> Vec<Reading> {
        let since = self
            .begin
            .as_ref()
            .map_or(Duration::ZERO, |(begin, _)| *begin);
        let time = measured.saturating_sub(since);
        let readings = self
            .thresholds
            .iter()
            .enumerate()
            .map(|(place, threshold)| {
                let mut now = self.samples.measured(threshold.measure());
                if let Some(before) = self.begin.as_ref().and_then(|(_, begin)| begin.get(place)) {
                    now = now.since(before);
                }
                let (value, samples) = threshold.value(&now, time);
                Reading {
                    baseline: threshold.baseline.clone(),
                    value,
                    samples,
                    aborts: threshold.aborts,
                }
            });
        readings.collect()
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a figure of three digits, or a count far below 2^53"
)]
impl Threshold {
    /// The value in the baseline's unit, none without samples, and how many samples there are.
    fn value(&self, measured: &Measured, time: Duration) -> (Option<f64>, u64) {
        let (succeeded, failed) = match measured {
            Measured::Count { count, among } => {
                return ((*among > 0).then_some(*count as f64), *among);
            }
            Measured::Times { succeeded, failed } => (succeeded, *failed),
        };
        let ended = succeeded.count() + failed;
        let (value, samples) = match self.measure.figure() {
            Some(Figure::FailedPercent) => (100.0 * failed as f64 / ended as f64, ended),
            // In no time there are no samples of a rate.
            Some(Figure::PerSecond) if time.is_zero() => (0.0, 0),
            Some(Figure::PerSecond) => (succeeded.count() as f64 / time.as_secs_f64(), ended),
            Some(Figure::Mean) => (succeeded.mean(), succeeded.count()),
            Some(Figure::P50) => (succeeded.quantile(0.5) as f64, succeeded.count()),
            Some(Figure::P90) => (succeeded.quantile(0.9) as f64, succeeded.count()),
            Some(Figure::P95) => (succeeded.quantile(0.95) as f64, succeeded.count()),
            Some(Figure::P99) => (succeeded.quantile(0.99) as f64, succeeded.count()),
            Some(Figure::P999) => (succeeded.quantile(0.999) as f64, succeeded.count()),
            Some(Figure::Max) => (succeeded.max() as f64, succeeded.count()),
            // A measure of times has a figure.
            None => (0.0, 0),
        };
        ((samples > 0).then_some(value / self.divisor), samples)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::phase::Phase;
    use crate::plan::{Draft, Executor};
    use crate::samples::{RequestSample, Shard};
    use crate::streams::StreamMeter;
    use crate::threshold::Measure;

    const SECOND: Duration = Duration::from_secs(1);

    fn watch(thresholds: Vec<Threshold>) -> (Watch, Arc<Shard>) {
        let executor = Executor::ConstantVus {
            vus: 1,
            duration: SECOND,
        };
        let plan = Plan::new(Draft {
            thresholds,
            ..Draft::new("browse", executor)
        })
        .unwrap();
        let samples = Samples::new(plan.thresholds().iter().map(Threshold::measure)).unwrap();
        let shard = samples.shard();
        (Watch::new(&plan, samples), shard)
    }

    fn threshold(baseline: &str, unit: &str, measure: Measure) -> Threshold {
        Threshold::new(baseline, unit, measure, false).unwrap()
    }

    fn of_requests(figure: Figure) -> Measure {
        Measure::Requests("create".into(), figure)
    }

    fn request(shard: &Shard, failed: bool, milliseconds: u64) {
        shard.record(RequestSample {
            name: shard.name("create"),
            phase: Phase::Fault,
            failure: failed.then(|| shard.failure("timeout")),
            nanoseconds: milliseconds * 1_000_000,
            received: 0,
        });
    }

    fn read(watch: &Watch, seconds: u64) -> Vec<(Option<f64>, u64)> {
        let readings = watch.read(SECOND * u32::try_from(seconds).unwrap());
        readings
            .iter()
            .map(|reading| (reading.value, reading.samples))
            .collect()
    }

    #[test]
    fn each_figure_is_in_the_unit_of_its_baseline() {
        let (watch, shard) = watch(vec![
            threshold("mean", "ms", of_requests(Figure::Mean)),
            threshold("max", "s", of_requests(Figure::Max)),
            threshold("max-us", "µs", of_requests(Figure::Max)),
            threshold("p50", "ns", of_requests(Figure::P50)),
            threshold("failed", "%", of_requests(Figure::FailedPercent)),
            threshold("rate", "/s", of_requests(Figure::PerSecond)),
        ]);
        for milliseconds in [100, 100, 400] {
            request(&shard, false, milliseconds);
        }
        request(&shard, true, 9_000);
        let found = read(&watch, 6);
        assert_eq!(found[0], (Some(200.0), 3));
        assert_eq!(found[1], (Some(0.4), 3));
        assert_eq!(found[2], (Some(400_000.0), 3));
        let median = found[3].0.unwrap();
        assert!((1e8..1.001e8).contains(&median), "{median}");
        assert_eq!(found[4], (Some(25.0), 4));
        assert_eq!(found[5], (Some(0.5), 4));
    }

    #[test]
    fn without_samples_there_is_no_value() {
        let (watch, shard) = watch(vec![
            threshold("p95", "ms", of_requests(Figure::P95)),
            threshold("failed", "%", of_requests(Figure::FailedPercent)),
            threshold("rate", "/s", of_requests(Figure::PerSecond)),
            threshold("lost", "events", Measure::LostEvents),
        ]);
        assert_eq!(read(&watch, 1), [(None, 0); 4]);
        // Failures alone have no latency, and their rate is one of nothing.
        request(&shard, true, 5);
        assert_eq!(
            read(&watch, 1),
            [(None, 0), (Some(100.0), 1), (Some(0.0), 1), (None, 0)]
        );
    }

    #[test]
    fn a_step_is_read_apart_from_what_was_before() {
        let (mut watch, shard) = watch(vec![
            threshold("max", "ms", of_requests(Figure::Max)),
            threshold("failed", "%", of_requests(Figure::FailedPercent)),
            threshold("rate", "/s", of_requests(Figure::PerSecond)),
        ]);
        for _ in 0..10 {
            request(&shard, true, 800);
            request(&shard, false, 800);
        }
        watch.begin_step(SECOND * 2);
        assert_eq!(read(&watch, 3), [(None, 0); 3]);
        request(&shard, false, 100);
        request(&shard, false, 200);
        let [max, failed, rate] = read(&watch, 4).try_into().unwrap();
        assert!((200.0..200.3).contains(&max.0.unwrap()), "{max:?}");
        assert_eq!((failed, rate), ((Some(0.0), 2), (Some(1.0), 2)));
    }

    #[tokio::test(start_paused = true)]
    async fn streams_are_read_as_times_and_as_counts() {
        let (watch, shard) = watch(vec![
            threshold("connect", "ms", Measure::StreamConnect(Figure::Max)),
            threshold(
                "refused",
                "%",
                Measure::StreamConnect(Figure::FailedPercent),
            ),
            threshold("first", "ms", Measure::FirstEvent(Figure::P99)),
            threshold("gap", "ms", Measure::EventGap(Figure::P99)),
            threshold("stalls", "gaps", Measure::Stalls),
            threshold("reconnects", "times", Measure::Reconnects),
            threshold("lost", "events", Measure::LostEvents),
            threshold("again", "events", Measure::DuplicatedEvents),
            threshold("cut", "streams", Measure::StreamsCutShort),
        ]);
        StreamMeter::ask(Arc::clone(&shard), Phase::Baseline, None).not_opened("status 503");
        let mut meter = StreamMeter::ask(Arc::clone(&shard), Phase::Baseline, Some(SECOND));
        meter.opened();
        for id in ["1", "4", "4"] {
            tokio::time::advance(SECOND * 2).await;
            meter.event(Some(id));
        }
        meter.broke("closed");
        meter.reconnected();
        meter.cut_short();
        let found: Vec<_> = read(&watch, 6);
        assert_eq!(
            found,
            [
                (Some(0.0), 1),
                (Some(50.0), 2),
                (Some(2_000.0), 1),
                (Some(2_000.0), 2),
                (Some(2.0), 2),
                (Some(1.0), 1),
                (Some(2.0), 3),
                (Some(1.0), 3),
                (Some(1.0), 1),
            ]
        );
    }
}
