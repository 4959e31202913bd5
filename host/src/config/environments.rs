//! `[environments.NAME]`: the services of an environment, in the order of their start.

use std::time::Duration;

use crate::config::{
    docker::{self, ContainerSettings, DockerSettings},
    entry::{Entry, find},
    error::ConfigError,
    links::{self, LinkSettings},
    origin::Origin,
    running::{REACHED_WITHIN, url},
    template::{PLACES, Part, Template, setting_text},
};

/// An environment: the services and how they are brought up.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvironmentSettings {
    /// Its name in `assay.toml`.
    pub name: String,
    /// In the order of their start.
    pub services: Vec<ServiceSettings>,
    /// The paths between them, and from the suites to them, on which faults can be made.
    pub links: Vec<LinkSettings>,
    /// The compose project that its containers belong to.
    pub docker: Option<DockerSettings>,
}

/// One service of an environment.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSettings {
    /// Its name.
    pub name: String,
    /// Where it was declared.
    pub origin: Origin,
    /// Whether it runs already or has to be started.
    pub source: ServiceSource,
    /// How it shows that it is ready.
    pub readiness: Readiness,
}

impl ServiceSettings {
    /// Whether the host starts it.
    pub fn is_started(&self) -> bool {
        matches!(self.source, ServiceSource::Started(_))
    }

    /// Whether it is a container of the environment's compose project.
    pub fn is_container(&self) -> bool {
        matches!(self.source, ServiceSource::Container(_))
    }
}

/// Whether a service runs already or has to be started.
#[derive(Clone, Debug, PartialEq)]
pub enum ServiceSource {
    /// It runs already, is used and never touched.
    Running {
        /// Its base URL, without a slash at the end.
        url: String,
        /// Who said so.
        origin: Origin,
    },
    /// The host starts it.
    Started(ProcessSettings),
    /// It is a container of the environment's compose project.
    Container(ContainerSettings),
}

/// How a service is started.
#[derive(Clone, Debug, PartialEq)]
pub struct ProcessSettings {
    /// The program and its arguments; at least the program.
    pub command: Vec<Template>,
    /// How it is known where it listens.
    pub address: AddressSource,
    /// What its URL begins with: `http`, `redis`.
    pub scheme: String,
}

impl ProcessSettings {
    /// The command as it was written, on one line.
    pub fn command_line(&self) -> String {
        self.command
            .iter()
            .map(Template::text)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// How it is known where a service listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressSource {
    /// The first line of standard output is this text and then `HOST:PORT`. `{port}` is 0 at the first start, so that the service
    /// chooses, and what it chose at each later one.
    ReadyLine(String),
    /// A free port that the host picks and gives as `{port}`.
    Picked,
    /// A port of the loopback address that is always the same.
    Fixed(u16),
}

/// How a service shows that it is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The path that answers; none if it is enough that connections are accepted.
    pub health: Option<String>,
    /// The status that the path answers with.
    pub status: u16,
    /// How long it may take.
    pub within: Duration,
}

/// The keys of a service.
const KEYS: [&str; 9] = [
    "command",
    "url",
    "container",
    "scheme",
    "port",
    "ready-line",
    "health",
    "health-status",
    "ready-within",
];
/// How long a service may take that does not say.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// How long a service may take at most.
const MAX_READY_WITHIN: Duration = Duration::from_mins(30);

/// Reads the table `environments`.
pub fn read(entries: &[Entry]) -> Result<Vec<EnvironmentSettings>, ConfigError> {
    entries.iter().map(environment).collect()
}

fn environment(entry: &Entry) -> Result<EnvironmentSettings, ConfigError> {
    let what = format!("key of `[environments.{}]`", entry.key);
    let known = [
        &["services", "links", "settings", "baselines"][..],
        &docker::PROJECT_KEYS,
    ]
    .concat();
    let keys = entry.table_of(&what, &known)?;
    let table = |key| find(keys, key).map_or(Ok(&[][..]), Entry::table);
    // What is in them counts when all layers are merged.
    table("settings")?;
    table("baselines")?;
    let services: Vec<_> = table("services")?
        .iter()
        .map(service)
        .collect::<Result<_, _>>()?;
    for (index, service) in services.iter().enumerate() {
        check_references(service, &services[..index])?;
    }
    let docker = docker::project(keys)?;
    let contained = |service: &&ServiceSettings| service.is_container() && docker.is_none();
    if let Some(service) = services.iter().find(contained) {
        return Err(ConfigError::new(
            &service.origin,
            format!("`{}` is a container of no project", service.name),
            "add `compose` and `project` to the environment",
        ));
    }
    let links = links::read(table("links")?, &services, docker.as_ref())?;
    docker::check_links(table("variables")?, &services, &links)?;
    Ok(EnvironmentSettings {
        name: entry.key.clone(),
        links,
        services,
        docker,
    })
}

fn service(entry: &Entry) -> Result<ServiceSettings, ConfigError> {
    links::check_name(&entry.key, &entry.origin)?;
    let keys = entry.table_of(&format!("key of the service `{}`", entry.key), &KEYS)?;
    let readiness = Readiness {
        health: find(keys, "health").map(path).transpose()?,
        status: find(keys, "health-status")
            .map(|status| status.integer(100..=599))
            .transpose()?
            .and_then(|status| u16::try_from(status).ok())
            .unwrap_or(200),
        within: find(keys, "ready-within")
            .map(|within| within.duration(Duration::from_millis(1)..=MAX_READY_WITHIN))
            .transpose()?
            .unwrap_or(if find(keys, "url").is_some() {
                REACHED_WITHIN
            } else {
                READY_WITHIN
            }),
    };
    Ok(ServiceSettings {
        name: entry.key.clone(),
        origin: entry.origin.clone(),
        source: source(entry, keys)?,
        readiness,
    })
}

