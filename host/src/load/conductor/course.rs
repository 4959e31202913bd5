//! The course of a load from its beginning to its end: what each second is told of it.

use std::sync::Arc;
use std::time::Duration;

use assay_load::{outcome::Outcome, series::Point, turns::Turns};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use crate::{
    capability::{metrics, recorder::Recorder},
    load::{cpu::Cpu, judging::Judging, usage::Looks},
};

/// How often it is looked at.
const SECOND: Duration = Duration::from_secs(1);

/// A load that has begun.
pub(super) struct Course {
    number: u32,
    turns: Turns,
    recorder: Recorder,
    judging: Judging,
    began: Instant,
    /// How far it was told.
    told: Duration,
    looks: Looks,
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
            judging: Judging::new(turns.plan(), turns.samples(), metrics, recorder.clone()),
            turns,
            recorder,
            began: Instant::now(),
            told: Duration::ZERO,
            looks: Looks::new(cpus),
        }
    }

    /// To the end of the load, and of what is under way then.
    pub(super) async fn run(&mut self) {
        let turns = self.turns.clone();
        let over = turns.finished();
        tokio::pin!(over);
        let mut seconds = interval_at(self.began + SECOND, SECOND);
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut step_ends = self.judging.first_step();
        self.looks.look(self.turns.elapsed());
        loop {
            let step_end = self.began + step_ends.unwrap_or_default();
            tokio::select! {
                biased;
                () = sleep_until(step_end), if step_ends.is_some() => {
                    step_ends = self.step_ended();
                }
                () = &mut over => {
                    // What is over with its schedule has held its last step, also if the last turn ended a little before the step did.
                    if step_ends.is_some() && !self.turns.was_ended() {
                        self.step_ended();
                    }
                    return;
                }
                _ = seconds.tick() => {
                    self.tell_second();
                    self.looks.look(self.turns.elapsed());
                    if let Some(reason) = self.judging.missed(self.turns.measured()) {
                        self.turns.abort(reason);
                    }
                }
            }
        }
    }

    /// Until when the next step is held, if the load goes on.
    fn step_ended(&mut self) -> Option<Duration> {
        let arrived = self.turns.arrived().unwrap_or_default();
        let next = self.judging.step_ended(self.turns.measured(), arrived);
        if next.is_none() {
            self.turns.stop();
        }
        next
    }

    fn tell_second(&mut self) {
        let elapsed = self.turns.elapsed();
        let second = self.turns.samples().second();
        let length = elapsed.saturating_sub(self.told);
        let point = Point::new(self.told, length, &second, self.turns.present());
        self.told = elapsed;
        self.recorder.load_went(self.number, point);
    }

    /// What came of it, once all workers are gone. Judges what is to be judged.
    pub(super) fn outcome(&mut self) -> Outcome {
        self.looks.look(self.turns.elapsed());
        let generator = self.looks.generator(self.turns.samples());
        let outcome = self.turns.outcome(generator, self.judging.limit());
        self.judging.close(outcome.elapsed_ns);
        outcome
    }
}
