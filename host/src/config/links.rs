//! `[environments.NAME.links]`: the network paths of an environment on which faults can be made.

use std::fmt;

use crate::config::{
    docker::DockerSettings,
    entry::Entry,
    environments::{ServiceSettings, ServiceSource, parts},
    error::ConfigError,
    origin::Origin,
    template::Part,
};

/// The end of a link at which the suites are. No service is called so.
pub const CLIENT: &str = "client";
/// What stands between the two ends in the name of a link.
pub const ARROW: &str = "->";
/// Links of an environment; each takes a port.
pub const MAX_LINKS: usize = 256;

/// A network path from one service, or from the suites, to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkSettings {
    /// The one that connects: a service, or [`CLIENT`].
    pub from: String,
    /// The service that is connected to.
    pub to: String,
    /// Where it was declared.
    pub origin: Origin,
}

/// As it is declared and as suites name it: `from->to`.
impl fmt::Display for LinkSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{ARROW}{}", self.from, self.to)
    }
}

impl LinkSettings {
    /// Whether the suites connect.
    pub fn is_of_client(&self) -> bool {
        self.from == CLIENT
    }
}

/// Reads the table `links` of an environment with these services and this compose project.
pub(super) fn read(
    entries: &[Entry],
    services: &[ServiceSettings],
    docker: Option<&DockerSettings>,
) -> Result<Vec<LinkSettings>, ConfigError> {
    if let Some(beyond) = entries.get(MAX_LINKS) {
        let message = format!("an environment has at most {MAX_LINKS} links");
        return Err(ConfigError::new(
            &beyond.origin,
            message,
            "declare those on which a suite makes faults",
        ));
    }
    let links = entries.iter().map(|entry| link(entry, services, docker));
    links.collect()
}

fn link(
    entry: &Entry,
    services: &[ServiceSettings],
    docker: Option<&DockerSettings>,
) -> Result<LinkSettings, ConfigError> {
    let form = format!("write it like `\"{CLIENT}{ARROW}SERVICE\" = {{}}`");
    let (from, to) = entry
        .key
        .split_once(ARROW)
        .ok_or_else(|| entry.wrong("it does not name two ends", form.as_str()))?;
    entry.table_of(&format!("key of the link `{}`", entry.key), &[])?;
    let names = || services.iter().map(|service| service.name.as_str());
    let known = |name: &str| services.iter().find(|service| service.name == name);
    if known(to).is_none() {
        return Err(ConfigError::unknown(&entry.origin, "service", to, names()));
    }
    if from == to {
        return Err(entry.wrong("both ends are the same", form.as_str()));
    }
    if from != CLIENT {
        let Some(service) = known(from) else {
            let names = names().chain([CLIENT]);
            return Err(ConfigError::unknown(&entry.origin, "service", from, names));
        };
        check_use(entry, service, to, docker)?;
    }
    Ok(LinkSettings {
        from: from.to_owned(),
        to: to.to_owned(),
        origin: entry.origin.clone(),
    })
}

/// A service connects to where its command, or the compose file, is told; a link that is not named there would carry nothing.
fn check_use(
    entry: &Entry,
    from: &ServiceSettings,
    to: &str,
    docker: Option<&DockerSettings>,
) -> Result<(), ConfigError> {
    let leads_there = |part: &Part| match part {
        Part::Url(name) | Part::Address(name) => name == to,
        _ => false,
    };
    match from.source {
        ServiceSource::Started(_) if !parts(from).any(leads_there) => Err(entry.wrong(
            format_args!("the command of `{}` does not connect to `{to}`", from.name),
            format!("name the service there, as `{{url:{to}}}` or `{{address:{to}}}`"),
        )),
        ServiceSource::Container(_) if !docker.is_some_and(|docker| docker.tells(&entry.key)) => {
            Err(entry.wrong(
                format_args!("the container of `{}` is not told of it", from.name),
                format!(
                    "add a variable of the compose file: `{}_URL = \"{{link:{}}}\"`",
                    to.to_uppercase().replace('-', "_"),
                    entry.key
                ),
            ))
        }
        _ => Ok(()),
    }
}

/// A service whose name would be taken for a link or for the suites.
pub(super) fn check_name(name: &str, origin: &Origin) -> Result<(), ConfigError> {
    if name != CLIENT && !name.contains(ARROW) {
        return Ok(());
    }
    let message = format!("no service can be called `{name}`: it is a name of links");
    Err(ConfigError::new(
        origin,
        message,
        "give it another name, such as `web`",
    ))
}
