//! Names and units of others, made what Prometheus' conventions ask for: base units, the unit in the name, and no word in it that means
//! something else there.

use std::collections::BTreeMap;

use super::metric::Kind;

/// Bytes of a name that somebody else gave.
const MAX_NAME: usize = 100;

/// What a name must not hold, because it names a kind, a part of a metric, or a unit that is no base unit or cut short. As `promtool
/// check metrics` has it.
const TAKEN: [&str; 42] = [
    "counter",
    "gauge",
    "histogram",
    "gaugehistogram",
    "summary",
    "untyped",
    "info",
    "total",
    "count",
    "sum",
    "bucket",
    "created",
    "s",
    "ms",
    "us",
    "ns",
    "sec",
    "b",
    "kb",
    "mb",
    "gb",
    "tb",
    "pb",
    "kib",
    "mib",
    "gib",
    "m",
    "h",
    "d",
    "milliseconds",
    "microseconds",
    "nanoseconds",
    "minutes",
    "hours",
    "days",
    "weeks",
    "kilobytes",
    "megabytes",
    "gigabytes",
    "bits",
    "percent",
    "stateset",
];

/// A unit as it stands in a name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unit {
    /// `seconds`, `bytes`, `ratio`, ...; empty for none.
    pub(crate) word: String,
    /// By what a value is multiplied to be in that unit.
    pub(crate) factor: f64,
}

/// The base unit of a unit that somebody else named, for people: `ms`, `MiB`, `%`, `%/h`, `streams`.
pub(crate) fn unit(text: &str) -> Unit {
    let (unit, per) = match text.trim().split_once('/') {
        Some((unit, per)) => (unit, Some(per)),
        None => (text.trim(), None),
    };
    let base = base(unit);
    let Some(per) = per else {
        return base;
    };
    let word = match (&*base.word, per.trim()) {
        ("", per) => format!("per_{}", singular(per)),
        (unit, per) => format!("{unit}_per_{}", singular(per)),
    };
    Unit { word, ..base }
}

fn base(text: &str) -> Unit {
    let (word, factor) = match text.trim() {
        "s" | "second" | "seconds" => ("seconds", 1.0),
        "ms" | "milliseconds" => ("seconds", 1e-3),
        "us" | "µs" | "μs" | "microseconds" => ("seconds", 1e-6),
        "ns" | "nanoseconds" => ("seconds", 1e-9),
        "min" | "minutes" => ("seconds", 60.0),
        "h" | "hours" => ("seconds", 3_600.0),
        "B" | "byte" | "bytes" => ("bytes", 1.0),
        "kB" | "kilobytes" => ("bytes", 1e3),
        "MB" | "megabytes" => ("bytes", 1e6),
        "GB" | "gigabytes" => ("bytes", 1e9),
        "KiB" => ("bytes", 1_024.0),
        "MiB" => ("bytes", 1_048_576.0),
        "GiB" => ("bytes", 1_073_741_824.0),
        "%" | "percent" => ("ratio", 0.01),
        other => {
            return Unit {
                word: words(other).join("_"),
                factor: 1.0,
            };
        }
    };
    Unit {
        word: word.to_owned(),
        factor,
    }
}

fn singular(text: &str) -> String {
    match text {
        "s" | "seconds" => "second".to_owned(),
        "min" | "m" | "minutes" => "minute".to_owned(),
        "h" | "hours" => "hour".to_owned(),
        "d" | "days" => "day".to_owned(),
        other => words(other).join("_"),
    }
}

/// The name of a metric that somebody else named so, with its unit and what its kind asks for behind it.
pub(crate) fn name(prefix: &str, given: &str, unit: &Unit, kind: Kind) -> String {
    let mut words = words(given);
    if words.is_empty() && unit.word.is_empty() {
        words.push("value".to_owned());
    }
    let unit_words = unit.word.split('_').filter(|word| !word.is_empty());
    let unit_words: Vec<String> = unit_words.map(str::to_owned).collect();
    if words.ends_with(&unit_words) {
        words.truncate(words.len() - unit_words.len());
    }
    let unit = unit_words.join("_");
    let mut name = format!("{prefix}_{}", words.join("_"));
    name.truncate(MAX_NAME.max(prefix.len()));
    let name = name.trim_end_matches('_');
    let parts = [
        name,
        &*unit,
        if kind == Kind::Counter { "total" } else { "" },
    ];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("_")
}

