//! A page of a service, in the words of the contract.

use assay_formats::prometheus;

use crate::plugin::bindings::assay::suite::metrics::{Error, Family, MetricKind, Scraped};

/// Samples of a page or of the answer to a query.
pub(super) const MAX_SAMPLES: usize = prometheus::MAX_SAMPLES;

/// Reads a page. Fails with `malformed`, naming the line.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Family>, Error> {
    let families =
        prometheus::parse(bytes).map_err(|malformed| Error::Malformed(malformed.to_string()))?;
    Ok(families.into_iter().map(Family::from).collect())
}

impl From<prometheus::Family> for Family {
    fn from(family: prometheus::Family) -> Self {
        let prometheus::Family {
            name,
            kind,
            help,
            samples,
        } = family;
        let kind = MetricKind::from(kind);
        let scraped = |sample: prometheus::Sample| Scraped {
            name: sample.name,
            kind,
            labels: sample.labels,
            value: sample.value,
        };
        Self {
            name,
            kind,
            help,
            samples: samples.into_iter().map(scraped).collect(),
        }
    }
}

impl From<prometheus::Kind> for MetricKind {
    fn from(kind: prometheus::Kind) -> Self {
        match kind {
            prometheus::Kind::Counter => Self::Counter,
            prometheus::Kind::Gauge => Self::Gauge,
            prometheus::Kind::Histogram => Self::Histogram,
            prometheus::Kind::Summary => Self::Summary,
            prometheus::Kind::Untyped => Self::Untyped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_has_the_kind_of_its_family_and_what_is_malformed_says_where() {
        let families = parse(b"# HELP h H\n# TYPE h histogram\nh_sum{a=\"b\"} 3\n").unwrap();
        let family = &families[0];
        assert_eq!((&*family.name, family.kind), ("h", MetricKind::Histogram));
        assert_eq!(family.help.as_deref(), Some("H"));
        let sample = &family.samples[0];
        assert_eq!(
            (&*sample.name, sample.kind),
            ("h_sum", MetricKind::Histogram)
        );
        assert_eq!(sample.labels, [("a".to_owned(), "b".to_owned())]);
        let Err(Error::Malformed(text)) = parse(b"a 1\n<html>\n") else {
            panic!("it is no page");
        };
        assert!(text.starts_with("line 2: "), "{text}");
    }
}
