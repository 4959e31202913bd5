//! A request, built step by step.

use std::time::Duration;

use serde::Serialize;

use super::{Error, ErrorKind, Response, Template};
use crate::bindings::http as contract;

/// A request that is being built. A mistake on the way, such as a body that does not become JSON, is answered by [`Request::send`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    inner: contract::Request,
    query: String,
    mistake: Option<String>,
}

impl Request {
    pub(super) fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            inner: contract::Request {
                method: method.into(),
                url: url.into(),
                headers: Vec::new(),
                payload: contract::Payload::None,
                timeout_ms: None,
                max_redirects: 0,
                max_body: None,
                name: None,
            },
            query: String::new(),
            mistake: None,
        }
    }

    /// Adds a header; a name may repeat. At most 128, each value at most 8 KiB.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.inner.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a pair to the query of the URL, percent-encoded.
    pub fn query(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        encode(&mut self.query, name);
        self.query.push('=');
        encode(&mut self.query, &value.to_string());
        self
    }

    /// A body of JSON, with its `Content-Type` unless one is given before.
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => {
                if !self.has_header("content-type") {
                    self = self.header("content-type", "application/json");
                }
                self.body(body)
            }
            Err(error) => {
                self.mistake = Some(format!("the body does not become JSON: {error}"));
                self
            }
        }
    }

    /// A body as it is. At most 64 MiB.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.inner.payload = contract::Payload::Bytes(body.into());
        self
    }

    /// A body in pieces, with a pause before each but the first: a slow client. At most 1,024 pieces.
    pub fn paced<P: Into<Vec<u8>>>(
        mut self,
        pieces: impl IntoIterator<Item = P>,
        pause: Duration,
    ) -> Self {
        self.inner.payload = contract::Payload::Paced(contract::Paced {
            pieces: pieces.into_iter().map(Into::into).collect(),
            pause_ms: milliseconds(pause),
        });
        self
    }

    /// From the start to the last byte of the answer; without it 30 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.inner.timeout_ms = Some(milliseconds(timeout));
        self
    }

    /// How many redirects to follow, at most 20; without it none, and the redirect itself is the answer.
    pub fn redirects(mut self, most: u32) -> Self {
        self.inner.max_redirects = most;
        self
    }

    /// The most bytes of body to take, at most 64 MiB; without it 16 MiB.
    pub fn max_body(mut self, bytes: u64) -> Self {
        self.inner.max_body = Some(bytes);
        self
    }

    /// The name under which reports gather such requests: `GET /projects/{id}`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.inner.name = Some(name.into());
        self
    }

    /// Sends it and takes the whole answer; any status is an answer. Dropping the future cancels the request.
    pub async fn send(self) -> Result<Response, Error> {
        let label = self.label();
        let request = self.finish()?;
        match transmit(request).await {
            Ok(answer) => Ok(Response::new(answer, label)),
            Err(error) => Err(Error::of(error, &label)),
        }
    }

    /// The same for a virtual user, or a case, that has nothing else under way: it stops all of the instance while it waits, and costs less.
    /// Where virtual users share their instance it is `unsupported`.
    pub fn send_now(self) -> Result<Response, Error> {
        let label = self.label();
        match transmit_now(&self.finish()?) {
            Ok(answer) => Ok(Response::new(answer, label)),
            Err(error) => Err(Error::of(error, &label)),
        }
    }

    /// Parses, checks and grants it once, to be fired many times, with values in its slots: each `{name}` of them in the URL, in the value of
    /// a header or in the body is one. At most 16; none may stand in scheme, host and port, and each must stand somewhere.
    pub fn prepare_with(self, slots: &[&str]) -> Result<Template, Error> {
        let label = self.label();
        Template::prepare_with(&self.finish()?, slots, label)
    }

    /// Parses, checks and grants it once, to be fired many times.
    pub fn prepare(self) -> Result<Template, Error> {
        let label = self.label();
        Template::prepare(&self.finish()?, label)
    }

    /// The request as the contract has it, or the first mistake on the way.
    pub(crate) fn finish(self) -> Result<contract::Request, Error> {
        let label = self.label();
        if let Some(mistake) = self.mistake {
            return Err(Error::new(ErrorKind::Invalid, mistake, label));
        }
        let mut request = self.inner;
        request.url = with_query(request.url, &self.query);
        Ok(request)
    }

    /// The request in a message: `GET http://127.0.0.1:8001/health`.
    pub(crate) fn label(&self) -> String {
        format!(
            "{} {}",
            self.inner.method,
            with_query(self.inner.url.clone(), &self.query)
        )
    }

    fn has_header(&self, name: &str) -> bool {
        self.inner
            .headers
            .iter()
            .any(|(given, _)| given.eq_ignore_ascii_case(name))
    }
}

