//! Where a redirect leads, and what of the request goes there: RFC 9110 section 15.4 and the Fetch standard's HTTP-redirect fetch.

use reqwest::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_TYPE, COOKIE,
    HeaderMap, LOCATION, PROXY_AUTHORIZATION,
};
use reqwest::{Method, StatusCode, Url};

use super::prepare::{Body, Prepared};
use crate::plugin::bindings::assay::suite::http::Error;

/// One request on the wire.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
}

impl Step {
    /// As the suite wants it.
    pub(super) fn first(prepared: &Prepared, body: Body) -> Self {
        Self {
            method: prepared.method.clone(),
            url: prepared.url.clone(),
            headers: prepared.headers.clone(),
            body,
        }
    }

    /// The request to send after this one was answered with a redirect. Fails with `protocol` if it leads nowhere.
    pub(super) fn next(mut self, status: StatusCode, location: &str) -> Result<Self, Error> {
        let url = target(&self.url, location)?;
        if becomes_get(&self.method, status) {
            self.method = Method::GET;
            self.body = Body::None;
            for name in [
                CONTENT_ENCODING,
                CONTENT_LANGUAGE,
                CONTENT_LOCATION,
                CONTENT_TYPE,
            ] {
                self.headers.remove(name);
            }
        }
        if url.origin() != self.url.origin() {
            for name in [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION] {
                self.headers.remove(name);
            }
        }
        self.url = url;
        Ok(self)
    }
}

/// The `Location` of an answer that is a redirect; none for any other answer, and for a redirect that does not say where to.
pub(super) fn location(status: StatusCode, headers: &HeaderMap) -> Option<String> {
    let redirect = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
    let value = headers.get(LOCATION).filter(|_| redirect)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// 303 asks for another page, whatever was done; on 301 and 302 user agents have always turned `POST` into `GET`.
fn becomes_get(method: &Method, status: StatusCode) -> bool {
    match status.as_u16() {
        301 | 302 => method == Method::POST,
        303 => method != Method::GET && method != Method::HEAD,
        _ => false,
    }
}

/// Relative to where the answer came from; the fragment goes along unless there is a new one (RFC 9110 section 10.2.2).
fn target(from: &Url, location: &str) -> Result<Url, Error> {
    let nowhere = |why: &str| {
        let location = location.escape_debug();
        Error::Protocol(format!("the redirect from {from} to `{location}` {why}"))
    };
    let mut url = from
        .join(location)
        .map_err(|error| nowhere(&format!("cannot be read: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(nowhere("leads away from `http` and `https`"));
    }
    if url.fragment().is_none() {
        url.set_fragment(from.fragment());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(method: &str) -> Step {
        let header = |name: &str| (name.parse().unwrap(), "value".parse().unwrap());
        Step {
            method: method.parse().unwrap(),
            url: Url::parse("http://one.test:8001/a/b?c#part").unwrap(),
            headers: ["authorization", "cookie", "content-type", "x-own"]
                .map(header)
                .into_iter()
                .collect(),
            body: Body::Whole("body".into()),
        }
    }

    fn status(code: u16) -> StatusCode {
        StatusCode::from_u16(code).unwrap()
    }

    #[test]
    fn the_method_is_kept_or_becomes_get_as_the_standards_have_it() {
        let table = [
            (301, "POST", "GET"),
            (302, "POST", "GET"),
            (303, "POST", "GET"),
            (307, "POST", "POST"),
            (308, "POST", "POST"),
            (301, "PUT", "PUT"),
            (302, "DELETE", "DELETE"),
            (303, "PUT", "GET"),
            (303, "HEAD", "HEAD"),
        ];
        for (code, before, after) in table {
            let next = step(before).next(status(code), "/x").unwrap();
            assert_eq!(next.method.as_str(), after, "{code} {before}");
            let kept = before == after;
            assert_eq!(matches!(next.body, Body::Whole(_)), kept, "{code} {before}");
            assert_eq!(next.headers.contains_key(CONTENT_TYPE), kept);
        }
    }

    #[test]
    fn credentials_stay_with_their_origin() {
        let table = [
            ("/x", true),
            ("http://one.test:8001/x", true),
            ("http://one.test:8002/x", false),
            ("https://one.test:8001/x", false),
            ("//two.test:8001/x", false),
        ];
        for (location, kept) in table {
            let headers = step("GET").next(status(302), location).unwrap().headers;
            assert_eq!(headers.contains_key(AUTHORIZATION), kept, "{location}");
            assert_eq!(headers.contains_key(COOKIE), kept, "{location}");
            assert!(headers.contains_key("x-own"), "{location}");
        }
    }

    #[test]
    fn a_location_is_read_relative_to_its_page() {
        let table = [
            ("c", "http://one.test:8001/a/c#part"),
            ("/c?d", "http://one.test:8001/c?d#part"),
            ("#other", "http://one.test:8001/a/b?c#other"),
            ("https://two.test/", "https://two.test/#part"),
        ];
        for (location, url) in table {
            let next = step("GET").next(status(302), location).unwrap();
            assert_eq!(next.url.as_str(), url);
        }
    }

    #[test]
    fn a_redirect_that_leads_nowhere_is_a_protocol_error() {
        for location in ["http://[", "ftp://one.test/", "file:///etc/passwd"] {
            let error = step("GET").next(status(302), location).unwrap_err();
            assert!(matches!(error, Error::Protocol(_)), "{location}: {error}");
        }
    }

    #[test]
    fn only_a_redirect_that_says_where_to_is_one() {
        let to = |value: &str| HeaderMap::from_iter([(LOCATION, value.parse().unwrap())]);
        assert_eq!(location(status(302), &to("/x")).as_deref(), Some("/x"));
        assert_eq!(location(status(201), &to("/x")), None);
        assert_eq!(location(status(304), &to("/x")), None);
        assert_eq!(location(status(302), &HeaderMap::new()), None);
    }
}
