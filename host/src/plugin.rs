//! A plugin: a file that is a component and exports a suite.
//!
//! Everything between the file and the ending of an attempt is here. [`engine`] compiles and links, [`load`] turns files into
//! [`Plugin`]s (from the [`cache`] when it can), [`instance`] runs one entry on a store of its own and tells its [`ending`].

pub mod bindings;
pub mod cache;
pub mod contract;
pub mod description;
pub mod digest;
pub mod ending;
pub mod engine;
pub mod error;
pub mod instance;
pub mod load;

mod clock;
mod crash;
mod limits;
mod output;
mod state;

use std::path::PathBuf;

pub use description::{Case, Description, Scenario};
pub use error::LoadError;

use crate::event::{CaseInfo, PluginInfo};

/// A plugin that is loaded: compiled, linked, described and found good. Its suite's entries can be run.
pub struct Plugin {
    /// The file as it was named.
    pub file: PathBuf,
    /// SHA-256 of the file, hexadecimal.
    pub digest: String,
    /// Bytes of the file.
    pub size: u64,
    /// The line of the contract it was built for: `assay:suite@0.1.0`.
    pub contract: String,
    /// What it imports, sorted: interfaces of the contract and of WASI.
    pub imports: Vec<String>,
    /// What its suite says of itself.
    pub description: Description,
    /// Whether its compiled code came from the cache.
    pub cached: cache::Use,
    /// The component, linked and type-checked, ready to be instantiated.
    pre: bindings::PluginPre<state::State>,
}

impl Plugin {
    /// The suite's name.
    pub fn suite(&self) -> &str {
        &self.description.name
    }

    /// The plugin as it takes part in a run, with all of its cases and the suite's own levels.
    pub fn info(&self) -> PluginInfo {
        let case_info = |case: &Case| CaseInfo {
            name: case.name.clone(),
            summary: case.summary.clone(),
            tags: case.tags.clone(),
            location: case.location.clone(),
        };
        PluginInfo {
            file: self.file.display().to_string(),
            digest: self.digest.clone(),
            size: self.size,
            suite: self.description.name.clone(),
            version: self.description.version.clone(),
            summary: self.description.summary.clone(),
            cases: self.description.cases.iter().map(case_info).collect(),
            baselines: self.description.baselines.clone(),
        }
    }
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Plugin")
            .field("file", &self.file)
            .field("digest", &self.digest)
            .field("suite", &self.description.name)
            .finish_non_exhaustive()
    }
}
