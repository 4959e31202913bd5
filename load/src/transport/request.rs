//! A request as it is asked for, held against the limits of the contract, and what may change each time it is sent.

use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use hyper::Method;
use hyper::header::{ACCEPT, AUTHORIZATION, HeaderName};
use percent_encoding::percent_decode_str;
use url::Url;

use super::checks::{self, Address};
use super::error::Error;
use super::slots::{Place, Slots, Text};

/// A request as it is asked for.
#[derive(Clone, Debug)]
pub struct Parts {
    /// A token as RFC 9110 section 9.1 has it: `GET`.
    pub method: String,
    /// Absolute, `http` or `https`.
    pub url: String,
    /// In order, names may repeat. At most 128, each value at most 8 KiB. `Host`, `Content-Length` and `Transfer-Encoding` are the
    /// transport's own.
    pub headers: Vec<(String, String)>,
    /// At most 64 MiB.
    pub body: Option<Bytes>,
    /// From the start to the last byte of the answer.
    pub timeout: Duration,
    /// The most bytes of body to take; at most 64 MiB.
    pub max_body: u64,
    /// Names whose `{name}` in path, query, the value of a header or the body is replaced each time; at most 16, in at most 256
    /// places.
    pub slots: Vec<String>,
}

impl Parts {
    /// `GET` of this URL, without anything else: 30 s, 16 MiB.
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: "GET".to_owned(),
            url: url.into(),
            headers: Vec::new(),
            body: None,
            timeout: Duration::from_secs(30),
            max_body: 16 << 20,
            slots: Vec::new(),
        }
    }
}

/// What changes of a prepared request this time.
#[derive(Clone, Debug)]
pub enum With<'a> {
    /// Nothing. A template with slots is not sent so.
    Prepared,
    /// This body in place of the prepared one; at most 64 MiB. A template with slots is not sent so.
    Body(Bytes),
    /// These values in its slots, in their order.
    Values(&'a [String]),
}

/// A body, with or without slots. One without is shared, however large it is.
#[derive(Clone, Debug)]
pub(super) enum Payload {
    Fixed(Bytes),
    Slots(Text),
}

impl Payload {
    /// With these values, as it is sent. Fails with `invalid` if they make it too large.
    pub(super) fn with(&self, values: &[String]) -> Result<Bytes, Error> {
        match self {
            Self::Fixed(bytes) => Ok(bytes.clone()),
            Self::Slots(text) => {
                let length = text.len_with(values);
                checks::payload(length)?;
                let mut bytes = Vec::with_capacity(length);
                text.fill(values, &mut bytes)?;
                Ok(bytes.into())
            }
        }
    }

    /// Bytes without values.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Fixed(bytes) => bytes.len(),
            Self::Slots(text) => text.len(),
        }
    }
}

/// Parts that can be sent.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) method: Method,
    pub(super) url: Url,
    /// Path and query.
    pub(super) target: Text,
    pub(super) headers: Vec<(HeaderName, Text)>,
    pub(super) body: Option<Payload>,
    pub(super) slots: usize,
}

impl Checked {
    /// Fails with `invalid`, naming the part that is wrong and the limit.
    pub(super) fn new(parts: &Parts) -> Result<Self, Error> {
        checks::max_body(parts.max_body)?;
        let mut slots = Slots::new(&parts.slots)?;
        let method = method(&parts.method)?;
        let Address { url, target } = checks::address(&parts.url, &mut slots)?;
        let checked = Self {
            target,
            headers: headers(parts, &url, &mut slots)?,
            body: body(parts, &mut slots)?,
            slots: parts.slots.len(),
            method,
            url,
        };
        slots.check()?;
        Ok(checked)
    }

    /// Whether it may be sent again without asking (RFC 9110 section 9.2.2).
    pub(super) fn is_idempotent(&self) -> bool {
        self.method.is_idempotent()
    }
}

fn method(text: &str) -> Result<Method, Error> {
    let method = checks::method(text)?;
    if method == Method::CONNECT {
        let text = "`CONNECT` opens a tunnel, which load does not use; use another method";
        return Err(Error::Unsupported(text.to_owned()));
    }
    Ok(method)
}

fn headers(
    parts: &Parts,
    url: &Url,
    slots: &mut Slots<'_>,
) -> Result<Vec<(HeaderName, Text)>, Error> {
    checks::headers(parts.headers.len())?;
    let mut headers = Vec::with_capacity(parts.headers.len() + 2);
    for (name, value) in &parts.headers {
        let (name, _) = checks::header(name, value)?;
        headers.push((name, slots.cut(value.as_bytes(), Place::Header)));
    }
    let has = |wanted: &HeaderName| headers.iter().any(|(name, _)| name == wanted);
    let (accepts, authorizes) = (has(&ACCEPT), has(&AUTHORIZATION));
    if !accepts {
        headers.push((ACCEPT, Text::literal("*/*")));
    }
    if !authorizes && (!url.username().is_empty() || url.password().is_some()) {
        headers.push((AUTHORIZATION, Text::literal(basic(url))));
    }
    Ok(headers)
}

