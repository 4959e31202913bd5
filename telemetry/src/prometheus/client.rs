//! Requests to whoever is told of the run: bounded in time, without redirects and proxies, and without credentials in errors.

use std::{error::Error as _, sync::Arc, time::Duration};

use reqwest::{Method, Response, StatusCode, Url, header::HeaderMap, redirect::Policy};
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt as _;

use super::{error::PrometheusError, settings::Destination};

/// Bytes of an answer that are read: enough for why something was refused.
const MAX_ANSWER: usize = 1 << 10;
/// The longest time that an answer may ask us to wait.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(5);

/// Makes requests to one destination.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    destination: Destination,
}

/// Why a request was for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It was answered, and refused.
    Refused {
        status: StatusCode,
        said: String,
        /// How long to wait, as it says.
        retry_after: Option<Duration>,
    },
    /// It was not answered.
    Unanswered(String),
}

impl Failure {
    /// Whether the same request may succeed later.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Refused { status, .. } => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
            Self::Unanswered(_) => true,
        }
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            Self::Unanswered(_) => None,
        }
    }

    pub(crate) fn at(&self, what: &'static str, destination: &Destination) -> PrometheusError {
        let (problem, refused) = match self {
            Self::Refused { status, said, .. } if said.is_empty() => {
                (format!("it answered {status}"), true)
            }
            Self::Refused { status, said, .. } => (format!("it answered {status}: {said}"), true),
            Self::Unanswered(problem) => (problem.clone(), false),
        };
        PrometheusError::Push {
            what,
            destination: destination.to_string(),
            problem,
            refused,
        }
    }
}

impl Client {
    /// Each request may take so long in all.
    pub(crate) fn new(
        destination: &Destination,
        timeout: Duration,
    ) -> Result<Self, PrometheusError> {
        let failed = |error: &dyn std::fmt::Display| PrometheusError::Client(error.to_string());
        let builder =
            rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(|error| failed(&error))?;
        // The system's certificates take time to read, and need not be there for plain HTTP.
        let builder = if destination.url().scheme() == "https" {
            builder
                .with_platform_verifier()
                .map_err(|error| failed(&error))?
        } else {
            builder.with_root_certificates(rustls::RootCertStore::empty())
        };
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(builder.with_no_client_auth())
            .no_proxy()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .timeout(timeout)
            .user_agent(concat!("assay/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| failed(&error))?;
        Ok(Self {
            http,
            destination: destination.clone(),
        })
    }

    pub(crate) fn destination(&self) -> &Destination {
        &self.destination
    }

    /// Sends a body to a URL of the destination.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<(), Failure> {
        let request = self.http.request(method, url).headers(headers);
        let request = request.headers(self.destination.headers().map().clone());
        let answer = request.body(body).send().await.map_err(unanswered)?;
        if answer.status().is_success() {
            return Ok(());
        }
        let retry_after = retry_after(answer.headers());
        Err(Failure::Refused {
            status: answer.status(),
            said: self.destination.headers().take_out_of(&said(answer).await),
            retry_after,
        })
    }
}

/// The innermost reason says most: `connection refused`. The URL goes, which may have credentials.
fn unanswered(error: reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::Unanswered("it did not answer in time".to_owned());
    }
    let error = error.without_url();
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        reason = inner.to_string();
        source = inner.source();
    }
    Failure::Unanswered(reason)
}

/// The first line of an answer. What does not come is no loss: the status is known.
async fn said(mut answer: Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < MAX_ANSWER {
        match answer.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    bytes.truncate(MAX_ANSWER);
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().next().unwrap_or_default();
    let visible = line.chars().filter(|character| !character.is_control());
    visible.collect::<String>().trim().to_owned()
}

/// In seconds; a date is not understood, and the usual wait takes its place.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get("retry-after")?.to_str().ok()?;
    let seconds = value.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER))
}
