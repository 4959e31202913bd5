//! Whether a rate is kept: so many starts each second, and the time of each counted from when it should have started.

use std::time::Duration;

use serde_json::Value;

use super::Bench;
use super::cores::written;
use super::host::{Executor, Load};
use super::section::{Judgement, Section, Table, Wanted, number};
use super::server::Server;
use super::statistics::Spread;
use crate::Outcome;
use crate::process;

/// Starts each second, and for how long.
const RATE: f64 = 20_000.0;
const SECONDS: u64 = 10;
const VUS: u32 = 64;
const ROUNDS: usize = 3;
/// Percent that the rate may be off.
const MOST_OFF: f64 = 1.0;

pub(super) fn measure(bench: &Bench) -> Outcome<Section> {
    let server = Server::start(bench.cores)?;
    let load = Load {
        scenario: "fires-alone",
        vus: VUS,
        executor: Executor::Rate(RATE, SECONDS),
        grace: None,
        isolated: false,
        parameter: server.url(),
        folder: "rate",
    };
    let rounds = bench.rounds.min(ROUNDS);
    let mut outcomes = Vec::new();
    for round in 1..=rounds {
        process::say(&format!("round {round} of {rounds}"));
        let made = load.make(bench.cores, Duration::from_secs(SECONDS), |_| {})?;
        outcomes.push(made.outcome()?.clone());
    }
    let line = written(&load.command(bench.cores));
    Ok(section(&outcomes, &line))
}

/// How far the achieved rate is from the intended one, in percent of that.
fn off(outcome: &Value) -> f64 {
    let of = |name: &str| outcome[name].as_f64().unwrap_or(f64::NAN);
    let intended = of("intended_per_second");
    (of("per_second") - intended).abs() / intended * 100.0
}

fn section(outcomes: &[Value], line: &str) -> Section {
    let mut table = Table::new(&[
        "Round",
        "Intended, /s",
        "Achieved, /s",
        "Off, %",
        "Dropped",
        "Failed",
        "Median from the intended start, µs",
        "P99, µs",
        "P99.9, µs",
        "Late, P99, µs",
        "Generator",
    ]);
    for (round, outcome) in (1..).zip(outcomes) {
        let write = |value: &Value, unit: f64| {
            value
                .as_f64()
                .map_or_else(|| "?".to_owned(), |value| number(value / unit))
        };
        let times = &outcome["latency"]["succeeded"];
        let generator = &outcome["generator"];
        let busiest = generator["busiest"].as_f64().unwrap_or(f64::NAN) * 100.0;
        let saturated = generator["saturated"].as_bool() == Some(true);
        table.row(&[
            format!("{round}"),
            write(&outcome["intended_per_second"], 1.0),
            write(&outcome["per_second"], 1.0),
            number(off(outcome)),
            write(&outcome["dropped"], 1.0),
            write(&outcome["failed"], 1.0),
            write(&times["p50"], 1e3),
            write(&times["p99"], 1e3),
            write(&times["p999"], 1e3),
            write(&generator["late"]["p99"], 1e3),
            format!(
                "{}, {busiest:.0} % of its core",
                if saturated {
                    "was the limit"
                } else {
                    "was not the limit"
                }
            ),
        ]);
    }
    let mut judgement = Judgement::new();
    let worst = Spread::of(outcomes.iter().map(off)).map(|spread| spread.greatest());
    judgement.row(
        "off the rate, the worst round",
        Wanted::AtMost(MOST_OFF),
        worst,
        " %",
    );
    Section {
        text: format!(
            "{} starts a second for {SECONDS} s by at most {VUS} isolated virtual users with prepared requests. Times count from when each should have started.\n\n{}\n{}\n- `{line}`\n",
            number(RATE),
            table.text(),
            judgement.text()
        ),
        raw: outcomes.iter().cloned().collect(),
        charts: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_off_by_its_share_of_the_intended_one() {
        let outcome = serde_json::json!({"intended_per_second": 200.0, "per_second": 198.0});
        assert!((off(&outcome) - 1.0).abs() < 1e-9);
        let text = section(&[outcome], "host run").text;
        assert!(text.contains("| at most 1 % | 1 % | holds |"), "{text}");
    }
}
