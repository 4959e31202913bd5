//! `host environment`: brings an environment up and keeps it, shows it, takes it down.

use clap::{Args, Subcommand};

use crate::{
    cli::settings::SettingsArguments,
    config::{Overrides, Settings},
    exit::Exit,
};

/// The options of `host environment`.
#[derive(Args, Clone, Debug)]
pub struct EnvironmentArguments {
    /// What to do with it.
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with an environment.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Start its services and keep them when this command has ended; prints the variables that make a run use them.
    Up(SettingsArguments),
    /// Stop what `up` started.
    Down(SettingsArguments),
    /// Show what `up` started and how it is.
    Status(SettingsArguments),
}

impl EnvironmentArguments {
    /// What they override of the configuration.
    pub fn overrides(&self) -> Overrides {
        match &self.action {
            Action::Up(settings) | Action::Down(settings) | Action::Status(settings) => {
                settings.overrides()
            }
        }
    }
}

/// Does it.
pub async fn run(arguments: EnvironmentArguments, settings: Settings) -> Exit {
    let _ = (arguments, settings);
    Exit::Environment
}
