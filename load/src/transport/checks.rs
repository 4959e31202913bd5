//! What may be sent at all: the limits of the contract's interface `http`, and how each part of a request is read. The client of cases holds
//! its requests against the same, so that what goes in a case goes in a load, and means the same there.

use hyper::Method;
use hyper::header::{HeaderName, HeaderValue};
use url::{Position, Url};

use super::error::Error;
use super::slots::{Hidden, Place, Slots, Text};

/// Headers of a request.
pub const MAX_HEADERS: usize = 128;
/// Bytes of the value of a header.
pub const MAX_HEADER_BYTES: usize = 8 << 10;
/// Bytes of a body.
pub const MAX_PAYLOAD_BYTES: usize = 64 << 20;
/// Bytes of an answer's body that may be asked for.
pub const MAX_BODY_BYTES: u64 = 64 << 20;
/// Headers that are the transport's own: they say how the message is framed and where it goes.
const OWN_HEADERS: [&str; 3] = ["host", "content-length", "transfer-encoding"];

/// A URL with slots, and what of it is sent to the server.
#[derive(Debug)]
pub struct Address {
    /// Where it goes. Its slots, which are behind that, are words here.
    pub url: Url,
    /// Path and query, with the slots.
    pub target: Text,
}

impl Address {
    /// The URL up to its path.
    pub fn origin(&self) -> &str {
        &self.url[..Position::BeforePath]
    }
}

/// The method of a request. Fails with `invalid` for what is none.
pub fn method(text: &str) -> Result<Method, Error> {
    Method::from_bytes(text.as_bytes()).map_err(|_| {
        Error::Invalid(format!(
            "the method `{}` is not a token as RFC 9110 section 9.1 has it",
            text.escape_debug()
        ))
    })
}

/// The URL of a request without slots. Fails with `invalid` for what is none of `http` or `https`.
pub fn url(text: &str) -> Result<Url, Error> {
    read(text, text)
}

/// The URL of a request with these slots. Fails with `invalid` where one of them could say where it goes.
pub fn address(text: &str, slots: &mut Slots<'_>) -> Result<Address, Error> {
    let hidden = slots.hide(text);
    let url = read(text, hidden.text())?;
    if hidden.is_in(&url[..Position::BeforePath]) {
        return Err(wrong_url(
            text,
            "has a slot in scheme, user, host or port; slots go into path and query",
        ));
    }
    let target = target(&url, &hidden, slots);
    Ok(Address { url, target })
}

/// As the parser of URLs leaves it: the steps `.` and `..` of the text itself are taken, so that any that are there once it is filled come from
/// a value.
fn target(url: &Url, hidden: &Hidden, slots: &mut Slots<'_>) -> Text {
    let mut part = |part: &str, place| {
        let shown = slots.show(hidden, part);
        slots.cut(shown.as_bytes(), place)
    };
    let mut target = part(&url[Position::BeforePath..Position::AfterPath], Place::Path);
    target.append(&part(
        &url[Position::AfterPath..Position::AfterQuery],
        Place::Query,
    ));
    target
}