/// The user of a URL as RFC 7617 sends it.
fn basic(url: &Url) -> String {
    let mut user: Vec<u8> = percent_decode_str(url.username()).collect();
    user.push(b':');
    user.extend(percent_decode_str(url.password().unwrap_or_default()));
    let user = base64::engine::general_purpose::STANDARD.encode(user);
    format!("Basic {user}")
}

fn body(parts: &Parts, slots: &mut Slots<'_>) -> Result<Option<Payload>, Error> {
    let Some(body) = &parts.body else {
        return Ok(None);
    };
    checks::payload(body.len())?;
    Ok(Some(if parts.slots.is_empty() {
        Payload::Fixed(body.clone())
    } else {
        Payload::Slots(slots.cut(body, Place::Body))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::checks::{MAX_BODY_BYTES, MAX_HEADER_BYTES, MAX_HEADERS, MAX_PAYLOAD_BYTES};
    use super::*;

    fn refusal(change: impl FnOnce(&mut Parts)) -> Option<String> {
        let mut parts = Parts::get("http://127.0.0.1:1/a");
        change(&mut parts);
        Checked::new(&parts).err().map(|error| {
            assert_eq!(error.kind(), "invalid");
            error.to_string()
        })
    }

    #[test]
    fn every_limit_holds_at_its_value_and_refuses_one_more() {
        let header = |length: usize| ("x".to_owned(), "v".repeat(length));
        let body = |length: usize| Some(Bytes::from(vec![0; length]));
        assert_eq!(refusal(|p| p.max_body = MAX_BODY_BYTES), None);
        assert!(refusal(|p| p.max_body = MAX_BODY_BYTES + 1).is_some());
        assert_eq!(refusal(|p| p.headers = vec![header(1); MAX_HEADERS]), None);
        assert!(refusal(|p| p.headers = vec![header(1); MAX_HEADERS + 1]).is_some());
        assert_eq!(
            refusal(|p| p.headers = vec![header(MAX_HEADER_BYTES)]),
            None
        );
        assert!(refusal(|p| p.headers = vec![header(MAX_HEADER_BYTES + 1)]).is_some());
        assert_eq!(refusal(|p| p.body = body(MAX_PAYLOAD_BYTES)), None);
        assert!(refusal(|p| p.body = body(MAX_PAYLOAD_BYTES + 1)).is_some());
    }

    #[test]
    fn what_cannot_be_sent_is_refused_with_its_name() {
        type Change = fn(&mut Parts);
        let table: [(Change, &str); 8] = [
            (|p| p.method = "GE T".into(), "`GE T`"),
            (|p| p.method = String::new(), "method"),
            (|p| p.url = "/relative".into(), "`/relative`"),
            (
                |p| p.url = "ftp://host/".into(),
                "neither `http` nor `https`",
            ),
            (|p| p.headers = vec![("Host".into(), "a".into())], "`Host`"),
            (|p| p.headers = vec![("a b".into(), "a".into())], "`a b`"),
            (
                |p| p.headers = vec![("a".into(), "b\r\nc: d".into())],
                "control",
            ),
            (|p| p.slots = vec!["id".into()], "`id` stands nowhere"),
        ];
        for (change, expected) in table {
            let text = refusal(change).unwrap();
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn a_slot_stands_where_it_is_sent() {
        let refused = |url: &str| {
            refusal(|parts| {
                parts.url = url.to_owned();
                parts.slots = vec!["id".to_owned()];
            })
        };
        assert_eq!(refused("http://a/{id}"), None);
        assert!(refused("http://{id}/").is_some());
        assert!(refused("http://a/#{id}").is_some_and(|text| text.contains("stands nowhere")));
    }

    #[test]
    fn values_cannot_make_a_body_larger_than_any() {
        let parts = Parts {
            body: Some("{v}{v}".into()),
            slots: vec!["v".to_owned()],
            ..Parts::get("http://127.0.0.1:1/")
        };
        let body = Checked::new(&parts).unwrap().body.unwrap();
        let half = "v".repeat(MAX_PAYLOAD_BYTES / 2);
        let mut values = [half];
        assert_eq!(body.with(&values).unwrap().len(), MAX_PAYLOAD_BYTES);
        values[0].push('v');
        assert_eq!(body.with(&values).unwrap_err().kind(), "invalid");
    }

    #[test]
    fn a_tunnel_is_unsupported() {
        let mut parts = Parts::get("http://127.0.0.1:1/");
        parts.method = "CONNECT".to_owned();
        assert_eq!(Checked::new(&parts).unwrap_err().kind(), "unsupported");
    }
}