fn source(entry: &Entry, keys: &[Entry]) -> Result<ServiceSource, ConfigError> {
    let given = ["command", "url", "container"].map(|key| find(keys, key));
    match given {
        [Some(command), None, None] => Ok(ServiceSource::Started(process(command, keys)?)),
        [None, Some(given), None] => Ok(ServiceSource::Running {
            url: url(given.text()?, &given.origin)?,
            origin: given.origin.clone(),
        }),
        [None, None, Some(container)] => Ok(ServiceSource::Container(docker::container(
            container, keys,
        )?)),
        [Some(_), Some(given), None] => Err(given.wrong(
            "a service that is started has no `url` of its own",
            "keep `command` to start it, or `url` to use one that runs",
        )),
        [_, _, Some(container)] => Err(container.wrong(
            "a container is started by Compose, and its address is the one that it publishes",
            "keep `container`, or else `command` or `url`",
        )),
        [None, None, None] => Err(entry.wrong(
            "the service has neither `command` nor `url`",
            "add `command = [...]` to start it, or `url = \"http://...\"` to use one that runs",
        )),
    }
}

fn process(command: &Entry, keys: &[Entry]) -> Result<ProcessSettings, ConfigError> {
    let words = command.texts()?;
    if words.first().is_none_or(|program| program.is_empty()) {
        return Err(command.wrong(
            "no program is named",
            "name it first: `command = [\"program\", ...]`",
        ));
    }
    let places = format!("there is {PLACES}; a brace is written twice");
    let command_words = words
        .into_iter()
        .map(Template::parse)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|problem| command.wrong(problem, &places))?;
    let mut parts = command_words.iter().flat_map(Template::parts);
    if let Some(Part::Link(name)) = parts.find(|part| matches!(part, Part::Link(_))) {
        let to = name.split_once(links::ARROW).map_or("NAME", |(_, to)| to);
        return Err(command.wrong(
            format_args!("`{{link:{name}}}` is for what a compose file is told"),
            format!("write `{{url:{to}}}`: it is the URL of the link where there is one"),
        ));
    }
    let has_port = command_words
        .iter()
        .any(|word| word.parts().contains(&Part::Port));
    let address = match (find(keys, "ready-line"), find(keys, "port")) {
        (Some(_), Some(port)) => {
            return Err(port.wrong(
                "the `ready-line` tells the port already",
                "keep one of the two",
            ));
        }
        (Some(line), None) => AddressSource::ReadyLine(line.text()?.to_owned()),
        (None, Some(port)) => {
            let number = port.integer(1..=65_535)?;
            AddressSource::Fixed(u16::try_from(number).unwrap_or(u16::MAX))
        }
        (None, None) if has_port => AddressSource::Picked,
        (None, None) => {
            return Err(command.wrong(
                "nobody can know where the service listens",
                "give it a `{port}`, or say with `ready-line` or `port` where it listens",
            ));
        }
    };
    let scheme = find(keys, "scheme")
        .map(Entry::text)
        .transpose()?
        .unwrap_or("http");
    Ok(ProcessSettings {
        command: command_words,
        address,
        scheme: scheme.to_owned(),
    })
}

fn path(entry: &Entry) -> Result<String, ConfigError> {
    let path = entry.text()?;
    if path.starts_with('/') && !path.contains(char::is_whitespace) {
        Ok(path.to_owned())
    } else {
        Err(entry.wrong(
            format_args!("`{path}` is no path"),
            "begin it with `/`, such as \"/health\"",
        ))
    }
}

/// Templates may name services that start earlier, and no others.
fn check_references(
    service: &ServiceSettings,
    earlier: &[ServiceSettings],
) -> Result<(), ConfigError> {
    for part in parts(service) {
        if let Part::Url(name) | Part::Address(name) = part
            && !earlier.iter().any(|earlier| earlier.name == *name)
        {
            let known = earlier.iter().map(|earlier| earlier.name.as_str());
            let what = format!("service before `{}`", service.name);
            return Err(ConfigError::unknown(&service.origin, &what, name, known));
        }
    }
    Ok(())
}

/// Templates may name settings that exist.
pub fn check_settings(
    environment: &EnvironmentSettings,
    values: &serde_json::Map<String, serde_json::Value>,
) -> Result<(), ConfigError> {
    for service in &environment.services {
        for part in parts(service) {
            if let Part::Setting(name) = part
                && setting(values, name).and_then(setting_text).is_none()
            {
                let message = format!(
                    "the command of `{}` needs the setting `{name}`",
                    service.name
                );
                let hint = format!("add it to `[settings]`, or give it: `--set {name}=VALUE`");
                return Err(ConfigError::new(&service.origin, message, hint));
            }
        }
    }
    if let Some(docker) = &environment.docker {
        docker::check_settings(docker, values)?;
    }
    Ok(())
}

/// The settings that the command of a service names.
pub(super) fn settings_of(service: &ServiceSettings) -> impl Iterator<Item = &str> {
    parts(service).filter_map(|part| match part {
        Part::Setting(name) => Some(name.as_str()),
        _ => None,
    })
}

pub(super) fn parts(service: &ServiceSettings) -> impl Iterator<Item = &Part> {
    let command = match &service.source {
        ServiceSource::Started(process) => process.command.as_slice(),
        ServiceSource::Running { .. } | ServiceSource::Container(_) => &[],
    };
    command.iter().flat_map(Template::parts)
}

/// A setting by its dotted name.
pub fn setting<'a>(
    values: &'a serde_json::Map<String, serde_json::Value>,
    name: &str,
) -> Option<&'a serde_json::Value> {
    let mut names = name.split('.');
    let first = values.get(names.next()?)?;
    names.try_fold(first, |value, name| value.get(name))
}
