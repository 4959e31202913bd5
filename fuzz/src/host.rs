//! Granted hosts: a URL may be asked exactly where its host and its port are those that the grant names.
//!
//! What the grant names is worked out here once more and in another way: the host that the standard for URLs makes of its text.

use std::net::{IpAddr, Ipv6Addr};

use assay_grants::{
    Grants, Network, Permit,
    host_pattern::HostPattern,
    special::{Purpose, plain, purpose},
};
use url::{Host, Url};

use crate::pieces;

/// The first piece is an entry of `hosts`, what is behind it a URL.
pub fn host(data: &[u8]) {
    let (pattern, url) = pieces::split(data);
    let pattern = pieces::text(pattern);
    let Ok(read) = pattern.parse::<HostPattern>() else {
        return;
    };
    let written = read.to_string();
    let again: HostPattern = written.parse().expect("what is written is a pattern");
    assert_eq!((&again, again.to_string()), (&read, written.clone()));
    let network = network(read);
    let Ok(url) = Url::parse(&pieces::text(url)) else {
        return;
    };
    let asked = network.may_ask(&url);
    let is_meant = is_meant(&written, &url);
    assert_eq!(asked.is_ok(), is_meant, "{written} {url}: {asked:?}");
    if asked.is_ok() {
        leads_nowhere_else(&network, &written, &url);
    }
    let Err(denied) = asked else {
        return;
    };
    if !denied.grant().is_nothing() {
        let lifted = Network::new(&Permit::only("shop", denied.grant().clone()), []);
        assert!(lifted.may_ask(&url).is_ok(), "{url}: {denied:?}");
    }
}

fn network(pattern: HostPattern) -> Network {
    let mut grants = Grants::default();
    grants.hosts.add(pattern);
    Network::new(&Permit::only("shop", grants), [])
}

/// Whether a pattern, as it is written anew, means the host and the port of this URL.
fn is_meant(pattern: &str, url: &Url) -> bool {
    let (host, port) = pattern.rsplit_once(':').expect("a pattern has a port");
    let number = url.port_or_known_default().filter(|port| *port != 0);
    let is_web = matches!(url.scheme(), "http" | "https");
    let is_port = number.is_some_and(|number| port == "*" || port == number.to_string());
    is_web
        && is_port
        && match url.host() {
            Some(Host::Domain(name)) => is_name_meant(host, name),
            Some(Host::Ipv4(address)) => is_address_meant(host, plain(address.into())),
            Some(Host::Ipv6(address)) => is_address_meant(host, plain(address.into())),
            None => false,
        }
}

fn is_name_meant(host: &str, name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_whole = name.split('.').all(|label| !label.is_empty());
    is_whole
        && match host.strip_prefix("*.") {
            Some(below) => name
                .strip_suffix(below)
                .and_then(|rest| rest.strip_suffix('.'))
                .is_some_and(|rest| !rest.is_empty()),
            None => name == host,
        }
}

fn is_address_meant(host: &str, address: IpAddr) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let purpose = purpose(address);
    let Some((first, bits)) = bare.split_once('/') else {
        let is_never = matches!(purpose, Purpose::Never(_));
        let granted = bare.parse::<IpAddr>();
        return !is_never && granted.is_ok_and(|granted| granted == address);
    };
    let (Ok(first), Ok(bits)) = (first.parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    let is_inside = has_prefix(address, first, bits);
    is_inside
        && match purpose {
            Purpose::Global => true,
            // A range grants what is special only where all of it is.
            Purpose::Special(_, around) => {
                ends(first, bits).iter().all(|end| around.contains(*end))
            }
            Purpose::Metadata | Purpose::Never(_) => false,
        }
}

fn has_prefix(address: IpAddr, first: IpAddr, bits: u32) -> bool {
    address.is_ipv4() == first.is_ipv4() && (number(address) ^ number(first)) & mask(bits) == 0
}

/// The first and the last address of a range.
fn ends(first: IpAddr, bits: u32) -> [IpAddr; 2] {
    let last = number(first) | !mask(bits);
    let last = match first {
        IpAddr::V4(_) => IpAddr::V4(u32::try_from(last >> 96).unwrap_or_default().into()),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::from_bits(last)),
    };
    [first, last]
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn mask(bits: u32) -> u128 {
    u128::MAX.checked_shl(128 - bits).unwrap_or(0)
}

/// A name that was granted leads to no address of a special purpose by itself, whatever a resolver says.
fn leads_nowhere_else(network: &Network, pattern: &str, url: &Url) {
    let Some(Host::Domain(name)) = url.host() else {
        return;
    };
    let port = url.port_or_known_default().unwrap_or_default();
    let base = name.strip_suffix('.').unwrap_or(name);
    let is_local = base == "localhost" || base.ends_with(".localhost");
    for (address, is_loopback) in [
        ("127.0.0.1", true),
        ("::1", true),
        ("10.0.0.1", false),
        ("169.254.169.254", false),
        ("::ffff:192.168.0.1", false),
        ("64:ff9b::a00:1", false),
        ("fd00::1", false),
    ] {
        let address: IpAddr = address.parse().expect("it is an address");
        let may = network.may_connect(name, address, port).is_ok();
        assert_eq!(may, is_local && is_loopback, "{pattern} {url} {address}");
    }
    let global: IpAddr = "1.1.1.1".parse().expect("it is an address");
    let may = network.may_connect(name, global, port).is_ok();
    assert_eq!(may, !is_local, "{pattern} {url}");
}
