//! Questions over HTTP to servers of somebody else: each wait has a bound, each body has one, and a redirect leads nowhere that the
//! question itself could not have gone.

mod answer;
mod error;
mod redirect;

use std::{sync::Arc, time::Duration};

use reqwest::{RequestBuilder, Response};
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt as _;
use url::Url;

use crate::limits::Limits;

pub(crate) use answer::{Answer, complaint};
pub use error::WebError;

/// What asks. Its connections are kept and shared.
#[derive(Clone, Debug)]
pub(crate) struct Web {
    http: reqwest::Client,
    limits: Limits,
}

impl Web {
    /// One that asks over TLS, or one for loopback, which needs none of the system's certificates: they take time to be read.
    pub(crate) fn new(limits: Limits, is_secure: bool) -> Result<Self, WebError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(is_secure)?)
            .no_proxy()
            .redirect(redirect::policy())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(limits.connect)
            .user_agent(concat!("assay/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| WebError::Client(error.to_string()))?;
        Ok(Self { http, limits })
    }

    /// Makes a question, which [`Web::send`] sends.
    pub(crate) fn ask(&self, method: reqwest::Method, url: &Url) -> RequestBuilder {
        self.http.request(method, url.clone())
    }

    /// Sends a question, and waits for the head of its answer, whatever its status.
    pub(crate) async fn send(&self, question: RequestBuilder) -> Result<Answer, WebError> {
        self.send_within(question, self.limits.head).await
    }

    /// The same of a question with a plugin in it, which takes its time to be sent.
    pub(crate) async fn send_plugin(&self, question: RequestBuilder) -> Result<Answer, WebError> {
        self.send_within(question, self.limits.total).await
    }

    async fn send_within(
        &self,
        question: RequestBuilder,
        patience: Duration,
    ) -> Result<Answer, WebError> {
        let request = question
            .build()
            .map_err(|error| WebError::Client(error.without_url().to_string()))?;
        let url = crate::source::shown(request.url());
        let sent = tokio::time::timeout(patience, self.http.execute(request)).await;
        let response: Response = match sent {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(error::unanswered(url, error, &self.limits)),
            Err(_) => {
                return Err(WebError::Silent {
                    url,
                    waited: patience,
                });
            }
        };
        Ok(Answer::new(response, url, self.limits.stall))
    }
}

fn tls(is_secure: bool) -> Result<rustls::ClientConfig, WebError> {
    let failed = |error: rustls::Error| WebError::Client(error.to_string());
    let builder = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let builder = if is_secure {
        builder.with_platform_verifier().map_err(failed)?
    } else {
        builder.with_root_certificates(rustls::RootCertStore::empty())
    };
    Ok(builder.with_no_client_auth())
}
