//! The messages of the remote write: Protocol Buffers, compressed with Snappy's block format.
//!
//! Field numbers are those of `prometheus.WriteRequest` and of Prometheus' `types.proto`.

use std::sync::Arc;

use prost::Message as _;

use super::super::{
    exposition::number,
    histogram::{self, SCHEMA, ZERO_THRESHOLD, as_f64},
    labels::Labels,
    registry::{Family, Registry, Summary, Value},
    settings::Histograms,
};

/// Series of a request at most.
pub(super) const MAX_SERIES_OF_A_REQUEST: usize = 2_000;

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct WriteRequest {
    #[prost(message, repeated, tag = "1")]
    pub(super) timeseries: Vec<TimeSeries>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct TimeSeries {
    /// Sorted by name.
    #[prost(message, repeated, tag = "1")]
    pub(super) labels: Vec<Label>,
    #[prost(message, repeated, tag = "2")]
    pub(super) samples: Vec<Sample>,
    #[prost(message, repeated, tag = "4")]
    pub(super) histograms: Vec<NativeHistogram>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, prost::Message)]
pub(super) struct Label {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(string, tag = "2")]
    pub(super) value: String,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(super) struct Sample {
    #[prost(double, tag = "1")]
    pub(super) value: f64,
    /// Milliseconds since the Unix epoch.
    #[prost(int64, tag = "2")]
    pub(super) timestamp: i64,
}

/// `prometheus.Histogram`, as far as counts are whole numbers and no value is negative.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct NativeHistogram {
    #[prost(uint64, tag = "1")]
    pub(super) count: u64,
    #[prost(double, tag = "3")]
    pub(super) sum: f64,
    #[prost(sint32, tag = "4")]
    pub(super) schema: i32,
    #[prost(double, tag = "5")]
    pub(super) zero_threshold: f64,
    #[prost(uint64, tag = "6")]
    pub(super) zero_count: u64,
    #[prost(message, repeated, tag = "11")]
    pub(super) positive_spans: Vec<BucketSpan>,
    /// The first count, and by how much each one differs from the one before.
    #[prost(sint64, repeated, tag = "12")]
    pub(super) positive_deltas: Vec<i64>,
    #[prost(int64, tag = "15")]
    pub(super) timestamp: i64,
}

/// Buckets that follow each other.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub(super) struct BucketSpan {
    /// Of the first one: its number; of the others: how many empty buckets are before it.
    #[prost(sint32, tag = "1")]
    pub(super) offset: i32,
    #[prost(uint32, tag = "2")]
    pub(super) length: u32,
}

/// How series are written.
#[derive(Clone, Debug)]
pub(super) struct Writing {
    pub(super) histograms: Histograms,
    pub(super) job: String,
    pub(super) instance: Option<String>,
}

impl Writing {
    /// The bodies of the requests that a registry takes.
    pub(super) fn requests(&self, registry: &Registry, at_ms: i64) -> Vec<Arc<[u8]>> {
        let series = self.series(registry, at_ms);
        let requests = series.chunks(MAX_SERIES_OF_A_REQUEST);
        requests
            .filter_map(|series| {
                let request = WriteRequest {
                    timeseries: series.to_vec(),
                };
                // Only what is longer than 4 GiB cannot be compressed.
                let body = snap::raw::Encoder::new().compress_vec(&request.encode_to_vec());
                body.ok().map(Arc::from)
            })
            .collect()
    }

    /// Every series with its value at that time.
    pub(super) fn series(&self, registry: &Registry, at_ms: i64) -> Vec<TimeSeries> {
        let mut all = Vec::new();
        for family in registry.families() {
            for (labels, value) in &family.series {
                self.add(&mut all, family, labels, value, at_ms);
            }
        }
        all
    }

    fn add(
        &self,
        all: &mut Vec<TimeSeries>,
        family: &Family,
        labels: &Labels,
        value: &Value,
        at_ms: i64,
    ) {
        let mut sample = |suffix: &str, more: Option<(&str, f64)>, value: f64| {
            let name = format!("{}{suffix}", family.metric.name);
            all.push(TimeSeries {
                labels: self.labels(&name, labels, more),
                samples: vec![Sample {
                    value,
                    timestamp: at_ms,
                }],
                histograms: Vec::new(),
            });
        };
        match value {
            Value::Number(number) => sample("", None, *number),
            Value::Summary(Summary {
                quantiles,
                sum,
                count,
            }) => {
                for (quantile, value) in quantiles {
                    sample("", Some(("quantile", *quantile)), *value);
                }
                sample("_sum", None, *sum);
                sample("_count", None, as_f64(*count));
            }
            Value::Histogram(histogram) => {
                if self.histograms.has_classic() {
                    for (end, count) in histogram.classic() {
                        sample("_bucket", Some(("le", end)), as_f64(count));
                    }
                    sample("_sum", None, histogram.sum());
                    sample("_count", None, as_f64(histogram.count()));
                }
                if self.histograms.has_native() {
                    all.push(TimeSeries {
                        labels: self.labels(&family.metric.name, labels, None),
                        samples: Vec::new(),
                        histograms: vec![native(histogram, at_ms)],
                    });
                }
            }
        }
    }

