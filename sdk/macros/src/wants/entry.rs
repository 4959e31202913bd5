//! How single entries of what a suite wants are written.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The most bytes of an entry.
const LONGEST: usize = 400;
/// The actions of the contract.
const FAULTS: [&str; 16] = [
    "stop",
    "kill",
    "pause",
    "restart",
    "disconnect",
    "limit-memory",
    "limit-cpu",
    "latency",
    "bandwidth",
    "blackhole",
    "refuse",
    "reset",
    "cut-after-bytes",
    "cut-after-ms",
    "slow-close",
    "drop-first",
];

/// What holds for every entry.
pub(super) fn text(text: &str) -> Result<(), String> {
    let problem = if text.is_empty() {
        "is empty"
    } else if text.len() > LONGEST {
        "is over 400 bytes"
    } else if text.chars().any(char::is_control) {
        "has control characters"
    } else if text.trim() != text {
        "begins or ends with a space"
    } else {
        return Ok(());
    };
    Err(problem.to_owned())
}

pub(super) fn service(text: &str) -> Result<(), String> {
    if text == "*" || !(text.contains('*') || text.contains("->")) {
        return Ok(());
    }
    Err("is no service: write its name, `*` for all, and links into `links`".to_owned())
}

pub(super) fn link(text: &str) -> Result<(), String> {
    let ends: Vec<&str> = text.split("->").collect();
    let is_link = ends.len() == 2 && ends.iter().all(|end| !end.is_empty()) && !text.contains('*');
    if text == "*" || is_link {
        return Ok(());
    }
    Err("is no link: write both its ends, such as `client->shop`, or `*` for all".to_owned())
}

pub(super) fn fault(text: &str) -> Result<(), String> {
    if text == "*" || FAULTS.contains(&text) {
        return Ok(());
    }
    Err(format!(
        "is no kind of fault: there are `*` and {}",
        FAULTS.join(", ")
    ))
}

pub(super) fn setting(text: &str) -> Result<(), String> {
    let base = text.strip_suffix(".*").unwrap_or(text);
    if text == "*" || !(base.is_empty() || base.contains('*')) {
        return Ok(());
    }
    Err(
        "is no setting: write `shop.url`, `shop.*` for all of a table, or `*` for all settings"
            .to_owned(),
    )
}

/// Whether this is a size such as `4MiB`.
pub(super) fn is_size(text: &str) -> bool {
    let units = [
        ("GiB", 1 << 30),
        ("MiB", 1 << 20),
        ("KiB", 1 << 10),
        ("B", 1),
    ];
    let mut found = units
        .into_iter()
        .filter_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)));
    let Some((digits, factor)) = found.next() else {
        return false;
    };
    let number = digits.parse::<u64>().ok().filter(|_| is_number(digits));
    number.is_some_and(|number| number.checked_mul(factor).is_some())
}

/// A host with its port: `api.example.com:443`, `*.example.com:443`, `127.0.0.1:80`, `10.0.0.0/8:*`, `[::1]:80`.
pub(super) fn host(text: &str) -> Result<(), String> {
    let example =
        "write it like `api.example.com:443`, `*.example.com:443`, `10.0.0.0/8:*` or `[::1]:80`";
    let parts = text
        .rsplit_once(':')
        .filter(|(_, port)| !port.ends_with(']'));
    let Some((host, port)) = parts else {
        return Err(format!("has no port: {example}"));
    };
    if port != "*" && !(is_number(port) && port.parse::<u16>().is_ok_and(|port| port != 0)) {
        return Err("has no such port: write one from 1 to 65535, or `*` for all".to_owned());
    }
    let in_brackets = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let good = match in_brackets {
        Some(v6) => is_address_or_range(v6, 128, |text| text.parse::<Ipv6Addr>().is_ok()),
        None if host.contains('/') => {
            is_address_or_range(host, 32, |text| text.parse::<Ipv4Addr>().is_ok())
        }
        None => is_name(host),
    };
    if good {
        Ok(())
    } else {
        Err(format!("is no host with a port: {example}"))
    }
}

fn is_address_or_range(text: &str, width: u8, is_address: impl Fn(&str) -> bool) -> bool {
    match text.split_once('/') {
        Some((first, bits)) => {
            is_address(first)
                && is_number(bits)
                && bits.parse::<u8>().is_ok_and(|bits| bits <= width)
        }
        None => is_address(text),
    }
}

/// A name or an address of IPv4.
fn is_name(host: &str) -> bool {
    let below = host.strip_prefix("*.");
    let name = below.unwrap_or(host);
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '_';
    let labels = || name.split('.');
    let good = labels().all(|label| !label.is_empty() && label.chars().all(is_letter));
    // What ends in a number is an address, or nothing.
    let is_numeric = labels()
        .next_back()
        .is_some_and(|label| is_number(label) || label.starts_with("0x"));
    good && (!is_numeric || (below.is_none() && name.parse::<Ipv4Addr>().is_ok()))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The host is held to the same table.
    const HOSTS: &str = include_str!("../../../../grants/tests/hosts.txt");

    #[test]
    fn hosts_are_taken_as_the_table_says() {
        let rows = HOSTS
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut read = 0;
        for (written, expected) in rows.filter_map(|row| row.split_once(" | ")) {
            if expected.starts_with("(host)") {
                continue;
            }
            assert_eq!(host(written).is_ok(), expected != "refused", "{written}");
            read += 1;
        }
        assert!(read > 40, "{read} rows");
    }

    #[test]
    fn the_faults_are_the_actions_of_the_contract() {
        let contract = include_str!("../../../../wit/v0.1/chaos.wit");
        let (_, rest) = contract.split_once("variant action {").unwrap();
        let (actions, _) = rest.split_once("\n  }").unwrap();
        let lines = actions.lines().map(str::trim);
        let names: Vec<&str> = lines
            .filter(|line| !line.is_empty() && !line.starts_with("///"))
            .map(|line| line.trim_end_matches(',').split('(').next().unwrap())
            .collect();
        assert_eq!(names, FAULTS);
    }

    #[test]
    fn sizes_have_a_unit() {
        for (text, expected) in [
            ("4MiB", true),
            ("0B", true),
            ("17179869183GiB", true),
            ("17179869184GiB", false),
            ("4", false),
            ("MiB", false),
            ("+4B", false),
            ("-4B", false),
        ] {
            assert_eq!(is_size(text), expected, "{text}");
        }
    }
}
