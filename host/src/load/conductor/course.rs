//! The course of a load from its beginning to its end: what each second is told of it, and what it is judged by.

use std::sync::Arc;
use std::time::Duration;

use assay_load::{
    generator::{self, Usage},
    outcome::Outcome,
    search::{self, Further, Search},
    series::Point,
    threshold::{Reading, Watch},
    turns::{Arrived, Turns},
};
use assay_report::event::Grade;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use crate::{
    capability::{
        metrics::{self, judge},
        recorder::Recorder,
    },
    load::cpu::Cpu,
    plugin::bindings::assay::suite::metrics::Measurement,
};

/// How often it is looked at.
const SECOND: Duration = Duration::from_secs(1);

/// A load that has begun.
pub(super) struct Course {
    number: u32,
    turns: Turns,
    metrics: Arc<metrics::Shared>,
    recorder: Recorder,
    watch: Watch,
    /// None if no limit is searched.
    search: Option<Search>,
    /// Arrivals until its last step.
    arrived: Arrived,
    began: Instant,
    /// How far it was told.
    told: Duration,
    threads: Vec<(Cpu, Usage)>,
}

impl Course {
    /// Of a load that begins now.
    pub(super) fn new(
        number: u32,
        turns: Turns,
        metrics: Arc<metrics::Shared>,
        recorder: Recorder,
        cpus: &[Cpu],
    ) -> Self {
        Self {
            number,
            watch: Watch::new(turns.plan(), turns.samples().clone()),
            search: Search::of(turns.plan()),
            arrived: Arrived::default(),
            turns,
            metrics,
            recorder,
            began: Instant::now(),
            told: Duration::ZERO,
            threads: cpus
                .iter()
                .map(|cpu| (cpu.clone(), Usage::default()))
                .collect(),
        }
    }

    /// To the end of the load, and of what is under way then.
    pub(super) async fn run(&mut self) {
        let turns = self.turns.clone();
        let over = turns.finished();
        tokio::pin!(over);
        let mut seconds = interval_at(self.began + SECOND, SECOND);
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut step_ends = self.search.as_ref().map(Search::until);
        self.look_at_threads();
        loop {
            let step_end = self.began + step_ends.unwrap_or_default();
            tokio::select! {
                biased;
                () = sleep_until(step_end), if step_ends.is_some() => {
                    step_ends = self.step_ended();
                }
                () = &mut over => return,
                _ = seconds.tick() => {
                    self.tell_second();
                    self.look_at_threads();
                    self.abort_if_missed();
                }
            }
        }
    }

    /// Until when the next step is held, if the load goes on.
    fn step_ended(&mut self) -> Option<Duration> {
        let measured = self.turns.measured();
        let readings = self.watch.read(measured);
        let grades: Vec<_> = readings
            .iter()
            .map(|reading| step_grade(self.grade(reading)))
            .collect();
        let arrived = self.turns.arrived().unwrap_or_default();
        let before = std::mem::replace(&mut self.arrived, arrived);
        let intended = arrived.intended.saturating_sub(before.intended);
        let dropped = arrived.dropped.saturating_sub(before.dropped);
        let further = self.search.as_mut()?.judge(grades, intended, dropped);
        match further {
            Further::Until(end) => {
                self.watch.begin_step(measured);
                Some(end)
            }
            Further::Done => {
                self.turns.stop();
                None
            }
        }
    }

    fn abort_if_missed(&self) {
        let readings = self.watch.read(self.turns.measured());
        // Nothing was measured yet: that is judged at the end.
        let mut looked_at = readings
            .iter()
            .filter(|reading| reading.aborts && reading.samples > 0);
        if let Some(missed) = looked_at.find(|reading| self.grade(reading) == Grade::Missed) {
            let value = missed.value.unwrap_or(f64::NAN);
            self.turns.abort(format!(
                "the baseline `{}` is missed: {value:.3} from {} samples",
                missed.baseline, missed.samples
            ));
        }
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

    fn tell_second(&mut self) {
        let elapsed = self.turns.elapsed();
        let second = self.turns.samples().second();
        let length = elapsed.saturating_sub(self.told);
        let point = Point::new(self.told, length, &second, self.turns.present());
        self.told = elapsed;
        self.recorder.load_went(self.number, point);
    }

    fn look_at_threads(&mut self) {
        let elapsed = self.turns.elapsed();
        for (cpu, usage) in &mut self.threads {
            usage.look(elapsed, cpu.taken());
        }
    }

    /// What came of it, once all workers are gone. Judges what is to be judged.
    pub(super) fn outcome(&mut self) -> Outcome {
        self.look_at_threads();
        let threads = self.threads.iter().map(|(_, usage)| usage);
        let generator = generator::told(threads, self.turns.samples());
        let limit = self.search.as_ref().and_then(Search::limit);
        let outcome = self.turns.outcome(generator, limit);
        // A search is over because a threshold was missed: that is its answer, and no judgement of the suite's.
        if self.search.is_none() {
            for reading in self.watch.read(Duration::from_nanos(outcome.elapsed_ns)) {
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
        outcome
    }
}

fn step_grade(grade: Grade) -> search::Grade {
    match grade {
        Grade::Target => search::Grade::Target,
        Grade::Critical => search::Grade::Critical,
        Grade::Missed => search::Grade::Missed,
    }
}