#[cfg(target_family = "wasm")]
async fn transmit(request: contract::Request) -> Result<contract::Response, contract::Error> {
    contract::send(request).await
}

#[cfg(target_family = "wasm")]
fn transmit_now(request: &contract::Request) -> Result<contract::Response, contract::Error> {
    contract::send_now(request)
}

/// Without a host there is no network.
#[cfg(not(target_family = "wasm"))]
fn transmit_now(_request: &contract::Request) -> Result<contract::Response, contract::Error> {
    Err(contract::Error::Unsupported(
        "a native build of a suite has no host".to_owned(),
    ))
}

/// Without a host there is no network.
#[cfg(not(target_family = "wasm"))]
async fn transmit(_request: contract::Request) -> Result<contract::Response, contract::Error> {
    std::future::ready(Err(contract::Error::Unsupported(
        "a native build of a suite has no host".to_owned(),
    )))
    .await
}

/// Whole milliseconds, rounded up so that a wait is never shorter than asked for.
pub(crate) fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u32::MAX)
}

fn with_query(url: String, query: &str) -> String {
    if query.is_empty() {
        return url;
    }
    let (address, fragment) = match url.split_once('#') {
        Some((address, fragment)) => (address, format!("#{fragment}")),
        None => (url.as_str(), String::new()),
    };
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}{query}{fragment}")
}

/// Percent-encodes all but the unreserved characters of RFC 3986 section 2.3.
fn encode(into: &mut String, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push(char::from(DIGITS[usize::from(byte >> 4)]));
            into.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{get, post};
    use super::*;

    #[test]
    fn a_query_is_percent_encoded() {
        let request = get("http://h/p")
            .query("search", "a b&c=ä")
            .query("limit", 5);
        assert_eq!(
            request.finish().unwrap().url,
            "http://h/p?search=a%20b%26c%3D%C3%A4&limit=5"
        );
    }

    #[test]
    fn a_query_joins_the_one_of_the_url_and_stays_before_its_fragment() {
        let request = get("http://h/p?a=1#top").query("b", 2);
        assert_eq!(request.finish().unwrap().url, "http://h/p?a=1&b=2#top");
    }

    #[test]
    fn json_brings_its_content_type_unless_one_is_given() {
        let plain = post("http://h").json(&[1]).finish().unwrap();
        assert_eq!(
            plain.headers,
            [("content-type".to_owned(), "application/json".to_owned())]
        );
        let given = post("http://h")
            .header("Content-Type", "text/json")
            .json(&[1])
            .finish()
            .unwrap();
        assert_eq!(
            given.headers,
            [("Content-Type".to_owned(), "text/json".to_owned())]
        );
    }

    #[test]
    fn a_body_that_does_not_become_json_is_answered_when_sent() {
        let unfit = std::collections::HashMap::from([(vec![1], 1)]);
        let error = post("http://h").json(&unfit).finish().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(
            error.to_string(),
            "POST http://h: invalid request: the body does not become JSON: key must be a string"
        );
    }

    #[test]
    fn waits_are_rounded_up_and_end_at_the_largest() {
        assert_eq!(milliseconds(Duration::from_micros(1)), 1);
        assert_eq!(milliseconds(Duration::from_millis(20)), 20);
        assert_eq!(milliseconds(Duration::MAX), u32::MAX);
    }
}
