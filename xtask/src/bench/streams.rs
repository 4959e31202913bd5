//! Event streams by the thousand, all open at once, with an event each second: whether one is lost, and what a stream costs.

use std::time::Duration;

use serde_json::{Value, json};

use super::Bench;
use super::host::{Executor, Load, Made};
use super::section::{Judgement, Section, Table, Wanted, number};
use super::server::Server;
use super::settled::{Memory, Settled};
use super::statistics::Spread;
use crate::Outcome;
use crate::process;

/// Streams that are open at once.
const CROWDS: [u32; 2] = [1_000, 10_000];
/// So many are opened each second: no server accepts ten thousand at once.
const OPENED_A_SECOND: u32 = 1_000;
/// Events of each, one each second.
const EVENTS: u64 = 30;
/// Of the stream beside whose host the others are seen.
const EVENTS_ALONE: u64 = 5;
/// They take half a minute each.
const ROUNDS: usize = 2;
/// What reading to the end may take beside that.
const SPARE: u64 = 30;
const KIB: f64 = 1_024.0;
const MOST_EACH: f64 = 16.0;

/// What was measured with so many streams.
struct Held {
    streams: u32,
    rounds: Vec<Round>,
    refused: Option<String>,
}

struct Round {
    outcome: Value,
    /// Bytes of the host while all are open, above those with one stream.
    more: f64,
    processor_time: Duration,
}

pub(super) fn measure(bench: &Bench) -> Outcome<Section> {
    let server = Server::start(bench.cores)?;
    let rounds = bench.rounds.min(ROUNDS);
    let mut all = CROWDS.map(|streams| Held {
        streams,
        rounds: Vec::new(),
        refused: None,
    });
    for round in 1..=rounds {
        process::say(&format!("round {round} of {rounds}"));
        let (_, alone) = open(bench, &server, 1, EVENTS_ALONE)?;
        for held in &mut all {
            let (made, memory) = open(bench, &server, held.streams, EVENTS)?;
            match with_memory(made.outcome, memory, &alone) {
                Ok((outcome, more)) => held.rounds.push(Round {
                    outcome,
                    more,
                    processor_time: made.watched.processor_time,
                }),
                Err(message) => held.refused = Some(message),
            }
        }
    }
    Ok(section(&all, rounds, &open_files()))
}

/// What there is beside one stream; the error is what the host said, or that nobody saw its memory.
fn with_memory(
    outcome: Result<Value, String>,
    memory: Result<Memory, String>,
    alone: &Result<Memory, String>,
) -> Result<(Value, f64), String> {
    let outcome = outcome?;
    let alone = alone.clone()?;
    Ok((outcome, memory?.resident - alone.resident))
}

/// Opens streams, and looks at the host's memory from when all are open to the end of the first.
fn open(
    bench: &Bench,
    server: &Server,
    streams: u32,
    events: u64,
) -> Outcome<(Made, Result<Memory, String>)> {
    let opening = u64::from(streams.div_ceil(OPENED_A_SECOND));
    let load = Load {
        scenario: "reads-a-stream",
        vus: streams,
        executor: Executor::Rate(f64::from(streams.min(OPENED_A_SECOND)), opening),
        grace: Some(events + SPARE),
        isolated: false,
        parameter: server.events(events),
        folder: "streams",
    };
    let expected = Duration::from_secs(opening + events + SPARE);
    let [opened, first_ends] = [opening, events - 1].map(Duration::from_secs);
    let mut settled = Settled::between(opened, first_ends);
    let made = load.make(bench.cores, expected, |process| {
        settled.look(&load, process);
    })?;
    Ok((made, settled.seen()))
}

impl Held {
    /// Events that did not come, by the ids that were left out and by the number of all.
    fn lost(&self) -> Option<f64> {
        let wanted = f64::from(self.streams) * float(EVENTS);
        let lost = |round: &Round| {
            let of = |name: &str| round.outcome["streams"][name].as_f64().unwrap_or(0.0);
            of("lost").max(wanted - of("events"))
        };
        Some(self.spread(lost)?.greatest())
    }

    fn duplicated(&self) -> Option<f64> {
        Some(
            self.spread(|round| figure(round, &["duplicated"]))?
                .greatest(),
        )
    }

    /// How many streams were not opened or broke in all rounds, and why.
    fn failures(&self) -> String {
        let rounds = self.rounds.iter();
        let failures = rounds.filter_map(|round| round.outcome["streams"]["failures"].as_array());
        let told: Vec<String> = failures
            .flatten()
            .map(|failure| {
                let name = failure["name"].as_str().unwrap_or_default();
                format!("{} {name}", failure["count"])
            })
            .collect();
        if told.is_empty() {
            return "none".to_owned();
        }
        told.join(", ")
    }

    /// KiB for each stream.
    fn memory(&self) -> Option<Spread> {
        self.spread(|round| round.more / KIB / f64::from(self.streams))
    }

    fn spread(&self, figure: impl Fn(&Round) -> f64) -> Option<Spread> {
        Spread::of(self.rounds.iter().map(figure))
    }

