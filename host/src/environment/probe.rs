//! Asks a service whether it is ready: its health path, `PING` for a cache, or else whether it accepts connections. Polls, never
//! sleeps blindly.

use std::{error::Error, io, time::Duration};

use reqwest::{Client, Url, redirect::Policy};
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{sleep, timeout},
};

use crate::{config::Readiness, environment::question::Question};

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// The first pause between two questions; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(5);
/// The longest pause between two questions: times until a service is healthy are as fine as this.
const LONGEST_PAUSE: Duration = Duration::from_millis(10);

/// Asks services. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Probe {
    client: Client,
}

impl Probe {
    /// Makes the client.
    pub fn new() -> io::Result<Self> {
        // Another part of the host may have done so before: it is the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .timeout(PATIENCE)
            .redirect(Policy::none())
            .no_proxy()
            // Each question comes over a connection of its own: an old one says nothing about new clients.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(io::Error::other)?;
        Ok(Self { client })
    }

    /// Whether a service is ready now; the error says why not.
    pub async fn ask(&self, url: &str, readiness: &Readiness) -> Result<(), String> {
        if let Some(path) = &readiness.health {
            return self.health(&format!("{url}{path}"), readiness.status).await;
        }
        let asking = async {
            let mut connection = connect(url).await?;
            match Question::new(url, readiness) {
                Some(question) => question.ask(&mut connection).await,
                None => Ok(()),
            }
        };
        let answer = timeout(PATIENCE, asking).await;
        let silent = || Err(format!("no answer within {PATIENCE:?}"));
        let answer = answer.unwrap_or_else(|_| silent());
        answer.map_err(|reason| format!("{url}: {reason}"))
    }

    /// Asks until the service is ready. `problem` always has the last reason why it is not.
    pub async fn wait(&self, url: &str, readiness: &Readiness, problem: &watch::Sender<String>) {
        let mut pause = FIRST_PAUSE;
        while let Err(reason) = self.ask(url, readiness).await {
            problem.send_replace(reason);
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn health(&self, url: &str, status: u16) -> Result<(), String> {
        let answer = self
            .client
            .get(url)
            .send()
            .await
            .map_err(|error| format!("{url}: {}", innermost(&error)))?;
        if answer.status().as_u16() == status {
            Ok(())
        } else {
            Err(format!(
                "{url} answers {} instead of {status}",
                answer.status().as_u16()
            ))
        }
    }
}

async fn connect(url: &str) -> Result<TcpStream, String> {
    let connecting = TcpStream::connect(host_and_port(url)?).await;
    connecting.map_err(|error| error.to_string())
}

/// Where a URL leads to; the host is a name or an address without brackets.
pub(crate) fn host_and_port(url: &str) -> Result<(String, u16), String> {
    let parsed = Url::parse(url).map_err(|error| error.to_string())?;
    let port = parsed
        .port_or_known_default()
        .or_else(|| known_port(parsed.scheme()));
    let (Some(host), Some(port)) = (parsed.host_str(), port) else {
        return Err("the URL names no port".to_owned());
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Ok((host.to_owned(), port))
}

fn known_port(scheme: &str) -> Option<u16> {
    (scheme == "redis").then_some(6379)
}

/// The cause that says what happened: reqwest's own text only says that sending failed.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
