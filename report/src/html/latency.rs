//! How long requests of cases took: of all suites beside each other, and in each suite by name.

use askama::{Template, filters::HtmlSafe};

use super::{
    distribution::{MAX_LINES, Named, as_figure, histogram, percentiles},
    plot::Plot,
    scale::Scale,
};
use crate::{
    event::Phase,
    json::document::{Report, RequestSummary, Suite, Times},
    words::{clean, clip, time},
};

/// Names of a suite in its table: those that took longest.
const MAX_NAMES: usize = 60;
/// Characters of a name.
const MAX_NAME: usize = 120;

/// What is shown.
#[derive(Clone, Debug, Template)]
#[template(path = "latency.html")]
pub(super) struct Latency {
    plots: Vec<Plot>,
    suites: Vec<OfSuite>,
}

impl HtmlSafe for Latency {}

#[derive(Clone, Debug)]
struct OfSuite {
    name: String,
    told: String,
    plots: Vec<Plot>,
    rows: Vec<Row>,
    hidden: usize,
}

/// The requests of one name, or of one phase of it.
#[derive(Clone, Debug)]
struct Row {
    name: String,
    /// Whether it is a part of the row before it.
    is_part: bool,
    count: u64,
    failed: String,
    times: Option<Range>,
}

/// From the shortest to the longest, to the axis that all rows of a suite share.
#[derive(Clone, Debug)]
struct Range {
    min: String,
    p50: String,
    p95: String,
    p99: String,
    max: String,
    drawn: Drawn,
}

/// Places in percent of the width.
#[derive(Clone, Debug)]
struct Drawn {
    from: String,
    to: String,
    middle: String,
    middle_width: String,
    median: String,
    p99: String,
}

impl Latency {
    /// None if no request had an answer.
    pub(super) fn new(report: &Report) -> Option<Self> {
        let mut all = Named::new("all".to_owned());
        let mut by_suite = Vec::new();
        for suite in &report.suites {
            let named = of_suite(suite);
            for requests in &suite.requests {
                all.add(&requests.histogram);
            }
            by_suite.push(named);
        }
        by_suite.sort_by_key(|named| std::cmp::Reverse(named.count()));
        let plots: Vec<_> = percentiles("Percentiles by suite", &by_suite)
            .into_iter()
            .chain(histogram("All answers by their time", &all))
            .collect();
        let suites: Vec<_> = report.suites.iter().filter_map(OfSuite::new).collect();
        (!suites.is_empty()).then_some(Self { plots, suites })
    }
}

fn of_suite(suite: &Suite) -> Named {
    let mut named = Named::new(clean(&suite.name));
    for requests in &suite.requests {
        named.add(&requests.histogram);
    }
    named
}

impl OfSuite {
    /// None if it sent no request.
    fn new(suite: &Suite) -> Option<Self> {
        if suite.requests.is_empty() {
            return None;
        }
        let mut requests: Vec<&RequestSummary> = suite.requests.iter().collect();
        requests
            .sort_by_key(|requests| std::cmp::Reverse(requests.duration.map(|times| times.p99_ns)));
        let slowest: Vec<Named> = requests
            .iter()
            .filter(|requests| !requests.histogram.is_empty())
            .take(MAX_LINES)
            .map(|requests| of_name(requests))
            .collect();
        let plots = percentiles("Percentiles of the slowest", &slowest)
            .into_iter()
            .chain(histogram(
                "All of the suite by their time",
                &of_suite(suite),
            ));
        let hidden = requests.len().saturating_sub(MAX_NAMES);
        requests.truncate(MAX_NAMES);
        let scale = scale(&requests);
        let sum = |of: fn(&RequestSummary) -> u64| suite.requests.iter().map(of).sum::<u64>();
        let unanswered = match sum(|requests| requests.errors) {
            0 => String::new(),
            errors => format!(", {errors} without an answer"),
        };
        Some(Self {
            name: clean(&suite.name),
            told: format!("{} requests{unanswered}", sum(|requests| requests.count)),
            plots: plots.collect(),
            rows: requests
                .iter()
                .flat_map(|requests| rows(requests, &scale))
                .collect(),
            hidden,
        })
    }
}

fn of_name(requests: &RequestSummary) -> Named {
    let mut named = Named::new(name(&requests.name));
    named.add(&requests.histogram);
    named
}

fn scale(requests: &[&RequestSummary]) -> Scale {
    let times = || requests.iter().filter_map(|requests| requests.duration);
    let least = times().map(|times| times.min_ns).min().unwrap_or(1);
    let most = times().map(|times| times.max_ns).max().unwrap_or(1);
    Scale::factors(as_figure(least.max(1)), as_figure(most.max(1)))
}

/// A row for the name, and one for each phase if there were several.
fn rows(requests: &RequestSummary, scale: &Scale) -> Vec<Row> {
    let all = Row {
        name: name(&requests.name),
        is_part: false,
        count: requests.count,
        failed: failed(requests.errors, requests.statuses.iter()),
        times: requests.duration.map(|times| Range::new(&times, scale)),
    };
    let parts = requests.by_phase.iter().map(|(phase, part)| Row {
        name: match phase {
            Phase::Baseline => "without a fault".to_owned(),
            Phase::Fault => "during a fault".to_owned(),
            Phase::Recovery => "after a fault".to_owned(),
        },
        is_part: true,
        count: part.count,
        failed: failed(part.errors, part.statuses.iter()),
        times: part.duration.map(|times| Range::new(&times, scale)),
    });
    std::iter::once(all).chain(parts).collect()
}

/// What was no success, in words.
fn failed<'a>(unanswered: u64, statuses: impl Iterator<Item = (&'a u16, &'a u64)>) -> String {
    let none = (unanswered > 0).then(|| format!("{unanswered} × no answer"));
    let bad = statuses.filter(|(status, _)| **status >= 400);
    let bad = bad.map(|(status, count)| format!("{count} × {status}"));
    none.into_iter()
        .chain(bad)
        .take(8)
        .collect::<Vec<_>>()
        .join(", ")
}

fn name(given: &str) -> String {
    clip(&clean(given), MAX_NAME)
}

impl Range {
    fn new(times: &Times, scale: &Scale) -> Self {
        let place = |nanoseconds: u64| scale.place(as_figure(nanoseconds.max(1))) * 100.0;
        let percent = |place: f64| format!("{place:.1}");
        let (from, median, p95) = (
            place(times.min_ns),
            place(times.p50_ns),
            place(times.p95_ns),
        );
        Self {
            min: time(times.min_ns),
            p50: time(times.p50_ns),
            p95: time(times.p95_ns),
            p99: time(times.p99_ns),
            max: time(times.max_ns),
            drawn: Drawn {
                from: percent(from),
                to: percent(place(times.max_ns)),
                middle: percent(median),
                middle_width: percent((p95 - median).max(0.5)),
                median: percent(median),
                p99: percent(place(times.p99_ns)),
            },
        }
    }
}
