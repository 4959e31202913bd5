//! Whether a `--set` can mean anything: a misspelt name, or one that comes too late, changes nothing, and nobody would notice.

use assay_report::hint::nearest;

use crate::config::{
    docker::DockerSettings,
    entry::{Entry, Value, find},
    environments::{EnvironmentSettings, ServiceSettings, ServiceSource, settings_of},
    error::ConfigError,
    origin::Origin,
};

/// The settings that are declared: in `[settings]` of the file and of all its profiles.
pub(super) struct Declared<'a> {
    layers: Vec<&'a [Entry]>,
    /// All of them by their dotted names.
    names: Vec<String>,
}

impl<'a> Declared<'a> {
    pub(super) fn new(layers: Vec<&'a [Entry]>) -> Self {
        let mut names: Vec<_> = layers.iter().flat_map(|layer| names(layer, "")).collect();
        names.sort();
        names.dedup();
        Self { layers, names }
    }

    /// Refuses a name that is not declared, if the table around it is, or if it is nearly a declared one.
    ///
    /// Any other new table is allowed: suites of other people read settings that this file does not have.
    pub(super) fn check(&self, set: &Entry) -> Result<(), ConfigError> {
        self.check_in(&self.layers, "", set)
    }

    fn check_in(&self, tables: &[&[Entry]], around: &str, set: &Entry) -> Result<(), ConfigError> {
        let found = tables.iter().filter_map(|table| find(table, &set.key));
        let found: Vec<&Entry> = found.collect();
        if found.is_empty() {
            return self.refuse(tables, around, set);
        }
        let below: Vec<_> = found.into_iter().filter_map(inner).collect();
        // A plain value in the place of a table, or the reverse, is told when the two are merged.
        if below.is_empty() {
            return Ok(());
        }
        let around = format!("{around}{}.", set.key);
        inner(set)
            .unwrap_or_default()
            .iter()
            .try_for_each(|entry| self.check_in(&below, &around, entry))
    }

    fn refuse(&self, tables: &[&[Entry]], around: &str, set: &Entry) -> Result<(), ConfigError> {
        let beside = tables.iter().copied().flatten();
        let near = nearest(&set.key, beside.map(|entry| entry.key.as_str()));
        let name = names(std::slice::from_ref(set), around).swap_remove(0);
        let ending = format!(".{name}");
        let without_table = || self.names.iter().find(|known| known.ends_with(&ending));
        if around.is_empty() && near.is_none() && without_table().is_none() {
            return Ok(());
        }
        let known = self.names.iter().map(String::as_str);
        let meant = nearest(&name, known).map(str::to_owned);
        let meant = meant.or_else(|| without_table().cloned());
        let meant = meant.or_else(|| near.map(|near| format!("{around}{near}")));
        let advice = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("there is: {}", self.beside(around)),
        };
        Err(ConfigError::new(
            &set.origin,
            format!("there is no setting `{name}`"),
            format!("{advice} a new one goes under [settings] of assay.toml"),
        ))
    }

    /// The names in a table, as a sentence.
    fn beside(&self, around: &str) -> String {
        let beside = self.names.iter().filter(|name| name.starts_with(around));
        let beside: Vec<_> = beside.map(String::as_str).collect();
        if beside.is_empty() {
            return "nothing in that table;".to_owned();
        }
        format!("{};", beside.join(", "))
    }
}

/// Refuses a setting that a service got when somebody else started it: now it is too late.
pub(super) fn check_in_time(
    set: &Entry,
    declared: &EnvironmentSettings,
    chosen: &EnvironmentSettings,
) -> Result<(), ConfigError> {
    let names = names(std::slice::from_ref(set), "");
    for service in &chosen.services {
        let ServiceSource::Running { origin, .. } = &service.source else {
            continue;
        };
        let as_declared = declared
            .services
            .iter()
            .find(|known| known.name == service.name);
        let mut used: Vec<_> = as_declared.into_iter().flat_map(settings_of).collect();
        if let Some(docker) = &declared.docker
            && as_declared.is_some_and(ServiceSettings::is_container)
        {
            used.extend(docker.settings());
        }
        if let Some(name) = names.iter().find(|name| used.contains(&name.as_str())) {
            return Err(too_late(set, name, &service.name, origin));
        }
    }
    Ok(())
}

/// Those that are given by `--set` and that the compose project is brought up with.
pub(super) fn given_to_project(sets: &[Entry], docker: &DockerSettings) -> Vec<String> {
    let mut given = names(sets, "");
    given.retain(|name| docker.settings().any(|used| used == name));
    given
}

fn too_late(set: &Entry, name: &str, service: &str, url_from: &Origin) -> ConfigError {
    let message = format!(
        "service `{service}` gets `{name}` when it is started, but it runs already: {url_from}"
    );
    let hint = "settings of a service take effect when it is started: `eval \"$(host environment down)\"`, then \
        `host environment up` with this `--set`, or a run that starts it";
    ConfigError::new(&set.origin, message, hint)
}

/// The entries of a table; none for a plain value.
fn inner(entry: &Entry) -> Option<&[Entry]> {
    match &entry.value {
        Value::Table(entries) => Some(entries),
        _ => None,
    }
}

/// Dotted names of all plain values, and of tables that hold none.
fn names(entries: &[Entry], around: &str) -> Vec<String> {
    let below = |entry: &Entry| {
        let name = format!("{around}{}", entry.key);
        match inner(entry) {
            Some(inner) if !inner.is_empty() => names(inner, &format!("{name}.")),
            _ => vec![name],
        }
    };
    entries.iter().flat_map(below).collect()
}
