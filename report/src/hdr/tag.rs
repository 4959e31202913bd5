//! The tag of a line: of what it is, in the few characters that the format leaves.

use std::fmt::Write as _;

use super::distributions::Interval;

/// Bytes of a tag. A longer one is cut.
const MAX_TAG_BYTES: usize = 512;

/// `SUITE/CASE/ATTEMPT/SCENARIO/METRIC/PHASE` of a load, `SUITE/METRIC/PHASE` of a suite's own figure, and for a log whose lines have
/// different units `/UNIT/STEPS`. What cannot be in a tag is written as in a URL: `request%20list%20jobs`.
pub(super) fn tag(interval: &Interval, with_unit: bool) -> String {
    let distribution = &interval.distribution;
    let mut parts = vec![interval.suite.clone()];
    if let Some(source) = &interval.source {
        parts.extend([source.entry.clone(), source.attempt.to_string()]);
    }
    parts.extend(interval.scenario.clone());
    parts.push(distribution.metric.clone());
    parts.push(distribution.phase.word().to_owned());
    if with_unit {
        parts.push(distribution.unit.clone());
        parts.push(distribution.steps_per_unit.to_string());
    }
    let parts: Vec<String> = parts.iter().map(|part| escaped(part)).collect();
    let mut tag = parts.join("/");
    tag.truncate(tag.floor_char_boundary(MAX_TAG_BYTES));
    tag
}

/// With what ends a tag, a part of it or a line, and what is not seen, as its bytes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        let is_plain = !character.is_control()
            && !character.is_whitespace()
            && !matches!(character, ',' | '/' | '%');
        if is_plain {
            escaped.push(character);
            continue;
        }
        let mut bytes = [0; 4];
        for byte in character.encode_utf8(&mut bytes).bytes() {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{EncodedHistogram, Phase, Source};

    fn interval(metric: &str) -> Interval {
        Interval {
            suite: "jobs".to_owned(),
            source: None,
            scenario: None,
            started_at_ns: 0,
            ended_at_ns: 0,
            distribution: EncodedHistogram {
                metric: metric.to_owned(),
                unit: "bytes".to_owned(),
                steps_per_unit: 1_000_000,
                phase: Phase::Fault,
                histogram: String::new(),
            },
        }
    }

    #[test]
    fn a_tag_says_of_what_it_is() {
        let own = interval("size{kind=\"a, b\"}");
        assert_eq!(
            tag(&own, true),
            "jobs/size{kind=\"a%2C%20b\"}/fault/bytes/1000000"
        );
        let of_load = Interval {
            source: Some(Source {
                suite: "jobs".to_owned(),
                entry: "it-is-fast".to_owned(),
                attempt: 2,
            }),
            scenario: Some("browse".to_owned()),
            ..interval("request GET /jobs")
        };
        assert_eq!(
            tag(&of_load, false),
            "jobs/it-is-fast/2/browse/request%20GET%20%2Fjobs/fault"
        );
    }

    #[test]
    fn nothing_in_a_tag_can_end_it() {
        let evil = "a\r\nTag=b,1,2,3 %\u{2028}\u{85}";
        let tag = tag(&interval(evil), false);
        assert_eq!(
            tag,
            "jobs/a%0D%0ATag=b%2C1%2C2%2C3%20%25%E2%80%A8%C2%85/fault"
        );
    }

    #[test]
    fn a_tag_at_the_limit_is_whole_and_a_longer_one_is_cut() {
        let around = tag(&interval(""), false).len();
        let whole = tag(&interval(&"x".repeat(MAX_TAG_BYTES - around)), false);
        assert!(whole.ends_with("/fault"), "{whole}");
        let cut = tag(&interval(&"x".repeat(MAX_TAG_BYTES)), false);
        assert_eq!(cut.len(), MAX_TAG_BYTES);
    }
}
