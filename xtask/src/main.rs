//! This repository's own tasks. CONTRIBUTING.md names them; `.ci/run` calls one of them and nothing else.

mod batch;
mod bench;
mod chromium;
mod debian;
mod images;
mod kubernetes;
mod packages;
mod plugins;
mod process;
mod prometheus;
mod python;
mod run;
mod tally;
mod target;
mod test;
mod wit;
mod xmllint;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use process::TaskError;

/// Build, run, test, check and measure this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build every suite as plugins/NAME.wasm
    Plugins {
        /// Build the components that the host's tests need, too
        #[arg(long)]
        fixtures: bool,
    },
    /// Build everything, then `host run plugins/*.wasm ARGS`; ends with its exit code
    Run {
        /// Passed on to `host run`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Everything that must hold before a change is taken: formatting, contract, lints, tests
    Test,
    /// Make or pull the images of docker-compose.yml
    Images,
    /// Check the contract: every file parses, every item is documented, only additions since each released version
    WitCheck,
    /// Measure what the host costs, beside other programs that do the same; writes bench/RESULTS.md
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Plugins { fixtures } => plugins::build(fixtures).map(|_| ExitCode::SUCCESS),
        Task::Run { arguments } => run::run(&arguments),
        Task::Test => test::test().map(|()| ExitCode::SUCCESS),
        Task::Images => images::images().map(|()| ExitCode::SUCCESS),
        Task::WitCheck => wit::check().map(|()| ExitCode::SUCCESS),
        Task::Bench(arguments) => bench::bench(arguments).map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|error| {
        if !matches!(error, TaskError::Counted) {
            process::say(&format!("error: {error}"));
        }
        ExitCode::FAILURE
    })
}

/// What every task gives back.
type Outcome<T> = Result<T, TaskError>;
