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
    /// that it runs, and calls it healthy if it did before. What is gone for good stays gone, and is answered, for a person: the
    /// container, or a network of it.
    pub async fn bring_back(&self, engine: &Engine) -> Result<Vec<String>, DockerError> {
        match self.try_bring_back(engine).await {
            Err(error) if error.is_no_such_container() => Ok(vec!["it is gone".to_owned()]),
            done => done,
        }
    }

    async fn try_bring_back(&self, engine: &Engine) -> Result<Vec<String>, DockerError> {
        let (id, docker) = (self.id.as_str(), engine.client());
        let found = inspect(engine, id).await?;
        if is_paused(&found) {
            let going_on = docker.unpause_container(id);
            engine.ask("let the container go on", going_on).await?;
        }
        let gone = self.reconnect(engine, &found).await?;
        for update in self.limits.restore(limits(&found)) {
            let updated = docker.update_container(id, update);
            engine
                .ask("lift the limits of the container", updated)
                .await?;
        }
        if !is_running(&found) {
            let started = docker.start_container(id, None);
            match engine.ask("start the container", started).await {
                // It is still to be on a network that was removed while it did not run.
                Err(error) if error.is_no_such_network() => {
                    return Ok(vec![format!("it does not start any more: {error}")]);
                }
                started => started?,
            }
        }
        self.until_healthy(engine, &gone).await?;
        let gone = gone
            .iter()
            .map(|name| format!("the network `{name}` is gone"));
        Ok(gone.collect())
    }

    /// Puts it back on the networks that it is not on any more; answers those that are gone.
    async fn reconnect(
        &self,
        engine: &Engine,
        found: &ContainerInspectResponse,
    ) -> Result<Vec<String>, DockerError> {
        let on = endpoints(&self.id, found);
        let mut gone = Vec::new();
        for (network, endpoint) in &self.networks {
            if on.contains_key(network) {
                continue;
            }
            match network::connect(engine, &self.id, network, endpoint).await {
                Err(error) if error.is_no_such_network() => gone.push(network.clone()),
                connected => connected?,
            }
        }
        Ok(gone)
    }

    async fn until_healthy(&self, engine: &Engine, gone: &[String]) -> Result<(), DockerError> {
        let deadline = Instant::now() + HEALTHY_WITHIN;
        loop {
            let found = inspect(engine, &self.id).await?;
            let Some(problem) = self.problem(&found, gone) else {
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

    /// Whether it shows, running, as it was: nothing that was done to it is left.
    pub(super) fn is_shown(&self, found: &ContainerInspectResponse) -> bool {
        let any_health = Self {
            healthy: false,
            ..self.clone()
        };
        any_health.problem(found, &[]).is_none() && self.limits.restore(limits(found)).is_empty()
    }

    /// What it is not yet, its networks that are gone left aside.
    fn problem(&self, found: &ContainerInspectResponse, gone: &[String]) -> Option<&'static str> {
        let on = endpoints(&self.id, found);
        let lacks = |name: &String| !on.contains_key(name) && !gone.contains(name);
        let is_healthy = health(found) == Some(HealthStatusEnum::HEALTHY);
        if !is_running(found) {
            Some("does not run")
        } else if is_paused(found) {
            Some("is frozen")
        } else if self.networks.keys().any(lacks) {
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

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::{Value, json};

    use super::*;
    use crate::environment::docker::{network::Endpoint, scripted::ScriptedEngine};

    fn original() -> Original {
        let endpoint = Endpoint::default();
        Original {
            id: "ab".repeat(32),
            networks: [("shop_near".to_owned(), endpoint)].into(),
            ..Original::default()
        }
    }

    /// A container that is on none of its networks.
    fn off_its_networks(running: bool) -> (StatusCode, Value) {
        let state = json!({"Running": running, "Paused": false});
        let body = json!({"State": state, "NetworkSettings": {"Networks": {}}});
        (StatusCode::OK, body)
    }

    fn not_found(message: &str) -> (StatusCode, Value) {
        (StatusCode::NOT_FOUND, json!({"message": message}))
    }

    #[tokio::test]
    async fn a_network_that_is_gone_for_good_is_answered_and_the_rest_is_brought_back() {
        let scripted = ScriptedEngine::start(|question| {
            let gone = || not_found("network shop_near not found");
            Some(match question {
                "POST /networks/shop_near/connect" => gone(),
                _ if question.ends_with("/json") => off_its_networks(true),
                _ => return None,
            })
        })
        .await;
        let original = original();
        let back = original.bring_back(&scripted.connect().await).await;
        assert_eq!(back.unwrap(), ["the network `shop_near` is gone"]);
    }

    #[tokio::test]
    async fn a_container_that_is_gone_or_cannot_start_any_more_is_answered() {
        for (running, answer) in [
            (None, "it is gone"),
            (Some(false), "it does not start any more: "),
        ] {
            let scripted = ScriptedEngine::start(move |question| {
                let networks = "network shop_near not found";
                let missing = || not_found("No such container: abab");
                Some(match (question, running) {
                    ("POST /networks/shop_near/connect", _) => (StatusCode::OK, json!({})),
                    _ if question.ends_with("/start") => not_found(networks),
                    (_, Some(running)) if question.ends_with("/json") => off_its_networks(running),
                    (_, None) if question.ends_with("/json") => missing(),
                    _ => return None,
                })
            })
            .await;
            let original = original();
            let back = original
                .bring_back(&scripted.connect().await)
                .await
                .unwrap();
            assert_eq!(back.len(), 1);
            assert!(back[0].starts_with(answer), "{back:?}");
        }
    }

    #[test]
    fn what_was_done_to_a_container_shows() {
        let found = |state: Value, networks: Value| -> ContainerInspectResponse {
            let whole = json!({"State": state, "NetworkSettings": {"Networks": networks}});
            serde_json::from_value(whole).unwrap()
        };
        let (runs, on) = (json!({"Running": true}), json!({"shop_near": {}}));
        let frozen = json!({"Running": true, "Paused": true});
        for (state, networks, shown) in [
            (runs.clone(), on.clone(), true),
            (frozen, on.clone(), false),
            (json!({"Running": false}), on, false),
            (runs, json!({}), false),
        ] {
            let found = found(state, networks);
            assert_eq!(original().is_shown(&found), shown, "{found:?}");
        }
    }
}
