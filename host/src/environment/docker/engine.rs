//! A connection to a Docker engine: HTTP over its socket. Every question has a limit of time, and every refusal becomes an error with
//! something to do.

use std::{env, fmt, io, path::Path, time::Duration};

use reqwest::{Client, Method, Response};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::error::{DockerError, OLDEST_API};

/// How long the engine may take for an answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// Where the engine is if nothing else is said.
const DEFAULT_ADDRESS: &str = "unix:///var/run/docker.sock";

/// A Docker engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    client: Client,
    /// What paths are put behind; over a socket its host says nothing.
    base: String,
    address: String,
}

/// What an engine says no with.
#[derive(Deserialize)]
struct Refusal {
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Version {
    api_version: String,
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
        // Another part of the host may have done so before: it is the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = Client::builder().no_proxy().pool_max_idle_per_host(0);
        let (builder, base) = match address.split_once("://") {
            Some(("unix", path)) => {
                check_socket(Path::new(path), address)?;
                (builder.unix_socket(path), "http://docker".to_owned())
            }
            Some(("tcp" | "http", rest)) => (builder, format!("http://{rest}")),
            _ => {
                return Err(DockerError::Address {
                    address: address.to_owned(),
                });
            }
        };
        let engine = Self {
            client: builder.build().map_err(io::Error::other)?,
            base,
            address: address.to_owned(),
        };
        let version: Version = engine.get("tell its version", "/version").await?;
        if is_older(&version.api_version, OLDEST_API) {
            return Err(DockerError::TooOld {
                found: version.api_version,
            });
        }
        Ok(engine)
    }

    /// Where it is.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Asks for something, which the errors name behind "does not".
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        what: &str,
        path: &str,
    ) -> Result<T, DockerError> {
        let body = self.bytes(what, path).await?;
        serde_json::from_slice(&body).map_err(|error| DockerError::Refused {
            what: what.to_owned(),
            problem: format!("its answer is not understood: {error}"),
        })
    }

    /// The answer as it is.
    pub(super) async fn bytes(&self, what: &str, path: &str) -> Result<Vec<u8>, DockerError> {
        let answer = self.send(what, Method::GET, path, None, PATIENCE).await?;
        let body = answer.bytes().await;
        let body = body.map_err(|error| self.unreached(what, &error, PATIENCE))?;
        Ok(body.to_vec())
    }

    /// Asks for a change.
    pub(super) async fn post(
        &self,
        what: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<(), DockerError> {
        self.post_within(PATIENCE, what, path, body).await
    }

    /// The same with another limit of time.
    pub(super) async fn post_within(
        &self,
        within: Duration,
        what: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<(), DockerError> {
        let answer = self.send(what, Method::POST, path, body, within).await;
        answer.map(drop)
    }

    async fn send(
        &self,
        what: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
        within: Duration,
    ) -> Result<Response, DockerError> {
        let request = self.client.request(method, format!("{}{path}", self.base));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = request.timeout(within).send().await;
        let answer = answer.map_err(|error| self.unreached(what, &error, within))?;
        let status = answer.status();
        // Not modified: it is so already.
        if status.is_success() || status.as_u16() == 304 {
            return Ok(answer);
        }
        let text = answer.text().await.unwrap_or_default();
        let problem = match serde_json::from_str::<Refusal>(&text) {
            Ok(refusal) => refusal.message,
            Err(_) => format!("status {}", status.as_u16()),
        };
        Err(DockerError::Refused {
            what: what.to_owned(),
            problem,
        })
    }

    /// The innermost cause says what happened.
    fn unreached(&self, what: &str, error: &reqwest::Error, within: Duration) -> DockerError {
        if error.is_timeout() {
            return DockerError::Silent {
                what: what.to_owned(),
                within,
            };
        }
        let mut cause: &dyn std::error::Error = error;
        while let Some(next) = cause.source() {
            cause = next;
        }
        DockerError::NoEngine {
            address: self.address.clone(),
            problem: cause.to_string(),
        }
    }
}

/// A value for a query.
pub(super) fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
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
    use super::*;
    use crate::hint::Hinted;

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
            ("ssh://somewhere", "only unix:// and tcp:// can"),
            ("nonsense", "only unix:// and tcp:// can"),
        ] {
            let error = Engine::connect_to(address).await.unwrap_err();
            assert!(error.to_string().contains(told), "{address}: {error}");
            assert!(error.hint().is_some(), "{address}");
        }
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
