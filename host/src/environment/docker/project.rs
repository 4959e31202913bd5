//! A compose project: which containers and networks are its own. Only the labels that Compose gave them count.

use std::collections::HashMap;

use super::{
    engine::{Engine, escaped},
    error::DockerError,
    model::{Inspected, Network, Summary, Volumes},
};

const PROJECT: &str = "com.docker.compose.project";
const SERVICE: &str = "com.docker.compose.service";
const ONE_OFF: &str = "com.docker.compose.oneoff";
const NETWORK: &str = "com.docker.compose.network";
/// What all engines publish on, beside the loopback address itself.
const ANY_ADDRESS: [&str; 3] = ["", "0.0.0.0", "::"];

/// A compose project of an engine. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Project {
    engine: Engine,
    name: String,
}

/// A container of the project, as the engine lists it.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    /// The compose service.
    pub(super) service: String,
    /// Its id.
    pub(super) id: String,
    /// Whether it runs or is paused.
    pub(super) runs: bool,
}

impl Project {
    /// The project of that name; whether it exists is not asked.
    pub fn new(engine: Engine, name: &str) -> Self {
        Self {
            engine,
            name: name.to_owned(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The engine that it is on.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Its containers, those that do not run too.
    pub(super) async fn containers(&self) -> Result<Vec<Listed>, DockerError> {
        let path = format!("/containers/json?all=true&filters={}", self.filter());
        let found: Vec<Summary> = self.engine.get("list containers", &path).await?;
        let own = found.into_iter().filter_map(|one| self.listed(one));
        Ok(own.collect())
    }

    /// Whether any of its containers runs.
    pub async fn is_up(&self) -> Result<bool, DockerError> {
        Ok(self.containers().await?.iter().any(|one| one.runs))
    }

    /// Whether it has left volumes.
    pub async fn has_volumes(&self) -> Result<bool, DockerError> {
        let path = format!("/volumes?filters={}", self.filter());
        let found: Volumes = self.engine.get("list volumes", &path).await?;
        Ok(found.volumes.is_some_and(|volumes| !volumes.is_empty()))
    }

    /// The id of the one container of a compose service.
    pub(super) async fn container(&self, service: &str) -> Result<String, DockerError> {
        let containers = self.containers().await?;
        let mut found = containers.iter().filter(|one| one.service == service);
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only.id.clone()),
            (first, _) => Err(DockerError::NotOne {
                project: self.name.clone(),
                container: service.to_owned(),
                count: first.map_or(0, |_| {
                    containers
                        .iter()
                        .filter(|one| one.service == service)
                        .count()
                }),
                known: containers.iter().map(|one| one.service.clone()).collect(),
            }),
        }
    }

    /// The engine's names of its networks, by those of the compose file.
    pub(super) async fn networks(&self) -> Result<HashMap<String, String>, DockerError> {
        let path = format!("/networks?filters={}", self.filter());
        let found: Vec<Network> = self.engine.get("list networks", &path).await?;
        let named = found.into_iter().filter_map(|mut network| {
            let label = network.labels.remove(NETWORK)?;
            Some((label, network.name))
        });
        Ok(named.collect())
    }

    fn filter(&self) -> String {
        let label = format!("{PROJECT}={}", self.name);
        escaped(&serde_json::json!({"label": [label]}).to_string())
    }

    /// The filter is the engine's; that it holds is checked again, because what follows may kill.
    fn listed(&self, found: Summary) -> Option<Listed> {
        let mut labels = found.labels;
        let one_off = labels.get(ONE_OFF);
        let is_own = labels.get(PROJECT) == Some(&self.name)
            && one_off.is_none_or(|value| !value.eq_ignore_ascii_case("true"));
        if !is_own {
            return None;
        }
        Some(Listed {
            service: labels.remove(SERVICE)?,
            id: found.id,
            runs: matches!(found.state.as_str(), "running" | "paused" | "restarting"),
        })
    }
}

/// The port of this machine's loopback address that leads to a port of a container; none if there is none, or it does not run.
pub(super) fn published(container: &Inspected, port: u16) -> Option<u16> {
    let bindings = container.network_settings.ports.get(&format!("{port}/tcp"));
    let on_loopback = bindings?.as_ref()?.iter().find(|binding| {
        let address = binding.host_ip.as_str();
        address == "127.0.0.1" || ANY_ADDRESS.contains(&address)
    })?;
    on_loopback.host_port.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_ports(ports: &str) -> Inspected {
        let text = format!(r#"{{"NetworkSettings":{{"Ports":{ports}}}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_port_counts_if_it_is_published_where_the_host_can_connect() {
        for (ports, expected) in [
            (
                r#"{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8001"}]}"#,
                Some(8001),
            ),
            (
                r#"{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8002"}]}"#,
                Some(8002),
            ),
            (
                r#"{"80/tcp":[{"HostIp":"192.0.2.1","HostPort":"1"},{"HostIp":"::","HostPort":"8003"}]}"#,
                Some(8003),
            ),
            (
                r#"{"80/tcp":[{"HostIp":"192.0.2.1","HostPort":"8004"}]}"#,
                None,
            ),
            (
                r#"{"80/udp":[{"HostIp":"127.0.0.1","HostPort":"8005"}]}"#,
                None,
            ),
            (r#"{"80/tcp":null}"#, None),
            ("{}", None),
        ] {
            assert_eq!(published(&with_ports(ports), 80), expected, "{ports}");
        }
    }
}
