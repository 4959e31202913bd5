//! A connection to a Docker engine. Every question has a limit of time, and every refusal becomes an error with something to do.

use std::{env, fmt, io, path::Path, time::Duration};

use bollard::{API_DEFAULT_VERSION, Docker, errors::Error};
use tokio::time::timeout;

use super::{
    error::{DockerError, OLDEST_API},
    facts::Facts,
};

/// How long the engine may take for an answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// The client's own limit, which is never reached: each question has one that fits it.
const CLIENT_SECONDS: u64 = 3600;
/// Where the engine is if nothing else is said.
const DEFAULT_ADDRESS: &str = "unix:///var/run/docker.sock";

/// A Docker engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    docker: Docker,
    address: String,
    id: String,
    facts: Facts,
}

impl fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Engine({})", self.address)
    }
}

impl Engine {
    /// Connects to the engine of the variable `DOCKER_HOST`, or else to that of this machine.
    pub async fn connect() -> Result<Self, DockerError> {
        let given = env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty());
        Self::connect_to(given.as_deref().unwrap_or(DEFAULT_ADDRESS)).await
    }

    /// Connects to the engine at an address such as `unix:///var/run/docker.sock`.
    pub async fn connect_to(address: &str) -> Result<Self, DockerError> {
        let made = match address.split_once("://") {
            Some(("unix", path)) => {
                check_socket(Path::new(path), address)?;
                Docker::connect_with_unix(address, CLIENT_SECONDS, API_DEFAULT_VERSION)
            }
            Some(("tcp" | "http", _)) => {
                Docker::connect_with_http(address, CLIENT_SECONDS, API_DEFAULT_VERSION)
            }
            _ => {
                return Err(DockerError::Address {
                    address: address.to_owned(),
                });
            }
        };
        let address = address.to_owned();
        let docker = made.map_err(|error| failed("make a connection", &address, &error))?;
        let negotiating = timeout(PATIENCE, docker.negotiate_version()).await;
        let negotiated = negotiating.map_err(|_| silent("tell its version", PATIENCE))?;
        let docker = negotiated.map_err(|error| failed("tell its version", &address, &error))?;
        let version = docker.client_version().to_string();
        if is_older(&version, OLDEST_API) {
            return Err(DockerError::TooOld { found: version });
        }
        let what = "tell of itself";
        let telling = timeout(PATIENCE, docker.info()).await;
        let told = telling.map_err(|_| silent(what, PATIENCE))?;
        let info = told.map_err(|error| failed(what, &address, &error))?;
        Ok(Self {
            facts: Facts::of(&info),
            id: info.id.unwrap_or_else(|| address.clone()),
            docker,
            address,
        })
    }

    /// What it told of itself when the connection was made.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Where it is.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Which one it is, however its address is written; its address, if it does not tell.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// What asks it, for [`Engine::ask`].
    pub(super) fn client(&self) -> &Docker {
        &self.docker
    }

    /// Waits for the answer to a question, which the errors name behind "does not".
    pub(super) async fn ask<T>(
        &self,
        what: &str,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, DockerError> {
        self.ask_within(PATIENCE, what, answer).await
    }

    /// The same with another limit of time.
    pub(super) async fn ask_within<T>(
        &self,
        within: Duration,
        what: &str,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, DockerError> {
        let answer = timeout(within, answer).await;
        let answer = answer.map_err(|_| silent(what, within))?;
        answer.map_err(|error| failed(what, &self.address, &error))
    }
}

fn silent(what: &str, within: Duration) -> DockerError {
    DockerError::Silent {
        what: what.to_owned(),
        within,
    }
}

fn failed(what: &str, address: &str, error: &Error) -> DockerError {
    match error {
        Error::DockerResponseServerError {
            message,
            status_code,
        } => DockerError::Refused {
            what: what.to_owned(),
            problem: message.clone(),
            status: Some(*status_code),
        },
        Error::HyperResponseError { .. }
        | Error::HyperLegacyError { .. }
        | Error::IOError { .. }
        | Error::SocketNotFoundError(_) => DockerError::NoEngine {
            address: address.to_owned(),
            problem: innermost(error),
        },
        other => DockerError::Refused {
            what: what.to_owned(),
            problem: format!("its answer is not understood: {other}"),
            status: None,
        },
    }
}

/// The innermost cause says what happened.
fn innermost(error: &Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// The client does not tell a socket that is missing from one that is forbidden.
fn check_socket(path: &Path, address: &str) -> Result<(), DockerError> {
    let address = address.to_owned();
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(DockerError::Denied { address })
        }
        Err(error) => Err(DockerError::NoEngine {
            address,
            problem: error.to_string(),
        }),
    }
}

fn is_older(version: &str, than: &str) -> bool {
    let numbers = |text: &str| -> Vec<u32> {
        text.split('.')
            .filter_map(|part| part.parse().ok())
            .collect()
    };
    numbers(version) < numbers(than)
}

#[cfg(test)]
mod tests {
    use assay_report::hint::Hinted;

    use super::*;
    use crate::environment::docker::scripted::ScriptedEngine;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (version, older) in [
            ("1.41", false),
            ("1.40", true),
            ("1.9", true),
            ("1.100", false),
            ("2.0", false),
        ] {
            assert_eq!(is_older(version, OLDEST_API), older, "{version}");
        }
    }

    #[tokio::test]
    async fn an_address_without_an_engine_is_told_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = format!("unix://{}", folder.path().join("docker.sock").display());
        for (address, told) in [
            (nowhere.as_str(), "no Docker engine answers at"),
            (
                "tcp://127.0.0.1:1",
                "no Docker engine answers at tcp://127.0.0.1:1",
            ),
            ("ssh://somewhere", "only unix://, tcp:// and http:// can"),
            ("nonsense", "only unix://, tcp:// and http:// can"),
        ] {
            let error = Engine::connect_to(address).await.unwrap_err();
            assert!(error.to_string().contains(told), "{address}: {error}");
            assert!(error.hint().is_some(), "{address}");
        }
    }

    #[tokio::test]
    async fn an_engine_is_asked_once_what_it_is() {
        let scripted = ScriptedEngine::start(|_| None).await;
        let engine = scripted.connect().await;
        assert_eq!(engine.id(), "scripted");
        assert_eq!(engine.facts().version, "20.10.5");
        assert!(engine.facts().clock.is_some());
        assert_eq!(scripted.asked(), ["GET /version", "GET /info"]);
    }

    #[tokio::test]
    async fn an_engine_that_is_too_old_is_refused() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        let answering = tokio::spawn(async move {
            use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut asked = [0; 1024];
            let _ = connection.read(&mut asked).await.unwrap();
            let body = r#"{"ApiVersion":"1.40"}"#;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
            let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            connection.write_all(answer.as_bytes()).await.unwrap();
        });
        let error = Engine::connect_to(&address).await.unwrap_err();
        assert!(
            matches!(&error, DockerError::TooOld { found } if found == "1.40"),
            "{error}"
        );
        answering.await.unwrap();
    }
}
