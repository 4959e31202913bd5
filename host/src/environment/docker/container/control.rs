//! What a suite may ask of a container: each call returns when the engine shows its effect.

use std::{sync::atomic::Ordering, time::Duration};

use async_trait::async_trait;
use tokio::time::Instant;

use super::{Container, endpoints, is_paused, is_running, limits};
use crate::environment::{
    STOP_PATIENCE,
    control::{Control, ControlError, SIGNALS, State, Usage},
    docker::{
        engine::PATIENCE,
        limits::{LEAST_MEMORY, Limits},
        log,
        model::Stats,
        network,
        project::published,
        stats,
    },
};

#[async_trait]
impl Control for Container {
    fn name(&self) -> &str {
        &self.service
    }

    async fn stop(&self) -> Result<(), ControlError> {
        let mut changed = self.change.lock().await;
        self.running().await?;
        let seconds = STOP_PATIENCE.as_secs();
        let path = format!("/containers/{}/stop?t={seconds}", self.id);
        let within = PATIENCE + STOP_PATIENCE;
        let stopping = self.project.engine();
        let stopped = stopping.post_within(within, "stop the container", &path, None);
        self.here(stopped.await)?;
        self.ended(&mut changed).await
    }

    async fn kill(&self, signal: &str) -> Result<(), ControlError> {
        let name = signal.strip_prefix("SIG").unwrap_or(signal);
        if !SIGNALS.contains(&name) {
            return Err(ControlError::UnknownSignal {
                signal: signal.to_owned(),
            });
        }
        let mut changed = self.change.lock().await;
        self.running().await?;
        self.end("kill the container", &format!("SIG{name}"))
            .await?;
        self.ended(&mut changed).await
    }

    async fn pause(&self) -> Result<(), ControlError> {
        let _changed = self.change.lock().await;
        self.running().await?;
        self.post("freeze the container", "pause", None).await?;
        self.shows("frozen", is_paused).await.map(drop)
    }

    async fn resume(&self) -> Result<Duration, ControlError> {
        let _changed = self.change.lock().await;
        let started = Instant::now();
        if is_paused(&self.running().await?) {
            self.post("let the container go on", "unpause", None)
                .await?;
            self.shows("going on", |found| !is_paused(found)).await?;
        }
        self.ready().await?;
        Ok(started.elapsed())
    }

    async fn start(&self) -> Result<Duration, ControlError> {
        let mut changed = self.change.lock().await;
        if is_running(&self.inspect().await?) {
            return Err(ControlError::Running {
                service: self.service.clone(),
            });
        }
        let started = Instant::now();
        self.post("start the container", "start", None).await?;
        let found = self.shows("running", is_running).await?;
        changed.ended = false;
        let expected = self.url.rsplit_once(':').map_or("", |(_, port)| port);
        let now = published(&found, self.port).map(|port| port.to_string());
        // Off the network it has no port; it gets its own back with the network.
        if let Some(now) = now.filter(|now| now != expected) {
            self.end("stop the container", "SIGKILL").await?;
            self.ended(&mut changed).await?;
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
        let path = format!("/containers/{}/stats?stream=false&one-shot=true", self.id);
        let engine = self.project.engine();
        let asking = engine.get("tell what the container uses", &path);
        let stats: Stats = self.here(asking.await)?;
        let failed = |problem: String| ControlError::Usage {
            service: self.service.clone(),
            problem,
        };
        let open_files = stats::open_files(&self.id);
        let open_files = open_files.map_err(|error| failed(format!("its open files: {error}")))?;
        stats::usage(&stats, open_files).map_err(failed)
    }

    async fn log(&self, last: usize) -> Result<Vec<String>, ControlError> {
        let path = format!("/containers/{}/logs?stdout=1&stderr=1&tail={last}", self.id);
        let engine = self.project.engine();
        let asking = engine.bytes("tell the log of the container", &path);
        Ok(log::lines(&self.here(asking.await)?))
    }

    async fn disconnect(&self, network: Option<&str>) -> Result<(), ControlError> {
        let mut changed = self.change.lock().await;
        let on = endpoints(&self.inspect().await?);
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
        self.off(&mut changed, networks).await
    }

    async fn connect(&self, network: Option<&str>) -> Result<Duration, ControlError> {
        let mut changed = self.change.lock().await;
        let started = Instant::now();
        let networks = match network {
            None => changed.off.keys().cloned().collect(),
            Some(name) => vec![self.network(name).await?],
        };
        self.back(&mut changed, networks).await?;
        if changed.off.is_empty() && !changed.ended {
            self.ready().await?;
        }
        Ok(started.elapsed())
    }

    async fn limit_memory(&self, bytes: u64) -> Result<(), ControlError> {
        let mut changed = self.change.lock().await;
        let limit = i64::try_from(bytes).ok().filter(|_| bytes >= LEAST_MEMORY);
        let Some(limit) = limit else {
            let why = format!("the least is {LEAST_MEMORY} bytes");
            return Err(self.impossible("limited to so little memory", why));
        };
        let found = self.running().await?;
        changed.memory.get_or_insert_with(|| limits(&found));
        self.update(Limits::limit_memory(limit)).await
    }

    async fn limit_cpu(&self, cores: f64) -> Result<(), ControlError> {
        let mut changed = self.change.lock().await;
        if !(0.01..=1024.0).contains(&cores) {
            return Err(self.impossible("limited so", "a limit is from 0.01 to 1024 cores"));
        }
        let found = self.running().await?;
        let before = *changed.cpu.get_or_insert_with(|| limits(&found));
        self.update(before.limit_cpu(cores)).await
    }

    async fn lift_limits(&self) -> Result<(), ControlError> {
        let mut changed = self.change.lock().await;
        if let Some(before) = changed.memory {
            self.update(before.old_memory()).await?;
            changed.memory = None;
        }
        if let Some(before) = changed.cpu {
            self.update(before.old_cpu()).await?;
            changed.cpu = None;
        }
        Ok(())
    }
}
