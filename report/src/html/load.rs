//! A load on the page: what was made and what came of it, its course as plots, and how long its iterations and its requests took.

use assay_load::{
    outcome::{Distribution, Outcome, StreamFigures},
    series::Point,
};

use super::{
    Word,
    course::{self, Curve},
    distribution::{Named, histogram, percentiles},
    plot::{Plot, Table},
};
use crate::{
    event::{LoadMachine, LoadRefill},
    json::{
        document::Report,
        loads::{LoadReport, all},
    },
    refilled,
    words::{clean, clip, duration, figure, headline, time},
};

/// Loads with plots. Others are counted.
const MAX_LOADS: usize = 16;
/// Rows of each table of a load.
const MAX_ROWS: usize = 40;
/// Characters of a name.
const MAX_NAME: usize = 120;

/// A load.
#[derive(Clone, Debug)]
pub(super) struct Load {
    /// The case, and the scenario.
    pub(super) name: String,
    pub(super) plan: String,
    /// How it stands: `ended`, `aborted`, `no outcome`; `no end` if it told none.
    pub(super) state: Word,
    /// Why it ended early or has no outcome; empty if neither.
    pub(super) why: String,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) plots: Vec<Plot>,
    pub(super) tables: Vec<(&'static str, Table)>,
}

/// The loads in the order of the report, and how many are left out.
pub(super) fn loads(report: &Report) -> (Vec<Load>, usize) {
    let all = all(report);
    let number = all.clone().count();
    let shown = all
        .take(MAX_LOADS)
        .map(|(name, load)| Load::new(&name, load));
    (shown.collect(), number.saturating_sub(MAX_LOADS))
}

impl Load {
    pub(super) fn new(entry: &str, load: &LoadReport) -> Self {
        let outcome = load.end.as_ref().and_then(|end| end.outcome.as_deref());
        let aborted = outcome.and_then(|outcome| outcome.aborted.as_deref());
        let message = load.end.as_ref().and_then(|end| end.message.as_deref());
        let why = aborted.or(message).map(headline).unwrap_or_default();
        let mut plots = courses(&load.course);
        if let Some(outcome) = outcome {
            plots.extend(distributions(outcome));
        }
        Self {
            name: clip(
                &clean(&format!("{entry}: {}", load.plan.scenario)),
                2 * MAX_NAME,
            ),
            plan: clip(&clean(&load.plan.executor), MAX_NAME),
            state: match (outcome, aborted) {
                (None, _) if load.end.is_none() => Word::of(None),
                (None, _) => Word("no outcome"),
                (Some(_), Some(_)) => Word("aborted"),
                (Some(_), None) => Word("ended"),
            },
            why: clip(&clean(why), 2 * MAX_NAME),
            facts: facts_of(load),
            plots,
            tables: tables_of(load),
        }
    }
}

/// Of a machine that was lost, too: then there is no outcome.
fn facts_of(load: &LoadReport) -> Vec<(&'static str, String)> {
    let Some(end) = &load.end else {
        return Vec::new();
    };
    let mut facts = end.outcome.as_deref().map(facts).unwrap_or_default();
    if let Some(lost) = &end.lost {
        facts.push(("Machine lost", name(&lost.machine)));
        facts.push(("Virtual users lost", lost.vus.to_string()));
        if let Some(at_ns) = lost.at_ns {
            facts.push(("Lost after", duration(at_ns)));
        }
    }
    if !end.refilled.is_empty() {
        facts.push(("Lost and made up for", end.refilled.len().to_string()));
    }
    facts
}

fn tables_of(load: &LoadReport) -> Vec<(&'static str, Table)> {
    let end = load.end.as_ref();
    let outcome = end.and_then(|end| end.outcome.as_deref());
    let mut tables = outcome.map(tables).unwrap_or_default();
    if !load.plan.machines.is_empty() {
        let saturated = end.map(|end| end.saturated.as_slice()).unwrap_or_default();
        tables.push(("Machines", machines(&load.plan.machines, saturated)));
    }
    let refilled = end.map(|end| end.refilled.as_slice()).unwrap_or_default();
    if !refilled.is_empty() {
        tables.push(("Machines lost and made up for", losses(refilled)));
    }
    tables
}

