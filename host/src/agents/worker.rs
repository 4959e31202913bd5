//! What an agent does for a run: makes its plugins ready, runs the attempts and makes the shares of loads that it is given.

mod attempt;
mod share;
mod site;
mod telling;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use assay_agents::{
    agent::Teller,
    identity::RunId,
    plugin::{Plugin, Refusal},
    stop::Stop,
    worker::{Assignment, Worker},
};
use assay_report::hint::Hinted;
use async_trait::async_trait;

use self::site::{Sent, Site};
use super::work::Work;
use crate::{
    capability::http,
    config::Limits,
    plugin::{Permitted, engine::Engine},
};

/// What to do about a problem of an agent's own project, for people in front of another machine.
pub fn on_its_machine(problem: &impl Hinted) -> String {
    let texts = [problem.hint(), problem.details()];
    let texts: Vec<_> = texts.into_iter().flatten().collect();
    format!("on the agent's machine: {}", texts.join("\n"))
}

/// Judges plugins by what the agent's own project says, and makes them ready.
#[async_trait]
pub trait Gate: Send + Sync + 'static {
    /// Loads them, each with what it may do here.
    async fn load(&self, engine: &Engine, plugins: Vec<Plugin>) -> Result<Vec<Permitted>, Refusal>;
}

/// Runs what it is given on this machine.
pub struct Machine<G> {
    engine: Engine,
    /// Made once: it reads whom the machine trusts.
    http: http::Shared,
    gate: G,
    limits: Limits,
    /// The plugins of the runs in which it takes part.
    runs: Mutex<HashMap<RunId, Arc<[Sent]>>>,
}

impl<G: Gate> Machine<G> {
    /// With an engine that has room for as many attempts as the agent has slots, and with its own limits of an attempt.
    pub fn new(engine: Engine, http: http::Shared, gate: G, limits: Limits) -> Self {
        Self {
            engine,
            http,
            gate,
            limits,
            runs: Mutex::default(),
        }
    }

    fn plugins(&self, run: &RunId) -> Option<Arc<[Sent]>> {
        self.runs().get(run).cloned()
    }

    /// Every change is one call: a panic of another holder leaves nothing half-written.
    fn runs(&self) -> MutexGuard<'_, HashMap<RunId, Arc<[Sent]>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<G: Gate> Worker for Machine<G> {
    async fn prepare(&self, run: &RunId, plugins: Vec<Plugin>) -> Result<(), Refusal> {
        let permitted = self.gate.load(&self.engine, plugins).await?;
        let sent = permitted.into_iter().map(Sent::from).collect();
        self.runs().insert(run.clone(), sent);
        Ok(())
    }

    async fn run(&self, assignment: Assignment, teller: Teller, stop: Stop) -> Result<(), String> {
        let work = assignment.shard.work::<Work>();
        let work = work.map_err(|error| format!("what is to be done cannot be read: {error}"))?;
        let plugins = self.plugins(&assignment.run);
        let plugins = plugins.ok_or("the run's plugins are not here")?;
        let site = Site {
            engine: &self.engine,
            http: &self.http,
            limits: self.limits,
            plugins: &plugins,
        };
        match work {
            Work::Attempt(work) => attempt::run(&site, *work, &teller, stop).await,
            Work::Share(job) => share::run(&site, *job, &teller, assignment.orders, stop).await,
        }
    }

    async fn finish(&self, run: &RunId) {
        self.runs().remove(run);
    }
}
