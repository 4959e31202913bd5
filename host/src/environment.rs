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
mod links;
pub mod port;
pub mod probe;
mod process;
mod procfs;
mod project;
pub mod question;
mod service;
mod spawner;
mod tail;
pub mod trace;

use std::{
    fs, io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Map, Value};
use tempfile::TempDir;
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use self::{
    containers::Containers,
    control::{Control, ControlError, State},
    launch::Launch,
    links::Links,
    probe::Probe,
    service::Service,
    spawner::Spawner,
    tail::Tail,
    trace::Trace,
};
pub use self::{
    error::EnvironmentError,
    links::{LinkError, OpenLink},
};
use crate::{
    config::{
        AddressSource, EnvironmentSettings, Origin, ProcessSettings, Readiness, ServiceSettings,
        ServiceSource,
        environments::setting,
        template::{Part, setting_text},
    },
    event::ServiceInfo,
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
            environment.down().await;
            return Err(error);
        }
        Ok(environment)
    }

    async fn bring_up(
        &mut self,
        settings: &EnvironmentSettings,
        values: &Map<String, Value>,
        data: &Path,
    ) -> Result<(), EnvironmentError> {
        // Before anything runs, because links to what starts first may have to be told to containers.
        self.claim_project(settings).await?;
        for service in &settings.services {
            self.add(service, settings, values, data).await?;
            self.open_links(settings, &service.name).await?;
        }
        Ok(())
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
        let mut containers = self.containers.iter().flat_map(Containers::iter);
        if let Some(found) = containers.find(|known| known.name() == service) {
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

    /// The first service that ended although nobody asked it to, as an error with its last lines.
    pub async fn fallen(&self) -> Option<EnvironmentError> {
        for service in &self.started {
            if let Some(error) = service.fallen().await {
                return Some(error);
            }
        }
        for container in self.containers.iter().flat_map(Containers::iter) {
            if let Some(error) = container.fallen().await {
                return Some(error);
            }
        }
        None
    }

    /// Ends every service that was started, frozen ones too: SIGTERM for all, [`STOP_PATIENCE`], SIGKILL for those that are left.
    /// A compose project that was brought up here is taken down; one that ran before is left as it was. Nothing can be started any
    /// more. A second call does nothing.
    pub async fn down(&self) {
        if let Some(containers) = &self.containers {
            containers.down().await;
        }
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
    }

    fn find(&self, service: &str) -> Option<&Service> {
        self.started.iter().find(|known| known.name() == service)
    }

    async fn add(
        &mut self,
        service: &ServiceSettings,
        environment: &EnvironmentSettings,
        values: &Map<String, Value>,
        data: &Path,
    ) -> Result<(), EnvironmentError> {
        let started = Instant::now();
        let (url, managed) = match &service.source {
            ServiceSource::Running { url, origin } => {
                self.reach(service, url, origin).await?;
                (url.clone(), false)
            }
            ServiceSource::Started(process) => {
                let url = self.start(service, process, values, data).await?;
                (url, true)
            }
            ServiceSource::Container(container) => {
                let url = self.find_container(service, container, environment, values);
                (url.await?, true)
            }
        };
        self.services.push(ServiceInfo {
            name: service.name.clone(),
            url,
            managed,
            ready_after_ns: u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX),
            links: Vec::new(),
        });
        self.readiness.push(service.readiness.clone());
        Ok(())
    }

    /// Opens the links to a service that is up, so that those which start later can be told of them.
    async fn open_links(
        &mut self,
        settings: &EnvironmentSettings,
        to: &str,
    ) -> Result<(), EnvironmentError> {
        let is_started = |name: &str| {
            let mut started = settings.services.iter().filter(|s| s.is_started());
            started.any(|service| service.name == name)
        };
        let Some(service) = self.services.iter_mut().find(|service| service.name == to) else {
            return Ok(());
        };
        for link in settings.links.iter().filter(|link| link.to == to) {
            let started = is_started(&link.from);
            self.links.open(link, &service.url, started).await?;
        }
        service.links = self.links.infos(to);
        Ok(())
    }

    /// Waits for a service that is said to run.
    async fn reach(
        &self,
        service: &ServiceSettings,
        url: &str,
        origin: &Origin,
    ) -> Result<(), EnvironmentError> {
        let (problem, _) = watch::channel("no answer".to_owned());
        let waiting = self.probe.wait(url, &service.readiness, &problem);
        timeout(service.readiness.within, waiting)
            .await
            .map_err(|_| EnvironmentError::Unreachable {
                service: service.name.clone(),
                url: url.to_owned(),
                problem: problem.borrow().clone(),
                origin: origin.clone(),
            })
    }

    /// Starts a service, waits until it is ready, and answers its URL.
    async fn start(
        &mut self,
        service: &ServiceSettings,
        settings: &ProcessSettings,
        values: &Map<String, Value>,
        data: &Path,
    ) -> Result<String, EnvironmentError> {
        let name = &service.name;
        let port = pick_port(name, &settings.address)?;
        let words = |port| self.words(name, settings, values, data, port);
        // Port 0: the service chooses one, and tells it.
        let mut launch = Launch {
            service: name.clone(),
            command: words(port.unwrap_or(0))?,
            address: settings.address.clone(),
            port,
            scheme: settings.scheme.clone(),
            readiness: service.readiness.clone(),
        };
        let tail = Tail::default();
        let (mut process, first_line) = launch.spawn(&self.spawner, &tail).await?;
        let ready = launch.ready(&self.probe, &mut process, first_line).await;
        let url = match ready {
            Ok(url) => url,
            Err(error) => {
                process.terminate();
                process.stop(Instant::now() + STOP_PATIENCE).await;
                return Err(error);
            }
        };
        // Each later start is at the port that its clients know by then.
        if let Some(port) = port_of(&url) {
            launch.command = words(port)?;
        }
        self.started.push(Service::new(
            launch,
            url.clone(),
            self.probe.clone(),
            Arc::clone(&self.spawner),
            tail,
            process,
        ));
        Ok(url)
    }

    /// The command with its places filled.
    fn words(
        &self,
        service: &str,
        settings: &ProcessSettings,
        values: &Map<String, Value>,
        data: &Path,
        port: u16,
    ) -> Result<Vec<String>, EnvironmentError> {
        let missing = |place: &str| EnvironmentError::Place {
            service: service.to_owned(),
            place: place.to_owned(),
        };
        let fill = |part: &Part| match part {
            Part::Text(text) => Ok(text.clone()),
            Part::Data => data_folder(data, service),
            Part::ExeDir => exe_folder(),
            Part::Port => Ok(port.to_string()),
            Part::Url(other) => self
                .url_of(service, other)
                .ok_or_else(|| missing(&format!("the URL of `{other}`"))),
            Part::Address(other) => self
                .url_of(service, other)
                .and_then(|url| Some(url.split_once("://")?.1.to_owned()))
                .ok_or_else(|| missing(&format!("the address of `{other}`"))),
            Part::Setting(name) => setting(values, name)
                .and_then(setting_text)
                .ok_or_else(|| missing(&format!("the setting `{name}`"))),
            // The configuration takes it in the variables of a compose file only.
            Part::Link(name) => Err(missing(&format!("the link `{name}`"))),
        };
        settings
            .command
            .iter()
            .map(|word| word.fill(fill))
            .collect()
    }

    /// What the service `from` is told of another one: the link between them, or else the service itself.
    fn url_of(&self, from: &str, service: &str) -> Option<String> {
        let over_link = self.links.url(from, service);
        over_link.or_else(|| self.url(service)).map(str::to_owned)
    }
}

