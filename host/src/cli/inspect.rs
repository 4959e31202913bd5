//! `host inspect`: what a plugin is, what it imports and what it holds.

use std::path::PathBuf;

use assay_report::exit::Exit;
use clap::Args;

use super::{
    inspection::Inspection,
    loading,
    locked::{self, PluginArguments},
    output,
    permits::Permits,
};
use crate::config::{Overrides, Settings};

/// The options of `host inspect`.
#[derive(Args, Clone, Debug)]
pub struct InspectArguments {
    /// The suite.
    #[arg(value_name = "PLUGIN")]
    pub plugin: PathBuf,
    /// Only if `assay.lock` pins it.
    #[arg(long)]
    pub locked: bool,
}

impl InspectArguments {
    /// They override nothing.
    pub fn overrides(&self) -> Overrides {
        Overrides::default()
    }
}

/// Shows the plugin.
pub async fn run(arguments: InspectArguments, settings: Settings) -> Exit {
    let plugins = PluginArguments {
        plugins: vec![arguments.plugin],
        locked: arguments.locked,
    };
    match loading::outlines(&plugins, &settings).await {
        Ok(outlines) => match locked::read(&settings, false) {
            Ok(lock) => {
                let permits = Permits::new(&settings, lock);
                let shown = outlines.iter().map(|plugin| {
                    let decision = permits.decide(plugin);
                    Inspection { plugin, decision }.to_string()
                });
                output::data(&shown.collect::<String>())
            }
            Err(exit) => exit,
        },
        Err(exit) => exit,
    }
}
