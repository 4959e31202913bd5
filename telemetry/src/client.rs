//! Requests to whoever is told of a run: bounded in time, without redirects, proxies and retries that nobody here knows of; and what is told
//! of their answers, bounded too, and without what lets somebody in.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use assay_report::words::{clean, clip, headline};
use reqwest::{
    Method, StatusCode, Url,
    header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER},
    redirect::Policy,
};
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt as _;

use crate::headers::Headers;

/// Bytes of an answer that are read.
pub(crate) const MAX_ANSWER_BYTES: usize = 64 << 10;
/// Characters of what somebody says that are told.
pub(crate) const MAX_SAID: usize = 200;

/// Makes requests with the same headers.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    headers: Headers,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// Its `Retry-After`, if that is in seconds. A date, which HTTP has too, is not understood: the usual pause takes its place.
    pub(crate) after: Option<Duration>,
    /// What its body is, without parameters.
    pub(crate) kind: Option<String>,
    /// As much of its body as came, up to [`MAX_ANSWER_BYTES`]: the status is known without it.
    pub(crate) body: Vec<u8>,
}

/// Why a request was for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It was answered so.
    Answered { status: StatusCode, said: String },
    /// There was no answer.
    Unanswered(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered { status, said } if said.is_empty() => {
                write!(formatter, "it answered {status}")
            }
            Self::Answered { status, said } => write!(formatter, "it answered {status}: {said}"),
            Self::Unanswered(why) => formatter.write_str(why),
        }
    }
}

impl Client {
    /// For this URL and what is below it. Each request may take so long in all. An error says why there is none.
    pub(crate) fn new(url: &Url, headers: &Headers, timeout: Duration) -> Result<Self, String> {
        let http = http(url, timeout).map_err(|error| innermost(&*error))?;
        Ok(Self {
            http,
            headers: headers.clone(),
        })
    }

    /// Sends a body once. `ours` count before the headers that were given.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: Url,
        ours: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Answer, Failure> {
        let request = self.http.request(method, url).body(body);
        let request = request.headers(self.headers.map().clone()).headers(ours);
        let response = request.send().await.map_err(unanswered)?;
        let kind = response.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()?.split(';').next());
        Ok(Answer {
            status: response.status(),
            after: retry_after(response.headers()),
            kind: kind.map(|kind| kind.trim().to_ascii_lowercase()),
            body: read(response).await,
        })
    }

    /// What somebody says, fit to be shown: one line, without values of our headers.
    pub(crate) fn told(&self, text: &str) -> String {
        let safe = self.headers.take_out_of(text);
        clip(&clean(headline(safe.trim())), MAX_SAID)
    }
}

impl Answer {
    /// What it says for people. What is no plain text, such as a page of a proxy, says nothing in one line.
    pub(crate) fn text(&self) -> String {
        match self.kind.as_deref() {
            Some("text/plain" | "application/json") => {
                String::from_utf8_lossy(&self.body).into_owned()
            }
            _ => String::new(),
        }
    }
}

/// The system's roots take time to be read, which plain HTTP does not need.
fn http(url: &Url, timeout: Duration) -> Result<reqwest::Client, Box<dyn Error>> {
    let provider = Arc::new(ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?;
    let tls = if url.scheme() == "https" {
        tls.with_platform_verifier()?
    } else {
        tls.with_root_certificates(rustls::RootCertStore::empty())
    };
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.with_no_client_auth())
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .timeout(timeout)
        .user_agent(concat!("assay/", env!("CARGO_PKG_VERSION")))
        .build()?;
    Ok(client)
}

/// Why there was no answer, without the URL: it may let somebody in.
fn unanswered(error: reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::Unanswered("it did not answer in time".to_owned());
    }
    let what = if error.is_connect() {
        "no connection could be made"
    } else {
        "the connection broke"
    };
    let why = innermost(&error.without_url());
    Failure::Unanswered(format!("{what}: {why}"))
}

/// What lies below all that wraps it, which says most.
fn innermost(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

async fn read(mut response: reqwest::Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = MAX_ANSWER_BYTES - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == MAX_ANSWER_BYTES {
            break;
        }
    }
    body
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}
