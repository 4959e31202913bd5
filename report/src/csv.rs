//! Tables of performance data for spreadsheets: a folder with a file for baselines, requests, the course of loads, and figures of suites.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::Path,
};

use assay_load::{Phase, outcome};

mod loads;
mod metrics;
mod table;

use self::table::{Cell, head, row};
use crate::{
    ReportError, file,
    json::document::{PhaseRequests, Report, RequestSummary, Suite},
};

/// How a file is written.
type WriteTable = fn(&Report, &mut dyn Write) -> io::Result<()>;

/// The files of the folder.
const FILES: [(&str, WriteTable); 4] = [
    ("baselines.csv", baselines),
    ("requests.csv", requests),
    ("loads.csv", loads::write),
    ("metrics.csv", metrics::write),
];

/// Writes the files.
pub(crate) fn write(report: &Report, folder: &Path) -> Result<(), ReportError> {
    FILES.iter().try_for_each(|(name, table)| {
        file::write_whole(&folder.join(name), |writer| table(report, writer))
    })
}

/// Removes the files of a former run, and nothing else in the folder.
pub(crate) fn remove_former(folder: &Path) -> Result<(), ReportError> {
    FILES
        .iter()
        .try_for_each(|(name, _)| file::remove_former(&folder.join(name)))
}

/// Each judgement of each baseline; a baseline that nobody judged has a row without a value.
fn baselines(report: &Report, writer: &mut dyn Write) -> io::Result<()> {
    head(
        writer,
        &[
            "suite",
            "baseline",
            "unit",
            "direction",
            "target",
            "critical",
            "case",
            "attempt",
            "value",
            "samples",
            "grade",
        ],
    )?;
    for (suite, judged) in each(report, |suite| &suite.baselines) {
        let baseline = &judged.baseline;
        let what = [
            Cell::Text(suite),
            Cell::Text(&baseline.name),
            Cell::Text(&baseline.unit),
            Cell::Text(baseline.direction.words()),
            Cell::Figure(baseline.target),
            Cell::Figure(baseline.critical),
        ];
        if judged.judgements.is_empty() {
            let nothing = [const { Cell::Empty }; 5];
            row(writer, &[&what[..], &nothing].concat())?;
        }
        for judgement in &judged.judgements {
            let found = [
                Cell::Text(&judgement.entry),
                Cell::Count(judgement.attempt.into()),
                Cell::Figure(judgement.value),
                Cell::Count(judgement.samples),
                Cell::Text(judgement.grade.word()),
            ];
            row(writer, &[&what[..], &found].concat())?;
        }
    }
    Ok(())
}

/// Things of all suites, with the suite's name.
fn each<'a, T: 'a>(
    report: &'a Report,
    of: impl Fn(&'a Suite) -> &'a [T],
) -> impl Iterator<Item = (&'a str, &'a T)> {
    report
        .suites
        .iter()
        .flat_map(move |suite| of(suite).iter().map(|thing| (suite.name.as_str(), thing)))
}

/// Requests by name and phase: first those of the cases of a suite, then those of each load.
fn requests(report: &Report, writer: &mut dyn Write) -> io::Result<()> {
    head(
        writer,
        &[
            "suite", "case", "attempt", "load", "scenario", "request", "phase", "requests",
            "failed", "min_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms",
        ],
    )?;
    for (suite, summary) in each(report, |suite| &suite.requests) {
        let of = [
            Cell::Text(suite),
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
        ];
        for (phase, requests) in &by_phase(summary) {
            let name = [Cell::Text(&summary.name), Cell::Text(phase.word())];
            row(writer, &[&of[..], &name, &of_cases(requests)].concat())?;
        }
    }
    for load in loads::all(report) {
        let Some(outcome) = load
            .report
            .end
            .as_ref()
            .and_then(|end| end.outcome.as_ref())
        else {
            continue;
        };
        for requests in &outcome.requests {
            let whole = BTreeMap::from([(Phase::Baseline, requests.latency.clone())]);
            let phases = if requests.by_phase.is_empty() {
                &whole
            } else {
                &requests.by_phase
            };
            for (phase, split) in phases {
                let name = [Cell::Text(&requests.name), Cell::Text(phase.word())];
                row(
                    writer,
                    &[&load.cells()[..], &name, &of_load(split)].concat(),
                )?;
            }
        }
    }
    Ok(())
}

/// By phase, also where all of them belong to the baseline and the document does not say so.
fn by_phase(summary: &RequestSummary) -> BTreeMap<Phase, PhaseRequests> {
    if !summary.by_phase.is_empty() {
        return summary.by_phase.clone();
    }
    let all = PhaseRequests {
        count: summary.count,
        errors: summary.errors,
        statuses: summary.statuses.clone(),
        duration: summary.duration,
    };
    BTreeMap::from([(Phase::Baseline, all)])
}

fn of_cases(requests: &PhaseRequests) -> [Cell<'static>; 7] {
    let times = requests.duration.map(|times| {
        [
            times.min_ns,
            times.p50_ns,
            times.p95_ns,
            times.p99_ns,
            times.max_ns,
        ]
    });
    figures(requests.count, requests.errors, times)
}

/// Of a load the times are those of what succeeded.
fn of_load(split: &outcome::Split) -> [Cell<'static>; 7] {
    let outcome::Split {
        succeeded, failed, ..
    } = split;
    let times = (succeeded.count > 0).then_some([
        succeeded.min,
        succeeded.p50,
        succeeded.p95,
        succeeded.p99,
        succeeded.max,
    ]);
    figures(
        succeeded.count.saturating_add(failed.count),
        failed.count,
        times,
    )
}

fn figures(requests: u64, failed: u64, times: Option<[u64; 5]>) -> [Cell<'static>; 7] {
    let time = |index: usize| times.map_or(Cell::Empty, |times| Cell::milliseconds(times[index]));
    [
        Cell::Count(requests),
        Cell::Count(failed),
        time(0),
        time(1),
        time(2),
        time(3),
        time(4),
    ]
}
