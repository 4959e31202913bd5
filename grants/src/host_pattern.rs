//! Hosts with their ports, as `hosts` of a grant names them.
//!
//! | written | meaning |
//! |---|---|
//! | `api.example.com:443` | this name; small and capital letters are the same, as is a dot at the end, and IDNA makes it what `url` makes of it |
//! | `*.shop.test:443` | all names below `shop.test`, and not `shop.test` itself |
//! | `127.0.0.1:8080`, `[::1]:8080` | this address |
//! | `10.0.0.0/8:*`, `[fd00::/8]:443` | addresses of this range |
//!
//! The port is one, or `*` for all. A name leads to addresses that everybody may have; `localhost` leads to this machine (RFC 6761).
//! What is special has to be granted by address: a range grants it only where all of the range lies within the special one, so
//! `0.0.0.0/0:*` grants everything that is global and no more. Metadata services are granted by their exact address alone.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::Deserialize;
use url::Host;

use crate::{
    invalid::{Invalid, checked},
    items::{Item, written_as_text},
    range::Range,
    special::{Purpose, is_never, plain, purpose, special_around},
};

/// Hosts with a port.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct HostPattern {
    hosts: Hosts,
    port: Port,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    Name(String),
    /// The suffix with its dot.
    Below(String),
    Address(IpAddr),
    Range(Range),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Port {
    Any,
    One(u16),
}

written_as_text!(HostPattern);

/// The host of a request, as everything here compares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// In small letters, without a dot at the end.
    Name(String),
    /// The address that is reached in effect.
    Address(IpAddr),
}

impl Named {
    /// Of a URL.
    pub(crate) fn of(host: &Host<&str>) -> Option<Self> {
        match host {
            Host::Ipv4(address) => Some(Self::Address(plain(IpAddr::V4(*address)))),
            Host::Ipv6(address) => Some(Self::Address(plain(IpAddr::V6(*address)))),
            Host::Domain(name) => {
                let name = name.strip_suffix('.').unwrap_or(name);
                let good = name.split('.').all(|label| !label.is_empty());
                good.then(|| Self::Name(name.to_ascii_lowercase()))
            }
        }
    }

    /// Of a text, with or without the brackets of IPv6.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse() {
            return Some(Self::Address(plain(address)));
        }
        match Host::parse(text).ok()? {
            Host::Domain(name) => Self::of(&Host::Domain(&name)),
            Host::Ipv4(address) => Self::of(&Host::Ipv4(address)),
            Host::Ipv6(address) => Self::of(&Host::Ipv6(address)),
        }
    }

    /// Whether it is this machine by its name (RFC 6761, section 6.3).
    pub(crate) fn is_localhost(&self) -> bool {
        matches!(self, Self::Name(name) if name == "localhost" || name.ends_with(".localhost"))
    }
}

/// As a pattern has it.
impl fmt::Display for Named {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => formatter.write_str(name),
            Self::Address(IpAddr::V6(address)) => write!(formatter, "[{address}]"),
            Self::Address(address) => write!(formatter, "{address}"),
        }
    }
}

impl HostPattern {
    /// The pattern of one host and one port.
    pub(crate) fn exact(host: &Named, port: u16) -> Self {
        let hosts = match host {
            Named::Name(name) => Hosts::Name(name.clone()),
            Named::Address(address) => Hosts::Address(*address),
        };
        Self {
            hosts,
            port: Port::One(port),
        }
    }

    /// Whether this grants asking for a name.
    pub(crate) fn grants_name(&self, name: &str, port: u16) -> bool {
        self.port.grants(port)
            && match &self.hosts {
                Hosts::Name(granted) => granted == name,
                Hosts::Below(suffix) => {
                    name.len() > suffix.len() && name.ends_with(suffix.as_str())
                }
                Hosts::Address(_) | Hosts::Range(_) => false,
            }
    }

    /// Whether this grants a plain address itself.
    pub(crate) fn grants_address(&self, address: IpAddr, port: u16) -> bool {
        self.port.grants(port)
            && match &self.hosts {
                Hosts::Address(granted) => *granted == address,
                Hosts::Range(range) => range_grants(range, address),
                Hosts::Name(_) | Hosts::Below(_) => false,
            }
    }
}

fn range_grants(range: &Range, address: IpAddr) -> bool {
    range.contains(address)
        && match purpose(address) {
            Purpose::Global => true,
            Purpose::Special(_, around) => around.includes(range),
            Purpose::Metadata | Purpose::Never(_) => false,
        }
}

impl Port {
    fn grants(self, port: u16) -> bool {
        self == Self::Any || self == Self::One(port)
    }
}

impl Item for HostPattern {
    fn covers(&self, other: &Self) -> bool {
        let port = self.port == Port::Any || self.port == other.port;
        port && match (&self.hosts, &other.hosts) {
            (Hosts::Below(held), Hosts::Name(wanted)) => {
                wanted.len() > held.len() && wanted.ends_with(held.as_str())
            }
            (Hosts::Below(held), Hosts::Below(wanted)) => wanted.ends_with(held.as_str()),
            (Hosts::Range(held), Hosts::Address(wanted)) => range_grants(held, *wanted),
            (Hosts::Range(held), Hosts::Range(wanted)) => {
                let special = special_around(wanted).is_none_or(|around| around.includes(held));
                held.includes(wanted) && special
            }
            (held, wanted) => held == wanted,
        }
    }
}

