//! Families of series, each with a budget: what suites name must not fill the memory of a Prometheus, or of this process.
//!
//! What is beyond a budget goes to one series whose labels are all `other`, where it can be added up; a gauge cannot, and is left out.
//! Either is counted by the name of the metric.

use std::collections::BTreeMap;

use super::{
    catalogue::SERIES_LEFT_OUT,
    histogram::Histogram,
    labels::{Labels, OTHER},
    metric::{Kind, Metric},
};

/// Series of a counter or a gauge, beside the one of others.
pub const MAX_SERIES: usize = 1_000;
/// Series of a histogram or a summary, beside the one of others: each has some 20 lines.
pub const MAX_HISTOGRAMS: usize = 200;
/// Families whose names suites give.
pub const MAX_OWN_FAMILIES: usize = 128;

/// All families by name.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    families: BTreeMap<String, Family>,
    own: usize,
}

/// A metric and its series.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    pub(crate) metric: Metric,
    pub(crate) series: BTreeMap<Labels, Value>,
}

/// What a series holds.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Of a counter, a gauge or an info.
    Number(f64),
    /// Of a histogram.
    Histogram(Box<Histogram>),
    /// Of a summary.
    Summary(Summary),
}

/// Some percentiles of a distribution.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Summary {
    /// From 0 to 1, and the value there.
    pub(crate) quantiles: Vec<(f64, f64)>,
    pub(crate) sum: f64,
    pub(crate) count: u64,
}

impl Registry {
    /// Adds to a counter.
    pub(crate) fn add(&mut self, metric: &Metric, labels: Labels, number: f64) {
        if let Some(Value::Number(sum)) = self.value(metric, labels) {
            *sum += number;
        }
    }

    /// Sets a gauge.
    pub(crate) fn set(&mut self, metric: &Metric, labels: Labels, number: f64) {
        if let Some(Value::Number(value)) = self.value(metric, labels) {
            *value = number;
        }
    }

    /// Counts a value of a histogram so many times.
    pub(crate) fn observe(&mut self, metric: &Metric, labels: Labels, value: f64, times: u64) {
        let counted = match self.value(metric, labels) {
            Some(Value::Histogram(histogram)) => histogram.observe(value, times),
            _ => return,
        };
        if !counted {
            self.leave_out(&metric.name);
        }
    }

    /// Adds a whole distribution to a histogram.
    pub(crate) fn merge(&mut self, metric: &Metric, labels: Labels, other: &Histogram) {
        if let Some(Value::Histogram(histogram)) = self.value(metric, labels) {
            histogram.merge(other);
        }
    }

    /// Sets a summary.
    pub(crate) fn summarize(&mut self, metric: &Metric, labels: Labels, summary: Summary) {
        if let Some(Value::Summary(value)) = self.value(metric, labels) {
            *value = summary;
        }
    }

    /// Counts that something of a metric was left out; of metrics without a family all together, for they may be any number.
    pub(crate) fn leave_out(&mut self, name: &str) {
        let known = self.families.contains_key(name);
        let name = if known { name } else { OTHER };
        self.add(&SERIES_LEFT_OUT, Labels::new([("metric", name)]), 1.0);
    }

    /// All families in the order of their names.
    pub(crate) fn families(&self) -> impl Iterator<Item = &Family> {
        self.families.values()
    }

    /// How many series there are.
    pub fn series(&self) -> usize {
        self.families().map(|family| family.series.len()).sum()
    }

    fn value(&mut self, metric: &Metric, labels: Labels) -> Option<&mut Value> {
        let Some(labels) = self.admitted(metric, labels) else {
            self.leave_out(&metric.name);
            return None;
        };
        let family = self.families.get_mut(&*metric.name)?;
        let series = family.series.entry(labels);
        Some(series.or_insert_with(|| Value::of(metric.kind)))
    }

    /// The labels under which a series is kept; none if it cannot be.
    fn admitted(&mut self, metric: &Metric, labels: Labels) -> Option<Labels> {
        let family = self.family(metric)?;
        if family.series.contains_key(&labels) || family.series.len() < budget(metric.kind) {
            return Some(labels);
        }
        let others = matches!(metric.kind, Kind::Counter | Kind::Histogram);
        if others {
            self.leave_out(&metric.name);
        }
        others.then(|| labels.of_others())
    }

    /// None if there are too many already, or if it is known as something else.
    fn family(&mut self, metric: &Metric) -> Option<&Family> {
        if !self.families.contains_key(&*metric.name) {
            if metric.is_own() {
                if self.own == MAX_OWN_FAMILIES {
                    return None;
                }
                self.own += 1;
            }
            let family = Family {
                metric: metric.clone(),
                series: BTreeMap::new(),
            };
            self.families.insert(metric.name.to_string(), family);
        }
        let family = self.families.get(&*metric.name)?;
        (family.metric.kind == metric.kind).then_some(family)
    }
}

