//! A service that the environment started, under control: the back end for child processes.
//!
//! A change holds the process; looking only needs its identity. So a service that starts, or does not end, can be looked at.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use rustix::process::Signal;
use tokio::{
    net::{TcpSocket, TcpStream},
    sync,
    time::{Instant, sleep, timeout},
};

use crate::environment::{
    EnvironmentError, STOP_PATIENCE,
    control::{CONFIRM_PATIENCE, Control, ControlError, State, Usage, Written},
    identity::Identity,
    launch::Launch,
    port,
    probe::Probe,
    process::{Process, signal_group},
    procfs,
    spawner::Spawner,
    tail::Tail,
};

/// Between two looks whether something shows.
const PAUSE: Duration = Duration::from_millis(2);

/// A service that the environment started. Dropping it kills the process.
#[derive(Debug)]
pub(super) struct Service {
    launch: Launch,
    url: String,
    probe: Probe,
    spawner: Arc<Spawner>,
    tail: Tail,
    seen: Mutex<Seen>,
    life: sync::Mutex<Life>,
}

/// What others may know while a change goes on.
#[derive(Clone, Copy, Debug)]
struct Seen {
    process: Option<Identity>,
    /// Whether it has been healthy since its start.
    healthy: bool,
}

#[derive(Debug)]
struct Life {
    /// None after somebody ended it on purpose.
    process: Option<Process>,
    /// Keeps the port while nothing listens on it, so that no other program gets it.
    reserved: Option<TcpSocket>,
    /// The environment is down: nothing is started any more.
    over: bool,
}

impl Service {
    /// A service that was started and is ready at this URL. `launch` starts it there again.
    pub(super) fn new(
        launch: Launch,
        url: String,
        probe: Probe,
        spawner: Arc<Spawner>,
        tail: Tail,
        process: Process,
    ) -> Self {
        let seen = Seen {
            process: process.id().and_then(Identity::of),
            healthy: true,
        };
        let life = Life {
            process: Some(process),
            reserved: None,
            over: false,
        };
        Self {
            launch,
            url,
            probe,
            spawner,
            tail,
            seen: Mutex::new(seen),
            life: sync::Mutex::new(life),
        }
    }

    /// Its process; none if it has ended.
    pub(super) fn identity(&self) -> Option<Identity> {
        self.seen().process.filter(|process| process.lives())
    }

    /// Why it does not run although nobody ended it; none while it is being changed, which this question is, too: one at a time.
    pub(super) async fn fallen(&self) -> Option<EnvironmentError> {
        let mut life = self.life.try_lock().ok()?;
        let process = life.process.as_mut()?;
        let status = process.status().await?;
        Some(EnvironmentError::Died {
            service: self.name().to_owned(),
            status,
            output: process.last_words().await,
        })
    }

    /// Asks it to end, frozen or not, also in the middle of a change.
    pub(super) fn terminate(&self) {
        if let Some(process) = self.identity() {
            signal_group(process.pid, Signal::CONT);
            signal_group(process.pid, Signal::TERM);
        }
    }

    /// Ends it for good, at the deadline by force.
    pub(super) async fn down(&self, deadline: Instant) {
        // Whoever changes it meanwhile notices its end, at the latest when it is killed.
        let waited = tokio::time::timeout_at(deadline, self.life.lock()).await;
        let mut life = if let Ok(life) = waited {
            life
        } else {
            if let Some(process) = self.identity() {
                signal_group(process.pid, Signal::KILL);
            }
            self.life.lock().await
        };
        life.over = true;
        life.reserved = None;
        if let Some(mut process) = life.process.take() {
            process.resume();
            process.terminate();
            process.stop(deadline).await;
        }
        self.ended();
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // It is replaced as a whole: a panic of another holder cannot leave one half-written.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(&self) {
        *self.seen() = Seen {
            process: None,
            healthy: false,
        };
    }

    fn not_running(&self) -> ControlError {
        ControlError::NotRunning {
            service: self.name().to_owned(),
        }
    }

    fn not_confirmed(&self, expected: &'static str) -> ControlError {
        ControlError::NotConfirmed {
            service: self.name().to_owned(),
            expected,
        }
    }

    /// The process, if it runs.
    async fn running<'a>(&self, life: &'a mut Life) -> Result<&'a mut Process, ControlError> {
        let process = life.process.as_mut().ok_or_else(|| self.not_running())?;
        if process.status().await.is_some() {
            return Err(self.not_running());
        }
        Ok(process)
    }

    /// After its end: nothing may answer at its address any more, and nobody else may take it.
    async fn close(&self, life: &mut Life) -> Result<(), ControlError> {
        life.process = None;
        self.ended();
        let Some(address) = self.address() else {
            return Ok(());
        };
        // Without it the port is free to all: worse, and no reason to fail.
        life.reserved = port::reserve(address).ok();
        let closed = async {
            while TcpStream::connect(address).await.is_ok() {
                sleep(PAUSE).await;
            }
        };
        timeout(CONFIRM_PATIENCE, closed)
            .await
            .map_err(|_| self.not_confirmed("gone from its address"))
    }

    fn address(&self) -> Option<SocketAddr> {
        self.url.split_once("://")?.1.parse().ok()
    }

    /// Waits until the threads of the process are all stopped, or no longer all.
    async fn confirm(&self, pid: u32, stopped: bool) -> bool {
        let shown = async {
            while procfs::is_stopped(pid) != stopped {
                sleep(PAUSE).await;
            }
        };
        timeout(CONFIRM_PATIENCE, shown).await.is_ok()
    }

    /// Starts the process and waits until it is ready where it was before. The process stays in `life` throughout.
    async fn launch(&self, life: &mut Life) -> Result<(), ControlError> {
        life.reserved = None;
        let (process, first_line) = self.launch.spawn(&self.spawner, &self.tail).await?;
        *self.seen() = Seen {
            process: process.id().and_then(Identity::of),
            healthy: false,
        };
        let process = life.process.insert(process);
        let found = self.launch.ready(&self.probe, process, first_line).await?;
        if found != self.url {
            return Err(ControlError::Moved {
                service: self.name().to_owned(),
                expected: self.url.clone(),
                found,
            });
        }
        self.seen().healthy = true;
        Ok(())
    }
}

