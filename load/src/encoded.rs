//! Whole distributions as text, for whoever compares runs: some percentiles cannot be compared as distributions, nor be merged.

mod plain;

use hdrhistogram::{
    Histogram,
    serialization::{Deserializer, Serializer as _, V2DeflateSerializer},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::phase::Phase;

/// Bytes of the text of a histogram that are read: the largest that can be made has 60,000 counts of at most nine bytes.
pub const MAX_ENCODED_BYTES: usize = 1 << 20;

/// A distribution of one metric in one phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EncodedHistogram {
    /// What was measured: `iteration`, `request NAME`, `stream connect`, `stream first event`, `stream gap`; for a suite's own figure its
    /// name, and its labels in braces.
    pub metric: String,
    /// `seconds`, `bytes`, ...; empty for none.
    pub unit: String,
    /// How many steps of the histogram are one unit: a value divided by this is in `unit`.
    pub steps_per_unit: u64,
    /// The phase in which it was measured.
    pub phase: Phase,
    /// An HDR histogram in its format V2, deflated, as base64.
    pub histogram: String,
}

/// What is no histogram.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is longer than [`MAX_ENCODED_BYTES`].
    #[error(
        "a histogram of {0} bytes is longer than {MAX_ENCODED_BYTES}; take the log as the host wrote it"
    )]
    TooLong(usize),
    /// It cannot be decoded.
    #[error("it is no HDR histogram ({0}); take the log as the host wrote it")]
    NoHistogram(String),
}

/// The bytes of a histogram: HDR's format V2, deflated. None only if its counts are more than 2^63.
pub fn to_bytes(histogram: &Histogram<u64>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(histogram, &mut bytes)
        .ok()?;
    Some(bytes)
}

/// A histogram from the bytes of [`to_bytes`].
pub fn from_bytes(bytes: &[u8]) -> Result<Histogram<u64>, Unreadable> {
    if bytes.len() > MAX_ENCODED_BYTES {
        return Err(Unreadable::TooLong(bytes.len()));
    }
    let inflated = plain::inflated(bytes).map_err(Unreadable::NoHistogram)?;
    Deserializer::new()
        .deserialize(&mut &*inflated)
        .map_err(|error| Unreadable::NoHistogram(error.to_string()))
}

/// The text of a histogram. None only if its counts are more than 2^63.
pub fn to_text(histogram: &Histogram<u64>) -> Option<String> {
    to_bytes(histogram).map(|bytes| BASE64_STANDARD.encode(bytes))
}

impl EncodedHistogram {
    /// The histogram, in steps.
    pub fn decode(&self) -> Result<Histogram<u64>, Unreadable> {
        if self.histogram.len() > MAX_ENCODED_BYTES {
            return Err(Unreadable::TooLong(self.histogram.len()));
        }
        let bytes = BASE64_STANDARD
            .decode(&self.histogram)
            .map_err(|error| Unreadable::NoHistogram(error.to_string()))?;
        from_bytes(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: String) -> EncodedHistogram {
        EncodedHistogram {
            metric: "iteration".to_owned(),
            unit: "seconds".to_owned(),
            steps_per_unit: 1_000_000_000,
            phase: Phase::Baseline,
            histogram: text,
        }
    }

    #[test]
    fn a_histogram_comes_back_as_it_was() {
        let mut histogram = Histogram::<u64>::new_with_bounds(64, 3_600_000_000_000, 3).unwrap();
        for value in [64, 1_000, 1_000, 20_000_000, 3_600_000_000_000] {
            histogram.record(value).unwrap();
        }
        let back = encoded(to_text(&histogram).unwrap()).decode().unwrap();
        assert_eq!(back, histogram);
    }

    #[test]
    fn what_is_no_histogram_is_refused_with_what_to_do() {
        for text in ["", "%%%", "QUJD", &BASE64_STANDARD.encode([0_u8; 64])] {
            let refused = encoded(text.to_owned()).decode().unwrap_err();
            assert!(
                matches!(refused, Unreadable::NoHistogram(_)),
                "{text}: {refused}"
            );
            assert!(refused.to_string().contains("as the host wrote it"));
        }
        let long = encoded("A".repeat(MAX_ENCODED_BYTES + 1));
        assert_eq!(
            long.decode(),
            Err(Unreadable::TooLong(MAX_ENCODED_BYTES + 1))
        );
        let at_the_limit = encoded("A".repeat(MAX_ENCODED_BYTES)).decode().unwrap_err();
        assert!(matches!(at_the_limit, Unreadable::NoHistogram(_)));
    }

    /// A head of format V2, deflated: so many bytes of counts, digits, the lowest and the highest value; and the counts.
    fn deflated(length: u32, digits: u32, bounds: [u64; 2], counts: &[u8]) -> Vec<u8> {
        use std::io::Write as _;

        let mut plain = [0x1c84_9313, length, 0, digits]
            .map(u32::to_be_bytes)
            .concat();
        plain.extend(bounds.map(u64::to_be_bytes).concat());
        plain.extend(1_f64.to_be_bytes());
        plain.extend(counts);
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&plain).unwrap();
        let body = encoder.finish().unwrap();
        let size = u32::try_from(body.len()).unwrap();
        [
            &0x1c84_9314_u32.to_be_bytes()[..],
            &size.to_be_bytes(),
            &body,
        ]
        .concat()
    }

    fn refused(bytes: &[u8]) -> String {
        match from_bytes(bytes) {
            Err(Unreadable::NoHistogram(why)) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_head_that_asks_for_gigabytes_gets_none() {
        let bounds = [1, 1 << 40];
        assert!(from_bytes(&deflated(1, 3, bounds, &[2])).is_ok());
        assert!(refused(&deflated(u32::MAX, 3, bounds, &[2])).contains("4294967295"));
        assert!(refused(&deflated(1, 4, bounds, &[2])).contains("4 digits"));
        let zeros = vec![0; 1 << 20];
        let bomb = deflated(1 << 20, 3, bounds, &zeros);
        assert!(bomb.len() < 10_000 && refused(&bomb).contains("more than"));
    }

    #[test]
    fn counts_that_cannot_be_added_are_refused() {
        let most = [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        let bounds = [1, 1 << 40];
        assert!(from_bytes(&deflated(9, 3, bounds, &most)).is_ok());
        let twice = [most, most].concat();
        assert!(refused(&deflated(18, 3, bounds, &twice)).contains("2^63"));
        let endless = [0xFF; 9];
        assert!(refused(&deflated(9, 3, bounds, &endless)).contains("2^63"));
    }

    #[test]
    fn the_largest_histogram_that_can_be_made_is_within_the_limit() {
        let mut histogram =
            Histogram::<u64>::new_with_bounds(1, 1_000_000_000_000_000_000, 3).unwrap();
        let mut value = 1;
        while value < 1_000_000_000_000_000_000 {
            histogram
                .record_n(value, (1 << 33) + value % (1 << 31))
                .unwrap();
            value = histogram.next_non_equivalent(value);
        }
        let text = to_text(&histogram).unwrap();
        assert!(text.len() <= MAX_ENCODED_BYTES, "{}", text.len());
    }
}
