//! What a suite may ask of a container: each call returns when the engine shows its effect.

use std::{
    sync::atomic::Ordering,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use bollard::{
    models::ContainerStatsResponse,
    query_parameters::{LogsOptionsBuilder, StatsOptionsBuilder, StopContainerOptionsBuilder},
};
use futures::StreamExt as _;
use tokio::time::Instant;

use super::{Container, is_paused, is_running, limits};
use crate::environment::{
    STOP_PATIENCE,
    control::{Control, ControlError, SIGNALS, Special, State, Usage, Written},
    docker::{
        engine::PATIENCE,
        limits::{LEAST_MEMORY, Limits, MOST_MEMORY},
        log, network,
        project::published,
        stats,
    },
};

#[async_trait]
impl Control for Container {
    fn name(&self) -> &str {
        &self.service
    }

    fn check(&self, special: Special) -> Result<(), ControlError> {
        match special {
            Special::LimitMemory(bytes) if !(LEAST_MEMORY..=MOST_MEMORY).contains(&bytes) => {
                let why = format!("a limit is from {LEAST_MEMORY} to {MOST_MEMORY} bytes");
                Err(self.impossible("limited so in its memory", why))
            }
            Special::LimitCpu(cores) if !(0.01..=1024.0).contains(&cores) => {
                let why = "a limit is from 0.01 to 1024 cores";
                Err(self.impossible("limited so in its processor time", why))
            }
            _ => Ok(()),
        }
    }

    async fn stop(&self) -> Result<(), ControlError> {
        let mut ended = self.ended.lock().await;
        self.running().await?;
        let seconds = i32::try_from(STOP_PATIENCE.as_secs()).unwrap_or(i32::MAX);
        let options = StopContainerOptionsBuilder::new().t(seconds).build();
        let engine = self.project.engine();
        let stopping = engine.client().stop_container(&self.id, Some(options));
        let within = PATIENCE + STOP_PATIENCE;
        let stopped = engine.ask_within(within, "stop the container", stopping);
        self.here(stopped.await)?;
        self.is_ended(&mut ended).await
    }

    async fn kill(&self, signal: &str) -> Result<(), ControlError> {
        let name = signal.strip_prefix("SIG").unwrap_or(signal);
        if !SIGNALS.contains(&name) {
            return Err(ControlError::UnknownSignal {
                signal: signal.to_owned(),
            });
        }
        let mut ended = self.ended.lock().await;
        self.running().await?;
        self.end("kill the container", &format!("SIG{name}"))
            .await?;
        self.is_ended(&mut ended).await
    }

    async fn pause(&self) -> Result<(), ControlError> {
        let _changing = self.ended.lock().await;
        self.running().await?;
        let freezing = self.project.engine().client().pause_container(&self.id);
        self.ask("freeze the container", freezing).await?;
        self.shows("frozen", is_paused).await.map(drop)
    }

    async fn resume(&self) -> Result<Duration, ControlError> {
        let _changing = self.ended.lock().await;
        let started = Instant::now();
        if is_paused(&self.running().await?) {
            let going_on = self.project.engine().client().unpause_container(&self.id);
            self.ask("let the container go on", going_on).await?;
            self.shows("going on", |found| !is_paused(found)).await?;
        }
        self.ready().await?;
        Ok(started.elapsed())
    }

    async fn start(&self) -> Result<Duration, ControlError> {
        let mut ended = self.ended.lock().await;
        if is_running(&self.inspect().await?) {
            return Err(ControlError::Running {
                service: self.service.clone(),
            });
        }
        let started = Instant::now();
        let docker = self.project.engine().client();
        let starting = docker.start_container(&self.id, None);
        self.ask("start the container", starting).await?;
        let found = self.shows("running", is_running).await?;
        *ended = false;
        let expected = self.url.rsplit_once(':').map_or("", |(_, port)| port);
        let now = published(&found, self.port).map(|port| port.to_string());
        // Off the network it has no port; it gets its own back with the network.
        if let Some(now) = now.filter(|now| now != expected) {
            self.end("stop the container", "SIGKILL").await?;
            self.is_ended(&mut ended).await?;
            return Err(ControlError::Moved {
                service: self.service.clone(),
                expected: self.url.clone(),
                found: format!("port {now}"),
            });
        }
        self.ready().await?;
        Ok(started.elapsed())
    }

    async fn state(&self) -> State {
        let Ok(found) = self.inspect().await else {
            return State::Unreachable;
        };
        if !is_running(&found) {
            return State::Stopped;
        }
        if is_paused(&found) {
            return State::Paused;
        }
        match self.probe.ask(&self.url, &self.readiness).await {
            Ok(()) => State::Running,
            Err(_) if self.healthy.load(Ordering::Relaxed) => State::Unreachable,
            Err(_) => State::Starting,
        }
    }

    async fn usage(&self) -> Result<Usage, ControlError> {
        self.running().await?;
        let options = StatsOptionsBuilder::new().stream(false).one_shot(true);
        let docker = self.project.engine().client();
        let mut told = docker.stats(&self.id, Some(options.build()));
        let first = async {
            told.next()
                .await
                .unwrap_or_else(|| Ok(ContainerStatsResponse::default()))
        };
        let stats = self.ask("tell what the container uses", first).await?;
        let failed = |problem: String| ControlError::Usage {
            service: self.service.clone(),
            problem,
        };
        let open_files = stats::open_files(&self.id);
        let open_files = open_files.map_err(|error| failed(format!("its open files: {error}")))?;
        stats::usage(&stats, open_files).map_err(failed)
    }

    async fn log(&self, last: usize) -> Result<Vec<String>, ControlError> {
        let options = LogsOptionsBuilder::new().tail(&last.to_string());
        Ok(self.read_log(options).await?)
    }

    async fn wrote(&self, within: Duration) -> Result<Written, ControlError> {
        let since = SystemTime::now().checked_sub(within);
        let since = since.unwrap_or(SystemTime::UNIX_EPOCH);
        // The engine takes whole seconds, and says of each line when it was written.
        let seconds = since.duration_since(SystemTime::UNIX_EPOCH);
        let seconds = seconds.map_or(0, |since| {
            i32::try_from(since.as_secs()).unwrap_or(i32::MAX)
        });
        let options = LogsOptionsBuilder::new()
            .since(seconds)
            .timestamps(true)
            .tail(&log::MAX_LINES.to_string());
        let lines = self.read_log(options).await?;
        let lines: Vec<_> = log::since(&lines, since).collect();
        Ok(Written::last(lines.into_iter()))
    }

    async fn disconnect(&self, network: Option<&str>) -> Result<(), ControlError> {
        let _changing = self.ended.lock().await;
        let on = self.on(&self.inspect().await?);
        let networks = match network {
            None => on.keys().cloned().collect(),
            Some(name) => {
                let network = self.network(name).await?;
                if !on.contains_key(&network) {
                    let known = self.project.networks().await?;
                    return Err(self.not_on(name, network::names_of(&on, &known)).into());
                }
                vec![network]
            }
        };
        self.off(networks).await
    }

    async fn connect(&self, network: Option<&str>) -> Result<Duration, ControlError> {
        let ended = self.ended.lock().await;
        let started = Instant::now();
        let networks = match network {
            None => self.missing(&self.inspect().await?),
            Some(name) => vec![self.network(name).await?],
        };
        self.back(networks).await?;
        let found = self.inspect().await?;
        if !*ended && is_running(&found) && self.missing(&found).is_empty() {
            self.ready().await?;
        }
        Ok(started.elapsed())
    }

    async fn limit_memory(&self, bytes: u64) -> Result<(), ControlError> {
        let _changing = self.ended.lock().await;
        self.check(Special::LimitMemory(bytes))?;
        self.running().await?;
        self.update(Limits::limit_memory(bytes)).await
    }

    async fn limit_cpu(&self, cores: f64) -> Result<(), ControlError> {
        let _changing = self.ended.lock().await;
        self.check(Special::LimitCpu(cores))?;
        self.running().await?;
        self.update(self.original.limits.limit_cpu(cores)).await
    }

    async fn lift_limits(&self) -> Result<(), ControlError> {
        let _changing = self.ended.lock().await;
        let now = limits(&self.inspect().await?);
        for update in self.original.limits.restore(now) {
            self.update(update).await?;
        }
        Ok(())
    }
}
