//! `host doctor`: looks at everything that a run needs, says how it stands and what to do. It changes nothing.

use std::fmt::Write as _;

use assay_report::exit::Exit;
use clap::Args;

use super::{nats::ServerArguments, output, settings::SettingsArguments};
use crate::{
    config::{Overrides, Settings},
    doctor::{self, Finding, Grade},
};

/// The options of `host doctor`.
#[derive(Args, Clone, Debug)]
pub struct DoctorArguments {
    /// What all commands with an environment have.
    #[command(flatten)]
    pub settings: SettingsArguments,
    /// Print JSON for programs.
    #[arg(long)]
    pub json: bool,
    /// The NATS server at which a run is to be shared.
    #[command(flatten)]
    pub server: ServerArguments,
}

impl DoctorArguments {
    /// What they override of the configuration.
    pub fn overrides(&self) -> Overrides {
        self.settings.overrides()
    }
}

/// Looks, and tells.
pub async fn run(arguments: &DoctorArguments, settings: &Settings) -> Exit {
    let access = arguments.server.access();
    let findings = doctor::examine(settings, access.as_ref()).await;
    let text = if arguments.json {
        match serde_json::to_string_pretty(&findings) {
            Ok(text) => text + "\n",
            Err(error) => {
                output::note(&format!("error: cannot write JSON: {error}"));
                return Exit::Report;
            }
        }
    } else {
        table(&findings)
    };
    let exit = output::data(&text);
    let is_bad = findings.iter().any(|finding| finding.grade == Grade::Bad);
    if exit == Exit::Success && is_bad {
        return Exit::Environment;
    }
    exit
}

/// A line for each, and below it what to do.
fn table(findings: &[Finding]) -> String {
    let areas = findings.iter().map(|finding| finding.area.len());
    let area = areas.max().unwrap_or(0);
    let mut text = String::new();
    for finding in findings {
        let Finding {
            area: of,
            name,
            grade,
            what,
            hint,
        } = finding;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:<4}  {of:<area$}  {name}: {what}", grade.word());
        if let Some(hint) = hint {
            let _ = writeln!(text, "{:<4}  {:<area$}  hint: {hint}", "", "");
        }
    }
    text
}
