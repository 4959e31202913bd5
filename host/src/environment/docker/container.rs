//! A container of the project: how it is found, looked at and changed. What a suite may ask of it is in `control`.

mod control;

use std::{
    os::unix::process::ExitStatusExt as _,
    process::ExitStatus,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    net::TcpStream,
    sync::{Mutex, watch},
    time::{sleep, timeout},
};

use super::{
    error::DockerError,
    limits::Limits,
    model::{Inspected, Update},
    network::{self, Endpoints},
    project::{Project, published},
};
use crate::{
    config::Readiness,
    environment::{
        EnvironmentError,
        control::{CONFIRM_PATIENCE, Control as _, ControlError},
        probe::Probe,
    },
};

/// Between two looks whether something shows.
const PAUSE: Duration = Duration::from_millis(5);
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
    change: Mutex<Changed>,
}

/// What was done to it and is to be undone.
#[derive(Debug, Default)]
struct Changed {
    /// It was ended on purpose.
    ended: bool,
    /// The networks that it was taken off.
    off: Endpoints,
    /// The limits of memory and processor before they were changed.
    memory: Option<Limits>,
    cpu: Option<Limits>,
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
        let mut container = Self {
            project: project.clone(),
            service: place.service.clone(),
            id: project.container(&place.container).await?,
            port: place.port,
            url: String::new(),
            readiness: place.readiness.clone(),
            probe,
            healthy: AtomicBool::new(false),
            change: Mutex::default(),
        };
        let found = container.inspect().await?;
        if !is_running(&found) {
            return Err(container.died(&found).await);
        }
        let port = published(&found, place.port).ok_or_else(|| DockerError::NotPublished {
            container: place.container.clone(),
            port: place.port,
        })?;
        container.url = format!("{}://127.0.0.1:{port}", place.scheme);
        container.ready().await?;
        Ok(container)
    }

    /// The container's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Why it does not run although nobody ended it; none while it is being changed.
    pub async fn fallen(&self) -> Option<EnvironmentError> {
        let changed = self.change.try_lock().ok()?;
        if changed.ended {
            return None;
        }
        match self.inspect().await {
            Ok(found) if is_running(&found) => None,
            Ok(found) => Some(self.died(&found).await),
            Err(error) => Some(error.into()),
        }
    }

    /// Undoes whatever is left of what was done to it: for the end of an environment that goes on without this host.
    pub async fn mend(&self) -> Result<(), ControlError> {
        let (ended, off) = {
            let changed = self.change.lock().await;
            (changed.ended, !changed.off.is_empty())
        };
        if off {
            self.connect(None).await?;
        }
        self.lift_limits().await?;
        let found = self.inspect().await?;
        if is_paused(&found) {
            self.resume().await?;
        } else if ended && !is_running(&found) {
            self.start().await?;
        }
        Ok(())
    }

    async fn inspect(&self) -> Result<Inspected, DockerError> {
        let path = format!("/containers/{}/json", self.id);
        let found = self.project.engine().get("show the container", &path);
        self.here(found.await)
    }

    /// Asks for a change of the container, such as `pause`.
    async fn post(&self, what: &str, change: &str, body: Option<Value>) -> Result<(), DockerError> {
        let path = format!("/containers/{}/{change}", self.id);
        let done = self.project.engine().post(what, &path, body);
        self.here(done.await)
    }

    /// The engine's "no such container" is that of this service.
    fn here<T>(&self, answer: Result<T, DockerError>) -> Result<T, DockerError> {
        answer.map_err(|error| match error {
            DockerError::Refused { problem, .. }
                if problem.to_lowercase().contains("no such container") =>
            {
                DockerError::Vanished {
                    service: self.service.clone(),
                    id: self.id.clone(),
                }
            }
            other => other,
        })
    }

    /// The container, if it runs, frozen or not.
    async fn running(&self) -> Result<Inspected, ControlError> {
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
        is_so: impl Fn(&Inspected) -> bool,
    ) -> Result<Inspected, ControlError> {
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

    async fn ended(&self, changed: &mut Changed) -> Result<(), ControlError> {
        self.shows("ended", |found| !is_running(found)).await?;
        changed.ended = true;
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

    async fn died(&self, found: &Inspected) -> EnvironmentError {
        let code = found.state.exit_code;
        EnvironmentError::Died {
            service: self.service.clone(),
            // As wait(2) has it: the code in the second byte.
            status: ExitStatus::from_raw(code << 8),
            output: self.last_lines().await,
        }
    }

    /// For an error that is told already: a log that cannot be read adds nothing to it.
    async fn last_lines(&self) -> Vec<String> {
        self.log(TOLD_LINES).await.unwrap_or_default()
    }

    async fn end(&self, what: &str, signal: &str) -> Result<(), ControlError> {
        let change = format!("kill?signal={signal}");
        Ok(self.post(what, &change, None).await?)
    }

    async fn update(&self, update: Update) -> Result<(), ControlError> {
        let body = serde_json::to_value(update).map_err(std::io::Error::other);
        let body = body.map_err(DockerError::from)?;
        self.post("change the limits of the container", "update", Some(body))
            .await?;
        self.shows("limited as asked", |found| limits(found).show(&update))
            .await
            .map(drop)
    }

    async fn off(&self, changed: &mut Changed, networks: Vec<String>) -> Result<(), ControlError> {
        let endpoints = endpoints(&self.inspect().await?);
        for network in networks {
            let Some(endpoint) = endpoints.get(&network) else {
                continue;
            };
            // Noted first: what is half done is undone as well.
            changed.off.insert(network.clone(), endpoint.clone());
            let engine = self.project.engine();
            self.here(network::disconnect(engine, &self.id, &network).await)?;
            self.shows("off the network", |found| !endpoints_have(found, &network))
                .await?;
        }
        Ok(())
    }

    async fn back(&self, changed: &mut Changed, networks: Vec<String>) -> Result<(), ControlError> {
        for network in networks {
            let Some(endpoint) = changed.off.get(&network) else {
                continue;
            };
            if !endpoints_have(&self.inspect().await?, &network) {
                let engine = self.project.engine();
                self.here(network::connect(engine, &self.id, &network, endpoint).await)?;
            }
            let wanted = network::aliases(endpoint, &self.id);
            self.shows("back on the network", |found| {
                let endpoints = endpoints(found);
                let now = endpoints
                    .get(&network)
                    .map(|now| network::aliases(now, &self.id));
                now.is_some_and(|now| wanted.iter().all(|name| now.contains(name)))
            })
            .await?;
            changed.off.remove(&network);
        }
        Ok(())
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
        let on = network::names_of(&endpoints(&self.inspect().await?), &known);
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

fn is_running(found: &Inspected) -> bool {
    found.state.running
}

fn is_paused(found: &Inspected) -> bool {
    found.state.paused
}

fn endpoints(found: &Inspected) -> Endpoints {
    found.network_settings.networks.clone()
}

fn endpoints_have(found: &Inspected, network: &str) -> bool {
    found.network_settings.networks.contains_key(network)
}

fn limits(found: &Inspected) -> Limits {
    Limits::of(&found.host_config)
}
