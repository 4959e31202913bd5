//! The binary: starts one service and ends it in an orderly way on SIGTERM and SIGINT.

use std::io::{self, Write};
use std::process::ExitCode;

use assay_reference::cli::{Cli, Command};
use assay_reference::service::{Running, StartError};
use assay_reference::{cache, generation, log, project, vector_store};
use clap::Parser;
use thiserror::Error;
use tokio::select;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinError;

#[derive(Debug, Error)]
enum Fault {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(
        "cannot listen to signals or print the address: {0}; check the environment of the process"
    )]
    Environment(#[from] io::Error),
    #[error("the service broke: {0}; please report it with the lines above")]
    Broke(#[from] JoinError),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let name = cli.command.name();
    match run(cli.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            log::line(name, format_args!("error: {fault}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), Fault> {
    // Before the address is printed: who reads it may send a signal at once.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let running = start(command).await?;
    let mut out = io::stdout().lock();
    writeln!(out, "listening on {}", running.address())?;
    out.flush()?;
    drop(out);
    select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    running.stop().await?;
    Ok(())
}

async fn start(command: Command) -> Result<Running, StartError> {
    match command {
        Command::Cache(options) => cache::start(options.into()).await,
        Command::VectorStore(options) => vector_store::start(options.into()).await,
        Command::ProjectService(options) => project::start(options.into()).await,
        Command::GenerationService(options) => generation::start(options.into()).await,
    }
}
