//! A page of Prometheus's text format, read.

use super::MetricKind;
use crate::bindings::metrics as contract;

/// All families of a page, in its order.
#[derive(Clone, Debug)]
pub struct Page {
    families: Vec<Family>,
}

/// One family of a page.
#[derive(Clone, Debug)]
pub struct Family {
    /// The name that `TYPE` and `HELP` give.
    pub name: String,
    /// From `TYPE`; untyped if there is none.
    pub kind: MetricKind,
    /// From `HELP`.
    pub help: Option<String>,
    /// In the order of the page.
    pub samples: Vec<Sample>,
}

/// One sample of a page or a query.
#[derive(Clone, Debug)]
pub struct Sample {
    /// For a histogram with `_bucket`, `_sum` or `_count`.
    pub name: String,
    /// The kind of the family it belongs to.
    pub kind: MetricKind,
    /// In the order of the page.
    pub labels: Vec<(String, String)>,
    /// May be infinite or not a number.
    pub value: f64,
}

impl Sample {
    /// Whether it has all of these labels; it may have more.
    pub fn has(&self, labels: &[(&str, &str)]) -> bool {
        labels.iter().all(|&(name, value)| {
            self.labels
                .iter()
                .any(|(own_name, own_value)| own_name == name && own_value == value)
        })
    }
}

impl Page {
    pub(super) fn new(families: Vec<contract::Family>) -> Self {
        let families = families
            .into_iter()
            .map(|family| Family {
                name: family.name,
                kind: family.kind,
                help: family.help,
                samples: family.samples.into_iter().map(Sample::from).collect(),
            })
            .collect();
        Self { families }
    }

    /// All families, in the order of the page.
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// The family of that name.
    pub fn family(&self, name: &str) -> Option<&Family> {
        self.families.iter().find(|family| family.name == name)
    }

    /// All samples of that name with at least these labels.
    pub fn samples<'a>(
        &'a self,
        name: &'a str,
        labels: &'a [(&'a str, &'a str)],
    ) -> impl Iterator<Item = &'a Sample> {
        self.families
            .iter()
            .flat_map(|family| &family.samples)
            .filter(move |sample| sample.name == name && sample.has(labels))
    }

    /// The value of the first such sample.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        self.samples(name, labels).next().map(|sample| sample.value)
    }

    /// The sum of all such samples; 0 if there is none.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.samples(name, labels).map(|sample| sample.value).sum()
    }
}

impl From<contract::Scraped> for Sample {
    fn from(sample: contract::Scraped) -> Self {
        Self {
            name: sample.name,
            kind: sample.kind,
            labels: sample.labels,
            value: sample.value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(route: &str, value: f64) -> contract::Scraped {
        contract::Scraped {
            name: "requests_total".to_owned(),
            kind: MetricKind::Counter,
            labels: vec![
                ("route".to_owned(), route.to_owned()),
                ("status".to_owned(), "200".to_owned()),
            ],
            value,
        }
    }

    #[test]
    fn samples_are_found_by_name_and_some_of_their_labels() {
        let page = Page::new(vec![contract::Family {
            name: "requests_total".to_owned(),
            kind: MetricKind::Counter,
            help: None,
            samples: vec![sample("/a", 1.0), sample("/b", 2.0)],
        }]);
        assert_eq!(page.value("requests_total", &[("route", "/b")]), Some(2.0));
        assert_eq!(page.value("requests_total", &[("route", "/c")]), None);
        assert!((page.sum("requests_total", &[("status", "200")]) - 3.0).abs() < f64::EPSILON);
        assert_eq!(
            page.family("requests_total").map(|family| family.kind),
            Some(MetricKind::Counter)
        );
    }
}