/// `text` is what was asked for; in `readable` its slots are words.
fn read(text: &str, readable: &str) -> Result<Url, Error> {
    let url = Url::parse(readable)
        .map_err(|error| wrong_url(text, &format!("cannot be read: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong_url(text, "is neither `http` nor `https`"));
    }
    Ok(url)
}

fn wrong_url(text: &str, why: &str) -> Error {
    Error::Invalid(format!("the URL `{}` {why}", text.escape_debug()))
}

/// Whether there may be so many headers. Fails with `invalid`.
pub fn headers(count: usize) -> Result<(), Error> {
    if count > MAX_HEADERS {
        return Err(Error::Invalid(format!(
            "{count} headers, at most {MAX_HEADERS} are sent"
        )));
    }
    Ok(())
}

/// One header. Fails with `invalid`, naming the header.
pub fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Error> {
    let wrong = |why: &str| Error::Invalid(format!("the header `{}` {why}", name.escape_debug()));
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| wrong("has a name that is not a token as RFC 9110 section 5.1 has it"))?;
    if OWN_HEADERS.contains(&parsed.as_str()) {
        return Err(wrong("is set by the host; leave it out"));
    }
    if value.len() > MAX_HEADER_BYTES {
        return Err(wrong("has a value of more than 8 KiB"));
    }
    let value = HeaderValue::from_bytes(value.as_bytes())
        .map_err(|_| wrong("has a control character in its value"))?;
    Ok((parsed, value))
}

/// Whether a body of so many bytes may be sent. Fails with `invalid`.
pub fn payload(bytes: usize) -> Result<(), Error> {
    if bytes > MAX_PAYLOAD_BYTES {
        return Err(Error::Invalid(format!(
            "a payload of {bytes} bytes, at most {MAX_PAYLOAD_BYTES} are sent"
        )));
    }
    Ok(())
}

/// Whether so many bytes of an answer's body may be asked for. Fails with `invalid`.
pub fn max_body(bytes: u64) -> Result<(), Error> {
    if bytes > MAX_BODY_BYTES {
        return Err(Error::Invalid(format!(
            "`max-body` is {bytes}, at most {MAX_BODY_BYTES} bytes are taken"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn filled(url: &str, values: &[&str]) -> Result<String, Error> {
        let names = slots(&["id", "other"][..values.len()]);
        let address = address(url, &mut Slots::new(&names)?)?;
        let mut out = Vec::new();
        address.target.fill(&slots(values), &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn limits_hold_at_their_value_and_refuse_one_more() {
        assert_eq!(headers(MAX_HEADERS), Ok(()));
        assert!(headers(MAX_HEADERS + 1).is_err());
        assert_eq!(payload(MAX_PAYLOAD_BYTES), Ok(()));
        assert!(payload(MAX_PAYLOAD_BYTES + 1).is_err());
        assert_eq!(max_body(MAX_BODY_BYTES), Ok(()));
        assert!(max_body(MAX_BODY_BYTES + 1).is_err());
        assert!(header("x", &"v".repeat(MAX_HEADER_BYTES)).is_ok());
        assert!(header("x", &"v".repeat(MAX_HEADER_BYTES + 1)).is_err());
    }

    #[test]
    fn a_slot_changes_what_is_asked_for_and_not_who_is_asked() {
        let table = [
            ("http://a/{id}", None),
            ("http://a/b?c={id}#d", None),
            ("http://{id}/", Some("slot in scheme, user, host or port")),
            ("http:///{id}/x", Some("slot in scheme, user, host or port")),
            ("http:/{id}/x", Some("slot in scheme, user, host or port")),
            (
                "http:\\\\{id}/x",
                Some("slot in scheme, user, host or port"),
            ),
            ("http://{id}@a/", Some("slot in scheme, user, host or port")),
            (
                "http://a:{id}/",
                Some("cannot be read: invalid port number"),
            ),
            ("{id}://a/", Some("neither `http` nor `https`")),
        ];
        for (url, expected) in table {
            let refused = filled(url, &["1"]).err().map(|error| error.to_string());
            match (refused, expected) {
                (None, None) => {}
                (Some(text), Some(expected)) => assert!(text.contains(expected), "{text}"),
                (refused, _) => panic!("{url}: {refused:?}"),
            }
        }
    }

    #[test]
    fn a_value_is_no_step_of_a_path_however_it_becomes_one() {
        for (url, values) in [
            ("http://a/b/{id}", &[".."][..]),
            ("http://a/b/{id}", &["."]),
            ("http://a/b/{id}/c", &[".."]),
            ("http://a/b/{id}?q", &[".."]),
            ("http://a/{id}{other}/c", &[".", "."]),
            ("http://a/.{id}/c", &["."]),
            ("http://a/{id}%2e/c", &["."]),
            ("http://a/%2E{id}/c", &[""]),
            ("http://a/b/..{id}", &[""]),
            ("http://a/{id}/{other}", &["fine", ".."]),
        ] {
            let error = filled(url, values).unwrap_err();
            assert_eq!(error.kind(), "invalid", "{url}");
            assert!(error.to_string().contains("a step of the path"), "{error}");
        }
    }

    #[test]
    fn dots_that_are_no_step_are_sent_as_they_are() {
        for (url, values, expected) in [
            ("http://a/b/{id}", &["..."][..], "/b/..."),
            ("http://a/b/{id}", &["a.b"], "/b/a.b"),
            ("http://a/b/{id}", &["../c"], "/b/..%2Fc"),
            ("http://a/b.{id}/c", &["."], "/b../c"),
            ("http://a/b?c={id}", &[".."], "/b?c=.."),
            ("http://a/b?c=/{id}/", &[".."], "/b?c=/../"),
            // Steps of the text itself are taken before.
            ("http://a/b/../c/./{id}", &["1"], "/c/1"),
        ] {
            assert_eq!(filled(url, values).unwrap(), expected, "{url}");
        }
    }
}
