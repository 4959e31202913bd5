//! Ranges of IP addresses, as `10.0.0.0/8`.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    first: IpAddr,
    bits: u8,
}

impl Range {
    /// A range of IPv4, for tables. Bits after the first `bits` have to be 0.
    pub(crate) const fn v4(first: [u8; 4], bits: u8) -> Self {
        let [a, b, c, d] = first;
        Self {
            first: IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
            bits,
        }
    }

    /// The same of IPv6.
    pub(crate) const fn v6(first: [u16; 8], bits: u8) -> Self {
        Self {
            first: v6(first),
            bits,
        }
    }

    /// Reads `10.0.0.0/8` or `fd00::/8`; what is wrong, and what to do.
    pub(crate) fn read(text: &str) -> Result<Self, (String, String)> {
        let wrong = |problem: &str, hint: &str| (problem.to_owned(), hint.to_owned());
        let example = "write `10.0.0.0/8:443` or `[fd00::/8]:443`";
        let Some((first, bits)) = text.split_once('/') else {
            return Err(wrong("is no range of addresses", example));
        };
        let first: IpAddr = first
            .parse()
            .map_err(|_| wrong("is no range of addresses", example))?;
        let plain = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
        let bits = bits
            .parse()
            .ok()
            .filter(|bits| plain && *bits <= width(first));
        let bits: u8 = bits.ok_or_else(|| wrong("has no such number of bits", example))?;
        let masked = Self {
            first: from_number(number(first) & mask(first, bits), first),
            bits,
        };
        if masked.first != first {
            let hint = format!("the range that it is in is `{masked}`");
            return Err((
                "does not begin with the first address of a range".to_owned(),
                hint,
            ));
        }
        Ok(masked.without_mapping())
    }

    /// A range of IPv4 that is written in IPv6 (RFC 4291, section 2.5.5.2) is one of IPv4.
    fn without_mapping(self) -> Self {
        match self.first {
            IpAddr::V6(first) if self.bits >= 96 => {
                first.to_ipv4_mapped().map_or(self, |first| Self {
                    first: first.into(),
                    bits: self.bits - 96,
                })
            }
            _ => self,
        }
    }

    /// Whether the address is one of them. IPv4 and IPv6 have none in common.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.first.is_ipv4() == address.is_ipv4()
            && number(address) & mask(address, self.bits) == number(self.first)
    }

    /// Whether all of the other range is in this one.
    pub fn includes(&self, other: &Self) -> bool {
        self.bits <= other.bits && self.contains(other.first)
    }
}

/// An address of its eight parts, for tables.
pub(crate) const fn v6(parts: [u16; 8]) -> IpAddr {
    let mut bits = 0;
    let mut at = 0;
    while at < parts.len() {
        bits = bits << 16 | parts[at] as u128;
        at += 1;
    }
    IpAddr::V6(Ipv6Addr::from_bits(bits))
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The address as a number whose highest bit is the address's first.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn from_number(number: u128, like: IpAddr) -> IpAddr {
    let v6 = Ipv6Addr::from_bits(number);
    if like.is_ipv6() {
        return v6.into();
    }
    let [a, b, c, d, ..] = v6.octets();
    Ipv4Addr::new(a, b, c, d).into()
}

/// The first bits set.
fn mask(address: IpAddr, bits: u8) -> u128 {
    let bits = u32::from(bits.min(width(address)));
    u128::MAX.checked_shl(128 - bits).unwrap_or(0)
}

impl fmt::Display for Range {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.first, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_its_first_and_its_last_address_and_neither_neighbour() {
        for (range, address, expected) in [
            ("10.0.0.0/8", "10.0.0.0", true),
            ("10.0.0.0/8", "10.255.255.255", true),
            ("10.0.0.0/8", "9.255.255.255", false),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.1.2.3/32", "10.1.2.3", true),
            ("10.1.2.3/32", "10.1.2.2", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "10.0.0.1", false),
            ("fc00::/7", "fdff:ffff::1", true),
            ("fc00::/7", "fe00::", false),
            ("::1/128", "::1", true),
            ("::1/128", "::2", false),
            ("::ffff:10.0.0.0/104", "10.9.9.9", true),
        ] {
            let found = Range::read(range)
                .unwrap()
                .contains(address.parse().unwrap());
            assert_eq!(found, expected, "{range} {address}");
        }
    }

    #[test]
    fn a_range_includes_smaller_ones_and_itself() {
        for (outer, inner, expected) in [
            ("10.0.0.0/8", "10.0.0.0/8", true),
            ("10.0.0.0/8", "10.1.0.0/16", true),
            ("10.1.0.0/16", "10.0.0.0/8", false),
            ("10.0.0.0/8", "11.0.0.0/16", false),
            ("0.0.0.0/0", "::/0", false),
        ] {
            let found = Range::read(outer)
                .unwrap()
                .includes(&Range::read(inner).unwrap());
            assert_eq!(found, expected, "{outer} {inner}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused_with_the_range_that_was_meant() {
        for text in [
            "",
            "10.0.0.0",
            "10.0.0.0/",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/+8",
            "a/8",
            "10.0.0.0/8/8",
        ] {
            assert!(Range::read(text).is_err(), "{text}");
        }
        let (_, hint) = Range::read("10.1.2.3/8").unwrap_err();
        assert_eq!(hint, "the range that it is in is `10.0.0.0/8`");
    }
}
