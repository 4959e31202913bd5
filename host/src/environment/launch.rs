//! The start of a service, the first and each later one: its command, and how it is known where it listens and that it is ready.

use std::{io, net::SocketAddr, path::PathBuf};

use tokio::{
    select,
    sync::{oneshot, watch},
    time::timeout,
};

use crate::{
    config::{AddressSource, Readiness},
    environment::{
        error::EnvironmentError, probe::Probe, process::Process, spawner::Spawner, tail::Tail,
    },
};

/// What is needed to start a service.
#[derive(Clone, Debug)]
pub(super) struct Launch {
    pub(super) service: String,
    /// The program and its arguments, every place filled.
    pub(super) command: Vec<String>,
    /// How it is known where it listens.
    pub(super) address: AddressSource,
    /// The port that the host chose; none if the service tells it.
    pub(super) port: Option<u16>,
    pub(super) scheme: String,
    pub(super) readiness: Readiness,
}

impl Launch {
    /// Starts the process. The receiver gets its first line of standard output.
    pub(super) async fn spawn(
        &self,
        spawner: &Spawner,
        tail: &Tail,
    ) -> Result<(Process, oneshot::Receiver<String>), EnvironmentError> {
        let service = self.service.clone();
        let Some((program, arguments)) = self.command.split_first() else {
            let place = "a program".to_owned();
            return Err(EnvironmentError::Place { service, place });
        };
        Process::start(spawner, program.as_ref(), arguments, tail)
            .await
            .map_err(|source| match source.kind() {
                io::ErrorKind::NotFound => EnvironmentError::MissingProgram {
                    service,
                    program: PathBuf::from(program),
                },
                _ => EnvironmentError::Start { service, source },
            })
    }

    /// Waits until a started process is ready, dies, or has had its time; answers where it listens.
    pub(super) async fn ready(
        &self,
        probe: &Probe,
        process: &mut Process,
        first_line: oneshot::Receiver<String>,
    ) -> Result<String, EnvironmentError> {
        let (problem, _) =
            watch::channel("its address is not known: it has written no line".to_owned());
        let getting_ready = async {
            let url = self.url(first_line).await?;
            probe.wait(&url, &self.readiness, &problem).await;
            Ok(url)
        };
        self.within(process, getting_ready, &problem).await
    }

    /// Waits until a running process answers at its URL again, dies, or has had its time.
    pub(super) async fn ready_again(
        &self,
        probe: &Probe,
        process: &mut Process,
        url: &str,
    ) -> Result<(), EnvironmentError> {
        let (problem, _) = watch::channel("no answer".to_owned());
        let answering = async {
            probe.wait(url, &self.readiness, &problem).await;
            Ok(())
        };
        self.within(process, answering, &problem).await
    }

    async fn within<T>(
        &self,
        process: &mut Process,
        getting_ready: impl Future<Output = Result<T, EnvironmentError>>,
        problem: &watch::Sender<String>,
    ) -> Result<T, EnvironmentError> {
        let service = self.service.clone();
        let within = self.readiness.within;
        let ended = select! {
            biased;
            ended = process.ended() => ended,
            outcome = timeout(within, getting_ready) => {
                return outcome.unwrap_or_else(|_| Err(EnvironmentError::NotReady {
                    service,
                    within,
                    problem: problem.borrow().clone(),
                    output: process.output(),
                }));
            }
        };
        let output = process.last_words().await;
        Err(match ended {
            Ok(status) => EnvironmentError::Died {
                service,
                status,
                output,
            },
            Err(source) => EnvironmentError::Start { service, source },
        })
    }

    async fn url(&self, first_line: oneshot::Receiver<String>) -> Result<String, EnvironmentError> {
        let scheme = &self.scheme;
        let expected = match (&self.address, self.port) {
            (AddressSource::ReadyLine(expected), _) => expected,
            (_, Some(port)) => return Ok(format!("{scheme}://127.0.0.1:{port}")),
            (_, None) => return std::future::pending().await,
        };
        let Ok(line) = first_line.await else {
            // Its output is closed: it ends, or is never ready.
            return std::future::pending().await;
        };
        match line
            .strip_prefix(expected.as_str())
            .map(str::parse::<SocketAddr>)
        {
            Some(Ok(address)) => Ok(format!("{scheme}://{address}")),
            _ => Err(EnvironmentError::ReadyLine {
                service: self.service.clone(),
                line,
                expected: expected.clone(),
            }),
        }
    }
}
