//! What a run is told: `assay.toml`, variables and the command line, merged into one value that knows where each part came from.
//!
//! From the weakest to the strongest: defaults, `[run]` and `[settings]` of the file, the profile, variables, arguments.
//! [`resolve`] is pure; what it needs of the world is in [`Inputs`], which [`crate::cli::settings`] gathers.

pub mod document;
pub mod entry;
pub mod environments;
pub mod error;
pub mod origin;
pub mod quantity;
mod resolve;
pub mod run;
pub mod template;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde_json::Value;

pub(crate) use self::resolve::CONFIG_VARIABLE;
pub use self::{
    entry::Entry,
    environments::{
        AddressSource, EnvironmentSettings, ProcessSettings, Readiness, ServiceSettings,
        ServiceSource,
    },
    error::ConfigError,
    origin::Origin,
    resolve::{Inputs, Overrides, resolve},
};
use crate::event::{Baseline, Direction};

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
    /// Whether the first failed case ends the run.
    pub fail_fast: bool,
    /// Where reports go.
    pub report_dir: PathBuf,
    /// Where compiled plugins are kept; none keeps nothing.
    pub cache_dir: Option<PathBuf>,
    /// Where `host environment up` notes what it keeps running.
    pub state_dir: PathBuf,
    /// Whether progress is drawn on a terminal.
    pub progress: bool,
    /// For random choices of the suites.
    pub seed: u64,
    /// Levels of baselines that replace the suite's own, by `suite/baseline`.
    pub baselines: BTreeMap<String, BaselineLevels>,
    /// What an attempt may use.
    pub limits: Limits,
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

impl Settings {
    /// A suite's baseline with the levels that hold in this run: those of `assay.toml`, or else the suite's own.
    ///
    /// Levels whose target is worse than the critical level in the baseline's direction are an error: nothing could be judged by them.
    pub fn levels(&self, suite: &str, baseline: &Baseline) -> Result<Baseline, ConfigError> {
        let id = format!("{suite}/{}", baseline.name);
        let Some(levels) = self.baselines.get(&id) else {
            return Ok(baseline.clone());
        };
        let (target, critical) = (levels.target, levels.critical);
        let (worse, order) = match baseline.direction {
            Direction::AtMost => (target > critical, "at most"),
            Direction::AtLeast => (target < critical, "at least"),
        };
        if worse {
            let message = format!(
                "baseline `{id}`: the target {target} is worse than the critical level {critical}, where `{}` is to be {order}",
                baseline.summary
            );
            return Err(ConfigError::new(
                &levels.origin,
                message,
                "exchange the two, or correct one of them",
            ));
        }
        Ok(Baseline {
            target,
            critical,
            ..baseline.clone()
        })
    }
}

impl BaselineLevels {
    /// Whether the target is at least as good as the critical level.
    pub fn agree(&self, direction: crate::event::Direction) -> bool {
        match direction {
            crate::event::Direction::AtMost => self.target <= self.critical,
            crate::event::Direction::AtLeast => self.target >= self.critical,
        }
    }
}
