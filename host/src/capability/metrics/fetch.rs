//! Asks services for their figures, through the attempt's own HTTP client: each page and each query is told like any request.

use reqwest::Url;

use super::{answer, page};
use crate::capability::http;
use crate::plugin::bindings::assay::suite::http as contract;
use crate::plugin::bindings::assay::suite::metrics::{Error, Family, Scraped};

/// Bytes of a page or an answer.
pub(super) const MAX_PAGE_BYTES: u64 = 16 << 20;
/// As many as Prometheus follows.
const MAX_REDIRECTS: u32 = 10;
/// Without it, some services answer in `OpenMetrics`, which is another format.
const ACCEPT_TEXT: &str = "text/plain;version=0.0.4,text/plain;q=0.5";

/// Gets a page and reads it.
pub(super) async fn scrape(http: &http::Context, url: String) -> Result<Vec<Family>, Error> {
    let response = get(http, url, ACCEPT_TEXT).await?;
    if response.status != 200 {
        return Err(Error::Unreachable(format!(
            "{} answered {} where a page was expected",
            response.url, response.status
        )));
    }
    apart(move || page::parse(&response.body)).await
}

/// Asks an instant query: <https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries>.
pub(super) async fn query(
    http: &http::Context,
    prometheus: Option<&str>,
    promql: &str,
) -> Result<Vec<Scraped>, Error> {
    let base = prometheus.ok_or_else(|| {
        Error::Unsupported(
            "the environment has no service `prometheus`; name its URL in the environment, or scrape the services themselves"
                .to_owned(),
        )
    })?;
    let url = format!("{}/api/v1/query", base.trim_end_matches('/'));
    let mut url = Url::parse(&url).map_err(|error| {
        Error::Unreachable(format!("the URL of the service `prometheus`: {error}"))
    })?;
    url.query_pairs_mut().append_pair("query", promql);
    let response = get(http, url.into(), "application/json").await?;
    apart(move || answer::parse(response.status, &response.body)).await
}

async fn get(http: &http::Context, url: String, accept: &str) -> Result<contract::Response, Error> {
    let request = contract::Request {
        method: "GET".to_owned(),
        url,
        headers: vec![("accept".to_owned(), accept.to_owned())],
        payload: contract::Payload::None,
        timeout_ms: None,
        max_redirects: MAX_REDIRECTS,
        max_body: Some(MAX_PAGE_BYTES),
        name: None,
    };
    http.send(request).await.map_err(|error| {
        let text = http::message(&error);
        match error {
            contract::Error::Denied(_) => Error::Denied(text),
            contract::Error::Invalid(_) => Error::Invalid(text),
            contract::Error::Unsupported(_) => Error::Unsupported(text),
            other => Error::Unreachable(format!("{}: {text}", http::kind(&other))),
        }
    })
}

/// A page of 16 MiB takes a while to read, and other attempts are not to wait for that.
async fn apart<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(read).await {
        Ok(outcome) => outcome,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Error::Unreachable("the run is being stopped".to_owned())),
        },
    }
}
