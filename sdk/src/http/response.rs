//! An answer, complete.

use std::borrow::Cow;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::json::{self, JsonError};
use crate::bindings::http as contract;
use crate::finding::Finding;
use crate::problem::Problem;
use crate::{finding, show};

/// How much of a body a message shows, in bytes.
pub(super) const SHOWN: usize = 300;

/// An answer, complete. Any status is an answer.
#[derive(Clone, Debug)]
pub struct Response {
    inner: contract::Response,
    request: String,
}

/// How long an answer took. The parts follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// Making a connection; none when a kept one was used.
    pub connect: Option<Duration>,
    /// From the start to the first byte of the head, `connect` included.
    pub first_byte: Duration,
    /// From there to the last byte of the body.
    pub receive: Duration,
    /// All of it.
    pub total: Duration,
}

impl Response {
    pub(super) fn new(inner: contract::Response, request: String) -> Self {
        Self { inner, request }
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.inner.status
    }

    /// `HTTP/1.1`, `HTTP/2`.
    pub fn version(&self) -> &str {
        &self.inner.version
    }

    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    /// All headers of that name, in any case and in order.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.all_headers()
            .filter(move |(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// All headers, in order, names in lower case.
    pub fn all_headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.inner
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.inner.body
    }

    /// The body as text, bytes that are not UTF-8 replaced.
    pub fn text(&self) -> String {
        self.lossy().into_owned()
    }

    /// The body as JSON. The error names the place of the first mismatch and shows the start of the body.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        let source = format!("{} answered {}", self.request, self.status());
        json::parse(self.body(), &source)
    }

    /// The URL that answered, after redirects.
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// How many redirects were followed.
    pub fn redirects(&self) -> u32 {
        self.inner.redirects
    }

    /// How long it took.
    pub fn timings(&self) -> Timings {
        let timings = self.inner.timings;
        Timings {
            connect: timings.connect.map(Duration::from_nanos),
            first_byte: Duration::from_nanos(timings.first_byte),
            receive: Duration::from_nanos(timings.receive),
            total: Duration::from_nanos(timings.total),
        }
    }

    /// Checks the status and ends the case with the start of the body if it is another one.
    #[track_caller]
    pub fn expect_status(self, expected: u16) -> Result<Self, Problem> {
        let name = format!("{} answers {expected}", self.request);
        if self.status() == expected {
            finding::check(Finding::of_condition(true, &name));
            return Ok(self);
        }
        let actual = format!("{} {}", self.status(), show::cut(&self.lossy(), SHOWN));
        Err(Problem::failed(name).with_values(Some(expected.to_string()), Some(actual)))
    }

    fn lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.body())
    }

    /// An answer that never came over a network, to test what reads it.
    #[doc(hidden)]
    pub fn for_tests(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Self {
        let url = "http://test".to_owned();
        let inner = contract::Response {
            status,
            version: "HTTP/1.1".to_owned(),
            headers: headers
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: body.into(),
            url: url.clone(),
            redirects: 0,
            timings: contract::Timings {
                connect: None,
                first_byte: 0,
                receive: 0,
                total: 0,
            },
        };
        Self::new(inner, format!("GET {url}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_in_any_case() {
        let headers = [
            ("set-cookie", "a"),
            ("x-trace-id", "t"),
            ("set-cookie", "b"),
        ];
        let response = Response::for_tests(200, &headers, "");
        assert_eq!(response.header("X-Trace-Id"), Some("t"));
        assert_eq!(
            response.headers("Set-Cookie").collect::<Vec<_>>(),
            ["a", "b"]
        );
        assert_eq!(response.header("x-none"), None);
    }

    #[test]
    fn another_status_shows_the_start_of_the_body() {
        let response = Response::for_tests(503, &[], "down".repeat(200));
        let problem = response.expect_status(200).unwrap_err();
        assert_eq!(problem.message(), "GET http://test answers 200");
        let actual = problem.actual().unwrap();
        assert!(
            actual.starts_with("503 downdown") && actual.ends_with("… (800 bytes)"),
            "{actual}"
        );
        assert!(
            problem.location().unwrap().contains("response.rs"),
            "{problem:?}"
        );
    }
}
