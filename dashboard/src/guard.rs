//! Who may ask: a browser that asks for this address and no other name, with the token. And what each answer forbids the browser.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::{address, token::Token};

/// What is asked of whoever asks.
#[derive(Debug)]
pub(crate) struct Guard {
    hosts: Vec<String>,
    token: Token,
}

/// Of every answer. A page has a policy of its own.
const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // The address has the token in it.
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

impl Guard {
    pub(crate) fn new(address: SocketAddr, token: Token) -> Arc<Self> {
        Arc::new(Self {
            hosts: address::hosts(address),
            token,
        })
    }

    fn refuses(&self, request: &Request) -> Option<&'static str> {
        if !self.knows_host(request.headers()) {
            return Some("This page is asked for under another name than its own.\n");
        }
        let query = request.uri().query().unwrap_or_default();
        if !self.knows_token(query) {
            return Some(
                "The token is missing or wrong: open the address that `host run` has printed.\n",
            );
        }
        None
    }

    /// RFC 9112, section 3.2: there is one, and one only.
    fn knows_host(&self, headers: &HeaderMap) -> bool {
        let mut given = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (given.next(), given.next()) else {
            return false;
        };
        let known = |known: &String| host.as_bytes().eq_ignore_ascii_case(known.as_bytes());
        self.hosts.iter().any(known)
    }

    /// A token is hexadecimal, so there is nothing in it that a query writes in another way.
    fn knows_token(&self, query: &str) -> bool {
        let mut given = query
            .split('&')
            .filter_map(|pair| pair.strip_prefix("token="));
        given.next().is_some_and(|given| self.token.is(given)) && given.next().is_none()
    }
}

/// Lets through who may ask, and puts on every answer what it forbids the browser.
pub(crate) async fn guard(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match guard.refuses(&request) {
        Some(why) => (StatusCode::FORBIDDEN, why).into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> (Arc<Guard>, String) {
        let token = Token::random().unwrap();
        let text = token.text().to_owned();
        let address = "127.0.0.1:8080".parse().unwrap();
        (Guard::new(address, token), text)
    }

    #[test]
    fn one_host_of_its_own_is_known_and_nothing_else() {
        let (guard, _) = guard();
        for (hosts, is_known) in [
            (&["127.0.0.1:8080"][..], true),
            (&["localhost:8080"], true),
            (&["LocalHost:8080"], true),
            (&[], false),
            (&["127.0.0.1:8080", "127.0.0.1:8080"], false),
            (&["127.0.0.1"], false),
            (&["127.0.0.1:8081"], false),
            (&["evil.example:8080"], false),
            (&["127.0.0.1:8080.evil.example"], false),
        ] {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, HeaderValue::from_static(host));
            }
            assert_eq!(guard.knows_host(&headers), is_known, "{hosts:?}");
        }
    }

    #[test]
    fn one_right_token_is_known_and_nothing_else() {
        let (guard, token) = guard();
        for (query, is_known) in [
            (format!("token={token}"), true),
            (format!("a=b&token={token}"), true),
            (String::new(), false),
            ("token=".to_owned(), false),
            (format!("token={token}0"), false),
            (format!("token={}", &token[1..]), false),
            (format!("token={token}&token={token}"), false),
            (format!("token=x&token={token}"), false),
            (format!("TOKEN={token}"), false),
        ] {
            assert_eq!(guard.knows_token(&query), is_known, "{query}");
        }
    }
}
