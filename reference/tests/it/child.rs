//! Services as child processes, for what only a process can show: kill -9, signals, exit codes, the first line of output.

use std::fs;
use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::client::Client;
use crate::system::System;

/// How fast a generation service is, and how often it tries a save.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) step_ms: u64,
    pub(crate) retry_base_ms: u64,
    pub(crate) retry_attempts: u32,
}

const PATIENCE: Duration = Duration::from_secs(20);

/// A service in a process of its own, which is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// Starts a service and waits until it listens.
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        timeout(PATIENCE, output.read_line(&mut line))
            .await
            .unwrap()
            .unwrap();
        let address = line
            .trim_end()
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("the first line is {line:?}"))
            .parse()
            .unwrap();
        Self {
            child,
            address,
            output,
        }
    }

    /// A project service beside a system whose own one is not used.
    pub(crate) async fn project_service(system: &System, data: &TempDir) -> Self {
        Self::project_service_with(system, data, "").await
    }

    /// The same with defects.
    pub(crate) async fn project_service_with(
        system: &System,
        data: &TempDir,
        defects: &str,
    ) -> Self {
        Self::start(&[
            "project-service",
            "--defects",
            defects,
            "--listen",
            "127.0.0.1:0",
            "--data",
            data.path().to_str().unwrap(),
            "--cache-url",
            &format!("redis://{}", system.cache_address()),
            "--vector-store-url",
            &system.vectors.url,
            "--rate-limit",
            "100000",
        ])
        .await
    }

    /// Its memory in bytes, as Linux tells it.
    pub(crate) fn memory(&self) -> u64 {
        let id = self.child.id().unwrap();
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let mut lines = status.lines();
        let line = lines.find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let kilobytes = line.split_whitespace().next().unwrap();
        kilobytes.parse::<u64>().unwrap() << 10
    }

    /// A generation service beside a system whose own one is not used.
    pub(crate) async fn generation_service(system: &System, data: &TempDir, pace: Pace) -> Self {
        Self::start(&[
            "generation-service",
            "--listen",
            "127.0.0.1:0",
            "--data",
            data.path().to_str().unwrap(),
            "--cache-url",
            &format!("redis://{}", system.cache_address()),
            "--project-service-url",
            &system.projects.url,
            "--rate-limit",
            "100000",
            "--step-ms",
            &pace.step_ms.to_string(),
            "--retry-base-ms",
            &pace.retry_base_ms.to_string(),
            "--retry-attempts",
            &pace.retry_attempts.to_string(),
        ])
        .await
    }

    /// A client of it.
    pub(crate) fn client(&self) -> Client {
        Client::new(&format!("http://{}", self.address))
    }

    /// SIGKILL, and waits until the process is gone.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Sends a signal by name, with the tool that every POSIX system has.
    pub(crate) async fn signal(&self, name: &str) {
        let id = self.child.id().unwrap().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status().await;
        assert!(status.unwrap().success());
    }

    /// Waits for the end, and answers how it was and what else was printed.
    pub(crate) async fn end(mut self) -> (ExitStatus, String) {
        let status = timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap();
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).await.unwrap();
        (status, rest)
    }
}

/// The binary with these arguments.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reference"));
    command.args(arguments).kill_on_drop(true);
    command
}
