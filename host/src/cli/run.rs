//! `host run`: the options of a run, and the way from them to a verdict.

use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::settings::{SettingsArguments, given},
    config::{Overrides, Settings},
    exit::Exit,
};

/// The options of `host run`.
#[derive(Args, Clone, Debug)]
pub struct RunArguments {
    /// The suites, in the order of their run.
    #[arg(value_name = "PLUGIN", required = true)]
    pub plugins: Vec<PathBuf>,
    /// Only these cases: a part of `suite/case`, a pattern with `*`, `tag:NAME`; `!` before it leaves out; may be repeated.
    #[arg(long, value_name = "PATTERN")]
    pub filter: Vec<String>,
    /// What all commands with an environment have.
    #[command(flatten)]
    pub settings: SettingsArguments,
    /// Cases that run at once.
    #[arg(long, value_name = "N")]
    pub jobs: Option<u32>,
    /// Further attempts of a case that did not pass.
    #[arg(long, value_name = "N")]
    pub retries: Option<u32>,
    /// End the run with the first failed case.
    #[arg(long)]
    pub fail_fast: bool,
    /// Wall-clock time of an attempt whose case does not say, such as `30s`.
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<String>,
    /// Where reports go.
    #[arg(long, value_name = "DIR")]
    pub report_dir: Option<String>,
    /// For random choices; the report of a run shows which it had.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Write plain lines, also on a terminal.
    #[arg(long)]
    pub no_progress: bool,
}

impl RunArguments {
    /// What they override of the configuration.
    pub fn overrides(&self) -> Overrides {
        let mut overrides = self.settings.overrides();
        overrides.run.extend(given([
            ("jobs", self.jobs.map(|number| number.to_string())),
            ("retries", self.retries.map(|number| number.to_string())),
            ("fail-fast", self.fail_fast.then(|| "true".to_owned())),
            ("timeout", self.timeout.clone()),
            ("report-dir", self.report_dir.clone()),
            ("seed", self.seed.map(|number| number.to_string())),
        ]));
        overrides.filter.clone_from(&self.filter);
        overrides.no_progress = self.no_progress;
        overrides
    }
}

/// Runs the suites.
pub async fn run(arguments: RunArguments, settings: Settings) -> Exit {
    let _ = (arguments, settings);
    Exit::NothingTested
}
