//! The thread that conducts a load: makes its stage and its workers, begins, looks each second, and ends.

mod course;
mod failures;

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use assay_load::{
    outcome::Outcome, plan::Plan, samples::Samples, schedule::Schedule, threshold::Threshold,
    turns::Turns,
};
use assay_report::event::{LoadEnd, LoadInfo};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use self::course::Course;
use super::{
    Order, Refusal, conversions,
    cpu::Cpu,
    order::Made,
    stage::{Common, Stage},
    worker::{Readiness, Share, Told},
};

/// How long all virtual users may take until each has asked for its first turn.
const READY_TIME: Duration = Duration::from_mins(1);

/// What it conducts.
pub(super) struct Conductor {
    order: Order,
    number: u32,
    plan: Plan,
    threads: u32,
    instances: u32,
    /// True, or without a sender: nobody waits for the load any more.
    stopped: watch::Receiver<bool>,
}

/// Workers that run.
struct Workers {
    handles: Vec<JoinHandle<()>>,
    cpus: Vec<Cpu>,
    /// Ends them.
    stop: watch::Sender<bool>,
    readiness: Arc<Readiness>,
    told: Told,
    gave_up: mpsc::Receiver<String>,
}

/// Why a load ended before its outcome.
enum Early {
    /// Nobody waits for it any more.
    Unwanted,
    Refused(Refusal),
}

impl From<Refusal> for Early {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Conductor {
    pub(super) fn new(
        order: Order,
        number: u32,
        plan: Plan,
        threads: u32,
        instances: u32,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        Self {
            order,
            number,
            plan,
            threads,
            instances,
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
        let measures = self.plan.thresholds().iter().map(Threshold::measure);
        let samples = Samples::new(measures).map_err(|error| Refusal::Limit(error.to_string()))?;
        let turns = Turns::new(self.plan.clone(), samples);
        let common = Common::new(&self.order, &self.plan);
        let stage = Stage::new(&self.order, common, self.instances).map_err(|error| {
            Refusal::Limit(format!(
                "no engine for {} instances can be made: {error}; ask for fewer virtual users, or let them share instances",
                self.instances
            ))
        })?;
        let stage = Arc::new(stage);
        let mut workers = self.workers(&stage, &turns)?;
        let outcome = self.direct(&turns, &mut workers, &stage).await;
        let replaced = workers.told.replacements();
        workers.end();
        let outcome = outcome.and_then(|mut course| {
            let outcome = course.outcome();
            measured_something(&outcome, replaced)?;
            if !self.plan.failures_are_judged() {
                let check = failures::check(self.plan.scenario(), &outcome);
                self.order.recorder.check(check);
            }
            Ok(outcome)
        });
        if outcome.is_ok() {
            let distributions = turns.samples().encoded();
            let recorder = &self.order.recorder;
            recorder.load_measured(self.plan.scenario(), distributions);
        }
        self.tell_end(&stage, &outcome, replaced);
        Ok(Made {
            outcome: outcome?,
            replaced,
        })
    }

    /// From the first virtual user that is ready to the last that is not under way any more.
    async fn direct(
        &mut self,
        turns: &Turns,
        workers: &mut Workers,
        stage: &Stage,
    ) -> Result<Course, Early> {
        tokio::select! {
            biased;
            _ = self.stopped.wait_for(|stopped| *stopped) => return Err(Early::Unwanted),
            Some(why) = workers.gave_up.recv() => return Err(Refusal::Broke(why).into()),
            ready = timeout(READY_TIME, workers.readiness.all()) => if ready.is_err() {
                return Err(Refusal::Broke(format!(
                    "{} of {} virtual users were not ready after {} s: what makes their state must not wait",
                    workers.readiness.left(),
                    self.plan.vus(),
                    READY_TIME.as_secs()
                )).into());
            },
        }
        turns.begin();
        self.order.recorder.load_started(self.info());
        let mut course = Course::new(
            self.number,
            turns.clone(),
            Arc::clone(&stage.common.metrics),
            self.order.recorder.clone(),
            &workers.cpus,
        );
        tokio::select! {
            biased;
            _ = self.stopped.wait_for(|stopped| *stopped) => Err(Early::Unwanted),
            Some(why) = workers.gave_up.recv() => Err(Refusal::Broke(why).into()),
            () = course.run() => Ok(course),
        }
    }

    fn workers(&self, stage: &Arc<Stage>, turns: &Turns) -> Result<Workers, Refusal> {
        let (stop, stopped) = watch::channel(false);
        let (told, gave_up) = Told::new();
        let mut workers = Workers {
            handles: Vec::new(),
            cpus: Vec::new(),
            stop,
            readiness: Arc::new(Readiness::new(self.plan.vus())),
            told,
            gave_up,
        };
        let threads = usize::try_from(self.threads).unwrap_or(1);
        for number in 0..threads {
            let cpu = Cpu::default();
            let first = u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1);
            let share = Share {
                stage: Arc::clone(stage),
                turns: turns.clone(),
                tls: Arc::clone(&self.order.tls),
                vus: (first..=self.plan.vus()).step_by(threads).collect(),
                readiness: Arc::clone(&workers.readiness),
                told: workers.told.clone(),
                cpu: cpu.clone(),
                stop: stopped.clone(),
            };
            // Those that run already are ended with the error.
            let handle = share.start(number).map_err(|error| no_thread(&error))?;
            workers.handles.push(handle);
            workers.cpus.push(cpu);
        }
        Ok(workers)
    }

    fn info(&self) -> LoadInfo {
        let planned = Schedule::of(&self.plan).map(|schedule| schedule.total());
        LoadInfo {
            load: self.number,
            scenario: self.plan.scenario().to_owned(),
            executor: conversions::words(self.plan.executor()),
            vus: self.plan.vus(),
            isolated: self.plan.isolated(),
            threads: self.threads,
            planned_ns: planned.map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)),
        }
    }

    fn tell_end(&self, stage: &Stage, outcome: &Result<Outcome, Early>, replaced: u64) {
        let (failed_checks, dropped_logs, dropped_attachments) = stage.common.findings.told();
        let (outcome, message) = match outcome {
            Ok(outcome) => (Some(Box::new(outcome.clone())), None),
            Err(Early::Refused(refusal)) => (None, Some(refusal.to_string())),
            Err(Early::Unwanted) => (None, Some("stopped before its end".to_owned())),
        };
        self.order.recorder.load_ended(LoadEnd {
            load: self.number,
            outcome,
            message,
            replaced,
            failed_checks,
            dropped_logs,
            dropped_attachments,
        });
    }
}

impl Workers {
    /// Drops whatever is under way, and waits until the threads are gone.
    fn end(&mut self) {
        self.stop.send_replace(true);
        for handle in self.handles.drain(..) {
            // One that has panicked is gone, too, and its virtual users are told as interrupted.
            let _ = handle.join();
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.end();
    }
}

/// No verdict rests on nothing.
fn measured_something(outcome: &Outcome, replaced: u64) -> Result<(), Refusal> {
    if outcome.iterations > 0 {
        return Ok(());
    }
    let (interrupted, dropped) = (outcome.interrupted, outcome.dropped);
    Err(Refusal::NoIterations(format!(
        "not one iteration came to its end after the warm-up ({interrupted} were cut off, {dropped} never started, {replaced} instances were replaced): look whether the target answers, give it more time, or a longer grace"
    )))
}

fn no_thread(error: &io::Error) -> Refusal {
    Refusal::Limit(format!(
        "a thread for the load cannot be started: {error}; raise the limit on processes (`ulimit -u`)"
    ))
}
