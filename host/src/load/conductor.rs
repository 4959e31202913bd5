//! The thread that conducts a load: makes its stage and its threads, or has other machines make shares of it; begins, looks each second,
//! and ends.

mod course;
mod failures;

use std::sync::Arc;
use std::thread;

use assay_load::{plan::Plan, samples::Samples, threshold::Threshold, turns::Turns};
use assay_report::event::LoadEnd;
use tokio::sync::{oneshot, watch};

use self::course::Course;
use super::{
    Order, Refusal,
    crew::{Crew, no_thread},
    ended::{Early, Ended, Measured, measured_something},
    info::Info,
    joint::Joint,
    machines::Machines,
    order::Made,
    stage::Stage,
};

/// What it conducts.
pub(super) struct Conductor {
    order: Order,
    number: u32,
    plan: Plan,
    /// Of this machine, if it makes the load alone.
    threads: u32,
    /// True, or without a sender: nobody waits for the load any more.
    stopped: watch::Receiver<bool>,
}

impl Conductor {
    pub(super) fn new(
        order: Order,
        number: u32,
        plan: Plan,
        threads: u32,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        Self {
            order,
            number,
            plan,
            threads,
            stopped,
        }
    }

    /// Starts the thread; what comes of the load is told at its end, unless nobody waits for it.
    pub(super) fn start(self, tell: oneshot::Sender<Result<Made, Refusal>>) -> Result<(), Refusal> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| no_thread(&error))?;
        let alive = self.order.threads.enter();
        thread::Builder::new()
            .name("load".to_owned())
            .spawn(move || {
                let made = runtime.block_on(self.conduct());
                // All its threads are gone before it is told.
                drop(alive);
                if let Some(made) = made {
                    // Without a receiver nobody waits for it any more.
                    let _ = tell.send(made);
                }
            })
            .map_err(|error| no_thread(&error))?;
        Ok(())
    }

    async fn conduct(mut self) -> Option<Result<Made, Refusal>> {
        match self.make().await {
            Ok(made) => Some(Ok(made)),
            Err(Early::Refused(refusal)) => Some(Err(refusal)),
            Err(Early::Unwanted) => None,
        }
    }

    async fn make(&mut self) -> Result<Made, Early> {
        let ended = match self.order.machines.clone() {
            Some(machines) => self.together(machines).await?,
            None => self.alone().await?,
        };
        self.close(ended)
    }

    /// By the machines that are there.
    async fn together(&self, machines: Arc<dyn Machines>) -> Result<Ended, Early> {
        let joint = Joint::new(&self.order, self.number, self.plan.clone(), machines);
        joint.conduct(self.stopped.clone()).await
    }

    /// By threads of this machine.
    async fn alone(&mut self) -> Result<Ended, Early> {
        let measures = self.plan.thresholds().iter().map(Threshold::measure);
        let samples = Samples::new(measures).map_err(|error| Refusal::Limit(error.to_string()))?;
        let turns = Turns::new(self.plan.clone(), samples);
        let stage = Arc::new(Stage::of(&self.order, &self.plan)?);
        let mut crew = Crew::start(&self.order.tls, &stage, &turns, self.threads)?;
        let course = self.direct(&turns, &mut crew, &stage).await;
        let replaced = crew.replaced();
        crew.end();
        let made = course.map(|mut course| Measured {
            outcome: course.outcome(),
            distributions: turns.samples().encoded(),
        });
        Ok(Ended::new(made, replaced, &stage.common.findings))
    }

    /// From the first virtual user that is ready to the last that is not under way any more.
    async fn direct(
        &mut self,
        turns: &Turns,
        crew: &mut Crew,
        stage: &Stage,
    ) -> Result<Course, Early> {
        tokio::select! {
            biased;
            _ = self.stopped.wait_for(|stopped| *stopped) => return Err(Early::Unwanted),
            ready = crew.ready() => ready?,
        }
        turns.begin();
        let info = Info::new(self.number, &self.plan).on_threads(self.threads);
        self.order.recorder.load_started(info);
        let mut course = Course::new(
            self.number,
            turns.clone(),
            Arc::clone(&stage.common.metrics),
            self.order.recorder.clone(),
            crew.cpus(),
        );
        tokio::select! {
            biased;
            _ = self.stopped.wait_for(|stopped| *stopped) => Err(Early::Unwanted),
            refusal = crew.gave_up() => Err(refusal.into()),
            () = course.run() => Ok(course),
        }
    }

    /// Judges what has ended, and tells it.
    fn close(&self, ended: Ended) -> Result<Made, Early> {
        let replaced = ended.replaced;
        let recorder = &self.order.recorder;
        let outcome = ended.measured.and_then(|measured| {
            measured_something(&measured.outcome, replaced)?;
            if !self.plan.failures_are_judged() {
                let check = failures::check(self.plan.scenario(), &measured.outcome, ended.hole);
                recorder.check(check);
            }
            recorder.load_measured(self.plan.scenario(), measured.distributions);
            Ok(measured.outcome)
        });
        let (told, message) = match &outcome {
            Ok(outcome) => (Some(Box::new(outcome.clone())), None),
            Err(Early::Refused(refusal)) => (None, Some(refusal.to_string())),
            Err(Early::Unwanted) => (None, Some("stopped before its end".to_owned())),
        };
        recorder.load_ended(LoadEnd {
            load: self.number,
            outcome: told,
            message,
            replaced,
            failed_checks: ended.failed_checks,
            dropped_logs: ended.dropped_logs,
            dropped_attachments: ended.dropped_attachments,
            saturated: ended.saturated,
            lost: ended.lost,
            refilled: ended.refilled,
        });
        Ok(Made {
            outcome: outcome?,
            replaced,
        })
    }
}
