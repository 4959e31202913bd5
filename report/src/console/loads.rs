//! What the console says of loads: how they go, now and then, and what came of them.

use std::collections::BTreeMap;

use assay_load::{outcome::Outcome, series::Point};

use super::{
    now::per_second,
    text::{PLAIN, WARNING, line},
};
use crate::{
    event::{LoadEnd, LoadInfo, LoadMachine, Source},
    refilled,
    words::{clean, duration, headline, time},
};

/// After how many milliseconds a load has its first line; then again whenever that time has doubled, as cases that take long are told.
const FIRST_LINE_MS: u64 = 10_000;

/// Machines of a load that are named; further ones are counted.
const MAX_MACHINES: usize = 8;

/// Loads that run.
#[derive(Debug, Default)]
pub(super) struct Loads {
    running: BTreeMap<(Source, u32), Running>,
}

#[derive(Debug)]
struct Running {
    scenario: String,
    /// When the next line is due, in milliseconds of the load.
    next_line_ms: u64,
    /// What came since the line before.
    since: Since,
}

#[derive(Debug, Default)]
struct Since {
    length_ms: u64,
    iterations: u64,
    failed: u64,
}

impl Loads {
    pub(super) fn started(&mut self, source: &Source, load: &LoadInfo) -> String {
        let running = Running {
            scenario: clean(&load.scenario),
            next_line_ms: FIRST_LINE_MS,
            since: Since::default(),
        };
        let text = format!(
            "{}: {}, {}{}{}",
            id(source),
            running.scenario,
            clean(&load.executor),
            if load.isolated { ", isolated" } else { "" },
            made_by(&load.machines)
        );
        self.running.insert((source.clone(), load.load), running);
        line("load", PLAIN, &text)
    }

    /// A line whenever the time of the load has doubled: its rate since the line before, its times and its users of the last second.
    pub(super) fn went(&mut self, source: &Source, load: u32, point: &Point) -> String {
        let Some(running) = self.running.get_mut(&(source.clone(), load)) else {
            return String::new();
        };
        let since = &mut running.since;
        since.length_ms += point.length_ms;
        since.iterations += point.iterations;
        since.failed += point.failed_iterations;
        let at_ms = point.at_ms.saturating_add(point.length_ms);
        if at_ms < running.next_line_ms {
            return String::new();
        }
        let since = std::mem::take(since);
        running.next_line_ms = running.next_line_ms.max(at_ms).saturating_mul(2);
        let mut text = format!(
            "{}: {} after {}, {} iterations a second, p95 {}, {} virtual users",
            id(source),
            running.scenario,
            duration(at_ms.saturating_mul(1_000_000)),
            per_second(since.iterations, since.length_ms),
            time(point.iteration_times.p95),
            point.vus,
        );
        if since.failed > 0 {
            text = format!("{text}, {} failed", since.failed);
        }
        if point.open_streams > 0 {
            text = format!("{text}, {} streams open", point.open_streams);
        }
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
        let text = format!("{what}: {}", summary(outcome, end));
        let is_whole = end.refilled.is_empty();
        let style = if outcome.aborted.is_some() || outcome.generator.saturated || !is_whole {
            WARNING
        } else {
            PLAIN
        };
        line("load", style, &text)
    }
}

/// In one line.
fn summary(outcome: &Outcome, end: &LoadEnd) -> String {
    let times = &outcome.latency.succeeded;
    let mut parts = vec![
        format!("{} iterations", outcome.iterations),
        format!("{:.1} a second", outcome.per_second),
    ];
    if times.count > 0 {
        parts.push(format!("p95 {}", time(times.p95)));
        parts.push(format!("p99 {}", time(times.p99)));
    }
    let requests = outcome.requests.iter();
    let failed_requests: u64 = requests.map(|name| name.latency.failed.count).sum();
    for (count, what) in [
        (outcome.failed, "failed"),
        // Also where a threshold lets iterations pass that did not look at them.
        (failed_requests, "requests failed"),
        (outcome.dropped, "never started"),
        (outcome.interrupted, "cut off"),
        (end.replaced, "instances replaced"),
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
        parts.push(generator(&end.saturated));
    }
    let shown = end.refilled.iter().take(MAX_MACHINES);
    parts.extend(shown.map(refilled::line));
    if end.refilled.len() > MAX_MACHINES {
        let further = end.refilled.len() - MAX_MACHINES;
        parts.push(format!("{further} more were lost and made up for"));
    }
    parts.join(", ")
}

