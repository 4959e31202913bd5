//! `host config`: every value with its origin.

use std::fmt::Write;

use assay_report::exit::Exit;
use clap::Args;

use crate::{
    cli::{output, settings::SettingsArguments},
    config::{Overrides, Settings},
};

/// The options of `host config`.
#[derive(Args, Clone, Debug)]
pub struct ConfigArguments {
    /// What all commands with an environment have.
    #[command(flatten)]
    pub settings: SettingsArguments,
}

impl ConfigArguments {
    /// What they override of the configuration.
    pub fn overrides(&self) -> Overrides {
        self.settings.overrides()
    }
}

/// Shows the values.
pub fn run(settings: &Settings) -> Exit {
    output::data(&render(settings))
}

/// TOML by its dotted names, each value with a comment that says where it came from.
fn render(settings: &Settings) -> String {
    let lines: Vec<_> = settings
        .entries
        .iter()
        .map(|entry| (format!("{} = {}", entry.key, entry.value), &entry.origin))
        .collect();
    let widths = lines.iter().map(|(line, _)| line.chars().count());
    let width = widths
        .filter(|width| *width <= MAX_COLUMN)
        .max()
        .unwrap_or(0);
    lines
        .iter()
        .fold(String::new(), |mut text, (line, origin)| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{line:width$}  # {origin}");
            text
        })
}

/// Longer lines do not push the origins of all others to the right.
const MAX_COLUMN: usize = 64;
