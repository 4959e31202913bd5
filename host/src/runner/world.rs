//! What the runner needs of everything outside it: the environment, and instances of the plugins.
//!
//! The runner knows this and nothing else, so its order of things can be proven against a world that is scripted.

use std::time::Duration;

use assay_report::event::{
    EncodedHistogram, MetricSnapshot, Proposal, RegressionCheck, ServiceInfo, ServiceState, Source,
};
use async_trait::async_trait;

use crate::{
    capability::recorder::Recorder,
    environment::{Left, control::Written},
    ledger::{Happenings, Ledger},
    plugin::ending::Ending,
};

/// What an instance is to run. The data is what the setup handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task<'a> {
    /// The setup of the suite.
    Setup,
    /// An attempt of a case.
    Case {
        /// Its name.
        name: &'a str,
        /// What the setup handed on.
        data: &'a str,
    },
    /// The teardown of the suite.
    Teardown {
        /// What the setup handed on.
        data: &'a str,
    },
}

impl Task<'_> {
    /// What the setup handed on; nothing to the setup itself.
    pub fn data(&self) -> &str {
        match self {
            Self::Setup => "",
            Self::Case { data, .. } | Self::Teardown { data } => data,
        }
    }
}

/// A service that died by itself: nobody ended it, and no fault is on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fallen {
    /// Its name.
    pub service: String,
    /// How it ended, what to do and its last lines, for a person.
    pub message: String,
}

/// What a service wrote within some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrote {
    /// Its name.
    pub service: String,
    /// The last lines, at least one.
    pub written: Written,
}

/// The environment and the plugins of a run. Suites are named by their place in the plan.
#[async_trait]
pub trait World: Send + Sync {
    /// Brings the environment up and waits until every service is ready. The error is for a person and ends in something to do.
    /// Dropping the call takes down what was already up.
    async fn up(&mut self) -> Result<Vec<ServiceInfo>, String>;
    /// Tells what happens by itself, from now on and as long as somebody else holds the sender.
    fn tell(&self, events: &Happenings, ledger: &Ledger);
    /// Whether the environment has a service of that name, or a link such as `client->cache`.
    fn has_service(&self, name: &str) -> bool;
    /// The service or link that was probably meant by a name that the environment does not have.
    fn near_service(&self, name: &str) -> Option<String>;
    /// Whether the entries of a suite that are given this by its setup run at agents.
    fn runs_elsewhere(&self, suite: usize, data: &str) -> bool;
    /// Runs one entry on a fresh instance, for at most so long. Dropping the call stops the instance.
    async fn run(
        &self,
        suite: usize,
        task: Task<'_>,
        recorder: Recorder,
        timeout: Duration,
    ) -> Ending;
    /// Undoes what a run of an entry left behind in the environment, and waits for it, however the run ended. Answers what could
    /// not be undone, for a person, each ending in something to do.
    async fn settle(&self, source: &Source) -> Vec<String>;
    /// The services that died by themselves and are down still, of those that the environment started and of its containers: of one
    /// that is given by its URL, or kept by another process, nobody here knows why it does not answer. Not to be asked twice at once.
    /// Dropping the call ends the question.
    async fn fallen(&self) -> Vec<Fallen>;
    /// What the services wrote in the time that ends now, of those that the environment started and of its containers; of one that
    /// cannot tell, nothing. Dropping the call ends the question.
    async fn wrote(&self, within: Duration) -> Vec<Wrote>;
    /// How each service is after an attempt that went bad, in the order of their start. Dropping the call ends the question.
    async fn look(&self, source: &Source) -> Vec<ServiceState>;
    /// The figures of a suite so far.
    fn metrics(&self, suite: usize) -> Vec<MetricSnapshot>;
    /// What would grant all that a suite was refused so far; none if nothing was, or no grant would.
    fn proposal(&self, suite: usize) -> Option<Proposal>;

    /// How the run, whose cases are all over, compares with former ones; none if nobody wants to know. Dropping the call ends the question.
    async fn compare(&mut self) -> Option<RegressionCheck>;

    /// Whole distributions of those figures of a suite that are one.
    fn distributions(&self, suite: usize) -> Vec<EncodedHistogram>;
    /// Takes the environment down, whatever its state. Answers what could not be, for a person, each ending in something to do.
    async fn down(&mut self) -> Vec<Left>;
}