#[async_trait]
impl Control for Service {
    fn name(&self) -> &str {
        &self.launch.service
    }

    async fn stop(&self) -> Result<(), ControlError> {
        let mut life = self.life.lock().await;
        let process = self.running(&mut life).await?;
        process.resume();
        process.terminate();
        process.stop(Instant::now() + STOP_PATIENCE).await;
        self.close(&mut life).await
    }

    async fn kill(&self, signal: &str) -> Result<(), ControlError> {
        let number = signal_by_name(signal).ok_or_else(|| ControlError::UnknownSignal {
            signal: signal.to_owned(),
        })?;
        let mut life = self.life.lock().await;
        let process = self.running(&mut life).await?;
        process.signal(number);
        // What is frozen gets any signal but SIGKILL only when it goes on.
        process.resume();
        if timeout(CONFIRM_PATIENCE, process.ended()).await.is_err() {
            return Err(self.not_confirmed("ended"));
        }
        process.stop(Instant::now()).await;
        self.close(&mut life).await
    }

    async fn pause(&self) -> Result<(), ControlError> {
        let mut life = self.life.lock().await;
        let process = self.running(&mut life).await?;
        let pid = process.id().ok_or_else(|| self.not_running())?;
        process.signal(Signal::STOP);
        if self.confirm(pid, true).await {
            return Ok(());
        }
        process.resume();
        self.running(&mut life).await?;
        Err(self.not_confirmed("frozen"))
    }

    async fn resume(&self) -> Result<Duration, ControlError> {
        let mut life = self.life.lock().await;
        let started = Instant::now();
        let process = self.running(&mut life).await?;
        let pid = process.id().ok_or_else(|| self.not_running())?;
        process.resume();
        if !self.confirm(pid, false).await {
            return Err(self.not_confirmed("going on"));
        }
        let answering = self.launch.ready_again(&self.probe, process, &self.url);
        answering.await?;
        Ok(started.elapsed())
    }

    async fn start(&self) -> Result<Duration, ControlError> {
        let service = || self.name().to_owned();
        let mut life = self.life.lock().await;
        if life.over {
            return Err(ControlError::Down { service: service() });
        }
        if self.running(&mut life).await.is_ok() {
            return Err(ControlError::Running { service: service() });
        }
        let started = Instant::now();
        let launched = self.launch(&mut life).await;
        if launched.is_err()
            && let Some(process) = &mut life.process
        {
            process.terminate();
            process.stop(Instant::now() + STOP_PATIENCE).await;
            // The reason for its end is what the start failed with.
            let _ = self.close(&mut life).await;
        }
        launched.map(|()| started.elapsed())
    }

    async fn state(&self) -> State {
        let Some(process) = self.identity() else {
            return State::Stopped;
        };
        if procfs::is_stopped(process.pid) {
            return State::Paused;
        }
        let answer = self.probe.ask(&self.url, &self.launch.readiness).await;
        // It may have ended, been frozen or been replaced while it was asked.
        let now = *self.seen();
        match answer {
            _ if !process.lives() => State::Stopped,
            Ok(()) => State::Running,
            Err(_) if procfs::is_stopped(process.pid) => State::Paused,
            Err(_) if now.healthy => State::Unreachable,
            Err(_) => State::Starting,
        }
    }

    async fn usage(&self) -> Result<Usage, ControlError> {
        let process = self.identity().ok_or_else(|| self.not_running())?;
        procfs::usage(process.pid).map_err(|error| ControlError::Usage {
            service: self.name().to_owned(),
            problem: error.to_string(),
        })
    }

    async fn log(&self, last: usize) -> Result<Vec<String>, ControlError> {
        Ok(self.tail.last(last))
    }

    async fn wrote(&self, within: Duration) -> Result<Written, ControlError> {
        let now = Instant::now();
        Ok(self.tail.since(now.checked_sub(within).unwrap_or(now)))
    }
}

/// With or without `SIG`.
fn signal_by_name(name: &str) -> Option<Signal> {
    Some(match name.strip_prefix("SIG").unwrap_or(name) {
        "KILL" => Signal::KILL,
        "TERM" => Signal::TERM,
        "INT" => Signal::INT,
        "QUIT" => Signal::QUIT,
        "HUP" => Signal::HUP,
        "ABRT" => Signal::ABORT,
        "SEGV" => Signal::SEGV,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::signal_by_name;
    use crate::environment::control::SIGNALS;

    #[test]
    fn every_signal_that_is_listed_is_known_by_both_names() {
        for name in SIGNALS {
            assert!(signal_by_name(name).is_some(), "{name}");
            assert_eq!(signal_by_name(&format!("SIG{name}")), signal_by_name(name));
        }
        for name in ["", "SIG", "kill", "STOP", "CONT", "9"] {
            assert_eq!(signal_by_name(name), None, "{name}");
        }
    }
}