/// Labels of others under names that are valid, and that neither Prometheus nor this crate uses. Of two that become the same the later one
/// counts.
pub(crate) fn labels(given: &BTreeMap<String, String>) -> BTreeMap<String, &str> {
    let pairs = given.iter();
    pairs
        .map(|(name, value)| (label(name), value.as_str()))
        .collect()
}

fn label(given: &str) -> String {
    let valid = |character: char| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => character,
        _ => '_',
    };
    let mut name: String = given.chars().take(MAX_NAME).map(valid).collect();
    let free = name.starts_with(|first: char| first.is_ascii_alphabetic());
    if !free || matches!(&*name, "job" | "instance" | "suite" | "le" | "quantile") {
        name.insert_str(0, "label_");
    }
    name
}

/// The words of a text that may stand in a name, in lower case.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for character in text.chars() {
        let begins = !before.is_ascii_alphanumeric()
            || (before.is_ascii_lowercase() && character.is_ascii_uppercase());
        if character.is_ascii_alphanumeric() {
            if begins {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.push(character.to_ascii_lowercase());
            }
        }
        before = character;
    }
    words.retain(|word| !TAKEN.contains(&word.as_str()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_become_base_units_and_keep_their_meaning() {
        for (given, word, factor) in [
            ("seconds", "seconds", 1.0),
            ("ms", "seconds", 1e-3),
            ("MiB", "bytes", 1_048_576.0),
            ("%", "ratio", 0.01),
            ("%/h", "ratio_per_hour", 0.01),
            ("/s", "per_second", 1.0),
            ("requests/s", "requests_per_second", 1.0),
            ("streams", "streams", 1.0),
            ("Tokens Used", "tokens_used", 1.0),
            ("", "", 1.0),
            ("€", "", 1.0),
        ] {
            let unit = unit(given);
            assert_eq!(unit.word, word, "{given}");
            assert!((unit.factor - factor).abs() < 1e-12, "{given}");
        }
    }

    #[test]
    fn names_have_their_unit_once_and_no_word_that_means_something_else() {
        for (given, of, kind, expected) in [
            (
                "service_memory_peak",
                "bytes",
                Kind::Gauge,
                "f_service_memory_peak_bytes",
            ),
            ("latency_ms", "ms", Kind::Gauge, "f_latency_seconds"),
            ("wait seconds", "seconds", Kind::Summary, "f_wait_seconds"),
            ("tries_total", "", Kind::Counter, "f_tries_total"),
            ("retryCount", "", Kind::Counter, "f_retry_total"),
            ("count", "", Kind::Gauge, "f_value"),
            ("error-rate", "%", Kind::Gauge, "f_error_rate_ratio"),
            ("größe", "", Kind::Gauge, "f_gr_e"),
        ] {
            assert_eq!(name("f", given, &unit(of), kind), expected);
        }
    }

    #[test]
    fn a_name_at_the_limit_is_whole_and_a_longer_one_is_cut_before_its_unit() {
        let none = unit("");
        let name = |bytes: usize| name("f", &"x".repeat(bytes), &none, Kind::Counter);
        assert_eq!(name(98), format!("f_{}_total", "x".repeat(98)));
        assert_eq!(name(99), name(98));
    }

    #[test]
    fn labels_of_others_are_valid_and_not_ours() {
        let given = ["zone", "9th", "suite", "__name__", "a-b", "le"];
        let given = given.map(|name| (name.to_owned(), "x".to_owned()));
        let names: Vec<_> = labels(&BTreeMap::from(given)).into_keys().collect();
        assert_eq!(
            names,
            [
                "a_b",
                "label_9th",
                "label___name__",
                "label_le",
                "label_suite",
                "zone"
            ]
        );
    }
}
