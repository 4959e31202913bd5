//! Taking a container off its networks and putting it back as it was.

use std::collections::{BTreeMap, HashMap};

use bollard::models::{
    EndpointIpamConfig, EndpointSettings, NetworkConnectRequest, NetworkDisconnectRequest,
};
use serde::{Deserialize, Serialize};

use super::{engine::Engine, error::DockerError};

/// Letters of a container's short id.
const SHORT_ID: usize = 12;

/// Networks as the engine calls them, and what the container is on each.
pub type Endpoints = BTreeMap<String, Endpoint>;

/// What a container is on a network: what was asked for when it was made. The engine chooses the rest, such as most addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Endpoint {
    /// The names that it has there, but for its short id, which the engine adds by itself.
    pub aliases: Vec<String>,
    /// The address of version 4 that it has there, if it was chosen by hand.
    pub address: Option<String>,
    /// That of version 6.
    pub address_v6: Option<String>,
    /// Other containers by names of its own, as `container:name`.
    pub links: Vec<String>,
    /// Options of the network's driver.
    pub driver_options: BTreeMap<String, String>,
}

impl Endpoint {
    fn of(found: &EndpointSettings, container: &str) -> Self {
        let short_id = container.get(..SHORT_ID);
        let own = |alias: &&String| Some(alias.as_str()) != short_id;
        let address = found.ipam_config.clone().unwrap_or_default();
        Self {
            aliases: found
                .aliases
                .iter()
                .flatten()
                .filter(own)
                .cloned()
                .collect(),
            address: address.ipv4_address.filter(|address| !address.is_empty()),
            address_v6: address.ipv6_address.filter(|address| !address.is_empty()),
            links: found.links.clone().unwrap_or_default(),
            driver_options: found
                .driver_opts
                .clone()
                .unwrap_or_default()
                .into_iter()
                .collect(),
        }
    }

    fn settings(&self) -> EndpointSettings {
        let is_chosen = self.address.is_some() || self.address_v6.is_some();
        EndpointSettings {
            aliases: Some(self.aliases.clone()),
            ipam_config: is_chosen.then(|| EndpointIpamConfig {
                ipv4_address: self.address.clone(),
                ipv6_address: self.address_v6.clone(),
                link_local_ips: None,
            }),
            links: Some(self.links.clone()),
            driver_opts: Some(self.driver_options.clone().into_iter().collect()),
            ..EndpointSettings::default()
        }
    }

    /// Whether another one has all the names of this one.
    pub(super) fn is_in(&self, now: &Self) -> bool {
        self.aliases.iter().all(|name| now.aliases.contains(name))
    }
}

/// What a container is on its networks.
pub(super) fn endpoints(
    networks: &HashMap<String, EndpointSettings>,
    container: &str,
) -> Endpoints {
    let networks = networks.iter();
    let endpoints = networks.map(|(name, found)| (name.clone(), Endpoint::of(found, container)));
    endpoints.collect()
}

/// Takes a container off a network.
pub(super) async fn disconnect(
    engine: &Engine,
    container: &str,
    network: &str,
) -> Result<(), DockerError> {
    let what = format!("take the container off `{network}`");
    let request = NetworkDisconnectRequest {
        container: container.to_owned(),
        force: Some(true),
    };
    let done = engine.client().disconnect_network(network, request);
    engine.ask(&what, done).await
}

/// Puts a container back on a network, with the names and the fixed addresses that it had there.
pub(super) async fn connect(
    engine: &Engine,
    container: &str,
    network: &str,
    endpoint: &Endpoint,
) -> Result<(), DockerError> {
    let what = format!("put the container back on `{network}`");
    let request = NetworkConnectRequest {
        container: container.to_owned(),
        endpoint_config: Some(endpoint.settings()),
    };
    let done = engine.client().connect_network(network, request);
    engine.ask(&what, done).await
}

/// The names in the compose file of those networks that the container is on.
pub(super) fn names_of(endpoints: &Endpoints, known: &HashMap<String, String>) -> Vec<String> {
    let mut names: Vec<_> = known
        .iter()
        .filter(|(_, network)| endpoints.contains_key(*network))
        .map(|(name, _)| name.clone())
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_like_the_beginning_of_the_id_is_a_name() {
        let found = serde_json::from_str(r#"{"Aliases":["db","db00aa11bb22"]}"#).unwrap();
        let endpoint = Endpoint::of(&found, "db00aa11bb22cc33dd44");
        assert_eq!(endpoint.aliases, ["db"]);
    }

    #[test]
    fn what_was_chosen_by_hand_is_asked_for_again_and_what_the_engine_chose_is_not() {
        let text = r#"{"Aliases":["cache","cache.caching","5e87e3c1943d"],"IPAMConfig":{"IPv4Address":"172.20.0.9"},
            "IPAddress":"172.20.0.9","MacAddress":"02:42:ac:14:00:09","Links":null,"DriverOpts":null}"#;
        let endpoint = Endpoint::of(&serde_json::from_str(text).unwrap(), "5e87e3c1943d4af0");
        assert_eq!(endpoint.aliases, ["cache", "cache.caching"]);
        let asked = endpoint.settings();
        let address = asked.ipam_config.and_then(|config| config.ipv4_address);
        assert_eq!(address.as_deref(), Some("172.20.0.9"));
        assert_eq!((asked.ip_address, asked.mac_address), (None, None));

        let text = r#"{"Aliases":null,"IPAMConfig":{},"IPAddress":"172.20.0.2"}"#;
        let endpoint = Endpoint::of(&serde_json::from_str(text).unwrap(), "5e87");
        assert_eq!(endpoint, Endpoint::default());
        assert_eq!(endpoint.settings().ipam_config, None);
    }
}
