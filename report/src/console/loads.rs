//! What the console says of loads: how they go, now and then, and what came of them.

use std::collections::BTreeMap;

use assay_load::{outcome::Outcome, series::Point};

use super::text::{PLAIN, WARNING, line};
use crate::{
    event::{LoadEnd, LoadInfo, Source},
    words::{clean, headline, time},
};

/// How many seconds of a load a line holds.
const SECONDS_OF_A_LINE: u64 = 10;

/// Loads that run.
#[derive(Debug, Default)]
pub(super) struct Loads {
    running: BTreeMap<(Source, u32), Running>,
}

#[derive(Debug)]
struct Running {
    scenario: String,
    seconds: u64,
    iterations: u64,
    failed: u64,
}

impl Loads {
    pub(super) fn started(&mut self, source: &Source, load: &LoadInfo) -> String {
        let running = Running {
            scenario: clean(&load.scenario),
            seconds: 0,
            iterations: 0,
            failed: 0,
        };
        let text = format!(
            "{}: {}, {}{}",
            id(source),
            running.scenario,
            clean(&load.executor),
            if load.isolated { ", isolated" } else { "" }
        );
        self.running.insert((source.clone(), load.load), running);
        line("load", PLAIN, &text)
    }

    /// A line for each few seconds.
    pub(super) fn went(&mut self, source: &Source, load: u32, point: &Point) -> String {
        let Some(running) = self.running.get_mut(&(source.clone(), load)) else {
            return String::new();
        };
        running.seconds += 1;
        running.iterations += point.iterations;
        running.failed += point.failed_iterations;
        if !running.seconds.is_multiple_of(SECONDS_OF_A_LINE) {
            return String::new();
        }
        let mut text = format!(
            "{}: {} after {} s, {} iterations a second, p95 {}, {} virtual users",
            id(source),
            running.scenario,
            running.seconds,
            running.iterations / SECONDS_OF_A_LINE,
            time(point.iteration_times.p95),
            point.vus,
        );
        if running.failed > 0 {
            text = format!("{text}, {} failed", running.failed);
        }
        if point.open_streams > 0 {
            text = format!("{text}, {} streams open", point.open_streams);
        }
        (running.iterations, running.failed) = (0, 0);
        line("load", PLAIN, &text)
    }

    pub(super) fn ended(&mut self, source: &Source, end: &LoadEnd) -> String {
        let Some(running) = self.running.remove(&(source.clone(), end.load)) else {
            return String::new();
        };
        let what = format!("{}: {}", id(source), running.scenario);
        let Some(outcome) = &end.outcome else {
            let why = end.message.as_deref().map_or("no outcome", headline);
            return line("load", WARNING, &format!("{what}: {}", clean(why)));
        };
        let text = format!("{what}: {}", summary(outcome, end.replaced));
        let style = if outcome.aborted.is_some() || outcome.generator.saturated {
            WARNING
        } else {
            PLAIN
        };
        line("load", style, &text)
    }
}

/// In one line.
fn summary(outcome: &Outcome, replaced: u64) -> String {
    let times = &outcome.latency.succeeded;
    let mut parts = vec![
        format!("{} iterations", outcome.iterations),
        format!("{:.1} a second", outcome.per_second),
        format!("p95 {}", time(times.p95)),
        format!("p99 {}", time(times.p99)),
    ];
    for (count, what) in [
        (outcome.failed, "failed"),
        (outcome.dropped, "never started"),
        (outcome.interrupted, "cut off"),
        (replaced, "instances replaced"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    if let Some(limit) = outcome.limit {
        parts.push(format!("limit {limit}"));
    }
    if let Some(why) = &outcome.aborted {
        parts.push(format!("aborted: {}", clean(headline(why))));
    }
    if outcome.generator.saturated {
        parts.push("the generator itself was the limit".to_owned());
    }
    parts.join(", ")
}

fn id(source: &Source) -> String {
    clean(&format!("{}/{}", source.suite, source.entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_has_a_line_at_its_start_one_for_each_ten_seconds_and_one_at_its_end() {
        let source = Source {
            suite: "shop".into(),
            entry: "orders".into(),
            attempt: 1,
        };
        let info = LoadInfo {
            load: 1,
            scenario: "browse".into(),
            executor: "3 virtual users for 25s".into(),
            vus: 3,
            isolated: true,
            threads: 2,
            planned_ns: None,
        };
        let mut loads = Loads::default();
        let said = loads.started(&source, &info);
        assert!(
            said.contains("shop/orders: browse, 3 virtual users for 25s, isolated"),
            "{said}"
        );
        let point = Point {
            iterations: 40,
            failed_iterations: 1,
            vus: 3,
            ..Point::default()
        };
        let lines: Vec<String> = (0..25).map(|_| loads.went(&source, 1, &point)).collect();
        let said: Vec<_> = lines.iter().filter(|line| !line.is_empty()).collect();
        assert_eq!(said.len(), 2);
        assert!(
            said[0].contains("after 10 s, 40 iterations a second"),
            "{said:?}"
        );
        assert!(
            said[1].contains("after 20 s") && said[1].contains("10 failed"),
            "{said:?}"
        );
        let end = LoadEnd {
            load: 1,
            outcome: Some(Box::new(Outcome {
                iterations: 1_000,
                failed: 25,
                limit: Some(7.0),
                ..Outcome::default()
            })),
            message: None,
            replaced: 0,
            failed_checks: Vec::new(),
            dropped_logs: 0,
            dropped_attachments: 0,
        };
        let said = loads.ended(&source, &end);
        assert!(
            said.contains("1000 iterations") && said.contains("25 failed"),
            "{said}"
        );
        assert!(said.contains("limit 7"), "{said}");
        assert_eq!(loads.ended(&source, &end), "");
    }
}
