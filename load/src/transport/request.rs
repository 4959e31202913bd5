//! A request as it is asked for, held against the limits of the contract, and what may change each time it is sent.

use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use hyper::Method;
use hyper::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use url::{Position, Url};

use super::error::Error;
use super::slots::{Hidden, Place, Slots, Text};

/// Headers of a request.
const MAX_HEADERS: usize = 128;
/// Bytes of the value of a header.
const MAX_HEADER_BYTES: usize = 8 << 10;
/// Bytes of a body.
pub(super) const MAX_PAYLOAD_BYTES: usize = 64 << 20;
/// Bytes of an answer's body that may be asked for.
const MAX_BODY_BYTES: u64 = 64 << 20;
/// Headers that are the transport's own: they say how the message is framed and where it goes.
const OWN_HEADERS: [&str; 3] = ["host", "content-length", "transfer-encoding"];

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
                small(length)?;
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
        if parts.max_body > MAX_BODY_BYTES {
            return Err(Error::Invalid(format!(
                "`max-body` is {}, at most {MAX_BODY_BYTES} bytes are taken",
                parts.max_body
            )));
        }
        let mut slots = Slots::new(&parts.slots)?;
        let method = method(&parts.method)?;
        let hidden = slots.hide(&parts.url);
        let url = url(&parts.url, &hidden)?;
        let target = &url[Position::BeforePath..Position::AfterQuery];
        let target = slots.show(&hidden, target);
        let checked = Self {
            target: slots.cut(target.as_bytes(), Place::Url),
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
    let method = Method::from_bytes(text.as_bytes()).map_err(|_| {
        Error::Invalid(format!(
            "the method `{}` is not a token as RFC 9110 section 9.1 has it",
            text.escape_debug()
        ))
    })?;
    if method == Method::CONNECT {
        let text = "`CONNECT` opens a tunnel, which load does not use; use another method";
        return Err(Error::Unsupported(text.to_owned()));
    }
    Ok(method)
}

/// `text` is what was asked for; in `hidden` its slots are words.
fn url(text: &str, hidden: &Hidden) -> Result<Url, Error> {
    let wrong = |why: &str| Error::Invalid(format!("the URL `{}` {why}", text.escape_debug()));
    let url =
        Url::parse(&hidden.text).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("is neither `http` nor `https`"));
    }
    if hidden.is_in(&url[..Position::BeforePath]) {
        return Err(wrong(
            "has a slot in scheme, user, host or port; slots go into path and query",
        ));
    }
    Ok(url)
}

fn headers(
    parts: &Parts,
    url: &Url,
    slots: &mut Slots<'_>,
) -> Result<Vec<(HeaderName, Text)>, Error> {
    if parts.headers.len() > MAX_HEADERS {
        return Err(Error::Invalid(format!(
            "{} headers, at most {MAX_HEADERS} are sent",
            parts.headers.len()
        )));
    }
    let mut headers = Vec::with_capacity(parts.headers.len() + 2);
    for (name, value) in &parts.headers {
        headers.push((
            header(name, value)?,
            slots.cut(value.as_bytes(), Place::Header),
        ));
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

/// One header, checked.
fn header(name: &str, value: &str) -> Result<HeaderName, Error> {
    let wrong = |why: &str| Error::Invalid(format!("the header `{}` {why}", name.escape_debug()));
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| wrong("has a name that is not a token as RFC 9110 section 5.1 has it"))?;
    if OWN_HEADERS.contains(&parsed.as_str()) {
        return Err(wrong("is set by the host; leave it out"));
    }
    if value.len() > MAX_HEADER_BYTES {
        return Err(wrong("has a value of more than 8 KiB"));
    }
    HeaderValue::from_bytes(value.as_bytes())
        .map_err(|_| wrong("has a control character in its value"))?;
    Ok(parsed)
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
    small(body.len())?;
    Ok(Some(if parts.slots.is_empty() {
        Payload::Fixed(body.clone())
    } else {
        Payload::Slots(slots.cut(body, Place::Body))
    }))
}

/// Fails with `invalid` for a body that is too large to be sent.
pub(super) fn small(bytes: usize) -> Result<(), Error> {
    if bytes > MAX_PAYLOAD_BYTES {
        return Err(Error::Invalid(format!(
            "a payload of {bytes} bytes, at most {MAX_PAYLOAD_BYTES} are sent"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
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
    fn a_slot_changes_what_is_asked_for_and_not_who_is_asked() {
        let table = [
            ("http://a/{id}", None),
            ("http://a/b?c={id}#d", None),
            ("http://{id}/", Some("slot in scheme, user, host or port")),
            ("http://{id}@a/", Some("slot in scheme, user, host or port")),
            (
                "http://a:{id}/",
                Some("cannot be read: invalid port number"),
            ),
            ("{id}://a/", Some("neither `http` nor `https`")),
            ("http://a/#{id}", Some("stands nowhere")),
        ];
        for (url, expected) in table {
            let refused = refusal(|parts| {
                parts.url = url.to_owned();
                parts.slots = vec!["id".to_owned()];
            });
            match (refused, expected) {
                (None, None) => {}
                (Some(text), Some(expected)) => assert!(text.contains(expected), "{text}"),
                (refused, _) => panic!("{url}: {refused:?}"),
            }
        }
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
