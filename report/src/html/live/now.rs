//! What happens now: the faults that are active, the cases that run, and the loads with their last second.

use std::time::Duration;

use askama::Template;
use assay_load::series::Point;

use super::super::{course::rate, timeline::attempts};
use crate::{
    event::Phase,
    json::{
        document::{Attempt, FaultReport, Report},
        loads::LoadReport,
    },
    words::{clean, clip, count, figure, time, whole_seconds},
};

/// Cases that are named: those that have been running for the longest time.
const MAX_CASES: usize = 50;
/// Loads that are named.
const MAX_LOADS: usize = 20;
/// Faults that are named.
const MAX_FAULTS: usize = 20;
/// Characters of a text of others.
const MAX_TEXT: usize = 200;

/// What is shown.
#[derive(Template)]
#[template(path = "live/now.html")]
pub(super) struct Now {
    /// In a sentence.
    lead: String,
    faults: Vec<Line>,
    cases: Vec<CaseNow>,
    hidden_cases: usize,
    loads: Vec<LoadNow>,
    hidden_loads: usize,
}

/// A fault.
struct Line {
    what: String,
    case: String,
    time: String,
}

struct CaseNow {
    name: String,
    attempt: u32,
    time: String,
}

struct LoadNow {
    name: String,
    plan: String,
    time: String,
    /// None before its first second is told.
    last: Option<Second>,
}

/// The last second of a load.
struct Second {
    iterations: String,
    failed: String,
    p95: String,
    vus: u32,
}

/// An attempt that runs.
struct Running<'a> {
    name: String,
    attempt: &'a Attempt,
}

impl Now {
    pub(super) fn new(report: &Report, phase: Phase) -> Self {
        let now_ns = report.run.as_ref().map_or(0, |run| run.duration_ns);
        let mut running = running(report);
        running.sort_by_key(|running| running.attempt.started_at_ns);
        let faults: Vec<Line> = running
            .iter()
            .flat_map(|running| running.faults(now_ns))
            .take(MAX_FAULTS)
            .collect();
        let loads: Vec<LoadNow> = running
            .iter()
            .flat_map(|running| running.loads(now_ns))
            .collect();
        Self {
            lead: lead(running.len(), loads.len(), faults.len(), phase),
            faults,
            hidden_cases: running.len().saturating_sub(MAX_CASES),
            cases: running
                .iter()
                .take(MAX_CASES)
                .map(|running| running.case(now_ns))
                .collect(),
            hidden_loads: loads.len().saturating_sub(MAX_LOADS),
            loads: loads.into_iter().take(MAX_LOADS).collect(),
        }
    }
}

/// That no fault is active any more is known by the phase before its heal is told with all that is known of it.
fn lead(cases: usize, loads: usize, faults: usize, phase: Phase) -> String {
    let faults = match (faults, phase) {
        (0, _) => "no fault is active".to_owned(),
        (faults, Phase::Recovery) => {
            format!("recovering from {}", count(faults, "fault"))
        }
        (1, _) => "1 fault is active".to_owned(),
        (faults, _) => format!("{faults} faults are active"),
    };
    let loads = match loads {
        0 => String::new(),
        loads => format!(", {}", count(loads, "load")),
    };
    match cases {
        0 => format!("No case runs; {faults}."),
        1 => format!("1 case runs{loads}; {faults}."),
        cases => format!("{cases} cases run{loads}; {faults}."),
    }
}

fn running(report: &Report) -> Vec<Running<'_>> {
    let of_suite = report.suites.iter().flat_map(|suite| {
        attempts(suite).map(|(entry, attempt)| Running {
            name: clip(&clean(&format!("{}/{entry}", suite.name)), MAX_TEXT),
            attempt,
        })
    });
    of_suite
        .filter(|running| running.attempt.outcome.is_none())
        .collect()
}

impl Running<'_> {
    fn case(&self, now_ns: u64) -> CaseNow {
        CaseNow {
            name: self.name.clone(),
            attempt: self.attempt.attempt,
            time: since(self.attempt.started_at_ns, now_ns),
        }
    }

    fn faults(&self, now_ns: u64) -> impl Iterator<Item = Line> {
        let open = self
            .attempt
            .faults
            .iter()
            .filter(|fault| fault.healed.is_none());
        open.filter_map(move |fault| self.fault(fault, now_ns))
    }

    fn fault(&self, report: &FaultReport, now_ns: u64) -> Option<Line> {
        let words = clip(&clean(&report.fault.words()), MAX_TEXT);
        let what = format!("F{}: {words}", report.fault.id);
        Some(Line {
            what: match report.failure {
                Some(_) => format!("{what}, which could not be healed"),
                None => what,
            },
            case: self.name.clone(),
            time: since(report.confirmed_at_ns?, now_ns),
        })
    }

    fn loads(&self, now_ns: u64) -> impl Iterator<Item = LoadNow> {
        let open = self.attempt.loads.iter().filter(|load| load.end.is_none());
        open.map(move |load| LoadNow::new(&self.name, load, now_ns))
    }
}

impl LoadNow {
    fn new(case: &str, load: &LoadReport, now_ns: u64) -> Self {
        let elapsed = since(load.started_at_ns, now_ns);
        Self {
            name: clip(&clean(&format!("{case}: {}", load.plan.scenario)), MAX_TEXT),
            plan: clip(&clean(&load.plan.executor), MAX_TEXT),
            time: match load.plan.planned_ns {
                Some(planned) => {
                    let planned = whole_seconds(Duration::from_nanos(planned));
                    format!("{elapsed} of {planned}")
                }
                None => elapsed,
            },
            last: load.course.last().map(Second::of),
        }
    }
}

impl Second {
    fn of(point: &Point) -> Self {
        let rate = |count| figure(rate(count, point.length_ms).round(), "");
        let succeeded = point.iterations > point.failed_iterations;
        Self {
            iterations: rate(point.iterations),
            failed: rate(point.failed_iterations),
            p95: if succeeded {
                time(point.iteration_times.p95)
            } else {
                "none".to_owned()
            },
            vus: point.vus,
        }
    }
}

fn since(from_ns: u64, now_ns: u64) -> String {
    whole_seconds(Duration::from_nanos(now_ns.saturating_sub(from_ns)))
}
