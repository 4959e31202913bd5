//! Brings containers back as they were noted, through the engine's own command `docker`: it is there wherever Compose is, and nothing
//! of the dead host is needed for it.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    process::Stdio,
    time::Duration,
};

use async_trait::async_trait;
use serde::Deserialize;
use tokio::{
    process::Command,
    time::{Instant, sleep, timeout},
};

use super::{
    entry::{Container, Endpoint, Entry, Limits, Project},
    heal::Undoing,
};

/// How long the engine may take for one command.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long a container may take to be healthy again.
const HEALTHY_WITHIN: Duration = Duration::from_mins(2);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);
/// What the engine takes for no limit of memory, with swap or without: it has no word for lifting one (it drops the -1 of its own
/// documentation, and the kernel then refuses memory beyond the old limit of both), and the kernel knows no larger number of whole pages.
const UNLIMITED_MEMORY: i64 = i64::MAX - 4095;
/// The engine's usual period of processor time, in microseconds.
const PERIOD: i64 = 100_000;

/// The engines that entries name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Engines;

#[async_trait]
impl Undoing for Engines {
    async fn undo(&self, entry: &Entry) -> Result<(), String> {
        match entry {
            Entry::Container(container) => bring_back(container).await,
            Entry::Project(project) => take_down(project).await,
        }
    }
}

