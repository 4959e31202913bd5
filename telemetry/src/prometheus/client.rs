//! Requests to one destination, and what it means for Prometheus when they are for nothing.

use std::{fmt, time::Duration};

use reqwest::{Method, StatusCode, Url, header::HeaderMap};

use super::{error::PrometheusError, settings::Destination};
use crate::client;

/// The longest time that an answer may ask us to wait.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(5);

/// Makes requests to one destination.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    client: client::Client,
    destination: Destination,
}

/// Why a request was for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    why: client::Failure,
    /// How long to wait, as it says.
    retry_after: Option<Duration>,
}

impl Failure {
    /// Of one that was not answered.
    pub(crate) fn unanswered(why: &str) -> Self {
        client::Failure::Unanswered(why.to_owned()).into()
    }

    fn status(&self) -> Option<StatusCode> {
        match self.why {
            client::Failure::Answered { status, .. } => Some(status),
            client::Failure::Unanswered(_) => None,
        }
    }

    /// Whether the same request may succeed later.
    pub(crate) fn may_pass(&self) -> bool {
        self.status().is_none_or(|status| {
            status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
        })
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    pub(crate) fn at(&self, what: &'static str, destination: &Destination) -> PrometheusError {
        PrometheusError::Push {
            what,
            destination: destination.to_string(),
            problem: self.to_string(),
            refused: self.status().is_some(),
        }
    }
}

impl From<client::Failure> for Failure {
    fn from(why: client::Failure) -> Self {
        Self {
            why,
            retry_after: None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.why.fmt(formatter)
    }
}

impl Client {
    /// Each request may take so long in all.
    pub(crate) fn new(
        destination: &Destination,
        timeout: Duration,
    ) -> Result<Self, PrometheusError> {
        let (url, headers) = (destination.url(), destination.headers());
        Ok(Self {
            client: client::Client::new(url, headers, timeout).map_err(PrometheusError::Client)?,
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
        let answer = self.client.send(method, url, headers, body).await?;
        if answer.status.is_success() {
            return Ok(());
        }
        Err(Failure {
            why: client::Failure::Answered {
                status: answer.status,
                said: self.client.told(&answer.text()),
            },
            retry_after: answer.after.map(|after| after.min(MAX_RETRY_AFTER)),
        })
    }
}
