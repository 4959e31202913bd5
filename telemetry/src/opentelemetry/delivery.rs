//! One request to the receiver, and what its answer means by the specification of OTLP/HTTP
//! (<https://opentelemetry.io/docs/specs/otlp/#otlphttp-response>).

use std::{error::Error, fmt, sync::Arc, time::Duration};

use assay_report::words::{clean, clip, headline};
use prost::Message as _;
use reqwest::{
    Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
};
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt as _;

use super::{
    endpoint::Endpoint,
    protocol::{ExportTraceServiceResponse, Refusal},
    settings::Settings,
};
use crate::headers::Headers;

/// What is sent, and what should come back.
const PROTOBUF: HeaderValue = HeaderValue::from_static("application/x-protobuf");
/// Bytes of an answer that are read.
const MAX_ANSWER_BYTES: usize = 64 << 10;
/// Characters of what a receiver says that are told.
const MAX_SAID: usize = 200;

/// Sends to one receiver.
#[derive(Debug)]
pub(super) struct Receiver {
    client: reqwest::Client,
    endpoint: Endpoint,
    headers: Headers,
}

/// What became of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It was taken, but for so many spans.
    Taken { rejected: u64, why: String },
    /// It was not taken, and must not be sent again.
    Refused(Failure),
    /// It was not taken, and may be sent again, after this time if one is told.
    NotNow {
        failure: Failure,
        after: Option<Duration>,
    },
}

/// Why a request was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
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

impl Receiver {
    /// The receiver of the settings. An error says why there is no client for it.
    pub(super) fn new(settings: &Settings) -> Result<Self, String> {
        let client =
            client(&settings.endpoint, settings.timeout).map_err(|error| innermost(&*error))?;
        Ok(Self {
            client,
            endpoint: settings.endpoint.clone(),
            headers: settings.headers.clone(),
        })
    }

    /// Sends an encoded request once.
    pub(super) async fn send(&self, body: Vec<u8>) -> Answer {
        let request = self
            .client
            .post(self.endpoint.url().clone())
            .headers(self.headers.map().clone())
            .header(CONTENT_TYPE, PROTOBUF)
            .body(body);
        match request.send().await {
            Ok(response) => self.understand(response).await,
            Err(error) => Answer::NotNow {
                failure: Failure::Unanswered(unanswered(error)),
                after: None,
            },
        }
    }

    async fn understand(&self, response: Response) -> Answer {
        let status = response.status();
        let after = retry_after(response.headers());
        let content_type = response.headers().get(CONTENT_TYPE).cloned();
        let body = read(response).await;
        if status.is_success() {
            return self.taken(&body);
        }
        let failure = Failure::Answered {
            status,
            said: self.told(&said(content_type.as_ref(), &body)),
        };
        match status {
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Answer::NotNow { failure, after },
            _ => Answer::Refused(failure),
        }
    }

    /// A success whose body is no message is one all the same: the status says that all was taken. A warning without rejected spans is none of
    /// the run's.
    fn taken(&self, body: &[u8]) -> Answer {
        let answer = ExportTraceServiceResponse::decode(body).unwrap_or_default();
        let partial = answer.partial_success.unwrap_or_default();
        Answer::Taken {
            rejected: u64::try_from(partial.rejected_spans).unwrap_or_default(),
            why: self.told(&partial.error_message),
        }
    }

    /// What a receiver says, fit to be shown.
    fn told(&self, text: &str) -> String {
        let safe = self.headers.take_out_of(text);
        clip(&clean(headline(safe.trim())), MAX_SAID)
    }
}

/// No proxy, no redirects and no retries that nobody here knows of. The system's roots take time to be read, which plain HTTP does not need.
fn client(endpoint: &Endpoint, timeout: Duration) -> Result<reqwest::Client, Box<dyn Error>> {
    let provider = Arc::new(ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?;
    let tls = if endpoint.is_secure() {
        tls.with_platform_verifier()?
    } else {
        tls.with_root_certificates(rustls::RootCertStore::empty())
    };
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.with_no_client_auth())
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .timeout(timeout)
        .user_agent(concat!("assay/", env!("CARGO_PKG_VERSION")))
        .build()?;
    Ok(client)
}

/// Why there was no answer, without the URL: it may let somebody in.
fn unanswered(error: reqwest::Error) -> String {
    if error.is_timeout() {
        "it did not answer in time".to_owned()
    } else if error.is_connect() {
        format!(
            "no connection could be made: {}",
            innermost(&error.without_url())
        )
    } else {
        format!("the connection broke: {}", innermost(&error.without_url()))
    }
}

/// What lies below all that wraps it, which says most.
fn innermost(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// As much of a body as comes, up to a limit: the status is known without it.
async fn read(mut response: Response) -> Vec<u8> {
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

/// Why it was refused. What is neither the message of OTLP nor plain text, such as a page of a proxy, says nothing in one line.
fn said(content_type: Option<&HeaderValue>, body: &[u8]) -> String {
    let content_type = content_type.and_then(|value| value.to_str().ok());
    match content_type.and_then(|value| value.split(';').next()) {
        Some("application/x-protobuf") => Refusal::decode(body).unwrap_or_default().message,
        Some("text/plain" | "application/json") => String::from_utf8_lossy(body).into_owned(),
        _ => String::new(),
    }
}

/// Seconds, as OTLP has it. A date, which HTTP has too, is not understood: the usual pause takes its place.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests;
