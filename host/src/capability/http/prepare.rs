//! A request of the suite, parsed and held against the limits of the contract: what leaves here can be sent, many times. What a request of a
//! load has as well is read and held against its limits [there](assay_load::transport::checks).

use std::time::Duration;

use assay_load::transport::checks;
use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Method, Url};

use super::name;
use crate::plugin::bindings::assay::suite::http::{Error, Payload, Request};

/// Pieces of a paced body.
pub(super) const MAX_PIECES: usize = 1024;
/// Redirects that may be followed.
pub(super) const MAX_REDIRECTS: u32 = 20;
/// Bytes of an answer's body that are taken unless told otherwise.
const DEFAULT_BODY_BYTES: u64 = 16 << 20;
/// For a request unless told otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// A request that can be sent.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) timeout: Duration,
    pub(crate) max_redirects: u32,
    pub(crate) max_body: u64,
    pub(crate) name: String,
}

/// What follows the head. Cheap to clone, so that a redirect can send it again.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    None,
    Whole(Bytes),
    Paced { pieces: Vec<Bytes>, pause: Duration },
}

impl Body {
    /// Bytes in all.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Whole(bytes) => bytes.len(),
            Self::Paced { pieces, .. } => pieces.iter().map(Bytes::len).sum(),
        }
    }
}

impl Prepared {
    /// Fails with `invalid`, naming the part that is wrong and the limit.
    pub(crate) fn new(request: Request) -> Result<Self, Error> {
        let method = checks::method(&request.method)?;
        let url = checks::url(&request.url)?;
        let name = request
            .name
            .unwrap_or_else(|| name::of(method.as_str(), url.path()));
        if request.max_redirects > MAX_REDIRECTS {
            return Err(invalid(format!(
                "`max-redirects` is {}, at most {MAX_REDIRECTS} are followed",
                request.max_redirects
            )));
        }
        let max_body = request.max_body.unwrap_or(DEFAULT_BODY_BYTES);
        checks::max_body(max_body)?;
        Ok(Self {
            headers: headers(&request.headers)?,
            body: body(request.payload)?,
            timeout: request.timeout_ms.map_or(DEFAULT_TIMEOUT, |milliseconds| {
                Duration::from_millis(milliseconds.into())
            }),
            max_redirects: request.max_redirects,
            max_body,
            method,
            url,
            name,
        })
    }

    /// As [`Prepared::new`]; a paced body is `unsupported`, since it would keep time for the load that fires the template.
    pub(super) fn for_template(request: Request) -> Result<Self, Error> {
        if matches!(request.payload, Payload::Paced(_)) {
            return Err(Error::Unsupported(
                "a template cannot have a paced payload; use `send` for a slow client".into(),
            ));
        }
        Self::new(request)
    }

    /// Bytes of its texts and its body.
    pub(super) fn bytes(&self) -> usize {
        let headers = self.headers.iter();
        let headers: usize = headers
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        let texts = [self.method.as_str(), self.url.as_str(), &self.name];
        let texts: usize = texts.into_iter().map(str::len).sum();
        texts + headers + self.body.len()
    }
}

