//! The binary: starts one service and ends it in an orderly way on SIGTERM and SIGINT.

use std::io::{self, Write};
use std::process::ExitCode;

use assay_reference::cli::{Cli, Command};
use assay_reference::service::{Running, StartError};
use assay_reference::{cache, generation, log, project, vector_store};
use clap::Parser;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use thiserror::Error;
use tokio::runtime::Builder;
use tokio::select;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinError;

#[derive(Debug, Error)]
enum Fault {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(
        "cannot start threads, listen to signals or print the address: {0}; check the environment of the process"
    )]
    Environment(#[from] io::Error),
    #[error("the service broke: {0}; please report it with the lines above")]
    Broke(#[from] JoinError),
}

/// Threads for reading the store. A read takes microseconds, so that a few are as fast as the hundreds that there could be, each of
/// which would have memory of its own.
const READERS: usize = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let name = cli.command.name();
    raise_limit_of_files();
    let runtime = Builder::new_multi_thread()
        .max_blocking_threads(READERS)
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(run(cli.command)),
        Err(error) => Err(error.into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            log::line(name, format_args!("error: {fault}"));
            ExitCode::FAILURE
        }
    }
}

/// Takes all file descriptors that the process may have: each connection is one, and the usual 1,024 are less than what is served.
fn raise_limit_of_files() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    // Refused, it is as before: connections beyond the limit wait.
    let _ = setrlimit(Resource::Nofile, raised);
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
        Command::Cache(options) => cache::start(options.into()),
        Command::VectorStore(options) => vector_store::start(options.into()).await,
        Command::ProjectService(options) => project::start(options.into()).await,
        Command::GenerationService(options) => generation::start(options.into()).await,
    }
}
