//! `host environment`: brings an environment up and keeps it, shows it, takes it down.

mod keeper;

use std::{fmt::Write, io};

use assay_report::{exit::Exit, hint::Hinted};
use clap::{Args, Subcommand};

use crate::{
    cli::{GlobalArguments, heal, output, settings::SettingsArguments},
    config::{EnvironmentSettings, Overrides, Readiness, Settings},
    environment::{
        Left,
        kept::{KeptService, Record, Store},
        probe::Probe,
    },
    journal::engine::Engines,
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
    /// Start its services and keep them when this command has ended. Prints the variables that make a run use them:
    /// `eval "$(host environment up)"`.
    Up(SettingsArguments),
    /// Stop what `up` started. Prints lines that make the shell forget its variables: `eval "$(host environment down)"`.
    Down(SettingsArguments),
    /// Show what `up` started: name, URL, process, health.
    Status(SettingsArguments),
    /// What `up` starts and leaves behind.
    #[command(hide = true)]
    Keep(SettingsArguments),
}

impl EnvironmentArguments {
    /// What they override of the configuration.
    pub fn overrides(&self) -> Overrides {
        match &self.action {
            Action::Up(settings)
            | Action::Down(settings)
            | Action::Status(settings)
            | Action::Keep(settings) => settings.overrides(),
        }
    }
}

/// Why the note about an environment cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("what is kept of environment `{environment}` cannot be told: {source}")]
struct KeptError {
    environment: String,
    source: io::Error,
}

impl Hinted for KeptError {
    fn hint(&self) -> Option<String> {
        Some("check the folder `.assay/environment` beside assay.toml; remove the environment's files there if they are damaged".to_owned())
    }
}

/// Does it.
pub async fn run(
    global: &GlobalArguments,
    arguments: EnvironmentArguments,
    settings: Settings,
) -> Exit {
    let name = settings.environment.name.clone();
    let store = Store::new(&settings.state_dir, &name);
    let outcome = match arguments.action {
        Action::Up(_) if settings.environment.services.is_empty() => Ok(nothing_to_keep(&name)),
        Action::Up(_) if heal::before_a_run(&settings, &Engines).await.is_err() => {
            Ok(Exit::Environment)
        }
        Action::Up(arguments) => keeper::up(global, &arguments, &name, &store).await,
        Action::Down(_) => down(&name, &settings, &store).await,
        Action::Status(_) => status(&settings.environment, &store).await,
        Action::Keep(_) => keeper::keep(&settings, &store).await,
    };
    outcome.unwrap_or_else(|source| {
        output::fail(
            &KeptError {
                environment: name,
                source,
            },
            Exit::Environment,
        )
    })
}

/// No keeper is started that would keep nothing.
fn nothing_to_keep(name: &str) -> Exit {
    output::note(&format!(
        "environment `{name}` has no services: there is nothing to keep, and a run needs no `up`"
    ));
    Exit::Success
}

async fn down(name: &str, settings: &Settings, store: &Store) -> io::Result<Exit> {
    let Some(record) = store.end().await? else {
        output::note(&format!(
            "environment `{name}` is not kept up; there is nothing to stop"
        ));
        return Ok(Exit::Success);
    };
    let stopped: Vec<_> = record
        .services
        .iter()
        .filter(|service| service.ends)
        .collect();
    let count = match stopped.len() {
        1 => "1 service was stopped".to_owned(),
        count => format!("{count} services were stopped"),
    };
    // What the keeper could not take down is left in its journal, and tried again: what is still open after that is told.
    let healed = heal::before_a_run(settings, &Engines).await;
    let left = store.take_left()?;
    for left in &left {
        output::note(&match left {
            Left::Standing(message) => format!("error: {message}"),
            Left::Abandoned(message) => format!("warning: {message}"),
        });
    }
    if healed.is_err() {
        return Ok(Exit::Environment);
    }
    output::note(&format!("environment `{name}` is down, {count}"));
    let exit = output::data(&unsets(&stopped));
    let is_standing = |left: &Left| matches!(left, Left::Standing(_));
    if exit == Exit::Success && left.iter().any(is_standing) {
        return Ok(Exit::Environment);
    }
    Ok(exit)
}

async fn status(environment: &EnvironmentSettings, store: &Store) -> io::Result<Exit> {
    let Some(record) = store.read()? else {
        output::note(&format!(
            "environment `{0}` is not kept up; `host environment up --environment {0}` does so",
            environment.name
        ));
        return Ok(Exit::Environment);
    };
    let probe = Probe::new()?;
    let mut exit = Exit::Success;
    let mut table = String::new();
    let width = record
        .services
        .iter()
        .map(|service| service.name.len())
        .max()
        .unwrap_or(0);
    for service in &record.services {
        let health = match probe
            .ask(&service.url, &readiness(environment, service))
            .await
        {
            Ok(()) => "ready".to_owned(),
            Err(problem) => {
                exit = Exit::Environment;
                format!("not ready: {problem}")
            }
        };
        let process = match service.pid {
            Some(pid) => format!("process {pid}"),
            None if service.ends => "container".to_owned(),
            None => "not started here".to_owned(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "{:width$}  {}  {process}  {health}",
            service.name, service.url
        );
    }
    match output::data(&table) {
        Exit::Success => Ok(exit),
        failed => Ok(failed),
    }
}

/// How the service shows that it is ready; one that is no longer declared needs only accept connections.
fn readiness(environment: &EnvironmentSettings, service: &KeptService) -> Readiness {
    let declared = environment
        .services
        .iter()
        .find(|known| known.name == service.name);
    declared.map_or(
        Readiness {
            health: None,
            status: 200,
            within: std::time::Duration::ZERO,
        },
        |known| known.readiness.clone(),
    )
}

/// Lines for a shell that forget where services were. One that was not stopped is still there.
fn unsets(stopped: &[&KeptService]) -> String {
    stopped.iter().fold(String::new(), |mut lines, service| {
        let name = crate::config::service_variable(&service.name);
        // Writing to a string cannot fail.
        let _ = writeln!(lines, "unset {name}");
        lines
    })
}

/// Lines for a shell that make a run use what is kept.
fn exports(record: &Record) -> String {
    record
        .services
        .iter()
        .fold(String::new(), |mut lines, service| {
            let name = crate::config::service_variable(&service.name);
            // Writing to a string cannot fail.
            let url = service.url.replace('\'', r"'\''");
            let _ = writeln!(lines, "export {name}='{url}'");
            lines
        })
}
