//! The course of each load: a row for each second, or for several of a long load.

use std::io::{self, Write};

use assay_load::{samples::Percentiles, series::Point};

use super::table::{Cell, head, row};
use crate::json::{
    document::{Attempt, Report, Suite},
    loads::LoadReport,
};

/// A load, and whose it is.
pub(super) struct Load<'a> {
    suite: &'a str,
    entry: &'a str,
    attempt: u32,
    pub(super) report: &'a LoadReport,
}

impl Load<'_> {
    /// The suite, the case, the attempt, the number of the load in it, and the scenario.
    pub(super) fn cells(&self) -> [Cell<'_>; 5] {
        [
            Cell::Text(self.suite),
            Cell::Text(self.entry),
            Cell::Count(self.attempt.into()),
            Cell::Count(self.report.plan.load.into()),
            Cell::Text(&self.report.plan.scenario),
        ]
    }
}

/// All loads of a run, suite by suite in the order in which their attempts stand in the report.
pub(super) fn all(report: &Report) -> impl Iterator<Item = Load<'_>> {
    report.suites.iter().flat_map(|suite| {
        entries(suite).flat_map(move |(entry, attempt)| {
            attempt.loads.iter().map(move |report| Load {
                suite: &suite.name,
                entry,
                attempt: attempt.attempt,
                report,
            })
        })
    })
}

fn entries(suite: &Suite) -> impl Iterator<Item = (&str, &Attempt)> {
    let setup = suite.setup.iter().map(|attempt| ("setup", attempt));
    let cases = suite.cases.iter().flat_map(|case| {
        case.attempts
            .iter()
            .map(|attempt| (case.name.as_str(), attempt))
    });
    let teardown = suite.teardown.iter().map(|attempt| ("teardown", attempt));
    setup.chain(cases).chain(teardown)
}

/// Writes the table.
pub(super) fn write(report: &Report, writer: &mut dyn Write) -> io::Result<()> {
    head(
        writer,
        &[
            "suite",
            "case",
            "attempt",
            "load",
            "scenario",
            "at_ms",
            "length_ms",
            "virtual_users",
            "iterations",
            "failed_iterations",
            "iteration_p50_ms",
            "iteration_p95_ms",
            "iteration_p99_ms",
            "requests",
            "failed_requests",
            "request_p50_ms",
            "request_p95_ms",
            "request_p99_ms",
            "events",
            "open_streams",
        ],
    )?;
    for load in all(report) {
        for point in &load.report.course {
            row(writer, &[&load.cells()[..], &cells(point)].concat())?;
        }
    }
    Ok(())
}

fn cells(point: &Point) -> Vec<Cell<'static>> {
    let mut cells = vec![
        Cell::Count(point.at_ms),
        Cell::Count(point.length_ms),
        Cell::Count(point.vus.into()),
        Cell::Count(point.iterations),
        Cell::Count(point.failed_iterations),
    ];
    cells.extend(times(
        point.iteration_times,
        point.iterations.saturating_sub(point.failed_iterations),
    ));
    cells.extend([
        Cell::Count(point.requests),
        Cell::Count(point.failed_requests),
    ]);
    cells.extend(times(
        point.request_times,
        point.requests.saturating_sub(point.failed_requests),
    ));
    cells.extend([
        Cell::Count(point.events),
        Cell::Count(point.open_streams.into()),
    ]);
    cells
}

/// Empty if nothing succeeded.
fn times(times: Percentiles, succeeded: u64) -> [Cell<'static>; 3] {
    [times.p50, times.p95, times.p99].map(|time| match succeeded {
        0 => Cell::Empty,
        _ => Cell::milliseconds(time),
    })
}