    fn labels(&self, name: &str, labels: &Labels, more: Option<(&str, f64)>) -> Vec<Label> {
        let more = more.map(|(name, value)| (name, number(value)));
        let more = more.as_ref().map(|(name, value)| (*name, value.as_str()));
        let instance = self.instance.as_deref().map(|value| ("instance", value));
        let ours = [("__name__", name), ("job", &*self.job)];
        let every = ours.into_iter().chain(instance).chain(more);
        let mut every: Vec<_> = every
            .chain(labels.iter())
            // For Prometheus an empty label is none, and a remote may refuse it.
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| Label {
                name: name.to_owned(),
                value: value.to_owned(),
            })
            .collect();
        every.sort();
        every
    }
}

fn native(histogram: &histogram::Histogram, at_ms: i64) -> NativeHistogram {
    let mut spans: Vec<BucketSpan> = Vec::new();
    let mut deltas = Vec::new();
    let mut before = 0;
    let mut next = 0;
    for (bucket, count) in histogram.native() {
        let bucket = i32::from(bucket);
        match spans.last_mut() {
            Some(span) if bucket == next => span.length += 1,
            _ => spans.push(BucketSpan {
                offset: bucket - next,
                length: 1,
            }),
        }
        next = bucket + 1;
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        deltas.push(count - before);
        before = count;
    }
    NativeHistogram {
        count: histogram.count(),
        sum: histogram.sum(),
        schema: SCHEMA,
        zero_threshold: ZERO_THRESHOLD,
        zero_count: histogram.zero(),
        positive_spans: spans,
        positive_deltas: deltas,
        timestamp: at_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::metric::{Kind, Metric},
        *,
    };

    const WAIT: Metric = Metric::new(Kind::Histogram, "assay_wait_seconds", "Wait.");

    fn writing(histograms: Histograms) -> Writing {
        Writing {
            histograms,
            job: "assay".to_owned(),
            instance: Some("ci".to_owned()),
        }
    }

    fn registry() -> Registry {
        let mut registry = Registry::default();
        for (value, times) in [(0.0, 1), (1.0, 2), (1.05, 5), (2.0, 3), (0.4, 1)] {
            let labels = Labels::new([("name", "a"), ("phase", "")]);
            registry.observe(&WAIT, labels, value, times);
        }
        registry
    }

    #[test]
    fn a_native_histogram_has_spans_of_buckets_and_differences_of_counts() {
        let series = writing(Histograms::Native).series(&registry(), 7);
        assert_eq!(series.len(), 1);
        let spans = [(-10, 1), (9, 2), (6, 1)];
        let spans = spans.map(|(offset, length)| BucketSpan { offset, length });
        let expected = NativeHistogram {
            count: 12,
            sum: 0.4 + 2.0 + 5.25 + 6.0,
            schema: 3,
            zero_threshold: ZERO_THRESHOLD,
            zero_count: 1,
            positive_spans: spans.to_vec(),
            positive_deltas: vec![1, 1, 3, -2],
            timestamp: 7,
        };
        let mut told = series[0].histograms[0].clone();
        assert!((told.sum - expected.sum).abs() < 1e-9);
        told.sum = expected.sum;
        assert_eq!(told, expected);
    }

    #[test]
    fn labels_are_sorted_and_empty_ones_left_out() {
        for series in writing(Histograms::Both).series(&registry(), 7) {
            let names: Vec<_> = series.labels.iter().map(|label| &*label.name).collect();
            let expected: &[&str] = match names.len() {
                5 => &["__name__", "instance", "job", "le", "name"],
                _ => &["__name__", "instance", "job", "name"],
            };
            assert_eq!(names, expected);
        }
    }

    #[test]
    fn each_form_of_histograms_is_written_where_it_is_asked_for() {
        for (histograms, samples, native) in [
            (Histograms::Classic, 20, 0),
            (Histograms::Native, 0, 1),
            (Histograms::Both, 20, 1),
        ] {
            let series = writing(histograms).series(&registry(), 7);
            let count = |which: fn(&TimeSeries) -> usize| series.iter().map(which).sum::<usize>();
            assert_eq!(count(|series| series.samples.len()), samples);
            assert_eq!(count(|series| series.histograms.len()), native);
        }
    }

    #[test]
    fn a_request_at_the_limit_is_one_and_beyond_it_there_are_two() {
        let counter = Metric::new(Kind::Counter, "assay_a_total", "A.");
        let other = Metric::new(Kind::Counter, "assay_b_total", "B.");
        let third = Metric::new(Kind::Counter, "assay_c_total", "C.");
        let mut registry = Registry::default();
        for number in 0..MAX_SERIES_OF_A_REQUEST / 2 {
            let labels = Labels::new([("name", &*number.to_string())]);
            registry.add(&counter, labels.clone(), 1.0);
            registry.add(&other, labels, 1.0);
        }
        let classic = writing(Histograms::Classic);
        assert_eq!(classic.requests(&registry, 7).len(), 1);
        registry.add(&third, Labels::default(), 1.0);
        let requests = classic.requests(&registry, 7);
        let lengths = requests.iter().map(|body| {
            let bytes = snap::raw::Decoder::new().decompress_vec(body).unwrap();
            WriteRequest::decode(&*bytes).unwrap().timeseries.len()
        });
        assert_eq!(lengths.collect::<Vec<_>>(), [MAX_SERIES_OF_A_REQUEST, 1]);
    }
}
