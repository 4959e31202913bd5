//! How the compose project of an environment comes up: what its file is told of settings, ports and links, before anything runs.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::{
    Environment, EnvironmentError,
    containers::Containers,
    docker::bridge,
    links::{LinkError, Links},
    port,
};
use crate::config::{
    ContainerSettings, DockerSettings, EnvironmentSettings, LinkSettings, ServiceSettings,
    ServiceSource,
    environments::setting,
    template::{Part, setting_text},
};

impl Environment {
    /// Claims the compose project, if any service is a container, and opens the links that it is told of.
    pub(super) async fn claim_project(
        &mut self,
        environment: &EnvironmentSettings,
    ) -> Result<(), EnvironmentError> {
        let mut services = environment.services.iter();
        let Some(docker) = &environment.docker else {
            return Ok(());
        };
        if !services.any(ServiceSettings::is_container) {
            return Ok(());
        }
        let containers = Containers::claim(docker).await?;
        let file = ComposeFile {
            docker,
            environment,
        };
        if containers.is_up() {
            file.comes_too_late(&mut self.links)?;
        } else {
            file.wait_for_links(&containers, &mut self.links).await;
        }
        self.containers = Some(containers);
        Ok(())
    }

    /// Finds the container of a service; the first one brings the project up.
    pub(super) async fn find_container(
        &mut self,
        service: &ServiceSettings,
        container: &ContainerSettings,
        environment: &EnvironmentSettings,
        values: &Map<String, Value>,
    ) -> Result<String, EnvironmentError> {
        let (Some(docker), Some(containers)) = (&environment.docker, &mut self.containers) else {
            return Err(EnvironmentError::Place {
                service: service.name.clone(),
                place: "the compose project".to_owned(),
            });
        };
        if !containers.is_up() {
            let file = ComposeFile {
                docker,
                environment,
            };
            let variables = file.variables(&service.name, values, &self.links)?;
            let journal = self.journal.as_ref();
            containers.raise(docker, variables, journal).await?;
        }
        containers.add(service, container, &self.probe).await
    }
}

/// The compose file of a project, and all that it may be told of.
struct ComposeFile<'a> {
    docker: &'a DockerSettings,
    environment: &'a EnvironmentSettings,
}

impl ComposeFile<'_> {
    /// A project that runs was told of no link, and of no setting that this call gave.
    fn comes_too_late(&self, links: &mut Links) -> Result<(), EnvironmentError> {
        let project = &self.docker.project;
        if let Some(setting) = self.docker.given.first() {
            return Err(EnvironmentError::TooLate {
                project: project.clone(),
                setting: setting.clone(),
            });
        }
        for link in self.links() {
            let reason = LinkError::Ran {
                link: link.to_string(),
                project: project.clone(),
            };
            links.cannot_be(link, reason);
        }
        Ok(())
    }

    /// Opens the ports of the links that the file names. What cannot be opened is told to whoever asks for the link.
    async fn wait_for_links(&self, containers: &Containers, links: &mut Links) {
        if self.links().next().is_none() {
            return;
        }
        let way_in = find_way_in(containers).await;
        for link in self.links() {
            let name = link.to_string();
            let reason = match &way_in {
                _ if self.scheme(&link.to).is_none() => LinkError::NotStarted {
                    link: name,
                    service: link.to.clone(),
                },
                Ok(address) => {
                    links.wait(link, *address).await;
                    continue;
                }
                Err(problem) => LinkError::NoWayIn {
                    link: name,
                    problem: problem.clone(),
                },
            };
            links.cannot_be(link, reason);
        }
    }

    /// The links from containers that the file names.
    fn links(&self) -> impl Iterator<Item = &LinkSettings> {
        let declared = self.environment.links.iter();
        declared.filter(|link| {
            let named = link.to_string();
            let from = self.service(&link.from);
            from.is_some_and(ServiceSettings::is_container)
                && self.docker.links().any(|name| name == named)
        })
    }

    fn service(&self, name: &str) -> Option<&ServiceSettings> {
        let mut services = self.environment.services.iter();
        services.find(|known| known.name == name)
    }

    /// What the URL of a service begins with; none for one that is said to run.
    fn scheme(&self, service: &str) -> Option<&str> {
        match &self.service(service)?.source {
            ServiceSource::Container(container) => Some(&container.scheme),
            ServiceSource::Started(process) => Some(&process.scheme),
            ServiceSource::Running { .. } => None,
        }
    }

    /// The variables with their places filled. That of a link that is not there is empty: the file says what holds then.
    fn variables(
        &self,
        service: &str,
        values: &Map<String, Value>,
        links: &Links,
    ) -> Result<Vec<(String, String)>, EnvironmentError> {
        let missing = |place: String| EnvironmentError::Place {
            service: service.to_owned(),
            place,
        };
        let fill = |part: &Part| match part {
            Part::Port => Ok(port::free()?.to_string()),
            Part::Setting(name) => setting(values, name)
                .and_then(setting_text)
                .ok_or_else(|| missing(format!("the setting `{name}`"))),
            Part::Link(name) => Ok(self.link_url(name, links).unwrap_or_default()),
            Part::Text(text) => Ok(text.clone()),
            // The configuration takes no other place in a variable.
            other => Err(missing(format!("{other:?}"))),
        };
        let filled = self.docker.variables.iter();
        filled
            .map(|(name, value)| Ok((name.clone(), value.fill(fill)?)))
            .collect()
    }

    /// The URL of a link, which is open already if it leads to something that started before.
    fn link_url(&self, name: &str, links: &Links) -> Option<String> {
        let link = self.links().find(|link| link.to_string() == name)?;
        if let Some(url) = links.url(&link.from, &link.to) {
            return Some(url.to_owned());
        }
        let address = links.waits_at(link)?;
        Some(format!("{}://{address}", self.scheme(&link.to)?))
    }
}

/// The address at which containers reach this host; the error says why there is none.
async fn find_way_in(containers: &Containers) -> Result<IpAddr, String> {
    match bridge::address(containers.engine()).await {
        Ok(Some(address)) => Ok(address),
        Ok(None) => Err("the engine's own bridge has no address".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
