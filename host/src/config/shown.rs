//! The resolved values by their dotted names, each with its origin: what `host config` prints.

use std::slice;

use crate::config::{
    docker::{ContainerSettings, PROJECT_KEYS},
    entry::{Entry, Value, find},
    environments::{EnvironmentSettings, ProcessSettings, ServiceSettings, ServiceSource},
    origin::Origin,
};

/// Tables by dotted names, down to the plain values.
pub(super) fn flatten(prefix: &str, entries: &[Entry], into: &mut Vec<Entry>) {
    for entry in entries {
        let name = format!("{prefix}.{}", key_text(&entry.key));
        match &entry.value {
            Value::Table(inner) => flatten(&name, inner, into),
            value => into.push(Entry::new(&name, value.clone(), entry.origin.clone())),
        }
    }
}

/// A key as TOML wants it in a dotted name.
fn key_text(key: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if key.chars().all(bare) {
        key.to_owned()
    } else {
        format!("\"{key}\"")
    }
}

/// The services of the chosen environment. `environments` is that table of the file: it knows the line of each key.
pub(super) fn service_entries(
    environment: &EnvironmentSettings,
    environments: &[Entry],
    into: &mut Vec<Entry>,
) {
    let inside = |entries, key: &str| find(entries, key).and_then(|entry| entry.table().ok());
    let declared = inside(environments, &environment.name).unwrap_or_default();
    let prefix = format!("environments.{}", key_text(&environment.name));
    for key in PROJECT_KEYS {
        let project = find(declared, key).map(slice::from_ref).unwrap_or_default();
        flatten(&prefix, project, into);
    }
    let declared = inside(declared, "services").unwrap_or_default();
    for service in &environment.services {
        let shown = Shown {
            keys: inside(declared, &service.name).unwrap_or_default(),
            entries: Vec::new(),
        };
        let named = Entry::new(
            &service.name,
            Value::Table(shown.service(service)),
            service.origin.clone(),
        );
        let prefix = format!("environments.{}.services", key_text(&environment.name));
        flatten(&prefix, slice::from_ref(&named), into);
    }
}

/// The links of the chosen environment: they have nothing but their names.
pub(super) fn link_entries(environment: &EnvironmentSettings, into: &mut Vec<Entry>) {
    let prefix = format!("environments.{}.links", key_text(&environment.name));
    for link in &environment.links {
        let name = format!("{prefix}.{}", key_text(&link.to_string()));
        into.push(Entry::new(
            &name,
            Value::Table(Vec::new()),
            link.origin.clone(),
        ));
    }
}

/// What is shown of a service so far.
struct Shown<'a> {
    /// What the file says of it.
    keys: &'a [Entry],
    entries: Vec<Entry>,
}

impl Shown<'_> {
    fn service(mut self, service: &ServiceSettings) -> Vec<Entry> {
        let within = humantime::format_duration(service.readiness.within).to_string();
        let within = Value::Text(within);
        let mut within_holds = true;
        match &service.source {
            ServiceSource::Running { url, origin } => {
                self.show("url", Value::Text(url.clone()), origin);
                // What the file says is for a service that has to start.
                within_holds = matches!(origin, Origin::File { .. });
            }
            ServiceSource::Started(process) => self.process(process),
            ServiceSource::Container(container) => self.container(container),
        }
        if let Some(health) = &service.readiness.health {
            self.resolved("health", Value::Text(health.clone()));
            let status = service.readiness.status.into();
            self.resolved("health-status", Value::Integer(status));
        }
        if within_holds {
            self.resolved("ready-within", within);
        } else {
            self.show("ready-within", within, &Origin::Default);
        }
        self.entries
    }

    fn process(&mut self, process: &ProcessSettings) {
        self.resolved("command", Value::Text(process.command_line()));
        for key in ["port", "ready-line"] {
            if let Some(declared) = find(self.keys, key) {
                self.entries.push(declared.clone());
            }
        }
        self.resolved("scheme", Value::Text(process.scheme.clone()));
    }

    fn container(&mut self, container: &ContainerSettings) {
        self.resolved("container", Value::Text(container.container.clone()));
        self.resolved("port", Value::Integer(container.port.into()));
        self.resolved("scheme", Value::Text(container.scheme.clone()));
    }

    /// A value of the file, or else the default.
    fn resolved(&mut self, key: &str, value: Value) {
        let declared = find(self.keys, key).map(|entry| entry.origin.clone());
        self.show(key, value, &declared.unwrap_or(Origin::Default));
    }

    fn show(&mut self, key: &str, value: Value, origin: &Origin) {
        self.entries.push(Entry::new(key, value, origin.clone()));
    }
}
