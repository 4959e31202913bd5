//! A push to a Pushgateway when the run is over: for runs that are too short to be scraped.
//!
//! It takes the place of what was pushed before under the same `job` and `instance` (`PUT`), so that nothing of a former run stays.

use std::thread;

use assay_report::{ReportError, Reporter, event::Event};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::{
    Method, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue},
};

use super::{
    client::Client,
    error::PrometheusError,
    exposition::Format,
    settings::{Destination, Settings},
    shared::Shared,
};
use crate::worker::complete;

/// Pushes once.
#[derive(Debug)]
pub(crate) struct Pushgateway {
    client: Client,
    url: Url,
    shared: Shared,
}

impl Pushgateway {
    pub(crate) fn new(
        destination: &Destination,
        settings: &Settings,
        shared: Shared,
    ) -> Result<Self, PrometheusError> {
        Ok(Self {
            client: Client::new(destination, settings.timeout)?,
            url: url(
                destination.url(),
                &settings.job,
                settings.instance.as_deref(),
            )?,
            shared,
        })
    }

    /// What the process uses is left out: it is over.
    async fn push(&self) -> Result<(), PrometheusError> {
        let format = Format::Prometheus;
        let text = format.text(self.shared.lock().registry());
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static(format.content_type()),
        );
        let pushed = self
            .client
            .send(Method::PUT, self.url.clone(), headers, text.into_bytes());
        let destination = self.client.destination();
        pushed
            .await
            .map_err(|failure| failure.at("the Pushgateway", destination))
    }
}

/// Its part of the API: `/metrics/job/JOB/instance/INSTANCE`.
fn url(base: &Url, job: &str, instance: Option<&str>) -> Result<Url, PrometheusError> {
    let mut url = base.clone();
    let mut path = url.path_segments_mut().map_err(|()| PrometheusError::Url {
        what: "pushgateway",
        problem: "it has no path".to_owned(),
    })?;
    path.pop_if_empty().push("metrics");
    for (name, value) in [("job", Some(job)), ("instance", instance)] {
        if let Some(value) = value {
            let (name, value) = part(name, value);
            path.push(&name).push(&value);
        }
    }
    drop(path);
    Ok(url)
}

/// What would be more than one part of a path, or none, is told in base64.
fn part(name: &str, value: &str) -> (String, String) {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_.:".contains(character);
    let dots = value.chars().all(|character| character == '.');
    if value.chars().all(plain) && !dots {
        return (name.to_owned(), value.to_owned());
    }
    let value = match value {
        "" => "=".to_owned(),
        value => BASE64_URL_SAFE_NO_PAD.encode(value),
    };
    (format!("{name}@base64"), value)
}

impl Reporter for Pushgateway {
    fn name(&self) -> &'static str {
        "pushgateway"
    }

    fn event(&mut self, _event: &Event) -> Result<(), ReportError> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        Ok(in_a_thread(self.push())?)
    }
}

/// Whoever calls may be a task of a runtime, which must not start another one.
fn in_a_thread(
    work: impl Future<Output = Result<(), PrometheusError>> + Send,
) -> Result<(), PrometheusError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(PrometheusError::Thread)?;
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .name("pushgateway".to_owned())
            .spawn_scoped(scope, move || complete(runtime, work))
            .map_err(PrometheusError::Thread)?;
        thread.join().unwrap_or_else(|_| {
            Err(PrometheusError::Thread(std::io::Error::other(
                "it ended in a panic",
            )))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_names_job_and_instance_whatever_they_are() {
        for (base, job, instance, expected) in [
            ("http://a:1", "assay", None, "http://a:1/metrics/job/assay"),
            (
                "http://a:1/gate/",
                "assay",
                Some("ci-7"),
                "http://a:1/gate/metrics/job/assay/instance/ci-7",
            ),
            (
                "http://a:1",
                "a/b",
                Some(".."),
                "http://a:1/metrics/job@base64/YS9i/instance@base64/Li4",
            ),
            (
                "http://a:1",
                "",
                Some("é"),
                "http://a:1/metrics/job@base64/=/instance@base64/w6k",
            ),
        ] {
            let url = url(&Url::parse(base).unwrap(), job, instance).unwrap();
            assert_eq!(url.as_str(), expected);
        }
    }
}