/// The port that the host chooses for a service; none if the service chooses.
fn pick_port(service: &str, source: &AddressSource) -> Result<Option<u16>, EnvironmentError> {
    match source {
        AddressSource::ReadyLine(_) => Ok(None),
        AddressSource::Picked => Ok(Some(port::free()?)),
        AddressSource::Fixed(port) if port::is_taken(*port) => Err(EnvironmentError::PortInUse {
            service: service.to_owned(),
            port: *port,
            holder: port::holder(*port),
        }),
        AddressSource::Fixed(port) => Ok(Some(*port)),
    }
}

fn port_of(url: &str) -> Option<u16> {
    url.rsplit_once(':')?.1.parse().ok()
}

/// A folder of the service's own.
fn data_folder(data: &Path, service: &str) -> Result<String, EnvironmentError> {
    let folder = data.join(service);
    fs::create_dir_all(&folder)?;
    path_text(&folder)
}

fn exe_folder() -> Result<String, EnvironmentError> {
    let host = std::env::current_exe()?;
    path_text(host.parent().unwrap_or(&host))
}

fn path_text(path: &Path) -> Result<String, EnvironmentError> {
    let text = path
        .to_str()
        .ok_or_else(|| io::Error::other(format!("{} is no UTF-8", path.display())))?;
    Ok(text.to_owned())
}
