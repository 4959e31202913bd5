//! The system under test: its services, how they are brought up, and where they answer.
//!
//! Services are started in order, each when the one before is ready. Whatever happens, none of them lives on: `down` ends
//! them in an orderly way, dropping the environment kills them, and so does the end of the host itself, even by SIGKILL.
//! Containers live on then, and are in the crash journal: see `journal.rs`.

mod containers;
pub mod control;
pub mod docker;
pub mod error;
pub mod identity;
pub mod kept;
mod launch;
mod left;
mod links;
pub mod port;
pub mod probe;
mod process;
mod procfs;
mod project;
pub mod question;
mod service;
mod spawner;
mod start;
mod tail;
pub mod trace;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use assay_report::event::{ServiceInfo, ServiceState, ServiceStatus};
use serde_json::{Map, Value};
use tempfile::TempDir;
use tokio::time::Instant;

use self::{
    containers::Containers,
    control::{Control, ControlError, State},
    docker::Container,
    links::Links,
    probe::Probe,
    service::Service,
    spawner::Spawner,
    trace::Trace,
};
pub use self::{
    error::EnvironmentError,
    left::Left,
    links::{LinkError, OpenLink},
};
use crate::{
    config::{EnvironmentSettings, Readiness},
    journal::{Journal, JournalError, Note},
};

/// How long all services together have to end after SIGTERM.
pub const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// An environment that is up. Shared by all who use it or change its services; dropping it kills what it started.
#[derive(Debug)]
pub struct Environment {
    services: Vec<ServiceInfo>,
    /// How each of them shows that it is ready.
    readiness: Vec<Readiness>,
    links: Links,
    /// Those that were started. Before the folder: dropped first.
    started: Vec<Service>,
    containers: Option<Containers>,
    journal: Option<Journal>,
    spawner: Arc<Spawner>,
    folder: Mutex<Option<TempDir>>,
    probe: Probe,
}

impl Environment {
    /// Starts what has to be started, in order, and waits until every service answers. `values` are the `[settings]`. What outlives
    /// this process, and so has to be undone by another one if it is killed, is noted in the journal.
    ///
    /// After an error nothing is left running.
    pub async fn up(
        settings: &EnvironmentSettings,
        values: &Map<String, Value>,
        journal: Option<&Journal>,
    ) -> Result<Self, EnvironmentError> {
        let folder = tempfile::Builder::new()
            .prefix(&Trace::own()?.folder_prefix())
            .tempdir()?;
        let data = folder.path().to_owned();
        let mut environment = Self {
            services: Vec::new(),
            readiness: Vec::new(),
            links: Links::default(),
            started: Vec::new(),
            containers: None,
            journal: journal.cloned(),
            spawner: Arc::new(Spawner::start()?),
            folder: Mutex::new(Some(folder)),
            probe: Probe::new()?,
        };
        if let Err(error) = environment.bring_up(settings, values, &data).await {
            // The reason that is told is the first one; what is left is in the journal.
            let _ = environment.down().await;
            return Err(error);
        }
        Ok(environment)
    }

    /// Where the services answer, in the order of their start. A service that is started again answers where it did before.
    pub fn services(&self) -> &[ServiceInfo] {
        &self.services
    }

    /// Whether a service ends when this environment is taken down.
    pub fn ends(&self, service: &str) -> bool {
        let containers = self.containers.as_ref();
        self.find(service).is_some() || containers.is_some_and(|known| known.ends(service))
    }

    /// The compose project that its containers are of.
    pub fn project(&self) -> Option<&str> {
        self.containers.as_ref().map(Containers::project)
    }

    /// Where a service answers; none if the environment has no such service.
    pub fn url(&self, service: &str) -> Option<&str> {
        let found = self.services.iter().find(|known| known.name == service)?;
        Some(&found.url)
    }

    /// How a service shows that it is ready; none if the environment has no such service.
    pub fn readiness(&self, service: &str) -> Option<&Readiness> {
        let place = self.services.iter().position(|s| s.name == service)?;
        self.readiness.get(place)
    }

    /// A link by its name, such as `client->cache`.
    pub fn link(&self, name: &str) -> Result<&OpenLink, LinkError> {
        self.links.find(name)
    }

    /// The links that are there.
    pub fn links(&self) -> impl Iterator<Item = &OpenLink> {
        self.links.iter()
    }

