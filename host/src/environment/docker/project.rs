//! A compose project: which containers, networks and volumes are its own. Only the labels that Compose gave them count.

use std::collections::HashMap;

use bollard::{
    models::{
        ContainerInspectResponse, ContainerSummary, ContainerSummaryStateEnum as Seen, Network,
        PortBinding, Volume,
    },
    query_parameters::{
        ListContainersOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder,
    },
};

use super::{engine::Engine, error::DockerError};

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
        let found = self.list_containers().await?.into_iter();
        let own = found.filter_map(|one| self.listed(one));
        Ok(own.collect())
    }

    pub(super) async fn list_containers(&self) -> Result<Vec<ContainerSummary>, DockerError> {
        let options = ListContainersOptionsBuilder::new()
            .all(true)
            .filters(&self.filter());
        let docker = self.engine.client();
        let listing = docker.list_containers(Some(options.build()));
        self.engine.ask("list containers", listing).await
    }

    /// Whether any of its containers runs.
    pub async fn is_up(&self) -> Result<bool, DockerError> {
        Ok(self.containers().await?.iter().any(|one| one.runs))
    }

    /// Whether it has left volumes.
    pub async fn has_volumes(&self) -> Result<bool, DockerError> {
        Ok(!self.list_volumes().await?.is_empty())
    }

    pub(super) async fn list_volumes(&self) -> Result<Vec<Volume>, DockerError> {
        let options = ListVolumesOptionsBuilder::new().filters(&self.filter());
        let listing = self.engine.client().list_volumes(Some(options.build()));
        let found = self.engine.ask("list volumes", listing).await?;
        let volumes = found.volumes.into_iter().flatten();
        Ok(volumes
            .filter(|volume| self.is_own(Some(&volume.labels)))
            .collect())
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
        let found = self.list_networks().await?;
        let named = found.into_iter().filter_map(|network| {
            let label = network.labels?.remove(NETWORK)?;
            Some((label, network.name?))
        });
        Ok(named.collect())
    }

    pub(super) async fn list_networks(&self) -> Result<Vec<Network>, DockerError> {
        let options = ListNetworksOptionsBuilder::new().filters(&self.filter());
        let listing = self.engine.client().list_networks(Some(options.build()));
        let found = self.engine.ask("list networks", listing).await?;
        let own = found.into_iter();
        Ok(own
            .filter(|network| self.is_own(network.labels.as_ref()))
            .collect())
    }

    fn filter(&self) -> HashMap<&'static str, Vec<String>> {
        HashMap::from([("label", vec![format!("{PROJECT}={}", self.name)])])
    }

    /// The filter is the engine's; that it holds is checked again, because what follows may kill.
    pub(super) fn is_own(&self, labels: Option<&HashMap<String, String>>) -> bool {
        labels.and_then(|labels| labels.get(PROJECT)) == Some(&self.name)
    }

    pub(super) fn listed(&self, found: ContainerSummary) -> Option<Listed> {
        let is_own = self.is_own(found.labels.as_ref());
        let mut labels = found.labels?;
        let one_off = labels.get(ONE_OFF);
        if !is_own || one_off.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return None;
        }
        Some(Listed {
            service: labels.remove(SERVICE)?,
            id: found.id?,
            runs: matches!(
                found.state?,
                Seen::RUNNING | Seen::PAUSED | Seen::RESTARTING | Seen::STOPPING
            ),
        })
    }
}

/// Whether the compose file says on which port of this machine a port of a container is published.
pub(super) fn is_fixed(container: &ContainerInspectResponse, port: u16) -> bool {
    let bindings = || {
        let config = container.host_config.as_ref()?;
        config
            .port_bindings
            .as_ref()?
            .get(&format!("{port}/tcp"))?
            .as_ref()
    };
    let is_chosen = |binding: &PortBinding| {
        let port = binding.host_port.as_deref().unwrap_or_default();
        !port.is_empty() && port != "0"
    };
    bindings().is_some_and(|bindings| bindings.iter().all(is_chosen))
}

/// The port of this machine's loopback address that leads to a port of a container; none if there is none, or it does not run.
pub(super) fn published(container: &ContainerInspectResponse, port: u16) -> Option<u16> {
    let ports = container.network_settings.as_ref()?.ports.as_ref()?;
    let bindings = ports.get(&format!("{port}/tcp"))?;
    let on_loopback = bindings.as_ref()?.iter().find(|binding| {
        let address = binding.host_ip.as_deref().unwrap_or_default();
        address == "127.0.0.1" || ANY_ADDRESS.contains(&address)
    })?;
    on_loopback.host_port.as_ref()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_ports(ports: &str) -> ContainerInspectResponse {
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

    #[test]
    fn a_port_that_the_engine_chooses_changes_with_each_start() {
        for (bindings, expected) in [
            (
                r#"{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8001"}]}"#,
                true,
            ),
            (
                r#"{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":""}]}"#,
                false,
            ),
            (
                r#"{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"0"}]}"#,
                false,
            ),
            (r#"{"80/tcp":null}"#, false),
            ("{}", false),
        ] {
            let text = format!(r#"{{"HostConfig":{{"PortBindings":{bindings}}}}}"#);
            let found = serde_json::from_str(&text).unwrap();
            assert_eq!(is_fixed(&found, 80), expected, "{bindings}");
        }
    }
}
