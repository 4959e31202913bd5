//! What a compose project is made of, told so that each part is known again: one of the same name that somebody made anew is another.

use bollard::{
    models::{Network, Volume},
    query_parameters::{RemoveContainerOptionsBuilder, RemoveVolumeOptions},
};
use serde::{Deserialize, Serialize};

use super::{error::DockerError, project::Project};

/// A part of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Part {
    /// A container, by its id.
    Container(String),
    /// A network.
    Network {
        /// The id, which is another one when it is made anew.
        id: String,
        /// What the engine calls it.
        name: String,
    },
    /// A volume, which has no id.
    Volume {
        /// What the engine calls it.
        name: String,
        /// When it was made, in the engine's own words; none if it does not tell.
        created: Option<String>,
    },
}

impl Part {
    fn of_network(network: Network) -> Option<Self> {
        let id = network.id?;
        let name = network.name.unwrap_or_else(|| id.clone());
        Some(Self::Network { id, name })
    }

    fn of_volume(volume: Volume) -> Self {
        Self::Volume {
            name: volume.name,
            created: volume.created_at,
        }
    }
}

impl Project {
    /// All that has the project's label, in the order in which it can be removed: containers, those of `compose run` too, networks, and
    /// the volumes if they are asked for.
    pub(crate) async fn parts(&self, volumes: bool) -> Result<Vec<Part>, DockerError> {
        let mut parts = self.own_containers().await?;
        let networks = self.list_networks().await?.into_iter();
        parts.extend(networks.filter_map(Part::of_network));
        if volumes {
            let volumes = self.list_volumes().await?.into_iter();
            parts.extend(volumes.map(Part::of_volume));
        }
        Ok(parts)
    }

    pub(super) async fn own_containers(&self) -> Result<Vec<Part>, DockerError> {
        let found = self.list_containers().await?.into_iter();
        let own = found.filter(|one| self.is_own(one.labels.as_ref()));
        Ok(own.filter_map(|one| one.id).map(Part::Container).collect())
    }

    pub(super) async fn remove_part(&self, part: &Part) -> Result<(), DockerError> {
        let docker = self.engine().client();
        match part {
            Part::Container(id) => {
                let options = RemoveContainerOptionsBuilder::new().force(true).v(true);
                let removing = docker.remove_container(id, Some(options.build()));
                self.engine().ask("remove a container", removing).await
            }
            Part::Network { id, .. } => {
                let removing = docker.remove_network(id);
                self.engine().ask("remove a network", removing).await
            }
            Part::Volume { name, .. } => {
                let removing = docker.remove_volume(name, None::<RemoveVolumeOptions>);
                self.engine().ask("remove a volume", removing).await
            }
        }
    }
}
