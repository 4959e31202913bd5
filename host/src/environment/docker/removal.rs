//! Removes a project that a host which is dead had brought up: without its compose file, by Compose's labels.

use std::time::Duration;

use bollard::query_parameters::{RemoveContainerOptionsBuilder, RemoveVolumeOptions};
use tokio::time::{Instant, sleep};

use super::{error::DockerError, project::Project};

/// How long the parts of a project may take to be gone.
const REMOVAL_PATIENCE: Duration = Duration::from_mins(1);
/// Between two looks at them.
const REMOVAL_PAUSE: Duration = Duration::from_millis(100);
/// Looks in a row that show none: the engine may still be making what somebody had asked for who was killed meanwhile.
const EMPTY_LOOKS: usize = 3;

/// What a project has.
#[derive(Debug)]
enum Part {
    Container(String),
    Network(String),
    Volume(String),
}

impl Project {
    /// Removes all that has the project's label and nothing else: containers, those of `compose run` too, networks, and the volumes if
    /// that is asked for. Whoever made it may just have been killed, and the engine may still be making what that one had asked for: it is
    /// looked again until nothing shows any more.
    ///
    /// `containers` are those that it had when it was up, if that is known. One that has others now was made anew by somebody else, and
    /// one that has none was taken away: both are left alone.
    pub(crate) async fn remove(
        &self,
        containers: &[String],
        volumes: bool,
    ) -> Result<(), DockerError> {
        if !containers.is_empty() {
            let now = self.ids().await?;
            if now.is_empty() || now.iter().any(|id| !containers.contains(id)) {
                return Ok(());
            }
        }
        let deadline = Instant::now() + REMOVAL_PATIENCE;
        let (mut empty, mut problem) = (0, String::new());
        while empty < EMPTY_LOOKS {
            let parts = self.parts(volumes).await?;
            empty = if parts.is_empty() { empty + 1 } else { 0 };
            for part in &parts {
                match self.remove_part(part).await {
                    // It is gone already, or something which came meanwhile still uses it: the next look tells.
                    Err(DockerError::Refused { problem: words, .. }) => problem = words,
                    done => done?,
                }
            }
            if Instant::now() > deadline {
                return Err(DockerError::NotRemoved {
                    project: self.name().to_owned(),
                    within: REMOVAL_PATIENCE,
                    problem,
                });
            }
            sleep(REMOVAL_PAUSE).await;
        }
        Ok(())
    }

    /// In the order in which they can be removed.
    async fn parts(&self, volumes: bool) -> Result<Vec<Part>, DockerError> {
        let containers = self.ids().await?.into_iter();
        let mut parts: Vec<_> = containers.map(Part::Container).collect();
        let networks = self.list_networks().await?.into_iter();
        parts.extend(networks.filter_map(|network| network.id.map(Part::Network)));
        if volumes {
            parts.extend(self.volumes().await?.into_iter().map(Part::Volume));
        }
        Ok(parts)
    }

    async fn remove_part(&self, part: &Part) -> Result<(), DockerError> {
        let docker = self.engine().client();
        match part {
            Part::Container(id) => {
                let options = RemoveContainerOptionsBuilder::new().force(true).v(true);
                let removing = docker.remove_container(id, Some(options.build()));
                self.engine().ask("remove a container", removing).await
            }
            Part::Network(id) => {
                let removing = docker.remove_network(id);
                self.engine().ask("remove a network", removing).await
            }
            Part::Volume(name) => {
                let removing = docker.remove_volume(name, None::<RemoveVolumeOptions>);
                self.engine().ask("remove a volume", removing).await
            }
        }
    }

    /// Its containers.
    pub(crate) async fn ids(&self) -> Result<Vec<String>, DockerError> {
        let found = self.list_containers().await?.into_iter();
        let own = found.filter(|one| self.is_own(one.labels.as_ref()));
        Ok(own.filter_map(|one| one.id).collect())
    }
}
