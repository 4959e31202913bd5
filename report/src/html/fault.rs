//! The faults of a run: as bands over the timeline, and in a table.

use super::timeline::Span;
use crate::{
    json::document::{Attempt, FaultReport, Report, Suite},
    words::{clean, clip, headline, time},
};

/// Faults that are shown.
const MAX_FAULTS: usize = 100;
/// Rows of bands that lie side by side in time; those that find no room share the last one.
const MAX_LANES: usize = 6;
/// The room that a name takes, as a share of the run.
const ROOM_OF_A_NAME: u64 = 25;
/// Characters of a text of others.
const MAX_TEXT: usize = 300;

/// What there is to show.
pub(super) struct Faults {
    pub(super) bands: Vec<Band>,
    /// Rows of bands.
    pub(super) lanes: usize,
    pub(super) rows: Vec<FaultRow>,
    pub(super) hidden: usize,
}

/// The time in which a fault was active.
#[derive(Clone, Debug)]
pub(super) struct Band {
    pub(super) name: String,
    pub(super) lane: usize,
    pub(super) x: String,
    pub(super) width: String,
    /// Whether its name is written to its left: there is no room to its right.
    pub(super) is_last: bool,
    pub(super) title: String,
}

/// A fault in the table.
#[derive(Clone, Debug)]
pub(super) struct FaultRow {
    pub(super) name: String,
    pub(super) what: String,
    pub(super) case: String,
    pub(super) from: String,
    pub(super) active: String,
    pub(super) healthy: String,
    pub(super) success: String,
    pub(super) met: String,
    /// What did not work; empty if all did.
    pub(super) problem: String,
}

/// All of them, in the order in which they were made.
pub(super) fn faults(report: &Report, span: &Span) -> Faults {
    let mut found: Vec<(String, &FaultReport, u64)> = report
        .suites
        .iter()
        .flat_map(|suite| of_suite(suite, span))
        .collect();
    found.sort_by_key(|(_, report, _)| report.fault.id);
    let hidden = found.len().saturating_sub(MAX_FAULTS);
    found.truncate(MAX_FAULTS);
    let (bands, lanes) = bands(&found, span);
    Faults {
        bands,
        lanes,
        rows: found
            .iter()
            .map(|(case, report, _)| row(case, report))
            .collect(),
        hidden,
    }
}

/// With the case of each, and the end of its attempt.
fn of_suite<'a>(
    suite: &'a Suite,
    span: &Span,
) -> impl Iterator<Item = (String, &'a FaultReport, u64)> {
    let end_of_run = span.end_ns();
    let hooks = suite.setup.iter().map(|attempt| ("setup", attempt));
    let cases = suite.cases.iter().flat_map(|case| {
        let attempts = case.attempts.iter();
        attempts.map(|attempt| (case.name.as_str(), attempt))
    });
    let teardown = suite.teardown.iter().map(|attempt| ("teardown", attempt));
    let all = hooks.chain(cases).chain(teardown);
    all.flat_map(move |(entry, attempt): (&str, &Attempt)| {
        let name = clean(&format!("{}/{entry}", suite.name));
        let end = match attempt.outcome {
            Some(_) => attempt.started_at_ns.saturating_add(attempt.duration_ns),
            None => end_of_run,
        };
        attempt
            .faults
            .iter()
            .map(move |report| (name.clone(), report, end))
    })
}

/// In as few rows as keep the names apart.
fn bands(found: &[(String, &FaultReport, u64)], span: &Span) -> (Vec<Band>, usize) {
    let room = span.end_ns() / ROOM_OF_A_NAME;
    let mut ends: Vec<u64> = Vec::new();
    let mut bands = Vec::new();
    for (case, report, end_of_attempt) in found {
        let Some(from) = report.confirmed_at_ns else {
            continue;
        };
        let to = match report.healed {
            Some(healed) => from.saturating_add(healed.active_ns),
            None => (*end_of_attempt).max(from),
        };
        let lane = match ends.iter().position(|end| *end <= from) {
            Some(lane) => lane,
            None if ends.len() < MAX_LANES => {
                ends.push(0);
                ends.len() - 1
            }
            None => MAX_LANES - 1,
        };
        ends[lane] = to.max(from.saturating_add(room));
        let (x, width) = span.bar(from, to);
        let words = clip(&clean(&report.fault.words()), MAX_TEXT);
        bands.push(Band {
            name: name(report),
            lane,
            x,
            width,
            is_last: from.saturating_add(room) > span.end_ns(),
            title: format!(
                "{}: {words}, by {case}, for {}",
                name(report),
                time(to - from)
            ),
        });
    }
    (bands, ends.len())
}

fn name(report: &FaultReport) -> String {
    format!("F{}", report.fault.id)
}

fn row(case: &str, report: &FaultReport) -> FaultRow {
    let told = |nanoseconds: Option<u64>| nanoseconds.map_or_else(|| "none".to_owned(), time);
    let healed = report.healed;
    FaultRow {
        name: name(report),
        what: clip(&clean(&report.fault.words()), MAX_TEXT),
        case: case.to_owned(),
        from: told(report.confirmed_at_ns),
        active: told(healed.map(|healed| healed.active_ns)),
        healthy: told(healed.and_then(|healed| healed.healthy_after_ns)),
        success: told(healed.and_then(|healed| healed.first_success_after_ns)),
        met: healed.map_or_else(|| "none".to_owned(), |healed| healed.traffic.to_string()),
        problem: report.failure.as_ref().map_or_else(String::new, |failure| {
            clip(&clean(headline(&failure.message)), MAX_TEXT)
        }),
    }
}