/// A container as the engine shows it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Shown {
    state: ShownState,
    host_config: ShownLimits,
    network_settings: ShownNetworks,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShownState {
    running: bool,
    paused: bool,
    health: Option<ShownHealth>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShownHealth {
    status: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShownLimits {
    memory: i64,
    nano_cpus: i64,
    cpu_quota: i64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShownNetworks {
    networks: HashMap<String, serde_json::Value>,
}

/// Whatever was done to it: afterwards it runs, is on its networks, has its limits and is healthy. One that is gone stays gone.
async fn bring_back(container: &Container) -> Result<(), String> {
    let engine = container.engine.as_deref();
    let id = container.id.as_str();
    let Some(shown) = inspect(engine, id).await? else {
        return Ok(());
    };
    if shown.state.paused {
        docker(engine, &["unpause", id]).await?;
    }
    connect(engine, id, &shown, &container.networks).await?;
    for update in updates(shown.host_config, container.limits) {
        let mut words = vec!["update"];
        words.extend(update.iter().map(String::as_str));
        words.push(id);
        docker(engine, &words).await?;
    }
    if !shown.state.running {
        docker(engine, &["start", id]).await?;
    }
    until_healthy(engine, container).await
}

async fn connect(
    engine: Option<&str>,
    id: &str,
    shown: &Shown,
    wanted: &BTreeMap<String, Endpoint>,
) -> Result<(), String> {
    let on = &shown.network_settings.networks;
    for (network, endpoint) in wanted.iter().filter(|(name, _)| !on.contains_key(*name)) {
        let mut words = vec!["network", "connect"];
        for alias in &endpoint.aliases {
            words.extend(["--alias", alias]);
        }
        if let Some(address) = &endpoint.address {
            words.extend(["--ip", address]);
        }
        words.extend([network.as_str(), id]);
        docker(engine, &words).await?;
    }
    Ok(())
}

/// What has to be asked for so that the limits are the old ones again; nothing if they are.
fn updates(shown: ShownLimits, old: Limits) -> Vec<Vec<String>> {
    let mut updates = Vec::new();
    let none_is = |value: i64, none: i64| if value == 0 { none } else { value };
    let memory = none_is(old.memory, UNLIMITED_MEMORY);
    if none_is(shown.memory, UNLIMITED_MEMORY) != memory {
        let swap = match old.memory_swap {
            -1 | 0 => UNLIMITED_MEMORY,
            limit => limit,
        };
        updates.push(vec![
            format!("--memory={memory}"),
            format!("--memory-swap={swap}"),
        ]);
    }
    let quota = none_is(old.cpu_quota, -1);
    if old.nano_cpus > 0 && shown.nano_cpus != old.nano_cpus {
        let (whole, part) = (old.nano_cpus / 1_000_000_000, old.nano_cpus % 1_000_000_000);
        updates.push(vec![format!("--cpus={whole}.{part:09}")]);
    } else if old.nano_cpus == 0 && none_is(shown.cpu_quota, -1) != quota {
        let period = none_is(old.cpu_period, PERIOD);
        updates.push(vec![
            format!("--cpu-period={period}"),
            format!("--cpu-quota={quota}"),
        ]);
    }
    updates
}

async fn until_healthy(engine: Option<&str>, container: &Container) -> Result<(), String> {
    let deadline = Instant::now() + HEALTHY_WITHIN;
    loop {
        let Some(shown) = inspect(engine, &container.id).await? else {
            return Ok(());
        };
        let missing = problem(&shown, container);
        let Some(problem) = missing else {
            return Ok(());
        };
        if Instant::now() > deadline {
            return Err(format!(
                "it {problem} after {}\nhint: look at `docker logs {}`",
                humantime::format_duration(HEALTHY_WITHIN),
                container.id
            ));
        }
        sleep(PAUSE).await;
    }
}

/// What it is not yet.
fn problem(shown: &Shown, container: &Container) -> Option<&'static str> {
    let on = &shown.network_settings.networks;
    let health = shown.state.health.as_ref();
    if !shown.state.running {
        Some("does not run")
    } else if shown.state.paused {
        Some("is frozen")
    } else if container.networks.keys().any(|name| !on.contains_key(name)) {
        Some("is not on all its networks")
    } else if health.is_some_and(|health| health.status != "healthy") {
        Some("is not healthy")
    } else {
        None
    }
}

/// None if there is no such container.
async fn inspect(engine: Option<&str>, id: &str) -> Result<Option<Shown>, String> {
    let answer = docker(engine, &["container", "inspect", "--format={{json .}}", id]).await;
    match answer {
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|error| {
            format!("the engine shows no container as this host knows it: {error}")
        }),
        Err(why) if why.to_lowercase().contains("no such container") => Ok(None),
        Err(why) => Err(why),
    }
}

/// Removes everything that has the project's label, and nothing else.
async fn take_down(project: &Project) -> Result<(), String> {
    let engine = project.engine.as_deref();
    let label = format!("label=com.docker.compose.project={}", project.name);
    let kinds: &[(&[&str], &[&str])] = &[
        (
            &["ps", "--all", "--quiet", "--no-trunc"],
            &["rm", "--force", "--volumes"],
        ),
        (
            &["network", "ls", "--quiet", "--no-trunc"],
            &["network", "rm"],
        ),
        (&["volume", "ls", "--quiet"], &["volume", "rm", "--force"]),
    ];
    let kinds = if project.volumes { kinds } else { &kinds[..2] };
    for (list, remove) in kinds {
        let words = [*list, &["--filter", label.as_str()][..]].concat();
        let found = docker(engine, &words).await?;
        let found: Vec<&str> = found.lines().collect();
        if !found.is_empty() {
            docker(engine, &[*remove, found.as_slice()].concat()).await?;
        }
    }
    Ok(())
}

/// What the command wrote. The error has its last words, and what to do.
async fn docker(engine: Option<&str>, words: &[&str]) -> Result<String, String> {
    let mut command = Command::new("docker");
    command.args(words).stdin(Stdio::null()).kill_on_drop(true);
    if let Some(engine) = engine {
        command.env("DOCKER_HOST", engine);
    }
    let line = format!("docker {}", words.join(" "));
    let output = match timeout(PATIENCE, command.output()).await {
        Err(_) => {
            return Err(format!(
                "`{line}` does not end\nhint: look at the Docker engine"
            ));
        }
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
            return Err("there is no program `docker`\nhint: install Docker's client".to_owned());
        }
        Ok(Err(error)) => return Err(format!("`{line}` cannot be started: {error}")),
        Ok(Ok(output)) => output,
    };
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "`{line}` failed: {}\nhint: start the Docker engine, or see whether you may use it",
        said.trim()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(memory: i64, nano_cpus: i64, cpu_quota: i64) -> ShownLimits {
        ShownLimits {
            memory,
            nano_cpus,
            cpu_quota,
        }
    }

    #[test]
    fn limits_that_are_the_old_ones_are_left_alone_also_after_they_were_lifted() {
        let limited = Limits {
            memory: 64,
            memory_swap: 128,
            nano_cpus: 1_500_000_000,
            ..Limits::default()
        };
        for (now, old) in [
            (shown(0, 0, 0), Limits::default()),
            (shown(UNLIMITED_MEMORY, 0, -1), Limits::default()),
            (shown(64, 1_500_000_000, 0), limited),
        ] {
            assert_eq!(updates(now, old), [[""; 0]; 0], "{now:?}");
        }
    }

    #[test]
    fn limits_that_were_lowered_are_asked_for_as_they_were() {
        let limited = Limits {
            memory: 64,
            memory_swap: 128,
            nano_cpus: 1_500_000_000,
            ..Limits::default()
        };
        assert_eq!(
            updates(shown(7, 100, 0), limited),
            [
                vec!["--memory=64", "--memory-swap=128"],
                vec!["--cpus=1.500000000"]
            ]
        );
        assert_eq!(
            updates(shown(7, 0, 50_000), Limits::default()),
            [
                vec![
                    "--memory=9223372036854771712",
                    "--memory-swap=9223372036854771712"
                ],
                vec!["--cpu-period=100000", "--cpu-quota=-1"]
            ]
        );
    }
}
