//! Requests that virtual users send again and again, kept written out: to check and to resolve one each time would cost as much as to send it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::http::Prepared;
use crate::plugin::bindings::assay::suite::http::{Payload, Request};

/// How many are kept, each in the one place that its method and its URL say.
const PLACES: usize = 64;
/// Bytes of method, URL, headers, payload and name together. What is larger is not kept: it costs more to send than to write out.
const MAX_BYTES: usize = 4 << 10;

/// The requests of one thread.
#[derive(Debug)]
pub(super) struct Recent {
    places: Box<[Place]>,
}

/// Who stands here. A request is kept when it comes for the second time in a row, so that URLs of which each is another cost nothing but their hash.
#[derive(Clone, Debug, Default)]
struct Place {
    hash: u64,
    kept: Option<Box<Kept>>,
}

#[derive(Clone, Debug)]
struct Kept {
    request: Request,
    prepared: Prepared,
}

impl Default for Recent {
    fn default() -> Self {
        Self {
            places: vec![Place::default(); PLACES].into(),
        }
    }
}

/// What is known of a request.
#[derive(Debug)]
pub(super) enum Look {
    /// It is kept.
    Kept(Prepared),
    /// It came before, and is worth keeping.
    Known,
    /// It is new, or too large.
    New,
}

impl Recent {
    /// Looks at the place of a request, and notes that it came.
    pub(super) fn look(&mut self, request: &Request) -> Look {
        let hash = hash(request);
        let place = &mut self.places[index(hash)];
        if place.hash != hash {
            *place = Place { hash, kept: None };
            return Look::New;
        }
        match &place.kept {
            Some(kept) if is_same(&kept.request, request) => Look::Kept(kept.prepared.clone()),
            _ if bytes(request) <= MAX_BYTES => Look::Known,
            _ => Look::New,
        }
    }

    /// Keeps a request, in place of another one.
    pub(super) fn keep(&mut self, request: Request, prepared: Prepared) {
        let hash = hash(&request);
        self.places[index(hash)] = Place {
            hash,
            kept: Some(Box::new(Kept { request, prepared })),
        };
    }
}

/// Of what tells requests apart most.
fn hash(request: &Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    request.method.hash(&mut hasher);
    request.url.hash(&mut hasher);
    hasher.finish()
}

/// The place of a hash.
fn index(hash: u64) -> usize {
    usize::try_from(hash % PLACES as u64).unwrap_or_default()
}

fn bytes(request: &Request) -> usize {
    let headers = request.headers.iter();
    let headers: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
    let payload = match &request.payload {
        Payload::None => 0,
        Payload::Bytes(bytes) => bytes.len(),
        Payload::Paced(_) => usize::MAX,
    };
    let name = request.name.as_ref().map_or(0, String::len);
    [request.method.len(), request.url.len(), headers, name]
        .into_iter()
        .fold(payload, usize::saturating_add)
}

fn is_same(one: &Request, other: &Request) -> bool {
    let payload = match (&one.payload, &other.payload) {
        (Payload::None, Payload::None) => true,
        (Payload::Bytes(one), Payload::Bytes(other)) => one == other,
        _ => false,
    };
    payload
        && one.method == other.method
        && one.url == other.url
        && one.headers == other.headers
        && one.timeout_ms == other.timeout_ms
        && one.max_redirects == other.max_redirects
        && one.max_body == other.max_body
        && one.name == other.name
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use assay_load::{
        samples::Samples,
        transport::{Client, Options, Parts},
    };

    use super::*;

    fn get(url: &str) -> Request {
        Request {
            method: "GET".to_owned(),
            url: url.to_owned(),
            headers: vec![("accept".to_owned(), "text/plain".to_owned())],
            payload: Payload::Bytes(vec![1, 2, 3]),
            timeout_ms: Some(5),
            max_redirects: 0,
            max_body: None,
            name: None,
        }
    }

    fn prepared() -> Prepared {
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(
            rustls::crypto::ring::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
        let client = Client::new(&Arc::new(tls), Options::default());
        Prepared {
            template: client.prepare(&Parts::get("http://127.0.0.1:1/")).unwrap(),
            name: Samples::new([]).unwrap().name("get"),
        }
    }

    #[test]
    fn a_request_is_kept_when_it_comes_again() {
        let mut recent = Recent::default();
        let request = get("http://a/");
        assert!(matches!(recent.look(&request), Look::New));
        assert!(matches!(recent.look(&request), Look::Known));
        recent.keep(request.clone(), prepared());
        assert!(matches!(recent.look(&request), Look::Kept(_)));
    }

    #[test]
    fn a_request_that_differs_in_anything_is_another_one() {
        type Change = fn(&mut Request);
        let changes: [Change; 9] = [
            |request| request.method = "PUT".to_owned(),
            |request| request.url.push('?'),
            |request| request.headers[0].1.push('s'),
            |request| request.payload = Payload::Bytes(vec![1, 2, 4]),
            |request| request.payload = Payload::None,
            |request| request.timeout_ms = None,
            |request| request.max_redirects = 1,
            |request| request.max_body = Some(1),
            |request| request.name = Some("other".to_owned()),
        ];
        let request = get("http://a/");
        for (number, change) in changes.into_iter().enumerate() {
            let mut recent = Recent::default();
            recent.keep(request.clone(), prepared());
            let mut other = request.clone();
            change(&mut other);
            assert!(
                !matches!(recent.look(&other), Look::Kept(_)),
                "change {number}"
            );
        }
    }

    #[test]
    fn what_is_larger_than_the_limit_is_not_kept() {
        for (bytes, is_known) in [(MAX_BYTES, true), (MAX_BYTES + 1, false)] {
            let mut recent = Recent::default();
            let mut request = get("http://a/");
            let others = super::bytes(&request) - 3;
            request.payload = Payload::Bytes(vec![0; bytes - others]);
            recent.look(&request);
            assert_eq!(matches!(recent.look(&request), Look::Known), is_known);
        }
    }
}
