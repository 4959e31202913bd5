//! Durations and sizes as people write them: `30s`, `1m 30s`, `64MiB`.

use std::time::Duration;

/// Units of a size, the largest first.
const UNITS: [(&str, u64); 4] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// A duration such as `30s`, `500ms` or `1m 30s`; the error says what is wrong.
pub fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text.trim()).map_err(|_| format!("`{text}` is no duration"))
}

/// A size in bytes such as `64MiB` or `512KiB`; the error says what is wrong.
pub fn size(text: &str) -> Result<usize, String> {
    let wrong = || format!("`{text}` is no size");
    let trimmed = text.trim();
    let (unit, factor) = UNITS
        .into_iter()
        .find(|(unit, _)| trimmed.ends_with(unit))
        .ok_or_else(wrong)?;
    let number: u64 = trimmed[..trimmed.len() - unit.len()]
        .trim_end()
        .parse()
        .map_err(|_| wrong())?;
    number
        .checked_mul(factor)
        .and_then(|bytes| usize::try_from(bytes).ok())
        .ok_or_else(wrong)
}

/// The shortest way to write a size, in the largest unit that needs no fraction.
pub fn write_size(bytes: usize) -> String {
    let bytes = bytes as u64;
    let (unit, factor) = UNITS
        .into_iter()
        .find(|(_, factor)| bytes != 0 && bytes.is_multiple_of(*factor))
        .unwrap_or(("B", 1));
    format!("{}{unit}", bytes / factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_binary_units() {
        for (text, bytes) in [
            ("0B", 0),
            ("100B", 100),
            ("512KiB", 512 << 10),
            ("64 MiB", 64 << 20),
            (" 4GiB ", 4 << 30),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in [
            "",
            "64",
            "64MB",
            "-1B",
            "1.5MiB",
            "MiB",
            "99999999999999GiB",
        ] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_size_is_written_in_its_largest_whole_unit() {
        for text in ["0B", "100B", "512KiB", "64MiB", "3GiB", "1025B"] {
            assert_eq!(size(text).map(write_size), Ok(text.to_owned()));
        }
    }

    #[test]
    fn durations_are_read_with_their_units() {
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("1m 30s"), Ok(Duration::from_secs(90)));
        for text in ["", "30", "s", "-1s", "soon"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
