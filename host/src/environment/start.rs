//! How an environment comes up: its services one after the other, each told of those before it, each waited for.

use std::{fs, io, path::Path, sync::Arc};

use assay_report::event::ServiceInfo;
use serde_json::{Map, Value};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use super::{
    Environment, EnvironmentError, STOP_PATIENCE, launch::Launch, port, service::Service,
    tail::Tail,
};
use crate::config::{
    AddressSource, EnvironmentSettings, Origin, ProcessSettings, ServiceSettings, ServiceSource,
    environments::setting,
    template::{Part, setting_text},
};

impl Environment {
    /// Starts what has to be started, in order, and waits for it.
    pub(super) async fn bring_up(
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