impl FromStr for HostPattern {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        checked(text, "api.example.com:443")?;
        if text.contains("://") {
            let hint = "write host and port alone, such as `api.example.com:443`";
            return Err(Invalid::new(text, "is a URL", hint));
        }
        let without_port = || {
            let hint = format!(
                "write it with its port, such as `{text}:443`, or `{text}:*` for all ports"
            );
            Invalid::new(text, "has no port", hint)
        };
        let (host, port) = text.rsplit_once(':').ok_or_else(without_port)?;
        if port.ends_with(']') {
            return Err(without_port());
        }
        let hosts = hosts(host).map_err(|(problem, hint)| Invalid::new(text, problem, hint))?;
        let port = self::port(port).ok_or_else(|| {
            let hint = "write a port from 1 to 65535, or `*` for all";
            Invalid::new(text, "has no such port", hint)
        })?;
        Ok(Self { hosts, port })
    }
}

fn port(text: &str) -> Option<Port> {
    if text == "*" {
        return Some(Port::Any);
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|port| is_number && *port != 0)?;
    Some(Port::One(number))
}

/// What is wrong, and what to do.
fn hosts(text: &str) -> Result<Hosts, (String, String)> {
    let wrong = |problem: &str, hint: &str| Err((problem.to_owned(), hint.to_owned()));
    let bracketed = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let bare = bracketed.unwrap_or(text);
    if bare.contains('/') {
        return range(bare, bracketed.is_some());
    }
    if bracketed.is_none() && text.contains(':') {
        return wrong(
            "has colons in its host",
            "write IPv6 in brackets, such as `[::1]:443`",
        );
    }
    let (below, host) = match text.strip_prefix("*.") {
        Some(suffix) => (true, suffix),
        None => (false, text),
    };
    if host.contains('*') {
        return wrong(
            "has a `*` inside",
            "write `*.example.com:443` for all names below `example.com`",
        );
    }
    match (below, Named::read(host)) {
        (true, Some(Named::Name(name))) => Ok(Hosts::Below(format!(".{name}"))),
        (false, Some(Named::Name(name))) => Ok(Hosts::Name(name)),
        (false, Some(Named::Address(address))) => match purpose(address) {
            Purpose::Never(words) => wrong(&format!("is {words}"), NO_SERVICE),
            _ => Ok(Hosts::Address(address)),
        },
        _ => wrong(
            "is no host with a port",
            "write it like `api.example.com:443`",
        ),
    }
}

const NO_SERVICE: &str = "no service is there: leave it out";

fn range(text: &str, bracketed: bool) -> Result<Hosts, (String, String)> {
    let range = Range::read(text)?;
    if is_never(&range) {
        return Err((
            "has no address that a service can be at".to_owned(),
            NO_SERVICE.to_owned(),
        ));
    }
    if text.contains(':') != bracketed {
        let hint = "write IPv6 in brackets, such as `[fd00::/8]:443`, and IPv4 without, such as `10.0.0.0/8:443`";
        return Err((
            "has its brackets at the wrong place".to_owned(),
            hint.to_owned(),
        ));
    }
    Ok(Hosts::Range(range))
}

impl fmt::Display for HostPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hosts {
            Hosts::Name(name) => write!(formatter, "{name}:")?,
            Hosts::Below(suffix) => write!(formatter, "*{suffix}:")?,
            Hosts::Address(address) => write!(formatter, "{}:", Named::Address(*address))?,
            Hosts::Range(range) if range.to_string().contains(':') => {
                write!(formatter, "[{range}]:")?;
            }
            Hosts::Range(range) => write!(formatter, "{range}:")?,
        }
        match self.port {
            Port::Any => formatter.write_str("*"),
            Port::One(port) => write!(formatter, "{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read as what, and what is refused: the macro of the SDK is held to the same table.
    const TABLE: &str = include_str!("../tests/hosts.txt");

    #[test]
    fn patterns_are_read_as_the_table_says() {
        let rows = TABLE
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut read = 0;
        for row in rows {
            let (written, expected) = row.split_once(" | ").unwrap();
            let found: Result<HostPattern, Invalid> = written.parse();
            let found = found.map_or_else(|_| "refused".to_owned(), |pattern| pattern.to_string());
            // What only the host knows: names after IDNA, ranges, purposes.
            let expected = expected.strip_prefix("(host) ").unwrap_or(expected);
            assert_eq!(found, expected, "{written}");
            if found != "refused" {
                let again: HostPattern = found.parse().unwrap();
                assert_eq!(again.to_string(), found);
            }
            read += 1;
        }
        assert!(read > 40, "{read} rows");
    }

    #[test]
    fn a_wider_pattern_covers_a_narrower_one() {
        for (held, wanted, expected) in [
            ("a.test:*", "a.test:80", true),
            ("a.test:80", "a.test:*", false),
            ("a.test:80", "a.test:81", false),
            ("*.a.test:80", "b.a.test:80", true),
            ("*.a.test:80", "*.b.a.test:80", true),
            ("*.b.a.test:80", "*.a.test:80", false),
            ("*.a.test:80", "a.test:80", false),
            ("*.a.test:80", "evila.test:80", false),
            ("10.0.0.0/8:80", "10.1.2.3:80", true),
            ("10.0.0.0/8:80", "10.1.0.0/16:80", true),
            ("0.0.0.0/0:80", "10.1.2.3:80", false),
            ("0.0.0.0/0:80", "10.0.0.0/8:80", false),
            ("0.0.0.0/0:80", "8.0.0.0/8:80", true),
            ("169.254.0.0/16:80", "169.254.169.254:80", false),
            ("[fd00::/8]:80", "[fd00::1]:80", true),
            ("127.0.0.1:80", "localhost:80", false),
        ] {
            let (held, wanted): (HostPattern, HostPattern) =
                (held.parse().unwrap(), wanted.parse().unwrap());
            assert_eq!(held.covers(&wanted), expected, "{held} {wanted}");
        }
    }
}
