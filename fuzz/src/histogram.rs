//! A distribution as it stands in event logs and in the history: read within bounds, written and read the same, and of some order.

use std::io::Write as _;

use assay_history::distribution::Distribution;
use assay_load::{
    Phase,
    encoded::{EncodedHistogram, from_bytes, to_bytes, to_text},
};

use flate2::{Compression, write::ZlibEncoder};

use crate::pieces;

/// The most counts that a histogram of this project's has.
const MAX_COUNTS: usize = 60_000;

/// Reads bytes as a histogram, as the text of one, and deflated, since no change of what is deflated gets past its checksum.
pub fn histogram(data: &[u8]) {
    let as_text = EncodedHistogram {
        metric: "iteration".to_owned(),
        unit: "seconds".to_owned(),
        steps_per_unit: 1_000_000_000,
        phase: Phase::Baseline,
        histogram: pieces::text(data).into_owned(),
    };
    for read in [
        from_bytes(data),
        as_text.decode(),
        from_bytes(&deflated(data)),
    ] {
        let histogram = match read {
            Ok(histogram) => histogram,
            Err(unreadable) => {
                assert!(unreadable.to_string().len() < 1_000, "{unreadable}");
                continue;
            }
        };
        assert!(histogram.distinct_values() <= MAX_COUNTS);
        let distribution = Distribution::of(&histogram);
        let quantiles = [0.0, 0.5, 0.95, 1.0].map(|quantile| distribution.quantile(quantile));
        assert!(quantiles.is_sorted(), "{quantiles:?}");
        assert_eq!(quantiles[0].is_none(), distribution.count() == 0);
        let text = to_text(&histogram).expect("it was read");
        let again = EncodedHistogram {
            histogram: text,
            ..as_text.clone()
        };
        assert_eq!(again.decode().as_ref(), Ok(&histogram));
        let bytes = to_bytes(&histogram).expect("it was read");
        assert_eq!(from_bytes(&bytes), Ok(histogram));
    }
}

/// HDR's format V2 around what is its plain form.
fn deflated(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::none());
    encoder.write_all(plain).expect("memory takes all");
    let body = encoder.finish().expect("memory takes all");
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    [
        &0x1c84_9314_u32.to_be_bytes()[..],
        &length.to_be_bytes(),
        &body,
    ]
    .concat()
}
