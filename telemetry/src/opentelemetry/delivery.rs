//! One request to the receiver, and what its answer means by the specification of OTLP/HTTP
//! (<https://opentelemetry.io/docs/specs/otlp/#otlphttp-response>).

use std::time::Duration;

use prost::Message as _;
use reqwest::{
    Method, StatusCode,
    header::{CONTENT_TYPE, HeaderValue},
};

use super::{
    endpoint::Endpoint,
    protocol::{ExportTraceServiceResponse, Refusal},
    settings::Settings,
};
use crate::client::{self, Client, Failure};

/// What is sent, and what should come back.
const PROTOBUF: &str = "application/x-protobuf";
/// Sends to one receiver.
#[derive(Debug)]
pub(super) struct Receiver {
    client: Client,
    endpoint: Endpoint,
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

impl Receiver {
    /// The receiver of the settings. An error says why there is no client for it.
    pub(super) fn new(settings: &Settings) -> Result<Self, String> {
        let endpoint = settings.endpoint.clone();
        Ok(Self {
            client: Client::new(endpoint.url(), &settings.headers, settings.timeout)?,
            endpoint,
        })
    }

    /// Sends an encoded request once.
    pub(super) async fn send(&self, body: Vec<u8>) -> Answer {
        let url = self.endpoint.url().clone();
        let kind = [(CONTENT_TYPE, HeaderValue::from_static(PROTOBUF))];
        let kind = kind.into_iter().collect();
        match self.client.send(Method::POST, url, kind, body).await {
            Ok(answer) => self.understand(&answer),
            Err(failure) => Answer::NotNow {
                failure,
                after: None,
            },
        }
    }

    fn understand(&self, answer: &client::Answer) -> Answer {
        let status = answer.status;
        if status.is_success() {
            return self.taken(&answer.body);
        }
        let failure = Failure::Answered {
            status,
            said: self.client.told(&said(answer)),
        };
        match status {
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Answer::NotNow {
                failure,
                after: answer.after,
            },
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
            why: self.client.told(&partial.error_message),
        }
    }
}

/// Why it was refused: in the message of OTLP, or as whoever is between says it.
fn said(answer: &client::Answer) -> String {
    match answer.kind.as_deref() {
        Some(PROTOBUF) => Refusal::decode(&*answer.body).unwrap_or_default().message,
        _ => answer.text(),
    }
}

#[cfg(test)]
mod tests;
