//! The two ends of `host environment up`: the command that waits for the keeper's first line, and the keeper.

use std::{
    ffi::OsString,
    io::{self, Write},
    process::Stdio,
};

use assay_report::{exit::Exit, hint::Hinted};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::Command,
    select,
    signal::unix::{Signal, SignalKind, signal},
};

use super::exports;
use crate::{
    cli::{GlobalArguments, output, settings::SettingsArguments},
    config::Settings,
    environment::{
        Environment, EnvironmentError, Left,
        kept::{Record, Store},
    },
    journal::Journal,
    runner::identity::Identity as RunIdentity,
};

/// The keeper's first and only line of output.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Told {
    /// Every service is ready.
    Ready(Record),
    /// It is not there, and nothing was left running.
    Failed(Failure),
}

/// An error that went from one process to another.
#[derive(Clone, Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
struct Failure {
    message: String,
    hint: Option<String>,
    details: Option<String>,
}

impl Hinted for Failure {
    fn hint(&self) -> Option<String> {
        self.hint.clone()
    }

    fn details(&self) -> Option<String> {
        self.details.clone()
    }
}

/// Starts a keeper, waits until its environment is ready, and prints how to use it.
pub(super) async fn up(
    global: &GlobalArguments,
    arguments: &SettingsArguments,
    name: &str,
    store: &Store,
) -> io::Result<Exit> {
    if let Some(record) = store.read()? {
        output::note(&format!(
            "environment `{name}` is up already, as it was started; `host environment down` ends it"
        ));
        return Ok(output::data(&exports(&record)));
    }
    let told = start(global, arguments).await?;
    Ok(match told {
        Told::Ready(record) => {
            output::note(&format!(
                "environment `{name}` is up and stays up until `host environment down`; these variables make a run use it"
            ));
            output::data(&exports(&record))
        }
        Told::Failed(failure) => output::fail(&failure, Exit::Environment),
    })
}

/// The keeper's standard input stays open until it has told its line: its end means that nobody waits any more.
async fn start(global: &GlobalArguments, arguments: &SettingsArguments) -> io::Result<Told> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["environment", "keep"])
        .args(arguments.to_arguments());
    if let Some(file) = &global.config {
        command.args([OsString::from("--config"), file.clone().into()]);
    }
    let mut keeper = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let stdin = keeper.stdin.take();
    let stdout = keeper
        .stdout
        .take()
        .ok_or_else(|| io::Error::other("the keeper has no output"))?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).await?;
    drop(stdin);
    if line.is_empty() {
        let status = keeper.wait().await?;
        return Err(io::Error::other(format!("the keeper ended with {status}")));
    }
    Ok(serde_json::from_str(&line)?)
}

/// Holds an environment until SIGTERM.
pub(super) async fn keep(settings: &Settings, store: &Store) -> io::Result<Exit> {
    // Out of the terminal's reach: neither Ctrl-C there nor its end is meant for the keeper. It fails only where the
    // process leads its group already, as when a person starts it by hand.
    let _ = rustix::process::setsid();
    let terminate = signal(SignalKind::terminate())?;
    let interrupt = signal(SignalKind::interrupt())?;
    let name = &settings.environment.name;
    let Some(_lock) = store.lock()? else {
        return tell_failure(Failure {
            message: format!("environment `{name}` is being brought up already"),
            hint: None,
            details: None,
        });
    };
    // What an earlier keeper left, and nobody asked for, is in its journal.
    store.take_left()?;
    let run = format!("environment-{}", RunIdentity::now().run_id);
    let journal = Journal::create(&settings.state_dir, &run).map_err(io::Error::other)?;
    let holding = hold(settings, store, &journal, terminate, interrupt);
    let exit = Box::pin(holding).await;
    // What is left in it is undone by the next one.
    match journal.close().map_err(io::Error::other)? {
        left if left.is_empty() => exit,
        _ => exit.map(|_| Exit::Environment),
    }
}

/// Holds it, from its first service to its last.
async fn hold(
    settings: &Settings,
    store: &Store,
    journal: &Journal,
    mut terminate: Signal,
    mut interrupt: Signal,
) -> io::Result<Exit> {
    let name = &settings.environment.name;
    let bringing_up = Environment::up(&settings.environment, &settings.values, Some(journal));
    let outcome = select! {
        outcome = bringing_up => outcome,
        _ = terminate.recv() => return Ok(Exit::Interrupted),
        _ = interrupt.recv() => return Ok(Exit::Interrupted),
        () = nobody_waits() => return Ok(Exit::Interrupted),
    };
    let environment = match outcome {
        Ok(environment) => environment,
        Err(error) => return refuse(&error),
    };
    let record = Record::of(name, &environment)?;
    let told = store
        .write(&record)
        .and_then(|()| tell(&Told::Ready(record)));
    if told.is_ok() {
        select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
    // Nobody listens to the keeper any more: `down` reads it.
    let left = environment.down().await;
    store.leave(&untold(&left)).and(store.remove())?;
    told.map(|()| Exit::Success)
}

/// What `down` does not hear of from the heal that follows: what the journal has a note of is tried again there, and told if it fails again.
fn untold(left: &[EnvironmentError]) -> Vec<Left> {
    let untold = left.iter().filter(|error| !error.is_tried_again());
    untold.map(Left::from).collect()
}

async fn nobody_waits() {
    let mut byte = [0];
    // Nothing is ever written to it: whatever comes is the end.
    let _ = tokio::io::stdin().read(&mut byte).await;
}

fn refuse(error: &EnvironmentError) -> io::Result<Exit> {
    tell_failure(Failure {
        message: error.to_string(),
        hint: error.hint(),
        details: error.details(),
    })
}

fn tell_failure(failure: Failure) -> io::Result<Exit> {
    tell(&Told::Failed(failure))?;
    Ok(Exit::Environment)
}

fn tell(told: &Told) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{}", serde_json::to_string(told)?)?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use assay_report::hint;

    use super::*;
    use crate::environment::docker::{Abandoned, DockerError};

    #[test]
    fn only_what_no_heal_tries_again_is_left_for_the_command_that_ends_a_keeper() {
        let problem = || DockerError::NoCompose;
        let (project, service) = (|| "shop".to_owned(), || "cache".to_owned());
        let left = [
            EnvironmentError::NotDown {
                project: project(),
                volumes: true,
                problem: problem(),
            },
            EnvironmentError::NotPutBack {
                service: service(),
                problem: problem(),
            },
            EnvironmentError::Gone {
                service: service(),
                what: "it is gone".to_owned(),
            },
            EnvironmentError::NotSeen {
                project: project(),
                problem: problem(),
            },
            EnvironmentError::Abandoned(Abandoned {
                network: "shop_near".to_owned(),
            }),
        ];
        let told = |place: usize| hint::told(&left[place]);
        assert_eq!(
            untold(&left),
            [
                Left::Standing(told(2)),
                Left::Standing(told(3)),
                Left::Abandoned(told(4)),
            ]
        );
    }
}
