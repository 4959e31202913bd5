//! What a run is told: `assay.toml`, variables and the command line, merged into one value that knows where each part came from.
//!
//! From the weakest to the strongest: defaults, `[run]` and `[settings]` of the file, those of the environment, the profile, variables,
//! arguments.
//! [`resolve`] is pure; what it needs of the world is in [`Inputs`], which [`crate::cli::settings`] gathers.

pub mod docker;
pub mod document;
pub mod entry;
pub mod environments;
pub mod error;
mod given;
mod grants;
mod history;
mod inputs;
mod known;
pub mod links;
mod opentelemetry;
pub mod origin;
mod prometheus;
pub mod quantity;
pub mod redact;
mod report;
mod resolve;
pub mod run;
mod running;
mod shown;
mod signatures;
pub mod template;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use assay_report::{Document, event::Shard};
use serde_json::Value;

use crate::redact::Redactor;

pub(crate) use self::given::{CONFIG_VARIABLE, NATS_VARIABLE};
pub use self::{
    docker::{ContainerSettings, DockerSettings},
    entry::Entry,
    environments::{
        AddressSource, EnvironmentSettings, ProcessSettings, Readiness, ServiceSettings,
        ServiceSource,
    },
    error::ConfigError,
    given::service_variable,
    grants::{GrantSettings, Trust},
    history::{HistorySettings, duration_of_age},
    inputs::{Inputs, Overrides},
    links::LinkSettings,
    origin::Origin,
    resolve::resolve,
};

/// Everything that a run needs to know, resolved. Nothing reads `assay.toml`, a variable or an argument after this.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `[settings]`, what suites may read. Tables are nested objects.
    pub values: serde_json::Map<String, Value>,
    /// The environment that was chosen.
    pub environment: EnvironmentSettings,
    /// The profile's name.
    pub profile: String,
    /// Which cases; empty means all. See [`crate::plan`].
    pub filter: Vec<String>,
    /// How many cases run at once, at least 1.
    pub jobs: u32,
    /// How many further attempts a case gets that did not pass.
    pub retries: u32,
    /// Which part of the cases; see [`crate::plan::Plan::shard`].
    pub shard: Shard,
    /// Whether the first failed case ends the run.
    pub fail_fast: bool,
    /// How much of a load may be missing, in percent, where the other agents make what one that is lost would still have made; none: the load is lost
    /// then.
    pub refill: Option<u32>,
    /// Whether requests of cases have a `traceparent`, so that they can be found in the system's own traces.
    pub traceparent: bool,
    /// Where reports go.
    pub report_dir: PathBuf,
    /// Which documents are made of a run, beside those that each run leaves in `report_dir`.
    pub documents: Vec<Document>,
    /// What is kept of runs, and how a run is judged by former ones.
    pub history: HistorySettings,
    /// How a run is told to Prometheus.
    pub prometheus: assay_telemetry::prometheus::Settings,
    /// Where traces of a run go; variables of the process may say otherwise.
    pub opentelemetry: assay_telemetry::opentelemetry::Given,
    /// Where compiled plugins are kept; none keeps nothing.
    pub cache_dir: Option<PathBuf>,
    /// Where relative paths of the configuration start: the folder of `assay.toml`, or the working folder where there is none.
    pub root: PathBuf,
    /// The folder of `assay.toml`; without one no plugin is the project's own.
    pub project: Option<PathBuf>,
    /// Which plugins may do everything.
    pub trust: Trust,
    /// What others may do.
    pub grants: GrantSettings,
    /// Where `host environment up` notes what it keeps running, and where plugins are that were fetched.
    pub state_dir: PathBuf,
    /// What is demanded of the signatures of locked plugins.
    pub signatures: assay_pins::signature::Policy,
    /// Whether progress is drawn on a terminal.
    pub progress: bool,
    /// For random choices of the suites.
    pub seed: u64,
    /// Levels of baselines that replace the suite's own, by `suite/baseline`.
    pub baselines: BTreeMap<String, BaselineLevels>,
    /// What an attempt may use.
    pub limits: Limits,
    /// Takes out of all that is told what is secret of these settings.
    pub redactor: Redactor,
    /// What is no error and may be a slip, one line each.
    pub warnings: Vec<String>,
    /// Every value with its origin, by dotted names, in the order of the sections: what `host config` prints.
    pub entries: Vec<Entry>,
}

/// Levels of a baseline, in its own unit.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselineLevels {
    /// Reached: good.
    pub target: f64,
    /// Not reached: failed.
    pub critical: f64,
    /// Who said so.
    pub origin: Origin,
}

/// What an attempt may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Wall-clock time of an attempt whose case does not say.
    pub timeout: Duration,
    /// Bytes of linear memory.
    pub memory: usize,
    /// Bytes of standard output and standard error each that are kept.
    pub output: usize,
}

impl BaselineLevels {
    /// Whether the target is at least as good as the critical level.
    pub fn agree(&self, direction: assay_report::event::Direction) -> bool {
        direction.reaches(self.target, self.critical)
    }
}
