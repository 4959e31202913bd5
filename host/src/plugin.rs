//! A plugin: a file that is a component and exports a suite.
//!
//! Everything between the file and the ending of an attempt is here. [`engine`] compiles and links, [`load`] turns files into
//! [`Plugin`]s (from the [`cache`] when it can) or only tells their [`outline`]s, [`instance`] runs one entry on a store of its own and tells its [`ending`].

pub mod admission;
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
pub mod outline;

pub(crate) mod crash;
pub(crate) mod limits;
pub(crate) mod output;

mod clock;
mod compiling;
mod state;

use std::{ops::Deref, sync::Arc};

use assay_grants::Permit;

pub use admission::Admission;
pub use description::{Case, Description, Scenario};
pub use error::LoadError;
pub use outline::Outline;

/// A plugin that is loaded: compiled, linked, described and found good. What is known of it can be read as of its [`Outline`], and its
/// suite's entries can be run.
pub struct Plugin {
    outline: Outline,
    /// The component, linked and type-checked, ready to be instantiated.
    pre: bindings::PluginPre<state::State>,
}

/// A plugin, and what it may do in a run.
#[derive(Clone, Debug)]
pub struct Permitted {
    /// The plugin.
    pub plugin: Arc<Plugin>,
    /// What it may do.
    pub permit: Permit,
}

impl Plugin {
    /// The compiled code.
    pub(crate) fn component(&self) -> &wasmtime::component::Component {
        self.pre.instance_pre().component()
    }
}

impl Deref for Plugin {
    type Target = Outline;

    fn deref(&self) -> &Outline {
        &self.outline
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
