//! The figures that suites make themselves, under their own names: `assay_figure_NAME_UNIT`.

use assay_report::event::{Distribution, MetricSnapshot, MetricValue};

use super::super::{
    histogram::as_f64,
    labels::Labels,
    metric::{Kind, Metric},
    naming::{self, Unit},
    registry::{Registry, Summary},
};

const PREFIX: &str = "assay_figure";

pub(super) fn figures(registry: &mut Registry, suite: &str, metrics: &[MetricSnapshot]) {
    for metric in metrics {
        figure(registry, suite, metric);
    }
}

fn figure(registry: &mut Registry, suite: &str, snapshot: &MetricSnapshot) {
    let unit = naming::unit(&snapshot.unit);
    let mut labels = Labels::new([("suite", suite)]);
    for (name, value) in naming::labels(&snapshot.labels) {
        labels = labels.and(name, value);
    }
    let metric = |kind, help: &str| {
        let name = naming::name(PREFIX, &snapshot.name, &unit, kind);
        Metric::own(kind, name, help.to_owned())
    };
    match &snapshot.value {
        MetricValue::Counter { value } => {
            let metric = metric(Kind::Counter, "A counter of suites.");
            registry.add(&metric, labels, value * unit.factor);
        }
        MetricValue::Gauge { value } => {
            let metric = metric(Kind::Gauge, "A figure of suites that was set last.");
            registry.set(&metric, labels, value * unit.factor);
        }
        MetricValue::Histogram(distribution) => {
            let metric = metric(Kind::Summary, "A distribution of suites.");
            registry.summarize(&metric, labels, summary(distribution, &unit));
        }
    }
}

fn summary(distribution: &Distribution, unit: &Unit) -> Summary {
    let quantiles = [
        (0.5, distribution.p50),
        (0.9, distribution.p90),
        (0.95, distribution.p95),
        (0.99, distribution.p99),
        (0.999, distribution.p999),
    ];
    let count = distribution.count;
    // The mean of nothing is no number, and its sum is nothing.
    let sum = if count == 0 {
        0.0
    } else {
        distribution.mean * as_f64(count)
    };
    Summary {
        quantiles: quantiles
            .map(|(quantile, value)| (quantile, value * unit.factor))
            .to_vec(),
        sum: sum * unit.factor,
        count,
    }
}
