//! What a load is judged by while it goes on and at its end: its baselines, and the steps of a search. The same whether the samples are of
//! this machine or were merged of several.

use std::sync::Arc;
use std::time::Duration;

use assay_load::{
    plan::Plan,
    samples::Samples,
    search::{self, Further, Search},
    threshold::{Reading, Watch},
    turns::Arrived,
};
use assay_report::event::Grade;

use crate::{
    capability::{
        metrics::{self, judge},
        recorder::Recorder,
    },
    plugin::bindings::assay::suite::metrics::Measurement,
};

/// The judge of one load.
pub(super) struct Judging {
    metrics: Arc<metrics::Shared>,
    recorder: Recorder,
    watch: Watch,
    /// None if no limit is searched.
    search: Option<Search>,
    /// Arrivals until its last step.
    arrived: Arrived,
}

impl Judging {
    /// Of a load that begins, by these samples.
    pub(super) fn new(
        plan: &Plan,
        samples: &Samples,
        metrics: Arc<metrics::Shared>,
        recorder: Recorder,
    ) -> Self {
        Self {
            metrics,
            recorder,
            watch: Watch::new(plan, samples.clone()),
            search: Search::of(plan),
            arrived: Arrived::default(),
        }
    }

    /// Until when the first step is held; none if no limit is searched.
    pub(super) fn first_step(&self) -> Option<Duration> {
        self.search.as_ref().map(Search::until)
    }

    /// A step is over: until when the next one is held, or none if the load is to end. `measured` is the time that has been measured until
    /// now, `arrived` what has been of the arrivals.
    pub(super) fn step_ended(&mut self, measured: Duration, arrived: Arrived) -> Option<Duration> {
        let readings = self.watch.read(measured);
        let grades: Vec<_> = readings
            .iter()
            .map(|reading| step_grade(self.grade(reading)))
            .collect();
        let before = std::mem::replace(&mut self.arrived, arrived);
        let intended = arrived.intended.saturating_sub(before.intended);
        let dropped = arrived.dropped.saturating_sub(before.dropped);
        match self.search.as_mut()?.judge(grades, intended, dropped) {
            Further::Until(end) => {
                self.watch.begin_step(measured);
                Some(end)
            }
            Further::Done => None,
        }
    }

    /// Why the load is to end now, if a baseline that ends it is missed. What was not measured yet is judged at the end.
    pub(super) fn missed(&self, measured: Duration) -> Option<String> {
        let readings = self.watch.read(measured);
        let mut looked_at = readings
            .iter()
            .filter(|reading| reading.aborts && reading.samples > 0);
        let missed = looked_at.find(|reading| self.grade(reading) == Grade::Missed)?;
        let value = missed.value.unwrap_or(f64::NAN);
        Some(format!(
            "the baseline `{}` is missed: {value:.3} from {} samples",
            missed.baseline, missed.samples
        ))
    }

    /// What is not measured reaches no level.
    fn grade(&self, reading: &Reading) -> Grade {
        let mut baselines = self.metrics.baselines().iter();
        let baseline = baselines.find(|baseline| baseline.name == reading.baseline);
        match (baseline, reading.value) {
            (Some(baseline), Some(value)) => judge::grade(baseline, value),
            _ => Grade::Missed,
        }
    }

    /// The last level of a search that was held.
    pub(super) fn limit(&self) -> Option<f64> {
        self.search.as_ref().and_then(Search::limit)
    }

    /// Judges what is to be judged of a load that took so long, and tells the attempt.
    pub(super) fn close(&self, elapsed_ns: u64) {
        // A search is over because a threshold was missed: that is its answer, and no judgement of the suite's.
        if self.search.is_some() {
            return;
        }
        for reading in self.watch.read(Duration::from_nanos(elapsed_ns)) {
            let measurement = Measurement {
                value: reading.value.unwrap_or(f64::NAN),
                samples: reading.samples,
            };
            // The grade is told to the attempt, and so is a baseline without samples: it is missed.
            let _ = self
                .metrics
                .judge(&reading.baseline, measurement, &self.recorder);
        }
    }
}

fn step_grade(grade: Grade) -> search::Grade {
    match grade {
        Grade::Target => search::Grade::Target,
        Grade::Critical => search::Grade::Critical,
        Grade::Missed => search::Grade::Missed,
    }
}
