//! `compose`, `project` and `variables` of an environment, and services that are containers of that project.

use std::path::PathBuf;

use crate::config::{
    entry::{Entry, find},
    environments::{ServiceSettings, setting},
    error::ConfigError,
    links::LinkSettings,
    origin::Origin,
    template::{Part, Template, setting_text},
};

/// The keys of an environment that are about its compose project.
pub(super) const PROJECT_KEYS: [&str; 3] = ["compose", "project", "variables"];
/// Bytes of a project's name: it becomes a part of names that have limits.
const MAX_PROJECT_BYTES: usize = 63;

/// The compose project of an environment.
#[derive(Clone, Debug, PartialEq)]
pub struct DockerSettings {
    /// The compose file.
    pub compose: PathBuf,
    /// The project's name.
    pub project: String,
    /// Where it was declared.
    pub origin: Origin,
    /// What `${NAME}` stands for in the compose file when the host brings the project up.
    pub variables: Vec<(String, Template)>,
    /// The settings that it is brought up with and that this call gave itself (`--set`): a project that runs does not notice them.
    pub given: Vec<String>,
}

impl DockerSettings {
    /// Whether the compose file is told of a link.
    pub(super) fn tells(&self, link: &str) -> bool {
        self.links().any(|named| named == link)
    }

    /// The links that the compose file is told of, one as often as it is named.
    pub fn links(&self) -> impl Iterator<Item = &str> {
        self.parts().filter_map(|part| match part {
            Part::Link(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The settings that the project is brought up with.
    pub(super) fn settings(&self) -> impl Iterator<Item = &str> {
        self.parts().filter_map(|part| match part {
            Part::Setting(name) => Some(name.as_str()),
            _ => None,
        })
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        let templates = self.variables.iter().map(|(_, template)| template);
        templates.flat_map(Template::parts)
    }
}

/// A service that is a container of the environment's compose project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerSettings {
    /// Its name in the compose file.
    pub container: String,
    /// The port inside the container; it has to be published on this machine.
    pub port: u16,
    /// What its URL begins with: `http`, `redis`.
    pub scheme: String,
}

/// Reads the project of an environment; none if it has no `compose`.
pub(super) fn project(keys: &[Entry]) -> Result<Option<DockerSettings>, ConfigError> {
    let Some(compose) = find(keys, "compose") else {
        let alone = PROJECT_KEYS.iter().find_map(|key| find(keys, key));
        return alone.map_or(Ok(None), |entry| {
            Err(entry.wrong(
                "there is no compose file that it could be for",
                "add `compose = \"docker-compose.yml\"`",
            ))
        });
    };
    let project = find(keys, "project").ok_or_else(|| {
        compose.wrong(
            "the project has no name",
            "add `project = \"NAME\"`: what `docker compose -p NAME` takes",
        )
    })?;
    let variables = find(keys, "variables").map_or(Ok(&[][..]), Entry::table)?;
    Ok(Some(DockerSettings {
        compose: PathBuf::from(compose.text()?),
        project: project_name(project)?,
        origin: compose.origin.clone(),
        variables: variables.iter().map(variable).collect::<Result<_, _>>()?,
        given: Vec::new(),
    }))
}

fn project_name(entry: &Entry) -> Result<String, ConfigError> {
    let name = entry.text()?;
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_name = name
        .bytes()
        .all(|byte| allowed(byte) || b"-_".contains(&byte))
        && name.bytes().next().is_some_and(allowed)
        && name.len() <= MAX_PROJECT_BYTES;
    if is_name {
        return Ok(name.to_owned());
    }
    Err(entry.wrong(
        format_args!("`{name}` is no name of a compose project"),
        format!("use a to z, 0 to 9, `-` and `_`, at most {MAX_PROJECT_BYTES} of them"),
    ))
}

fn variable(entry: &Entry) -> Result<(String, Template), ConfigError> {
    let places = "there is `{port}`, a free port, `{setting:NAME}` and `{link:FROM->TO}`; a brace is written twice";
    let value = Template::parse(entry.text()?).map_err(|problem| entry.wrong(problem, places))?;
    let known = |part: &Part| {
        matches!(
            part,
            Part::Text(_) | Part::Port | Part::Setting(_) | Part::Link(_)
        )
    };
    if !value.parts().iter().all(known) {
        return Err(entry.wrong("a variable of a compose file has no such place", places));
    }
    Ok((entry.key.clone(), value))
}

/// Variables may name links that a container connects over.
pub(super) fn check_links(
    variables: &[Entry],
    services: &[ServiceSettings],
    links: &[LinkSettings],
) -> Result<(), ConfigError> {
    let is_container = |name: &str| {
        let mut containers = services.iter().filter(|service| service.is_container());
        containers.any(|service| service.name == name)
    };
    let links = links.iter().filter(|link| is_container(&link.from));
    let links: Vec<_> = links.map(ToString::to_string).collect();
    for entry in variables {
        let (_, value) = variable(entry)?;
        for part in value.parts() {
            if let Part::Link(name) = part
                && !links.contains(name)
            {
                let known = links.iter().map(String::as_str);
                let what = "declared link of a container";
                return Err(ConfigError::unknown(&entry.origin, what, name, known));
            }
        }
    }
    Ok(())
}

/// Variables may name settings that exist.
pub(super) fn check_settings(
    docker: &DockerSettings,
    values: &serde_json::Map<String, serde_json::Value>,
) -> Result<(), ConfigError> {
    for (variable, value) in &docker.variables {
        for part in value.parts() {
            if let Part::Setting(name) = part
                && setting(values, name).and_then(setting_text).is_none()
            {
                let message = format!("the variable `{variable}` needs the setting `{name}`");
                let hint = format!("add it to `[settings]`, or give it: `--set {name}=VALUE`");
                return Err(ConfigError::new(&docker.origin, message, hint));
            }
        }
    }
    Ok(())
}

/// Reads a service that has a `container`.
pub(super) fn container(
    container: &Entry,
    keys: &[Entry],
) -> Result<ContainerSettings, ConfigError> {
    let port = find(keys, "port").ok_or_else(|| {
        container.wrong(
            "it is not known on which port the container listens",
            "add `port`, the one inside the container",
        )
    })?;
    if let Some(entry) = find(keys, "ready-line") {
        return Err(entry.wrong(
            "it is for services that the host starts itself",
            "remove it: the address of a container is the one that it publishes",
        ));
    }
    let scheme = find(keys, "scheme").map(Entry::text).transpose()?;
    Ok(ContainerSettings {
        container: container.text()?.to_owned(),
        port: u16::try_from(port.integer(1..=65_535)?).unwrap_or(u16::MAX),
        scheme: scheme.unwrap_or("http").to_owned(),
    })
}
