//! How a container is while nobody does anything to it, and how it comes back to that, whatever was done to it and by whom: by the
//! host that did it, or by another one after that has died.

use std::{collections::HashMap, time::Duration};

use bollard::models::{ContainerInspectResponse, HealthStatusEnum};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use super::{
    engine::Engine,
    error::DockerError,
    limits::Limits,
    network::{self, Endpoints},
};

/// How long a container may take to be healthy again.
const HEALTHY_WITHIN: Duration = Duration::from_mins(2);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// What of a container can be changed from outside, as it was before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Original {
    /// The container's id, whole.
    pub id: String,
    /// The networks that it was on.
    pub networks: Endpoints,
    /// The limits that it had.
    pub limits: Limits,
    /// Whether its own health check called it healthy. One that was not need not become so.
    pub healthy: bool,
}

impl Original {
    pub(super) fn of(id: &str, found: &ContainerInspectResponse) -> Self {
        Self {
            id: id.to_owned(),
            networks: endpoints(id, found),
            limits: limits(found),
            healthy: health(found) == Some(HealthStatusEnum::HEALTHY),
        }
    }

    /// Lets it go on, connects it, gives it its limits back and starts it, whichever of that it needs; returns once the engine shows
    /// that it runs, and calls it healthy if it did before. One that is gone stays gone.
    pub async fn bring_back(&self, engine: &Engine) -> Result<(), DockerError> {
        match self.try_bring_back(engine).await {
            Err(error) if error.is_no_such_container() => Ok(()),
            done => done,
        }
    }

    async fn try_bring_back(&self, engine: &Engine) -> Result<(), DockerError> {
        let (id, docker) = (self.id.as_str(), engine.client());
        let found = inspect(engine, id).await?;
        if is_paused(&found) {
            let going_on = docker.unpause_container(id);
            engine.ask("let the container go on", going_on).await?;
        }
        self.reconnect(engine, &found).await?;
        for update in self.limits.restore(limits(&found)) {
            let updated = docker.update_container(id, update);
            engine
                .ask("lift the limits of the container", updated)
                .await?;
        }
        if !is_running(&found) {
            let started = docker.start_container(id, None);
            engine.ask("start the container", started).await?;
        }
        self.until_healthy(engine).await
    }

    /// Puts it back on the networks that it is not on any more.
    async fn reconnect(
        &self,
        engine: &Engine,
        found: &ContainerInspectResponse,
    ) -> Result<(), DockerError> {
        let on = endpoints(&self.id, found);
        for (network, endpoint) in &self.networks {
            if !on.contains_key(network) {
                network::connect(engine, &self.id, network, endpoint).await?;
            }
        }
        Ok(())
    }

    async fn until_healthy(&self, engine: &Engine) -> Result<(), DockerError> {
        let deadline = Instant::now() + HEALTHY_WITHIN;
        loop {
            let found = inspect(engine, &self.id).await?;
            let Some(problem) = self.problem(&found) else {
                return Ok(());
            };
            if Instant::now() > deadline {
                return Err(DockerError::NotBack {
                    id: self.id.clone(),
                    problem,
                    within: HEALTHY_WITHIN,
                });
            }
            sleep(PAUSE).await;
        }
    }

    /// What it is not yet.
    fn problem(&self, found: &ContainerInspectResponse) -> Option<&'static str> {
        let on = endpoints(&self.id, found);
        let is_healthy = health(found) == Some(HealthStatusEnum::HEALTHY);
        if !is_running(found) {
            Some("does not run")
        } else if is_paused(found) {
            Some("is frozen")
        } else if self.networks.keys().any(|name| !on.contains_key(name)) {
            Some("is not on all its networks")
        } else if self.healthy && !is_healthy {
            Some("is not healthy")
        } else {
            None
        }
    }
}

/// What its own health check says, if it has one.
fn health(found: &ContainerInspectResponse) -> Option<HealthStatusEnum> {
    found.state.as_ref()?.health.as_ref()?.status
}

/// A container as the engine shows it.
pub(super) async fn inspect(
    engine: &Engine,
    id: &str,
) -> Result<ContainerInspectResponse, DockerError> {
    let showing = engine.client().inspect_container(id, None);
    engine.ask("show the container", showing).await
}

/// Whether it runs, frozen or not.
pub(super) fn is_running(found: &ContainerInspectResponse) -> bool {
    let state = found.state.as_ref();
    state.and_then(|state| state.running) == Some(true)
}

pub(super) fn is_paused(found: &ContainerInspectResponse) -> bool {
    let state = found.state.as_ref();
    state.and_then(|state| state.paused) == Some(true)
}

pub(super) fn endpoints(id: &str, found: &ContainerInspectResponse) -> Endpoints {
    let settings = found.network_settings.as_ref();
    let networks = settings.and_then(|settings| settings.networks.as_ref());
    network::endpoints(networks.unwrap_or(&HashMap::new()), id)
}

pub(super) fn limits(found: &ContainerInspectResponse) -> Limits {
    let config = found.host_config.as_ref();
    config.map(Limits::of).unwrap_or_default()
}
