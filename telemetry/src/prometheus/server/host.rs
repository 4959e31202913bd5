//! Whom a request asks for. A browser on this machine reaches the loopback for any page whose name is made to lead here (DNS rebinding), and
//! lets that page read the answer. Such a page has a name of its own, which the browser tells.

use std::net::IpAddr;

use hyper::{
    header::{HOST, HeaderMap},
    http::uri::Authority,
};

/// Whether it asks for an address, or for `localhost`, on whichever port: a tunnel has its own. What is no browser may leave it out
/// (HTTP/1.0); more than one is none.
pub(super) fn is_known(headers: &HeaderMap) -> bool {
    let mut given = headers.get_all(HOST).iter();
    match (given.next(), given.next()) {
        (None, _) => true,
        (Some(host), None) => host.to_str().is_ok_and(is_of_a_machine),
        (Some(_), Some(_)) => false,
    }
}

fn is_of_a_machine(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn an_address_and_localhost_are_known_and_no_other_name() {
        for (hosts, is_known) in [
            (&["127.0.0.1:9464"][..], true),
            (&[], true),
            (&["127.0.0.1"], true),
            (&["[::1]:9464"], true),
            (&["localhost:19464"], true),
            (&["LocalHost"], true),
            (&["192.168.0.7:9464"], true),
            (&["evil.example:9464"], false),
            (&["127.0.0.1.evil.example"], false),
            (&["localhost.evil.example:9464"], false),
            (&[""], false),
            (&["127.0.0.1:9464", "127.0.0.1:9464"], false),
        ] {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(HOST, HeaderValue::from_static(host));
            }
            assert_eq!(super::is_known(&headers), is_known, "{hosts:?}");
        }
    }
}