impl Value {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Counter | Kind::Gauge | Kind::Info => Self::Number(0.0),
            Kind::Histogram => Self::Histogram(Box::default()),
            Kind::Summary => Self::Summary(Summary::default()),
        }
    }
}

fn budget(kind: Kind) -> usize {
    match kind {
        Kind::Counter | Kind::Gauge | Kind::Info => MAX_SERIES,
        Kind::Histogram | Kind::Summary => MAX_HISTOGRAMS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTER: Metric = Metric::new(Kind::Counter, "assay_tries_total", "Tries.");
    const GAUGE: Metric = Metric::new(Kind::Gauge, "assay_level", "Level.");
    const HISTOGRAM: Metric = Metric::new(Kind::Histogram, "assay_wait_seconds", "Wait.");

    fn labels(number: usize) -> Labels {
        Labels::new([("name", &*number.to_string())])
    }

    fn number(registry: &Registry, metric: &Metric, labels: &Labels) -> Option<f64> {
        match registry.families.get(&*metric.name)?.series.get(labels)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn left_out(registry: &Registry, metric: &Metric) -> Option<f64> {
        let labels = Labels::new([("metric", &*metric.name)]);
        number(registry, &SERIES_LEFT_OUT, &labels)
    }

    #[test]
    fn a_counter_beyond_its_budget_goes_to_the_others_and_nothing_is_lost() {
        let mut registry = Registry::default();
        for name in 0..MAX_SERIES {
            registry.add(&COUNTER, labels(name), 1.0);
        }
        assert_eq!(left_out(&registry, &COUNTER), None, "the budget is whole");
        for name in MAX_SERIES..MAX_SERIES + 5 {
            registry.add(&COUNTER, labels(name), 2.0);
        }
        registry.add(&COUNTER, labels(7), 1.0);
        let others = labels(0).of_others();
        assert_eq!(number(&registry, &COUNTER, &others), Some(10.0));
        assert_eq!(number(&registry, &COUNTER, &labels(7)), Some(2.0));
        assert_eq!(left_out(&registry, &COUNTER), Some(5.0));
        let family = &registry.families[&*COUNTER.name];
        assert_eq!(family.series.len(), MAX_SERIES + 1);
    }

    #[test]
    fn a_gauge_beyond_its_budget_is_left_out_for_no_value_stands_for_many() {
        let mut registry = Registry::default();
        for name in 0..=MAX_SERIES {
            registry.set(&GAUGE, labels(name), 1.0);
        }
        let others = labels(0).of_others();
        assert_eq!(number(&registry, &GAUGE, &others), None);
        assert_eq!(left_out(&registry, &GAUGE), Some(1.0));
    }

    #[test]
    fn a_histogram_has_a_smaller_budget() {
        let mut registry = Registry::default();
        for name in 0..=MAX_HISTOGRAMS {
            registry.observe(&HISTOGRAM, labels(name), 0.5, 1);
        }
        let family = &registry.families[&*HISTOGRAM.name];
        assert_eq!(family.series.len(), MAX_HISTOGRAMS + 1);
        assert!(family.series.contains_key(&labels(0).of_others()));
        assert_eq!(left_out(&registry, &HISTOGRAM), Some(1.0));
    }

    #[test]
    fn names_of_suites_have_a_budget_of_families_and_our_own_do_not_count() {
        let mut registry = Registry::default();
        registry.add(&COUNTER, labels(0), 1.0);
        for number in 0..=MAX_OWN_FAMILIES {
            let name = format!("assay_figure_{number}");
            let metric = Metric::own(Kind::Gauge, name, "A figure.".to_owned());
            registry.set(&metric, labels(0), 1.0);
        }
        let others = Labels::new([("metric", OTHER)]);
        assert_eq!(number(&registry, &SERIES_LEFT_OUT, &others), Some(1.0));
        // Theirs, and the two of our own: the counter and what was left out.
        assert_eq!(registry.families.len(), MAX_OWN_FAMILIES + 2);
    }

    #[test]
    fn a_name_is_one_kind_of_metric_and_no_other() {
        let mut registry = Registry::default();
        registry.set(&GAUGE, labels(0), 3.0);
        let other = Metric::new(Kind::Counter, "assay_level", "Level.");
        registry.add(&other, labels(0), 1.0);
        assert_eq!(number(&registry, &GAUGE, &labels(0)), Some(3.0));
        assert_eq!(left_out(&registry, &GAUGE), Some(1.0));
    }

    #[test]
    fn what_is_no_duration_is_counted_as_left_out() {
        let mut registry = Registry::default();
        registry.observe(&HISTOGRAM, labels(0), f64::NAN, 1);
        assert_eq!(left_out(&registry, &HISTOGRAM), Some(1.0));
    }
}
