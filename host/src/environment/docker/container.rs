//! A container of the project: how it is found, looked at and changed. What a suite may ask of it is in `control`.

mod control;
mod mend;
#[cfg(test)]
mod scripted;

use std::{
    os::unix::process::ExitStatusExt as _,
    process::ExitStatus,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use bollard::{
    models::{ContainerInspectResponse, ContainerUpdateBody},
    query_parameters::{KillContainerOptionsBuilder, LogsOptionsBuilder},
};
use futures::{TryStreamExt as _, future::ready};
use tokio::{
    net::TcpStream,
    sync::{Mutex, watch},
    time::{sleep, timeout},
};

use super::{
    error::DockerError,
    log::LastLines,
    network::{self, Endpoints},
    original::{Original, endpoints, inspect, is_paused, is_running, limits},
    project::{Project, is_fixed, published},
};
use crate::{
    config::Readiness,
    environment::{
        EnvironmentError,
        control::{CONFIRM_PATIENCE, Control as _, ControlError},
        probe::Probe,
    },
};

pub use self::mend::NotMended;

/// Between two looks whether something shows.
const PAUSE: Duration = Duration::from_millis(5);
/// After how long one that shows as running is looked at again before it is believed.
const SECOND_LOOK: Duration = Duration::from_millis(200);
/// Lines of the log that are told with an error.
const TOLD_LINES: usize = 50;

/// A service that runs in a container of the project.
#[derive(Debug)]
pub struct Container {
    project: Project,
    service: String,
    id: String,
    port: u16,
    url: String,
    readiness: Readiness,
    probe: Probe,
    /// Whether it has been healthy since its start.
    healthy: AtomicBool,
    /// How it was when it was found.
    original: Original,
    /// Held while it is changed: whether it was ended on purpose.
    ended: Mutex<bool>,
}

/// Where a service is in its project, and how it shows that it is ready.
#[derive(Clone, Debug)]
pub struct Place {
    /// The service's name.
    pub service: String,
    /// The compose service.
    pub container: String,
    /// The port inside the container.
    pub port: u16,
    /// What its URL begins with.
    pub scheme: String,
    /// How it shows that it is ready.
    pub readiness: Readiness,
}

impl Container {
    /// Finds the container of a service, and waits until it is ready at its published address.
    pub async fn find(
        project: &Project,
        place: &Place,
        probe: Probe,
    ) -> Result<Self, EnvironmentError> {
        let id = project.container(&place.container).await?;
        let found = inspect(project.engine(), &id).await?;
        let mut container = Self {
            project: project.clone(),
            service: place.service.clone(),
            original: Original::of(&id, &found),
            id,
            port: place.port,
            url: String::new(),
            readiness: place.readiness.clone(),
            probe,
            healthy: AtomicBool::new(false),
            ended: Mutex::default(),
        };
        if !is_running(&found) {
            return Err(container.died(&found).await);
        }
        let port = published(&found, place.port).ok_or_else(|| DockerError::NotPublished {
            container: place.container.clone(),
            port: place.port,
        })?;
        if !is_fixed(&found, place.port) {
            return Err(EnvironmentError::from(DockerError::PortChanges {
                container: place.container.clone(),
                port: place.port,
            }));
        }
        container.url = format!("{}://127.0.0.1:{port}", place.scheme);
        container.ready().await?;
        Ok(container)
    }

    /// The container's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How it was when it was found.
    pub fn original(&self) -> &Original {
        &self.original
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Why it does not run although nobody ended it; none while it is being changed, which this question is, too: one at a time.
    pub async fn fallen(&self) -> Option<EnvironmentError> {
        let ended = self.ended.try_lock().ok()?;
        if *ended {
            return None;
        }
        let mut found = self.inspect().await;
        if found.as_ref().is_ok_and(is_running) {
            // Its connections are reset before the engine knows that it has ended.
            sleep(SECOND_LOOK).await;
            found = self.inspect().await;
        }
        match found {
            Ok(found) if is_running(&found) => None,
            Ok(found) => Some(self.died(&found).await),
            Err(error @ DockerError::Vanished { .. }) => Some(error.into()),
            // Of what the engine does not tell, nobody knows that it has ended.
            Err(_) => None,
        }
    }

    async fn inspect(&self) -> Result<ContainerInspectResponse, DockerError> {
        self.here(inspect(self.project.engine(), &self.id).await)
    }

    /// Waits for the engine's answer to a question about this container, which the errors name behind "does not".
    async fn ask<T>(
        &self,
        what: &str,
        answer: impl Future<Output = Result<T, bollard::errors::Error>>,
    ) -> Result<T, DockerError> {
        self.here(self.project.engine().ask(what, answer).await)
    }

    /// Lines of what it wrote, to both outputs.
    async fn read_log(&self, options: LogsOptionsBuilder) -> Result<Vec<String>, DockerError> {
        let options = options.stdout(true).stderr(true).build();
        let docker = self.project.engine().client();
        let mut lines = LastLines::default();
        let reading = docker.logs(&self.id, Some(options)).try_for_each(|piece| {
            lines.add(&piece.into_bytes());
            ready(Ok(()))
        });
        self.ask("tell the log of the container", reading).await?;
        Ok(lines.end())
    }

    /// The engine's "no such container" is that of this service.
    fn here<T>(&self, answer: Result<T, DockerError>) -> Result<T, DockerError> {
        answer.map_err(|error| {
            if error.is_no_such_container() {
                return DockerError::Vanished {
                    service: self.service.clone(),
                    id: self.id.clone(),
                };
            }
            error
        })
    }

    /// The container, if it runs, frozen or not.
    async fn running(&self) -> Result<ContainerInspectResponse, ControlError> {
        let found = self.inspect().await?;
        if is_running(&found) {
            return Ok(found);
        }
        Err(ControlError::NotRunning {
            service: self.service.clone(),
        })
    }

    /// Waits until the engine shows the container as it should be.
    async fn shows(
        &self,
        expected: &'static str,
        is_so: impl Fn(&ContainerInspectResponse) -> bool,
    ) -> Result<ContainerInspectResponse, ControlError> {
        let shown = async {
            loop {
                let found = self.inspect().await?;
                if is_so(&found) {
                    return Ok(found);
                }
                sleep(PAUSE).await;
            }
        };
        let shown = timeout(CONFIRM_PATIENCE, shown).await;
        shown.map_err(|_| self.not_confirmed(expected))?
    }

    fn not_confirmed(&self, expected: &'static str) -> ControlError {
        ControlError::NotConfirmed {
            service: self.service.clone(),
            expected,
        }
    }

    async fn is_ended(&self, ended: &mut bool) -> Result<(), ControlError> {
        self.shows("ended", |found| !is_running(found)).await?;
        *ended = true;
        self.healthy.store(false, Ordering::Relaxed);
        let Some(address) = self.url.split_once("://").map(|(_, address)| address) else {
            return Ok(());
        };
        // The engine's own forwarder listens there, and goes a little later.
        let closed = async {
            while TcpStream::connect(address).await.is_ok() {
                sleep(PAUSE).await;
            }
        };
        let closed = timeout(CONFIRM_PATIENCE, closed).await;
        closed.map_err(|_| self.not_confirmed("gone from its address"))
    }

    /// Waits until it is healthy; an end meanwhile is an error with its last lines.
    async fn ready(&self) -> Result<(), EnvironmentError> {
        let (problem, seen) = watch::channel("no answer".to_owned());
        let ending = async {
            loop {
                match self.inspect().await {
                    Ok(found) if is_running(&found) => sleep(PAUSE * 20).await,
                    Ok(found) => return self.died(&found).await,
                    Err(error) => return error.into(),
                }
            }
        };
        let within = self.readiness.within;
        tokio::select! {
            () = self.probe.wait(&self.url, &self.readiness, &problem) => {}
            error = ending => return Err(error),
            () = sleep(within) => {
                let problem = seen.borrow().clone();
                return Err(EnvironmentError::NotReady {
                    service: self.service.clone(),
                    within,
                    problem,
                    output: self.last_lines().await,
                });
            }
        }
        self.healthy.store(true, Ordering::Relaxed);
        Ok(())
    }

    async fn died(&self, found: &ContainerInspectResponse) -> EnvironmentError {
        let state = found.state.as_ref();
        let code = state.and_then(|state| i32::try_from(state.exit_code?).ok());
        EnvironmentError::Died {
            service: self.service.clone(),
            // As wait(2) has it: the code in the second byte.
            status: ExitStatus::from_raw(code.unwrap_or_default() << 8),
            output: self.last_lines().await,
        }
    }

    /// For an error that is told already: a log that cannot be read adds nothing to it.
    async fn last_lines(&self) -> Vec<String> {
        self.log(TOLD_LINES).await.unwrap_or_default()
    }

    async fn end(&self, what: &str, signal: &str) -> Result<(), ControlError> {
        let options = KillContainerOptionsBuilder::new().signal(signal).build();
        let docker = self.project.engine().client();
        let killed = docker.kill_container(&self.id, Some(options));
        Ok(self.ask(what, killed).await?)
    }

    async fn update(&self, update: ContainerUpdateBody) -> Result<(), ControlError> {
        let docker = self.project.engine().client();
        let updated = docker.update_container(&self.id, update.clone());
        self.ask("change the limits of the container", updated)
            .await?;
        self.shows("limited as asked", |found| limits(found).show(&update))
            .await
            .map(drop)
    }

    async fn off(&self, networks: Vec<String>) -> Result<(), ControlError> {
        for network in networks {
            let engine = self.project.engine();
            self.here(network::disconnect(engine, &self.id, &network).await)?;
            self.shows("off the network", |found| {
                !self.on(found).contains_key(&network)
            })
            .await?;
        }
        Ok(())
    }

    async fn back(&self, networks: Vec<String>) -> Result<(), ControlError> {
        for network in networks {
            let Some(endpoint) = self.original.networks.get(&network) else {
                continue;
            };
            if !self.on(&self.inspect().await?).contains_key(&network) {
                let engine = self.project.engine();
                self.here(network::connect(engine, &self.id, &network, endpoint).await)?;
            }
            self.shows("back on the network", |found| {
                let now = self.on(found);
                now.get(&network).is_some_and(|now| endpoint.is_in(now))
            })
            .await?;
        }
        Ok(())
    }

    /// What it is on its networks now.
    fn on(&self, found: &ContainerInspectResponse) -> Endpoints {
        endpoints(&self.id, found)
    }

    /// The networks that it was taken off.
    fn missing(&self, found: &ContainerInspectResponse) -> Vec<String> {
        let on = self.on(found);
        let was_on = self.original.networks.keys();
        was_on
            .filter(|name| !on.contains_key(*name))
            .cloned()
            .collect()
    }

    fn impossible(&self, what: &'static str, why: impl Into<String>) -> ControlError {
        ControlError::Impossible {
            service: self.service.clone(),
            what,
            why: why.into(),
        }
    }

    /// The engine's name of a network of the compose file.
    async fn network(&self, name: &str) -> Result<String, ControlError> {
        let known = self.project.networks().await?;
        if let Some(network) = known.get(name) {
            return Ok(network.clone());
        }
        let on = network::names_of(&self.on(&self.inspect().await?), &known);
        Err(self.not_on(name, on).into())
    }

    fn not_on(&self, network: &str, known: Vec<String>) -> DockerError {
        DockerError::NotOnNetwork {
            service: self.service.clone(),
            network: network.to_owned(),
            known,
        }
    }
}
