//! `[grants.NAME]`: what plugins may do that are not the project's own, `--grant` for one run, and `trust`, which says whose all may be.

use std::collections::BTreeMap;

use assay_grants::{Grants, text};
use assay_report::hint::Hinted as _;

use crate::config::{
    entry::{Entry, find, to_json},
    error::ConfigError,
    origin::Origin,
};

/// Plugins that grants may be given to.
pub(super) const MAX_PLUGINS: usize = 1_000;
/// What `trust` of `[run]` may be.
const TRUSTED: [&str; 2] = ["own", "all"];

/// Which plugins may do everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The project's own, which lie in its folder and came from nowhere else.
    Own,
    /// All that are named.
    All,
}

impl Trust {
    /// Reads the value of the key.
    pub(super) fn read(entry: &Entry) -> Result<Self, ConfigError> {
        match entry.text()? {
            "own" => Ok(Self::Own),
            "all" => Ok(Self::All),
            other => {
                let what = "answer to whom to trust";
                Err(ConfigError::unknown(&entry.origin, what, other, TRUSTED))
            }
        }
    }
}

/// What plugins are granted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GrantSettings {
    /// By the file, for each plugin by its name.
    pub tables: BTreeMap<String, Grants>,
    /// By `--grant`, for this run, beside it.
    pub given: BTreeMap<String, Grants>,
    /// The dotted names of settings that are secret, which need a grant of their own.
    pub secrets: Vec<String>,
}

impl GrantSettings {
    /// Reads the tables of the file and the arguments. `redact` says which settings are secret.
    pub(super) fn read(
        tables: &[Entry],
        arguments: &[String],
        redact: &[Entry],
    ) -> Result<Self, ConfigError> {
        if let Some(beyond) = tables.get(MAX_PLUGINS) {
            let message = format!("more than {MAX_PLUGINS} plugins have grants");
            return Err(beyond.wrong(message, "remove those of plugins that are not run"));
        }
        let table = |entry: &Entry| Ok((entry.key.clone(), grants(entry)?));
        let mut given: BTreeMap<String, Grants> = BTreeMap::new();
        for argument in arguments {
            let (name, more) = text::parse(argument).map_err(|error| {
                let origin = Origin::Argument("--grant".to_owned());
                ConfigError::new(&origin, error.to_string(), error.hint().unwrap_or_default())
            })?;
            let held = given.entry(name).or_default();
            *held = held.union(&more);
        }
        let secrets = find(redact, "settings").map_or(Ok(Vec::new()), Entry::texts)?;
        Ok(Self {
            tables: tables.iter().map(table).collect::<Result<_, _>>()?,
            given,
            secrets: secrets.into_iter().map(str::to_owned).collect(),
        })
    }
}

fn grants(entry: &Entry) -> Result<Grants, ConfigError> {
    let json = to_json(entry.table()?);
    serde_json::from_value(json.into()).map_err(|error| {
        let hint =
            "the keys are hosts, services, links, faults, load, settings, secrets and attachments";
        entry.wrong(error, hint)
    })
}
