//! What Prometheus answers to an instant query, read: <https://prometheus.io/docs/prometheus/latest/querying/api/>.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::page::MAX_SAMPLES;
use crate::capability::recorder::cut;
use crate::plugin::bindings::assay::suite::metrics::{Error, MetricKind, Scraped};

/// Bytes of Prometheus's own words that an error repeats.
const MAX_SHOWN_BYTES: usize = 1 << 10;
/// The label that has the name of a metric.
const NAME: &str = "__name__";

#[derive(Debug, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
enum Answer {
    Success {
        data: Data,
    },
    Error {
        #[serde(rename = "errorType")]
        kind: String,
        error: String,
    },
}

#[derive(Debug, Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Data {
    Vector(Vec<Element>),
    Scalar(Point),
    Matrix(IgnoredAny),
    String(IgnoredAny),
}

#[derive(Debug, Deserialize)]
struct Element {
    metric: Labels,
    /// None for a native histogram.
    value: Option<Point>,
}

/// A time, which the contract does not have, and, as text, a number.
#[derive(Debug, Deserialize)]
struct Point(IgnoredAny, String);

/// In the order of the answer.
#[derive(Debug)]
struct Labels(Vec<(String, String)>);

/// Reads the body of an answer with this status. The kind of a metric is not in it, so all samples are untyped; a scalar is one sample
/// without name and labels.
pub(super) fn parse(status: u16, body: &[u8]) -> Result<Vec<Scraped>, Error> {
    match serde_json::from_slice(body) {
        Ok(Answer::Success { data }) if status == 200 => samples(data),
        Ok(Answer::Error { kind, error }) => Err(Error::Unreachable(format!(
            "prometheus answered {status}, {}: {}",
            cut(&kind, MAX_SHOWN_BYTES),
            cut(&error, MAX_SHOWN_BYTES)
        ))),
        Err(error) if status == 200 => Err(Error::Malformed(format!(
            "not the JSON of Prometheus's HTTP API: {error}"
        ))),
        Ok(Answer::Success { .. }) | Err(_) => {
            Err(Error::Unreachable(format!("prometheus answered {status}")))
        }
    }
}

fn samples(data: Data) -> Result<Vec<Scraped>, Error> {
    match data {
        Data::Vector(elements) if elements.len() > MAX_SAMPLES => Err(Error::Malformed(format!(
            "{} samples, at most {MAX_SAMPLES} are taken; aggregate in the query",
            elements.len()
        ))),
        Data::Vector(elements) => elements.into_iter().map(element).collect(),
        Data::Scalar(point) => Ok(vec![sample(Vec::new(), &point)?]),
        Data::Matrix(_) => Err(Error::Unsupported(
            "the query answers a range of values; ask for one value of each series".to_owned(),
        )),
        Data::String(_) => Err(Error::Unsupported(
            "the query answers a string; ask for numbers".to_owned(),
        )),
    }
}

fn element(element: Element) -> Result<Scraped, Error> {
    let point = element.value.ok_or_else(|| {
        Error::Unsupported(
            "the query answers native histograms; take a number from them, as with `histogram_quantile`"
                .to_owned(),
        )
    })?;
    sample(element.metric.0, &point)
}

fn sample(mut labels: Vec<(String, String)>, point: &Point) -> Result<Scraped, Error> {
    let Point(IgnoredAny, text) = point;
    let value = text.parse().map_err(|_| {
        Error::Malformed(format!(
            "the value `{}` is no number",
            cut(text, MAX_SHOWN_BYTES).escape_debug()
        ))
    })?;
    let name = labels.iter().position(|(label, _)| label == NAME);
    Ok(Scraped {
        name: name.map(|at| labels.remove(at).1).unwrap_or_default(),
        kind: MetricKind::Untyped,
        labels,
        value,
    })
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Labels;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("labels")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
                let mut labels = Vec::new();
                while let Some(label) = map.next_entry()? {
                    labels.push(label);
                }
                Ok(Labels(labels))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(kind: &str, result: &str) -> Result<Vec<Scraped>, Error> {
        let body =
            format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":{result}}}}}"#);
        parse(200, body.as_bytes())
    }

    #[test]
    fn a_vector_keeps_the_order_of_its_labels_and_takes_the_name_out() {
        let samples = answer(
            "vector",
            r#"[{"metric":{"zone":"z","__name__":"up","area":"a"},"value":[1.5,"1"]},{"metric":{},"value":[1.5,"+Inf"]}]"#,
        )
        .unwrap();
        assert_eq!(samples[0].name, "up");
        assert_eq!(
            samples[0].labels,
            [("zone".into(), "z".into()), ("area".into(), "a".into())]
        );
        assert!(samples[0].value.total_cmp(&1.0).is_eq());
        assert_eq!(samples[0].kind, MetricKind::Untyped);
        assert_eq!((&*samples[1].name, samples[1].value), ("", f64::INFINITY));
    }

    #[test]
    fn a_scalar_is_one_sample_without_a_name() {
        let samples = answer("scalar", r#"[1.5,"NaN"]"#).unwrap();
        assert_eq!((samples.len(), &*samples[0].name), (1, ""));
        assert!(samples[0].value.is_nan() && samples[0].labels.is_empty());
    }

    #[test]
    fn what_is_no_number_of_each_series_is_unsupported() {
        for (kind, result) in [
            ("matrix", r#"[{"metric":{},"values":[[1,"1"]]}]"#),
            ("string", r#"[1,"text"]"#),
            ("vector", r#"[{"metric":{},"histogram":[1,{"count":"1"}]}]"#),
        ] {
            let error = answer(kind, result).unwrap_err();
            assert!(matches!(error, Error::Unsupported(_)), "{kind}: {error:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_malformed() {
        for (kind, result) in [
            ("vector", r#"[{"metric":{},"value":[1,"one"]}]"#),
            ("vector", r#"[{"metric":{},"value":[1]}]"#),
            ("vector", r#"{"metric":{}}"#),
            ("tensor", "[]"),
        ] {
            let error = answer(kind, result).unwrap_err();
            assert!(matches!(error, Error::Malformed(_)), "{kind}: {error:?}");
        }
        assert!(matches!(parse(200, b"<html>"), Err(Error::Malformed(_))));
    }

    #[test]
    fn a_refusal_tells_what_prometheus_said() {
        let body = br#"{"status":"error","errorType":"bad_data","error":"parse error at char 3"}"#;
        let Err(Error::Unreachable(text)) = parse(400, body) else {
            panic!("not unreachable");
        };
        assert_eq!(
            text,
            "prometheus answered 400, bad_data: parse error at char 3"
        );
        assert!(
            matches!(parse(502, b"<html>"), Err(Error::Unreachable(text)) if text.contains("502"))
        );
    }

    #[test]
    fn samples_are_limited() {
        let vector = |count| {
            let element = r#"{"metric":{},"value":[1,"1"]}"#;
            answer("vector", &format!("[{}]", vec![element; count].join(",")))
        };
        assert_eq!(vector(MAX_SAMPLES).unwrap().len(), 100_000);
        assert!(matches!(
            vector(MAX_SAMPLES + 1),
            Err(Error::Malformed(text)) if text.contains("100001")
        ));
    }
}