/// Who made the load, if it was not this host alone.
fn made_by(machines: &[LoadMachine]) -> String {
    if machines.is_empty() {
        return String::new();
    }
    let shown = machines.iter().take(MAX_MACHINES);
    let mut shown: Vec<String> = shown
        .map(|machine| format!("{} ({})", clean(&machine.name), machine.vus))
        .collect();
    if machines.len() > MAX_MACHINES {
        shown.push(format!("and {} more", machines.len() - MAX_MACHINES));
    }
    format!(", virtual users on {}", shown.join(", "))
}

fn generator(saturated: &[String]) -> String {
    if saturated.is_empty() {
        return "the generator itself was the limit".to_owned();
    }
    let shown = saturated.iter().take(MAX_MACHINES);
    let mut shown: Vec<String> = shown.map(|name| clean(name)).collect();
    if saturated.len() > MAX_MACHINES {
        shown.push(format!("and {} more", saturated.len() - MAX_MACHINES));
    }
    format!("the generator itself was the limit on {}", shown.join(", "))
}

fn id(source: &Source) -> String {
    clean(&format!("{}/{}", source.suite, source.entry))
}

#[cfg(test)]
mod tests {
    use assay_load::outcome::{Distribution, Requests, Split};

    use super::*;

    fn end(outcome: Outcome) -> LoadEnd {
        LoadEnd {
            load: 1,
            outcome: Some(Box::new(outcome)),
            message: None,
            replaced: 0,
            failed_checks: Vec::new(),
            dropped_logs: 0,
            dropped_attachments: 0,
            saturated: Vec::new(),
            lost: None,
            refilled: Vec::new(),
        }
    }

    #[test]
    fn a_load_has_a_line_at_its_start_one_whenever_its_time_has_doubled_and_one_at_its_end() {
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
            machines: Vec::new(),
        };
        let mut loads = Loads::default();
        let said = loads.started(&source, &info);
        assert!(
            said.contains("shop/orders: browse, 3 virtual users for 25s, isolated"),
            "{said}"
        );
        let second = |number: u64| Point {
            at_ms: number * 1_000,
            length_ms: 1_000,
            iterations: 40,
            failed_iterations: 1,
            vus: 3,
            ..Point::default()
        };
        let lines = (0..85).map(|number| loads.went(&source, 1, &second(number)));
        let said: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
        assert_eq!(said.len(), 4, "{said:?}");
        for (line, after, failed) in [
            (&said[0], "10.000 s", 10),
            (&said[1], "20.000 s", 10),
            (&said[2], "40.000 s", 20),
            (&said[3], "1 min 20 s", 40),
        ] {
            assert!(
                line.contains(&format!("after {after}, 40 iterations a second"))
                    && line.contains(&format!(", {failed} failed")),
                "{line}"
            );
        }
        let end = end(Outcome {
            iterations: 1_000,
            failed: 25,
            limit: Some(7.0),
            ..Outcome::default()
        });
        let said = loads.ended(&source, &end);
        assert!(
            said.contains("1000 iterations") && said.contains("25 failed"),
            "{said}"
        );
        assert!(said.contains("limit 7"), "{said}");
        assert_eq!(loads.ended(&source, &end), "");
    }

    #[test]
    fn requests_that_fail_are_told_though_no_iteration_noticed_and_no_percentiles_of_nothing() {
        let requests = |failed| Requests {
            name: "get".into(),
            received: 0,
            by_phase: BTreeMap::new(),
            latency: Split {
                failed: Distribution {
                    count: failed,
                    ..Distribution::default()
                },
                ..Split::default()
            },
        };
        let mut outcome = Outcome {
            iterations: 9,
            requests: vec![requests(4), requests(3)],
            ..Outcome::default()
        };
        let parts = |outcome: &Outcome| summary(outcome, &end(outcome.clone()));
        assert_eq!(
            parts(&outcome),
            "9 iterations, 0.0 a second, 7 requests failed"
        );
        outcome.latency.succeeded.count = 9;
        assert_eq!(
            parts(&outcome),
            "9 iterations, 0.0 a second, p95 0.00 µs, p99 0.00 µs, 7 requests failed"
        );
    }

    #[test]
    fn the_machines_of_a_load_are_named_up_to_a_number() {
        let machine = |number: usize| LoadMachine {
            name: format!("agent-{number}"),
            weight: 1,
            vus: 3,
            clock: None,
        };
        let machines = |count| made_by(&(0..count).map(machine).collect::<Vec<_>>());
        assert_eq!(machines(0), "");
        assert_eq!(machines(2), ", virtual users on agent-0 (3), agent-1 (3)");
        assert!(machines(8).ends_with("agent-7 (3)"));
        assert!(machines(10).ends_with("agent-7 (3), and 2 more"));
        let names: Vec<_> = (0..9).map(|number| machine(number).name).collect();
        assert!(generator(&names[..1]).ends_with("limit on agent-0"));
        assert!(generator(&names).ends_with("agent-7, and 1 more"));
    }
}