fn losses(refilled: &[LoadRefill]) -> Table {
    let after = |time: Option<u64>| time.map_or_else(|| "-".to_owned(), duration);
    let rows = refilled.iter().take(MAX_ROWS).map(|refill| {
        vec![
            name(&refill.lost.machine),
            after(refill.lost.at_ns),
            refill.lost.vus.to_string(),
            clip(&refilled::takers(refill), MAX_NAME),
            after(refill.whole_ns()),
            after(refill.hole_ns()),
            refill.dropped.to_string(),
            refilled::missing(refill),
        ]
    });
    let head = [
        "machine",
        "lost after",
        "virtual users",
        "made up for by",
        "whole again after",
        "less than asked for",
        "starts missed",
        "of the load",
    ];
    Table {
        head: head.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

fn machines(machines: &[LoadMachine], saturated: &[String]) -> Table {
    let rows = machines.iter().take(MAX_ROWS).map(|machine| {
        let clock = machine.clock.map_or_else(
            || "the same".to_owned(),
            |clock| format!("± {}", time(clock.uncertainty_ns)),
        );
        let was_limit = saturated.contains(&machine.name);
        vec![
            name(&machine.name),
            machine.weight.to_string(),
            machine.vus.to_string(),
            clock,
            if was_limit { "yes" } else { "no" }.to_owned(),
        ]
    });
    let head = [
        "machine",
        "weight",
        "virtual users",
        "clock known to",
        "was the limit",
    ];
    Table {
        head: head.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

fn facts(outcome: &Outcome) -> Vec<(&'static str, String)> {
    let times = &outcome.latency.succeeded;
    let mut facts = vec![
        ("Iterations", outcome.iterations.to_string()),
        (
            "A second",
            figure((outcome.per_second * 10.0).round() / 10.0, ""),
        ),
        ("Failed", outcome.failed.to_string()),
        ("P50", time(times.p50)),
        ("P95", time(times.p95)),
        ("P99", time(times.p99)),
        ("Longest", time(times.max)),
        ("Virtual users", outcome.most_vus.to_string()),
        ("Time", duration(outcome.elapsed_ns)),
    ];
    if let Some(intended) = outcome.intended_per_second {
        facts.push((
            "Intended a second",
            figure((intended * 10.0).round() / 10.0, ""),
        ));
    }
    for (name, count) in [
        ("Never started", outcome.dropped),
        ("Cut off", outcome.interrupted),
        ("In the warm-up", outcome.warm_up),
    ] {
        if count > 0 {
            facts.push((name, count.to_string()));
        }
    }
    if let Some(limit) = outcome.limit {
        facts.push(("Limit found", figure(limit, "")));
    }
    if outcome.generator.saturated {
        facts.push(("Generator", "was itself the limit".to_owned()));
    }
    facts
}

/// The load second by second.
fn courses(points: &[Point]) -> Vec<Plot> {
    let rate =
        |of: fn(&Point) -> u64| move |point: &Point| course::rate(of(point), point.length_ms);
    let each = |of: fn(&Point) -> u64| move |point: &Point| course::as_figure(of(point));
    let rates = [
        Curve::new("iterations", rate(|point| point.iterations)),
        Curve::new("requests", rate(|point| point.requests)),
        Curve::new("failed iterations", rate(|point| point.failed_iterations)),
        Curve::new("failed requests", rate(|point| point.failed_requests)),
        Curve::new("events of streams", rate(|point| point.events)),
    ];
    let times = [
        Curve::new("P50", each(|point| point.iteration_times.p50)),
        Curve::new("P95", each(|point| point.iteration_times.p95)),
        Curve::new("P99", each(|point| point.iteration_times.p99)),
    ];
    let present = [
        Curve::new("virtual users", each(|point| u64::from(point.vus))),
        Curve::new("open streams", each(|point| u64::from(point.open_streams))),
    ];
    [
        course::counts("A second", points, &rates),
        course::times("Times of iterations", points, &times),
        course::counts("At the same time", points, &present),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn distributions(outcome: &Outcome) -> Vec<Plot> {
    let mut iterations = Named::new("iterations".to_owned());
    iterations.add(&outcome.histogram);
    percentiles(
        "Percentiles of iterations",
        std::slice::from_ref(&iterations),
    )
    .into_iter()
    .chain(histogram("Iterations by their time", &iterations))
    .collect()
}

fn tables(outcome: &Outcome) -> Vec<(&'static str, Table)> {
    let mut tables = vec![("Requests", requests(outcome))];
    if let Some(streams) = &outcome.streams {
        tables.push(("Times of event streams", self::streams(&streams.all)));
        tables.push(("Event streams", counts_of_streams(&streams.all)));
    }
    tables.push(("Failures", failures(outcome)));
    tables.push(("Checks", checks(outcome)));
    tables.retain(|(_, table)| !table.rows.is_empty());
    tables
}

fn requests(outcome: &Outcome) -> Table {
    let rows = outcome.requests.iter().take(MAX_ROWS).map(|requests| {
        let mut row = vec![name(&requests.name)];
        row.extend(times(&requests.latency.succeeded));
        row.push(requests.latency.failed.count.to_string());
        row
    });
    Table {
        head: head("request", "failed"),
        rows: rows.collect(),
    }
}

fn streams(figures: &StreamFigures) -> Table {
    let row = |name: &str, times: &Distribution| {
        let mut row = vec![name.to_owned()];
        row.extend(self::times(times));
        row
    };
    let mut table = Table {
        head: head("event streams", ""),
        rows: vec![
            row("to the head of the answer", &figures.connect),
            row("to the first event", &figures.first_event),
            row("from event to event", &figures.gap),
        ],
    };
    table.head.pop();
    table
}

/// How often what happened to them, if it did.
fn counts_of_streams(figures: &StreamFigures) -> Table {
    let counts = [
        ("opened", figures.opened),
        ("events", figures.events),
        ("opened again", figures.reconnects),
        ("gaps that were too long", figures.stalls),
        ("events lost", figures.lost),
        ("events twice", figures.duplicated),
        ("cut short", figures.cut_short),
    ];
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    let rows = counts.map(|(name, count)| vec![name.to_owned(), count.to_string()]);
    Table {
        head: ["event streams", "how many"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

fn head(first: &str, last: &str) -> Vec<String> {
    [first, "how many", "P50", "P95", "P99", "longest", last]
        .map(str::to_owned)
        .to_vec()
}

fn times(times: &Distribution) -> [String; 5] {
    let told = |nanoseconds| {
        if times.count == 0 {
            "none".to_owned()
        } else {
            time(nanoseconds)
        }
    };
    [
        times.count.to_string(),
        told(times.p50),
        told(times.p95),
        told(times.p99),
        told(times.max),
    ]
}

fn failures(outcome: &Outcome) -> Table {
    let of_iterations = outcome
        .latency
        .failures
        .iter()
        .map(|failure| ("iteration".to_owned(), failure));
    let of_requests = outcome.requests.iter().flat_map(|requests| {
        let name = name(&requests.name);
        requests
            .latency
            .failures
            .iter()
            .map(move |failure| (name.clone(), failure))
    });
    let streams = outcome
        .streams
        .iter()
        .flat_map(|streams| &streams.all.failures);
    let of_streams = streams.map(|failure| ("stream".to_owned(), failure));
    let all = of_iterations.chain(of_requests).chain(of_streams);
    let rows = all
        .take(MAX_ROWS)
        .map(|(what, failure)| vec![what, name(&failure.name), failure.count.to_string()]);
    Table {
        head: ["of", "why", "how many"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

fn checks(outcome: &Outcome) -> Table {
    let rows = outcome.checks.iter().take(MAX_ROWS).map(|check| {
        vec![
            name(&check.name),
            check.passed.to_string(),
            check.failed.to_string(),
        ]
    });
    Table {
        head: ["check", "passed", "failed"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

fn name(given: &str) -> String {
    clip(&clean(given), MAX_NAME)
}
