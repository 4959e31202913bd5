//! Asks a service whether it is ready: its health path, or whether it accepts connections. Polls, never sleeps blindly.

use std::{error::Error, io, time::Duration};

use reqwest::{Client, Url, redirect::Policy};
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{sleep, timeout},
};

use crate::config::Readiness;

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
        match &readiness.health {
            Some(path) => self.health(&format!("{url}{path}"), readiness.status).await,
            None => connect(url).await,
        }
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

async fn connect(url: &str) -> Result<(), String> {
    let parsed = Url::parse(url).map_err(|error| format!("{url}: {error}"))?;
    let port = parsed
        .port_or_known_default()
        .or_else(|| known_port(parsed.scheme()));
    let (Some(host), Some(port)) = (parsed.host_str(), port) else {
        return Err(format!("{url} names no port"));
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match timeout(PATIENCE, TcpStream::connect((host, port))).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(format!("{url}: {error}")),
        Err(_) => Err(format!("{url}: no connection within {PATIENCE:?}")),
    }
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
