//! A NATS server and agents on cores of their own, for one load.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use super::cores::pinned;
use super::host::Load;
use super::proc::Life;
use super::{build, unexpected};
use crate::Outcome;
use crate::process;

/// How long each may take until it says that it is ready.
const PATIENCE: Duration = Duration::from_secs(30);

/// They end with this value.
pub(super) struct Group {
    url: String,
    agents: Vec<Ready>,
    _server: Ready,
}

/// The host that conducts so many agents.
pub(super) fn conduct(url: &str, agents: u32, load: &Load) -> Command {
    let mut command = process::command(build::host(), load.arguments());
    command.args(["--nats", url, "--agents", &agents.to_string()]);
    command
}

impl Group {
    /// Whether there is a server to start.
    pub(super) fn can_start() -> bool {
        process::works(&mut process::command("nats-server", ["--version"]))
    }

    /// An agent on each of the cores, of which one may be there more than once.
    pub(super) fn start(cores: &[usize]) -> Outcome<Self> {
        let port = free_port()?;
        let url = format!("nats://127.0.0.1:{port}");
        let server = Ready::start(&mut server(port), "Server is ready")?;
        let agents = cores.iter().enumerate().map(|(number, core)| {
            let mut agent = pinned(*core, build::host(), ["agent", "--trust=all"]);
            agent.args(["--nats", &url, "--name", &format!("core-{core}-{number}")]);
            Ready::start(&mut agent, "is ready")
        });
        Ok(Self {
            agents: agents.collect::<Outcome<_>>()?,
            url,
            _server: server,
        })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// What the agents took of their cores until now.
    pub(super) fn processor_time(&self) -> Duration {
        let lives = self
            .agents
            .iter()
            .filter_map(|Ready(child)| Life::of(child.id()));
        lives.map(|life| life.processor_time).sum()
    }
}

fn server(port: u16) -> Command {
    let mut command = process::command("nats-server", ["--jetstream", "--addr", "127.0.0.1"]);
    command.args(["--port", &port.to_string(), "--store_dir"]);
    command.arg(store());
    command
}

fn store() -> PathBuf {
    process::target_directory().join("bench").join("nats")
}

/// One that is free now: where another program takes it meanwhile the server ends, and says so.
fn free_port() -> Outcome<u16> {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let port = port.map_err(|error| unexpected(format!("no port is free: {error}")))?;
    Ok(port.port())
}

/// A process that has said that it is ready.
struct Ready(Child);

impl Ready {
    fn start(command: &mut Command, word: &'static str) -> Outcome<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.stderr(Stdio::piped()).spawn();
        let mut ready = Self(child.map_err(|source| process::start(command, source))?);
        let (sender, heard) = channel();
        if let Some(errors) = ready.0.stderr.take() {
            // It goes on to read: a full pipe would stop whoever writes.
            thread::spawn(move || {
                let mut errors = BufReader::new(errors);
                // Whoever waited may be gone.
                let _ = sender.send(line_with(word, &mut errors));
                let _ = errors.read_to_end(&mut Vec::new());
            });
        }
        match heard.recv_timeout(PATIENCE) {
            Ok(Ok(())) => Ok(ready),
            Ok(Err(said)) => Err(unexpected(format!(
                "{} ended: {said}",
                process::line(command)
            ))),
            Err(_) => Err(unexpected(format!(
                "{} does not say `{word}`",
                process::line(command)
            ))),
        }
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        // It may have ended by itself, and has nothing to tidy up.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Reads up to a line with that word; the error is what was said instead.
fn line_with(word: &str, from: &mut impl BufRead) -> Result<(), String> {
    let mut said = String::new();
    loop {
        let before = said.len();
        match from.read_line(&mut said) {
            Ok(0) | Err(_) => return Err(said),
            Ok(_) if said[before..].contains(word) => return Ok(()),
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_ends_before_it_is_ready_is_told_with_what_it_said() {
        let mut command = process::command("sh", ["-c", "echo no port >&2"]);
        let error = Ready::start(&mut command, "is ready").err().unwrap();
        assert!(error.to_string().contains("no port"), "{error}");
        let mut command = process::command("sh", ["-c", "echo it is ready >&2; exec sleep 60"]);
        assert!(Ready::start(&mut command, "is ready").is_ok());
    }
}