    fn row(&self) -> Vec<String> {
        let write = |spread: Option<Spread>| {
            spread.map_or_else(|| "–".to_owned(), |spread| spread.text(number))
        };
        let milliseconds = |path: &[&str]| write(self.spread(|round| figure(round, path) / 1e6));
        let (name, said) = (number(self.streams.into()), self.refused.as_ref());
        vec![
            said.map_or(name.clone(), |said| {
                format!("{name}: the host said \"{said}\"")
            }),
            write(self.spread(|round| figure(round, &["most_open"]))),
            self.failures(),
            write(self.spread(|round| figure(round, &["events"]))),
            write(self.lost().and_then(|lost| Spread::of([lost]))),
            write(self.duplicated().and_then(|count| Spread::of([count]))),
            write(self.memory()),
            write(self.spread(share)),
            milliseconds(&["connect", "p99"]),
            milliseconds(&["gap", "p99"]),
            milliseconds(&["gap", "max"]),
        ]
    }

    fn raw(&self) -> Value {
        let round = |round: &Round| {
            json!({
                "outcome": round.outcome, "more_bytes": round.more,
                "processor_s": round.processor_time.as_secs_f64(),
            })
        };
        json!({
            "streams": self.streams, "refused": self.refused,
            "rounds": self.rounds.iter().map(round).collect::<Vec<_>>(),
        })
    }
}

/// Of what the report says of streams.
fn figure(round: &Round, path: &[&str]) -> f64 {
    let streams = &round.outcome["streams"];
    let value = path.iter().fold(streams, |value, name| &value[*name]);
    value.as_f64().unwrap_or(f64::NAN)
}

/// Percent of a core, opening included.
fn share(round: &Round) -> f64 {
    let elapsed = round.outcome["elapsed_ns"].as_f64().unwrap_or(f64::NAN) / 1e9;
    round.processor_time.as_secs_f64() / elapsed * 100.0
}

fn section(all: &[Held], rounds: usize, open_files: &str) -> Section {
    let mut table = Table::new(&[
        "Streams",
        "Open at once",
        "Not opened, or broken",
        "Events",
        "Lost",
        "Duplicated",
        "RSS for each, KiB",
        "Processor, % of a core",
        "Opened, P99, ms",
        "Gap, P99, ms",
        "Longest gap, ms",
    ]);
    let mut judgement = Judgement::new();
    for held in all {
        table.row(&held.row());
        let name = number(held.streams.into());
        judgement.row(
            &format!("lost of {name} streams"),
            Wanted::AtMost(0.0),
            held.lost(),
            " events",
        );
        judgement.row(
            &format!("RSS for each of {name} streams"),
            Wanted::AtMost(MOST_EACH),
            held.memory().map(|memory| memory.median()),
            " KiB",
        );
    }
    Section {
        text: format!(
            "Virtual users that share an instance each open a stream, {} a second, and read {EVENTS} numbered events, one each second, to its end. Memory is what the host has while all are open above what it has with a single one. Rounds: {rounds}; medians (least to greatest); of lost and duplicated events the most. An event of a stream that was not opened is lost, too. Open files are limited to {open_files} for each process.\n\n{}\n{}",
            number(OPENED_A_SECOND.into()),
            table.text(),
            judgement.text()
        ),
        raw: all.iter().map(Held::raw).collect(),
        charts: Vec::new(),
    }
}

/// The hard limit, to which host and server raise their own.
fn open_files() -> String {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let hard = line.and_then(|line| line.split_whitespace().nth(1));
    hard.unwrap_or("an unknown number").to_owned()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "bytes and events that are measured are far below 2^52"
)]
fn float(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(events: u64, lost: u64) -> Held {
        let outcome = json!({
            "elapsed_ns": 2_000_000_000_u64,
            "streams": {"events": events, "lost": lost, "duplicated": 0, "most_open": 10, "gap": {"p99": 5_000_000}},
        });
        Held {
            streams: 10,
            rounds: vec![Round {
                outcome,
                more: 81_920.0,
                processor_time: Duration::from_secs(1),
            }],
            refused: None,
        }
    }

    #[test]
    fn an_event_is_lost_if_its_id_is_left_out_or_if_it_never_came() {
        assert_eq!(held(300, 0).lost(), Some(0.0));
        assert_eq!(held(300, 2).lost(), Some(2.0));
        assert_eq!(held(297, 0).lost(), Some(3.0));
    }

    #[test]
    fn memory_and_processor_time_are_shared_out() {
        let held = held(300, 0);
        assert_eq!(held.row()[6], "8");
        assert_eq!(held.row()[7], "50");
        assert_eq!(held.row()[9], "5");
    }

    #[test]
    fn streams_that_were_not_opened_are_told_with_the_reason() {
        let mut held = held(300, 0);
        assert_eq!(held.failures(), "none");
        held.rounds[0].outcome["streams"]["failures"] = json!([{"name": "timeout", "count": 3}]);
        assert_eq!(held.failures(), "3 timeout");
    }

    #[test]
    fn the_limit_of_open_files_is_told() {
        assert!(open_files().parse::<u64>().is_ok(), "{}", open_files());
    }
}