    /// What asks services whether they are ready.
    pub fn probe(&self) -> &Probe {
        &self.probe
    }

    /// The process of a service that this environment started; none if it has ended.
    pub fn process_id(&self, service: &str) -> Option<u32> {
        let process = self.find(service)?.identity()?;
        Some(process.pid)
    }

    /// The way to change a service that this environment started, and to look at it.
    pub fn control(&self, service: &str) -> Result<&dyn Control, ControlError> {
        if let Some(found) = self.find(service) {
            return Ok(found);
        }
        if let Some(found) = self.container(service) {
            return Ok(found);
        }
        let service = service.to_owned();
        if self.services.iter().any(|known| known.name == service) {
            return Err(ControlError::NotStarted { service });
        }
        let known = self.services.iter().map(|known| known.name.clone());
        Err(ControlError::Unknown {
            service,
            known: known.collect(),
        })
    }

    /// Writes down how to undo whatever is about to be done to a service. None where its end is that of this process.
    pub async fn note(&self, service: &str) -> Result<Option<Note>, JournalError> {
        let containers = self.containers.as_ref();
        let entry = containers.and_then(|containers| containers.undoing(service));
        match (&self.journal, entry) {
            (Some(journal), Some(entry)) => journal.note(entry).await.map(Some),
            _ => Ok(None),
        }
    }

    /// How a service looks that was not started here: it answers, or nothing is known of it.
    pub async fn asked(&self, service: &str) -> State {
        let answer = match (self.url(service), self.readiness(service)) {
            (Some(url), Some(readiness)) => self.probe.ask(url, readiness).await,
            _ => return State::Unreachable,
        };
        answer.map_or(State::Unreachable, |()| State::Running)
    }

    /// How a service is found: whether it runs, and why it is not ready if it is not.
    pub async fn look(&self, service: &str) -> ServiceState {
        let state = match self.control(service) {
            Ok(control) => control.state().await,
            Err(_) => self.asked(service).await,
        };
        let (status, is_silent) = match state {
            State::Running => (ServiceStatus::Running, false),
            State::Paused => (ServiceStatus::Paused, false),
            State::Stopped => (ServiceStatus::Stopped, false),
            State::Starting => (ServiceStatus::Starting, true),
            State::Unreachable => (ServiceStatus::Unreachable, true),
        };
        let mut found = ServiceState {
            service: service.to_owned(),
            status,
            problem: None,
            disturbed: false,
        };
        if is_silent
            && let (Some(url), Some(readiness)) = (self.url(service), self.readiness(service))
        {
            match self.probe.ask(url, readiness).await {
                // It came back just now.
                Ok(()) => found.status = ServiceStatus::Running,
                Err(problem) => found.problem = Some(problem),
            }
        }
        found
    }

    /// Why a service that was started here does not run although nobody asked it to end, with its last lines; none while it is being
    /// changed.
    pub async fn fallen(&self, service: &str) -> Option<EnvironmentError> {
        if let Some(found) = self.find(service) {
            return found.fallen().await;
        }
        self.container(service)?.fallen().await
    }

    /// Ends every service that was started, frozen ones too: SIGTERM for all, [`STOP_PATIENCE`], SIGKILL for those that are left.
    /// A compose project that was brought up here is taken down; one that ran before is left as it was. Nothing can be started any
    /// more. A second call does nothing. Answers what could not be taken down or left as it was; [`Left`] says how bad that is.
    pub async fn down(&self) -> Vec<EnvironmentError> {
        let left = match &self.containers {
            Some(containers) => containers.down(self.journal.as_ref()).await,
            None => Vec::new(),
        };
        for service in self.started.iter().rev() {
            service.terminate();
        }
        let deadline = Instant::now() + STOP_PATIENCE;
        for service in self.started.iter().rev() {
            service.down(deadline).await;
        }
        // What cannot be removed is temporary still: the system clears its folder.
        self.folder
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        left
    }

    fn container(&self, service: &str) -> Option<&Container> {
        let mut containers = self.containers.iter().flat_map(Containers::iter);
        containers.find(|known| known.name() == service)
    }

    fn find(&self, service: &str) -> Option<&Service> {
        self.started.iter().find(|known| known.name() == service)
    }
}
