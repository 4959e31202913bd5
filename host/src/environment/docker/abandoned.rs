//! Networks that nobody but the engine can free. Docker 20.10 at times counts an endpoint of a container that is gone, and then refuses to
//! remove its network until it is started anew.

use assay_report::hint::Hinted;
use bollard::query_parameters::InspectNetworkOptions;

use super::{engine::Engine, error::DockerError};

/// A network without a container that the engine does not remove.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the engine keeps the network `{network}`: no container is on it, but the engine counts endpoints there, and only its restart frees it"
)]
pub struct Abandoned {
    /// What the engine calls it.
    pub network: String,
}

impl Hinted for Abandoned {
    fn hint(&self) -> Option<String> {
        Some(format!(
            "it takes one of the engine's ranges of addresses, and nothing else: restart the engine when nobody needs it, and then \
            `docker network rm {}`",
            self.network
        ))
    }
}

/// The names of the containers that are on a network, in order; none if the network is gone.
pub(super) async fn containers_on(
    engine: &Engine,
    network: &str,
) -> Result<Option<Vec<String>>, DockerError> {
    let docker = engine.client();
    let asking = docker.inspect_network(network, None::<InspectNetworkOptions>);
    let found = match engine.ask("show a network", asking).await {
        Err(error) if error.is_no_such_network() => return Ok(None),
        found => found?,
    };
    let containers = found.containers.unwrap_or_default().into_iter();
    let mut names: Vec<_> = containers
        .map(|(id, endpoint)| endpoint.name.unwrap_or(id))
        .collect();
    names.sort();
    Ok(Some(names))
}
