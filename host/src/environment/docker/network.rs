//! Taking a container off its networks and putting it back as it was.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use super::{
    engine::{Engine, escaped},
    error::DockerError,
    model::Endpoint,
};

/// A network as the engine calls it, and what the container was on it.
pub(super) type Endpoints = BTreeMap<String, Endpoint>;

/// Takes a container off a network.
pub(super) async fn disconnect(
    engine: &Engine,
    container: &str,
    network: &str,
) -> Result<(), DockerError> {
    let what = format!("take the container off `{network}`");
    let path = format!("/networks/{}/disconnect", escaped(network));
    let body = json!({"Container": container, "Force": true});
    engine.post(&what, &path, Some(body)).await
}

/// Puts a container back on a network, with the names and the fixed address that it had there.
pub(super) async fn connect(
    engine: &Engine,
    container: &str,
    network: &str,
    endpoint: &Endpoint,
) -> Result<(), DockerError> {
    let what = format!("put the container back on `{network}`");
    let path = format!("/networks/{}/connect", escaped(network));
    let endpoint = Endpoint {
        aliases: Some(aliases(endpoint, container)),
        ..endpoint.clone()
    };
    let body = json!({"Container": container, "EndpointConfig": endpoint});
    engine.post(&what, &path, Some(body)).await
}

/// The names of a container on a network, but for its short id, which the engine adds by itself.
pub(super) fn aliases(endpoint: &Endpoint, container: &str) -> Vec<String> {
    let aliases = endpoint.aliases.iter().flatten();
    aliases
        .filter(|alias| !container.starts_with(alias.as_str()))
        .cloned()
        .collect()
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
    fn the_name_that_the_engine_adds_by_itself_is_not_asked_for_again() {
        let aliases_of = |names: &[&str]| Endpoint {
            aliases: Some(names.iter().map(|&name| name.to_owned()).collect()),
            ..Endpoint::default()
        };
        let endpoint = aliases_of(&["cache", "cache.caching", "5e87e3c1943d"]);
        assert_eq!(
            aliases(&endpoint, "5e87e3c1943d4af0"),
            ["cache", "cache.caching"]
        );
        assert_eq!(aliases(&Endpoint::default(), "5e87"), [""; 0]);
    }
}
