//! What kind of address an IP address is: one that everybody may have, or one of a special purpose.
//!
//! The ranges are those of IANA's registries of special-purpose addresses (RFC 6890, for IPv4
//! <https://www.iana.org/assignments/iana-ipv4-special-registry> and for IPv6
//! <https://www.iana.org/assignments/iana-ipv6-special-registry>), of multicast (RFC 5771, RFC 4291) and of what RFC 4291 reserves. Where
//! the registry has a reachable part in a range that is not, such as of 192.0.0.0/24 or `2001::/23`, the whole range is special here: who
//! needs it grants it by address. Metadata services are where the clouds document them.
//!
//! An address that holds another one is judged as that one ([`plain`]), since whoever routes it sends it there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::range::{Range, v6};

/// What an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Global unicast: a granted name may lead there.
    Global,
    /// A network, a machine or a document of its own: granted by address alone, exactly or by a range within this one.
    Special(&'static str, Range),
    /// Where a cloud tells a machine its credentials: granted by exactly this address alone.
    Metadata,
    /// No service is there, and no grant leads there.
    Never(&'static str),
}

const SPECIAL: [(Range, &str); 21] = [
    (Range::v4([10, 0, 0, 0], 8), "private (RFC 1918)"),
    (
        Range::v4([100, 64, 0, 0], 10),
        "shared by a carrier (RFC 6598)",
    ),
    (Range::v4([127, 0, 0, 0], 8), "loopback"),
    (Range::v4([169, 254, 0, 0], 16), "link-local (RFC 3927)"),
    (Range::v4([172, 16, 0, 0], 12), "private (RFC 1918)"),
    (Range::v4([192, 0, 0, 0], 24), "for protocols (RFC 6890)"),
    (
        Range::v4([192, 0, 2, 0], 24),
        "for documentation (RFC 5737)",
    ),
    (
        Range::v4([192, 88, 99, 0], 24),
        "a former relay of 6to4 (RFC 7526)",
    ),
    (Range::v4([192, 168, 0, 0], 16), "private (RFC 1918)"),
    (Range::v4([198, 18, 0, 0], 15), "for benchmarks (RFC 2544)"),
    (
        Range::v4([198, 51, 100, 0], 24),
        "for documentation (RFC 5737)",
    ),
    (
        Range::v4([203, 0, 113, 0], 24),
        "for documentation (RFC 5737)",
    ),
    (Range::v6([0, 0, 0, 0, 0, 0, 0, 1], 128), "loopback"),
    (
        Range::v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48),
        "translated to IPv4 in a network of its own (RFC 8215)",
    ),
    (
        Range::v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
        "for protocols (RFC 2928)",
    ),
    (
        Range::v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
        "for documentation (RFC 3849)",
    ),
    (
        Range::v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
        "for documentation (RFC 9637)",
    ),
    (
        Range::v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16),
        "for segment routing (RFC 9602)",
    ),
    (
        Range::v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7),
        "private (RFC 4193)",
    ),
    (
        Range::v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10),
        "link-local (RFC 4291)",
    ),
    (
        Range::v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10),
        "site-local (RFC 3879)",
    ),
];

const NEVER: [(Range, &str); 6] = [
    (Range::v4([255, 255, 255, 255], 32), "broadcast"),
    (Range::v4([0, 0, 0, 0], 8), "of no machine (RFC 791)"),
    (Range::v4([224, 0, 0, 0], 4), "multicast"),
    (Range::v4([240, 0, 0, 0], 4), "reserved (RFC 1112)"),
    (
        Range::v6([0x100, 0, 0, 0, 0, 0, 0, 0], 48),
        "thrown away (RFC 6666)",
    ),
    (Range::v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "multicast"),
];

/// Global unicast of IPv6 (RFC 4291): outside of it, what has no purpose is reserved.
const GLOBAL_V6: Range = Range::v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

const METADATA: [IpAddr; 13] = [
    // AWS, Google Cloud, Azure and most others; then AWS for containers and pods, and its resolver.
    v4(169, 254, 169, 254),
    v4(169, 254, 170, 2),
    v4(169, 254, 170, 23),
    v4(169, 254, 169, 253),
    // Tencent Cloud, Scaleway, Alibaba Cloud, Oracle Cloud.
    v4(169, 254, 0, 23),
    v4(169, 254, 42, 42),
    v4(100, 100, 100, 200),
    v4(192, 0, 0, 192),
    // Azure's agent, at an address that looks like any other.
    v4(168, 63, 129, 16),
    // AWS, AWS for pods, Google Cloud, Scaleway.
    v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254]),
    v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23]),
    v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254]),
    v6([0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42]),
];

const fn v4(a: u8, b: u8, c: u8, d: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(a, b, c, d))
}

/// What a plain address is for.
pub fn purpose(address: IpAddr) -> Purpose {
    if METADATA.contains(&address) {
        return Purpose::Metadata;
    }
    let is_in = |(range, _): &&(Range, &'static str)| range.contains(address);
    if let Some((_, words)) = NEVER.iter().find(is_in) {
        return Purpose::Never(words);
    }
    if let Some((range, words)) = SPECIAL.iter().find(is_in) {
        return Purpose::Special(words, *range);
    }
    if address.is_ipv6() && !GLOBAL_V6.contains(address) {
        return Purpose::Never("reserved (RFC 4291)");
    }
    Purpose::Global
}

/// Whether no service can be at any address of a range.
pub(crate) fn is_never(range: &Range) -> bool {
    NEVER.iter().any(|(never, _)| never.includes(range))
}

/// The special range that all of a range is in; none if it reaches beyond any.
pub(crate) fn special_around(range: &Range) -> Option<Range> {
    let mut around = SPECIAL.iter().map(|(special, _)| *special);
    around.find(|special| special.includes(range))
}

/// The address that is reached in effect.
///
/// Judged as the IPv4 address that they hold: IPv4-mapped (`::ffff:0:0/96`), IPv4-compatible (`::/96`) and IPv4-translated
/// (`::ffff:0:0:0/96`, RFC 2765) addresses, those of 6to4 (`2002::/16`, RFC 3056) and of NAT64 (`64:ff9b::/96`, RFC 6052). The unspecified
/// addresses `0.0.0.0` and `::` lead to the machine itself.
#[must_use]
pub fn plain(address: IpAddr) -> IpAddr {
    let plain = match address {
        IpAddr::V6(address) => held(address).map_or(IpAddr::V6(address), IpAddr::V4),
        v4 @ IpAddr::V4(_) => v4,
    };
    match plain {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        plain => plain,
    }
}

/// The IPv4 address that is in one of IPv6.
fn held(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let of =
        |high: u16, low: u16| Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match address.segments() {
        // `::` and `::1` are themselves.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => of(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
