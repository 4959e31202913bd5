//! `host list`: which cases would run, without touching the system under test.

use assay_report::exit::Exit;
use clap::{Args, ValueEnum};

use super::{
    listing::{self, Listing},
    loading,
    locked::PluginArguments,
    output,
    settings::given,
};
use crate::config::{Overrides, Settings};

/// The options of `host list`.
#[derive(Args, Clone, Debug)]
pub struct ListArguments {
    /// Which suites.
    #[command(flatten)]
    pub plugins: PluginArguments,
    /// Only these cases: a part of `suite/case`, a pattern with `*`, `tag:NAME`; `!` before it leaves out; may be repeated.
    #[arg(long, value_name = "PATTERN")]
    pub filter: Vec<String>,
    /// Only this part of the cases, such as `2/4`, as the run would.
    #[arg(long, value_name = "K/N")]
    pub shard: Option<String>,
    /// The profile of `assay.toml` to use, as the run would.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// How to write them.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ListFormat,
}

/// How cases are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people, one case a line.
    Text,
    /// For programs.
    Json,
}

impl ListArguments {
    /// What they override of the configuration.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            run: given([
                ("profile", self.profile.clone()),
                ("shard", self.shard.clone()),
            ]),
            filter: self.filter.clone(),
            ..Overrides::default()
        }
    }
}

/// Lists the cases.
pub async fn run(arguments: ListArguments, settings: Settings) -> Exit {
    let outlines = match loading::outlines(&arguments.plugins, &settings).await {
        Ok(outlines) => outlines,
        Err(exit) => return exit,
    };
    let plan = match loading::select(&outlines, &settings) {
        Ok(plan) => plan,
        Err(exit) => return exit,
    };
    match arguments.format {
        ListFormat::Text => output::data(&Listing(&plan).to_string()),
        ListFormat::Json => output::data(&listing::json(&plan)),
    }
}
