//! The command line: what can be asked for, and who answers.
//!
//! Data goes to standard output and everything else to standard error. A command gets its own arguments and, where it needs
//! them, the [`Settings`](crate::config::Settings) that [`settings::resolve`] makes of the arguments that all commands share.

pub mod agent;
pub mod build;
pub mod compare;
mod comparison;
pub mod completions;
pub mod config;
pub mod dev;
pub mod doctor;
pub mod documents;
pub mod environment;
pub mod fetch;
pub mod heal;
pub mod history;
mod history_table;
pub mod inspect;
mod inspection;
pub mod key;
pub mod list;
mod listing;
mod loading;
pub mod lock;
mod locked;
mod logins;
pub mod merge;
pub mod nats;
pub mod new;
pub mod output;
mod permits;
mod pinning;
mod preparation;
pub mod publish;
pub mod report;
pub mod run;
pub mod settings;
mod sharing;
mod table;
pub mod toxiproxy;
pub mod update;
pub mod verify;
mod watching;
pub mod wit;

use std::ffi::OsString;

use assay_report::exit::Exit;
use clap::{Args, Parser, Subcommand, ValueEnum};

use self::report::{ReportAction, ReportCommand};
use crate::{config::Overrides, journal::engine::Engines};

/// Runs end-to-end suites that are WebAssembly components against a live system.
#[derive(Debug, Parser)]
#[command(name = "host", version, max_term_width = 120, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What holds for all commands.
    #[command(flatten)]
    pub global: GlobalArguments,
}

const EXIT_CODES: &str = "Exit codes: 0 good, 1 the system failed a case, 2 usage, 3 configuration, 4 a plugin cannot be loaded, \
5 a plugin broke, 6 environment, 7 nothing was tested, 8 a report could not be written, 130 interrupted.";

/// What holds for all commands.
#[derive(Args, Clone, Debug)]
pub struct GlobalArguments {
    /// The configuration; without it `assay.toml` of this folder or the nearest one above.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<std::path::PathBuf>,
    /// Whether to use colour; meaning is never by colour alone.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// Whether to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the cases of suites, judge them and report.
    Run(Box<run::RunArguments>),
    /// Lend this machine to runs of other hosts: run their cases, and make shares of their loads.
    Agent(Box<agent::AgentArguments>),
    /// Make reports of a run that is over, from its event log, or one run of its shards.
    Report(report::ReportCommand),
    /// Show former runs, and what their cases did over time.
    History(history::HistoryCommand),
    /// Compare two runs: cases, baselines, and whole distributions of what took time.
    Compare(compare::CompareArguments),
    /// Show which cases would run.
    List(list::ListArguments),
    /// Show what a plugin is, what it imports and what it holds.
    Inspect(inspect::InspectArguments),
    /// Make a folder with a suite that is green at once.
    New(new::NewArguments),
    /// Make the component of a suite's folder.
    Build(build::BuildArguments),
    /// Build a suite after each change, and run what failed.
    Dev(dev::DevArguments),
    /// Print the contract between host and suite.
    Wit(wit::WitArguments),
    /// Pin plugins by their digests in `assay.lock`, and bring them into the cache.
    Lock(lock::LockArguments),
    /// Look what the sources of pinned plugins have now, and pin that.
    Update(update::UpdateArguments),
    /// Bring pinned plugins into the cache.
    Fetch(fetch::FetchArguments),
    /// Say whether plugins are what is pinned, and who vouches for them.
    Verify(verify::VerifyArguments),
    /// Put a plugin into an OCI registry.
    Publish(publish::PublishArguments),
    /// Make a key that signs plugins, or show the public part of one.
    Key(key::KeyArguments),
    /// Bring an environment up and keep it, or take it down.
    Environment(environment::EnvironmentArguments),
    /// Undo what hosts that were killed left behind.
    Heal(heal::HealArguments),
    /// Say what is in the way of a run, and what to do.
    Doctor(doctor::DoctorArguments),
    /// Serve the HTTP API of Toxiproxy: proxies whose connections its clients disturb.
    Toxiproxy(toxiproxy::ToxiproxyArguments),
    /// Show every value of the configuration with its origin.
    Config(config::ConfigArguments),
    /// Print the completions of a shell.
    Completions(completions::CompletionsArguments),
}

