//! A load that a case asks for: held against the suite and the machine, and started.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use assay_load::{outcome::Outcome, plan::Plan};
use assay_report::hint;
use tokio::sync::{oneshot, watch};

use super::{
    Refusal, Threads,
    conductor::Conductor,
    conversions,
    limits::{self, Need},
    machines::Machines,
};
use crate::{
    access::{Access, GrantedLoad},
    capability::{context, metrics, recorder::Recorder},
    plugin::{Plugin, bindings::assay::suite::load as contract, engine::Engine},
};

/// Virtual users that share an instance are spread over as many as there are threads.
const INSTANCES_OF_A_THREAD: u32 = 1;

/// What an attempt makes load with.
#[derive(Clone, Debug)]
pub struct Order {
    /// Compiles and interrupts plugins.
    pub engine: Engine,
    /// Whose scenarios there are.
    pub plugin: Arc<Plugin>,
    /// What the setup of the suite handed on.
    pub data: String,
    /// What virtual users may know about the run.
    pub context: Arc<context::Shared>,
    /// How their connections are secured.
    pub tls: Arc<rustls::ClientConfig>,
    /// The figures and the baselines of the suite.
    pub metrics: Arc<metrics::Shared>,
    /// Where evidence goes.
    pub recorder: Recorder,
    /// What virtual users may do, and how much load may be made.
    pub access: Access,
    /// Bytes of linear memory that each instance may have.
    pub memory: usize,
    /// Counts the threads of all loads of the attempt.
    pub threads: Threads,
    /// Who makes loads instead of the threads here; none if nobody does.
    pub machines: Option<Arc<dyn Machines>>,
}

/// What came of a load.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// What was measured.
    pub outcome: Outcome,
    /// Instances that took the place of one that had trapped.
    pub replaced: u64,
}

/// A load that runs. Dropping it stops the load.
#[derive(Debug)]
pub struct Running {
    made: oneshot::Receiver<Result<Made, Refusal>>,
    /// Told by being dropped, too.
    _stop: watch::Sender<bool>,
}

impl Order {
    /// Starts a load. `number` counts the loads of the attempt, from 1. What is granted is to be held until the load is over.
    pub fn start(
        self,
        number: u32,
        plan: contract::Plan,
    ) -> Result<(Running, GrantedLoad), Refusal> {
        self.knows(&plan.scenario)?;
        let draft = conversions::draft(plan, self.metrics.baselines())?;
        let plan = Plan::new(draft)?;
        let duration = plan.executor().duration();
        let duration = duration.map(|duration| duration.saturating_add(plan.warm_up()));
        let granted = self
            .access
            .load(plan.vus(), plan.executor().peak_rate(), duration)
            .map_err(Refusal::Denied)?;
        let threads = threads(plan.vus());
        // Others look at what they allow themselves.
        if self.machines.is_none() {
            limits::check(Need {
                vus: plan.vus(),
                instances: instances(&plan, plan.vus(), threads),
            })?;
        }
        let (stop, stopped) = watch::channel(false);
        let (tell, made) = oneshot::channel();
        let conductor = Conductor::new(self, number, plan, threads, stopped);
        conductor.start(tell)?;
        let running = Running { made, _stop: stop };
        Ok((running, granted))
    }

    pub(super) fn knows(&self, scenario: &str) -> Result<(), Refusal> {
        let known = &self.plugin.description.scenarios;
        if known.iter().any(|known| known.name == scenario) {
            return Ok(());
        }
        let shown = scenario.escape_debug();
        let names = known.iter().map(|known| &*known.name);
        Err(Refusal::Invalid(match hint::nearest(scenario, names) {
            Some(near) => format!("the suite has no scenario `{shown}`; did you mean `{near}`?"),
            None => format!("the suite has no scenario `{shown}`; write it with `#[scenario]`"),
        }))
    }
}

impl Running {
    /// Waits for its end.
    pub async fn made(self) -> Result<Made, Refusal> {
        let Self { made, _stop } = self;
        made.await.unwrap_or_else(|_| {
            Err(Refusal::Broke(
                "the thread that conducts the load is gone, which is a mistake of the host"
                    .to_owned(),
            ))
        })
    }
}

/// How many instances so many virtual users of a plan take.
pub(super) fn instances(plan: &Plan, vus: u32, threads: u32) -> u32 {
    if plan.isolated() {
        vus
    } else {
        threads.saturating_mul(INSTANCES_OF_A_THREAD)
    }
}

/// One for each processor, and no more than virtual users.
pub(super) fn threads(vus: u32) -> u32 {
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    u32::try_from(processors)
        .unwrap_or(u32::MAX)
        .min(vus)
        .max(1)
}
