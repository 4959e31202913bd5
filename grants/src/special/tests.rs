use super::*;

/// First and last address of each range with their word; before and after them the neighbours, where the word changes.
const EDGES: &str = "
    0.0.0.1 never, 0.255.255.255 never, 1.0.0.0 global
    9.255.255.255 global, 10.0.0.0 special, 10.255.255.255 special, 11.0.0.0 global
    100.63.255.255 global, 100.64.0.0 special, 100.127.255.255 special, 100.128.0.0 global
    126.255.255.255 global, 127.0.0.0 special, 127.255.255.255 special, 128.0.0.0 global
    169.253.255.255 global, 169.254.0.0 special, 169.254.255.255 special, 169.255.0.0 global
    172.15.255.255 global, 172.16.0.0 special, 172.31.255.255 special, 172.32.0.0 global
    191.255.255.255 global, 192.0.0.0 special, 192.0.0.255 special, 192.0.1.0 global
    192.0.1.255 global, 192.0.2.0 special, 192.0.2.255 special, 192.0.3.0 global
    192.88.98.255 global, 192.88.99.0 special, 192.88.99.255 special, 192.88.100.0 global
    192.167.255.255 global, 192.168.0.0 special, 192.168.255.255 special, 192.169.0.0 global
    198.17.255.255 global, 198.18.0.0 special, 198.19.255.255 special, 198.20.0.0 global
    198.51.99.255 global, 198.51.100.0 special, 198.51.100.255 special, 198.51.101.0 global
    203.0.112.255 global, 203.0.113.0 special, 203.0.113.255 special, 203.0.114.0 global
    223.255.255.255 global, 224.0.0.0 never, 239.255.255.255 never
    240.0.0.0 never, 255.255.255.255 never
    ::1 special
    64:ff9b:0:ffff:ffff:ffff:ffff:ffff never, 64:ff9b:1:: special, 64:ff9b:1:ffff:ffff:ffff:ffff:ffff special, 64:ff9b:2:: never
    ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff never, 100:: never, 100::ffff:ffff:ffff:ffff never, 101:: never
    1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff never, 2001:: special, 2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff special, 2001:200:: global
    2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff global, 2001::1 special, 2001:1ff:: special, 2001:200::1 global
    2001:db7:ffff:ffff:ffff:ffff:ffff:ffff global, 2001:db8:: special, 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff special, 2001:db9:: global
    3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff global, 3fff:: special, 3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff special, 3fff:1000:: global
    3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff global, 4000:: never, 5eff:: never
    5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff never, 5f00:: special, 5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff special, 5f01:: never
    fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff never, fc00:: special, fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff special, fe00:: never
    fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff never, fe80:: special, febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff special
    fec0:: special, feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff special
    ff00:: never, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff never
";

fn of(text: &str) -> Purpose {
    purpose(plain(text.parse().unwrap()))
}

/// The word of each edge: global, special, metadata, never.
fn word(text: &str) -> &'static str {
    match of(text) {
        Purpose::Global => "global",
        Purpose::Special(..) => "special",
        Purpose::Metadata => "metadata",
        Purpose::Never(_) => "never",
    }
}

#[test]
fn each_range_ends_where_its_registry_says() {
    let rows = EDGES.split([',', '\n']).map(str::trim);
    let mut read = 0;
    for row in rows.filter(|row| !row.is_empty()) {
        let (address, expected) = row.split_once(' ').unwrap();
        assert_eq!(word(address), expected, "{address}");
        read += 1;
    }
    assert!(read > 80, "{read} edges");
}

#[test]
fn an_address_that_holds_another_one_is_judged_as_that_one() {
    for (written, reached) in [
        ("::ffff:169.254.169.254", "169.254.169.254"),
        ("::127.0.0.1", "127.0.0.1"),
        ("::ffff:0:10.1.2.3", "10.1.2.3"),
        ("2002:7f00:1::", "127.0.0.1"),
        ("2002:a9fe:a9fe:1234::5", "169.254.169.254"),
        ("64:ff9b::10.0.0.1", "10.0.0.1"),
        ("64:ff9b::1.1.1.1", "1.1.1.1"),
        ("::ffff:0.0.0.0", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "::1"),
        ("::1", "::1"),
        ("1.1.1.1", "1.1.1.1"),
        ("2606:4700::1", "2606:4700::1"),
    ] {
        let found = plain(written.parse().unwrap());
        assert_eq!(found.to_string(), reached, "{written}");
    }
}

#[test]
fn metadata_is_metadata_wherever_it_is() {
    for address in METADATA {
        assert_eq!(purpose(address), Purpose::Metadata, "{address}");
    }
    for neighbour in ["169.254.169.252", "fd00:ec2::253", "168.63.129.17"] {
        assert_ne!(of(neighbour), Purpose::Metadata, "{neighbour}");
    }
}