/// Does what the arguments say, the program's name among them.
pub async fn main(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return output::clap_message(&error),
    };
    output::choose_color(cli.global.color);
    let global = &cli.global;
    match cli.command {
        Command::Run(arguments) => match settings::resolve(global, arguments.overrides()) {
            Ok(settings) => run::run(*arguments, settings).await,
            Err(error) => output::fail(&error, Exit::Config),
        },
        Command::Agent(arguments) => match settings::resolve(global, arguments.overrides()) {
            Ok(settings) => agent::run(*arguments, settings).await,
            Err(error) => output::fail(&error, Exit::Config),
        },
        Command::List(arguments) => match settings::resolve(global, arguments.overrides()) {
            Ok(settings) => list::run(arguments, settings).await,
            Err(error) => output::fail(&error, Exit::Config),
        },
        Command::History(arguments) => match settings::resolve(global, arguments.overrides()) {
            Ok(settings) => history::run(&arguments, &settings),
            Err(error) => output::fail(&error, Exit::Config),
        },
        Command::Compare(arguments) => match settings::resolve(global, arguments.overrides()) {
            Ok(settings) => compare::run(&arguments, &settings),
            Err(error) => output::fail(&error, Exit::Config),
        },
        Command::Inspect(arguments) => match settings::resolve(global, arguments.overrides()) {
            Ok(settings) => inspect::run(arguments, settings).await,
            Err(error) => output::fail(&error, Exit::Config),
        },
        Command::Lock(arguments) => match settings::resolve(global, Overrides::default()) {
            Ok(settings) => lock::run(&arguments, &settings).await,
            Err(error) => output::fail(&error, Exit::Config),
        },
        Command::Update(arguments) => match settings::resolve(global, Overrides::default()) {
            Ok(settings) => update::run(&arguments, &settings).await,
            Err(error) => output::fail(&error, Exit::Config),
        },
        Command::Fetch(_) => match settings::resolve(global, Overrides::default()) {
            Ok(settings) => fetch::run(&settings).await,
            Err(error) => output::fail(&error, Exit::Config),
        },
        Command::Verify(arguments) => match settings::resolve(global, Overrides::default()) {
            Ok(settings) => verify::run(&arguments, &settings).await,
            Err(error) => output::fail(&error, Exit::Config),
        },
        Command::Publish(arguments) => match settings::resolve(global, Overrides::default()) {
            Ok(settings) => publish::run(&arguments, &settings).await,
            Err(error) => output::fail(&error, Exit::Config),
        },
        Command::Key(arguments) => key::run(&arguments),
        Command::New(arguments) => new::run(&arguments),
        Command::Build(arguments) => build::run(&arguments).await,
        Command::Dev(arguments) => dev::run(arguments).await,
        Command::Wit(arguments) => wit::run(&arguments),
        Command::Environment(arguments) => match settings::resolve(global, arguments.overrides()) {
            Ok(settings) => environment::run(global, arguments, settings).await,
            Err(error) => output::fail(&error, Exit::Config),
        },
        Command::Heal(arguments) => match settings::resolve(global, arguments.overrides()) {
            Ok(settings) => heal::run(&settings, &Engines).await,
            Err(error) => output::fail(&error, Exit::Config),
        },
        Command::Doctor(arguments) => match settings::resolve(global, arguments.overrides()) {
            Ok(settings) => doctor::run(&arguments, &settings).await,
            Err(error) => output::fail(&error, Exit::Config),
        },
        Command::Config(arguments) => match settings::resolve(global, arguments.overrides()) {
            Ok(settings) => config::run(&settings),
            Err(error) => output::fail(&error, Exit::Config),
        },
        Command::Report(ReportCommand {
            action: Some(ReportAction::Merge(arguments)),
            ..
        }) => match settings::resolve(global, arguments.overrides()) {
            Ok(settings) => merge::run(&arguments, &settings),
            Err(error) => output::fail(&error, Exit::Config),
        },
        Command::Report(ReportCommand { arguments, .. }) => report::run(&arguments),
        Command::Toxiproxy(arguments) => toxiproxy::run(arguments).await,
        Command::Completions(arguments) => completions::run(&arguments),
    }
}
