//! The figures of the suites at their end, as a whole and by phase.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use super::{
    each,
    table::{Cell, head, row},
};
use crate::{event::MetricValue, json::document::Report};

/// Writes the table.
pub(super) fn write(report: &Report, writer: &mut dyn Write) -> io::Result<()> {
    head(
        writer,
        &[
            "suite", "metric", "labels", "unit", "phase", "kind", "value", "count", "mean", "min",
            "p50", "p90", "p95", "p99", "p999", "max",
        ],
    )?;
    for (suite, metric) in each(report, |suite| &suite.metrics) {
        let labels = labels(&metric.labels);
        let whole = [("all", &metric.value)];
        let phases = metric.by_phase.iter();
        let phases = phases.map(|(phase, value)| (phase.word(), value));
        for (phase, value) in whole.into_iter().chain(phases) {
            let what = [
                Cell::Text(suite),
                Cell::Text(&metric.name),
                Cell::Text(&labels),
                Cell::Text(&metric.unit),
                Cell::Text(phase),
            ];
            row(writer, &[&what[..], &cells(value)].concat())?;
        }
    }
    Ok(())
}

/// `name=value`, sorted, with semicolons in between.
fn labels(labels: &BTreeMap<String, String>) -> String {
    let labels = labels.iter().map(|(name, value)| format!("{name}={value}"));
    labels.collect::<Vec<_>>().join(";")
}

fn cells(value: &MetricValue) -> Vec<Cell<'static>> {
    let single = |kind, value: f64| {
        let mut cells = vec![Cell::Text(kind), Cell::Figure(value)];
        cells.resize(11, Cell::Empty);
        cells
    };
    match value {
        MetricValue::Counter { value } => single("counter", *value),
        MetricValue::Gauge { value } => single("gauge", *value),
        MetricValue::Histogram(distribution) => {
            let figures = [
                distribution.mean,
                distribution.min,
                distribution.p50,
                distribution.p90,
                distribution.p95,
                distribution.p99,
                distribution.p999,
                distribution.max,
            ];
            let head = [
                Cell::Text("histogram"),
                Cell::Empty,
                Cell::Count(distribution.count),
            ];
            head.into_iter().chain(figures.map(Cell::Figure)).collect()
        }
    }
}
