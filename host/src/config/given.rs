//! What variables and arguments say, read into entries: the layers above the file.

use crate::config::{
    EnvironmentSettings, Overrides,
    document::parse_value,
    entry::{Entry, Value},
    error::ConfigError,
    origin::Origin,
    run,
};

/// The variable that names the `assay.toml`.
pub(crate) const CONFIG_VARIABLE: &str = "ASSAY_CONFIG";
/// The variable for the address of the NATS server at which runs are shared, which is no value of the configuration: it may have a password.
pub(crate) const NATS_VARIABLE: &str = "ASSAY_NATS";
/// Parts of the name of a setting.
pub(crate) const MAX_SETTING_DEPTH: usize = 32;
const SERVICE_PREFIX: &str = "ASSAY_SERVICE_";
const SERVICE_SUFFIX: &str = "_URL";

/// The variable that gives the URL of a service that runs: `ASSAY_SERVICE_VECTOR_STORE_URL` for `vector-store`.
pub fn service_variable(service: &str) -> String {
    let name = service
        .to_uppercase()
        .replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
    format!("{SERVICE_PREFIX}{name}{SERVICE_SUFFIX}")
}

/// The service that a variable most likely means, where none is declared.
fn service_name(variable: &str) -> String {
    let name = variable.strip_prefix(SERVICE_PREFIX).unwrap_or(variable);
    let name = name.strip_suffix(SERVICE_SUFFIX).unwrap_or(name);
    name.to_lowercase().replace('_', "-")
}

/// What the variables say.
pub(super) struct Variables {
    pub(super) run: Vec<Entry>,
    /// The variable's name, the URL, where it came from.
    pub(super) services: Vec<(String, String, Origin)>,
}

impl Variables {
    pub(super) fn read(variables: &[(String, String)]) -> Result<Self, ConfigError> {
        let mut read = Self {
            run: Vec::new(),
            services: Vec::new(),
        };
        let mut sorted = variables.to_vec();
        sorted.sort();
        for (name, text) in sorted {
            let origin = Origin::Variable(name.clone());
            if name.starts_with(SERVICE_PREFIX) && name.ends_with(SERVICE_SUFFIX) {
                read.services.push((name, text, origin));
            } else if let Some(key) = run::keys()
                .into_iter()
                .find(|key| run::variable(key) == name)
            {
                read.run.push(run::parse(key, &text, &origin));
            } else if name != CONFIG_VARIABLE && name != NATS_VARIABLE {
                let names: Vec<_> = run::keys().into_iter().map(run::variable).collect();
                let known = names.iter().map(String::as_str);
                let known = known.chain([CONFIG_VARIABLE, NATS_VARIABLE, "ASSAY_SERVICE_NAME_URL"]);
                return Err(ConfigError::unknown(&origin, "variable", &name, known));
            }
        }
        Ok(read)
    }
}

pub(super) fn argument_entries(overrides: &Overrides) -> Vec<Entry> {
    let entry = |(key, text): &(&'static str, String)| {
        run::parse(key, text, &Origin::Argument(format!("--{key}")))
    };
    overrides.run.iter().map(entry).collect()
}

/// `a.b=value` as nested tables.
pub(super) fn set_entry(set: &str) -> Result<Entry, ConfigError> {
    let origin = Origin::Argument(format!("--set {set}"));
    let hint = "write it like `--set reference.step-ms=5`";
    let Some((name, text)) = set.split_once('=') else {
        return Err(ConfigError::new(&origin, "the value is missing", hint));
    };
    let names: Vec<_> = name.split('.').map(str::trim).collect();
    if names.len() > MAX_SETTING_DEPTH {
        let message = format!("the name has more than {MAX_SETTING_DEPTH} parts");
        return Err(ConfigError::new(&origin, message, hint));
    }
    let Some((last, outer)) = names
        .split_last()
        .filter(|_| names.iter().all(|name| !name.is_empty()))
    else {
        return Err(ConfigError::new(
            &origin,
            format!("`{name}` is no name of a setting"),
            hint,
        ));
    };
    let value = parse_value(text, &origin)?;
    let innermost = Entry::new(last, value, origin.clone());
    Ok(outer.iter().rev().fold(innermost, |inner, name| {
        Entry::new(name, Value::Table(vec![inner]), origin.clone())
    }))
}

/// Services that are said to run, by variables and then by arguments: the last one counts.
pub(super) fn given_services(
    variables: &[(String, String, Origin)],
    arguments: &[String],
    environment: &EnvironmentSettings,
) -> Result<Vec<(String, String, Origin)>, ConfigError> {
    let mut given = Vec::new();
    for (name, url, origin) in variables {
        let known = environment
            .services
            .iter()
            .find(|service| service_variable(&service.name) == *name);
        let name = known.map_or_else(|| service_name(name), |service| service.name.clone());
        given.push((name, url.clone(), origin.clone()));
    }
    for argument in arguments {
        let origin = Origin::Argument(format!("--service {argument}"));
        let Some((name, url)) = argument.split_once('=') else {
            let hint = "write it like `--service cache=redis://127.0.0.1:6379`";
            return Err(ConfigError::new(&origin, "the URL is missing", hint));
        };
        given.push((name.trim().to_owned(), url.to_owned(), origin));
    }
    Ok(given)
}
