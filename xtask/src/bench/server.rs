//! The server that load is sent to: the example of `load/`, on a core of its own. It counts what it answers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::time::Duration;

use super::cores::{Cores, pinned};
use super::proc::Life;
use super::{build, unexpected};
use crate::Outcome;
use crate::process;

/// How long its answer to a question may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server that runs; it ends with this value.
pub(super) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    pub(super) fn start(cores: Cores) -> Outcome<Self> {
        let mut command = pinned(cores.server, build::transport(), ["serve"]);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|source| process::start(&command, source))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            // Without its line there is no address, which is told below.
            let _ = BufReader::new(stdout).read_line(&mut line);
        }
        let server = line.trim().trim_start_matches("http://");
        if let Ok(address) = server.trim_end_matches('/').parse() {
            return Ok(Self { child, address });
        }
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
        Err(unexpected(format!("the server told no address: `{line}`")))
    }

    /// Of small answers.
    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Of a stream of so many events, one each second.
    pub(super) fn events(&self, count: u64) -> String {
        format!("http://{}/events/{count}/1000", self.address)
    }

    /// How often it has answered [`Server::url`].
    pub(super) fn answered(&self) -> Outcome<u64> {
        let ask = || {
            let mut connection = TcpStream::connect(self.address)?;
            connection.set_read_timeout(Some(PATIENCE))?;
            connection
                .write_all(b"GET /count HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n")?;
            let mut answer = String::new();
            connection.read_to_string(&mut answer)?;
            Ok(answer)
        };
        let answer: std::io::Result<String> = ask();
        let answer =
            answer.map_err(|error| unexpected(format!("the server is silent: {error}")))?;
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let count = body.trim().parse();
        count.map_err(|_| unexpected(format!("the server told no count: {answer}")))
    }

    /// What it took of its core until now.
    pub(super) fn processor_time(&self) -> Duration {
        Life::of(self.child.id()).map_or(Duration::ZERO, |life| life.processor_time)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has nothing to tidy up.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