fn headers(pairs: &[(String, String)]) -> Result<HeaderMap, Error> {
    checks::headers(pairs.len())?;
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        let (name, value) = checks::header(name, value)?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn body(payload: Payload) -> Result<Body, Error> {
    match payload {
        Payload::None => Ok(Body::None),
        Payload::Bytes(bytes) => whole(bytes.into()),
        Payload::Paced(paced) if paced.pieces.len() > MAX_PIECES => Err(invalid(format!(
            "a paced payload of {} pieces, at most {MAX_PIECES} are sent",
            paced.pieces.len()
        ))),
        Payload::Paced(paced) => small(Body::Paced {
            pieces: paced.pieces.into_iter().map(Bytes::from).collect(),
            pause: Duration::from_millis(paced.pause_ms.into()),
        }),
    }
}

/// A body that is sent at once.
pub(super) fn whole(bytes: Bytes) -> Result<Body, Error> {
    small(Body::Whole(bytes))
}

fn small(body: Body) -> Result<Body, Error> {
    checks::payload(body.len())?;
    Ok(body)
}

fn invalid(text: String) -> Error {
    Error::Invalid(text)
}

#[cfg(test)]
mod tests {
    use assay_load::transport::checks::{
        MAX_BODY_BYTES, MAX_HEADER_BYTES, MAX_HEADERS, MAX_PAYLOAD_BYTES,
    };

    use super::*;
    use crate::plugin::bindings::assay::suite::http::Paced;

    fn request() -> Request {
        Request {
            method: "GET".into(),
            url: "http://127.0.0.1:1/a".into(),
            headers: Vec::new(),
            payload: Payload::None,
            timeout_ms: None,
            max_redirects: 0,
            max_body: None,
            name: None,
        }
    }

    fn refusal(change: impl FnOnce(&mut Request)) -> Option<String> {
        let mut request = request();
        change(&mut request);
        match Prepared::new(request) {
            Ok(_) => None,
            Err(Error::Invalid(text)) => Some(text),
            Err(other) => panic!("not invalid but {other}"),
        }
    }

    #[test]
    fn every_limit_holds_at_its_value_and_refuses_one_more() {
        let header = |length: usize| ("x".to_owned(), "v".repeat(length));
        let paced = |pieces: usize| {
            Payload::Paced(Paced {
                pieces: vec![vec![0]; pieces],
                pause_ms: 0,
            })
        };
        assert_eq!(refusal(|r| r.max_redirects = MAX_REDIRECTS), None);
        assert!(refusal(|r| r.max_redirects = MAX_REDIRECTS + 1).is_some());
        assert_eq!(refusal(|r| r.max_body = Some(MAX_BODY_BYTES)), None);
        assert!(refusal(|r| r.max_body = Some(MAX_BODY_BYTES + 1)).is_some());
        assert_eq!(refusal(|r| r.headers = vec![header(1); MAX_HEADERS]), None);
        assert!(refusal(|r| r.headers = vec![header(1); MAX_HEADERS + 1]).is_some());
        assert_eq!(
            refusal(|r| r.headers = vec![header(MAX_HEADER_BYTES)]),
            None
        );
        assert!(refusal(|r| r.headers = vec![header(MAX_HEADER_BYTES + 1)]).is_some());
        assert_eq!(refusal(|r| r.payload = paced(MAX_PIECES)), None);
        assert!(refusal(|r| r.payload = paced(MAX_PIECES + 1)).is_some());
        assert_eq!(
            refusal(|r| r.payload = Payload::Bytes(vec![0; MAX_PAYLOAD_BYTES])),
            None
        );
        assert!(refusal(|r| r.payload = Payload::Bytes(vec![0; MAX_PAYLOAD_BYTES + 1])).is_some());
    }

    #[test]
    fn the_pieces_of_a_slow_client_are_together_no_more_than_another_body() {
        let pieces = |last: usize| {
            Payload::Paced(Paced {
                pieces: vec![vec![0; MAX_PAYLOAD_BYTES - 1], vec![0; last]],
                pause_ms: 0,
            })
        };
        assert_eq!(refusal(|r| r.payload = pieces(1)), None);
        assert!(refusal(|r| r.payload = pieces(2)).is_some());
    }

    #[test]
    fn what_cannot_be_sent_is_refused_with_its_name() {
        type Change = fn(&mut Request);
        let table: [(Change, &str); 9] = [
            (|r| r.method = "GE T".into(), "`GE T`"),
            (|r| r.method = String::new(), "method"),
            (|r| r.url = "/relative".into(), "`/relative`"),
            (
                |r| r.url = "ftp://host/".into(),
                "neither `http` nor `https`",
            ),
            (|r| r.headers = vec![("Host".into(), "a".into())], "`Host`"),
            (
                |r| r.headers = vec![("content-length".into(), "1".into())],
                "`content-length`",
            ),
            (
                |r| r.headers = vec![("Transfer-Encoding".into(), "chunked".into())],
                "`Transfer-Encoding`",
            ),
            (|r| r.headers = vec![("a b".into(), "c".into())], "`a b`"),
            (
                |r| r.headers = vec![("a".into(), "b\nc".into())],
                "control character",
            ),
        ];
        for (change, part) in table {
            let text = refusal(change).unwrap();
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn what_is_left_out_takes_the_documented_value() {
        let prepared = Prepared::new(request()).unwrap();
        assert_eq!(prepared.timeout, Duration::from_secs(30));
        assert_eq!(prepared.max_body, 16 << 20);
        assert_eq!(prepared.name, "GET /a");
    }

    #[test]
    fn a_template_with_a_paced_payload_is_unsupported() {
        let mut request = request();
        request.payload = Payload::Paced(Paced {
            pieces: Vec::new(),
            pause_ms: 0,
        });
        assert!(matches!(
            Prepared::for_template(request),
            Err(Error::Unsupported(_))
        ));
    }
}
