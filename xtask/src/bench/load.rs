//! Load as fast as it goes: ours in five ways, native clients and programs of others, in turns, each on the same core against the same
//! server. What each says of itself is believed only where the server counted as much.

mod contender;
mod latency;
mod told;
mod turn;

use serde_json::{Value, json};

use super::Bench;
use super::chart::{self, Bar};
use super::section::{Judgement, Section, Table, Wanted, number};
use super::server::Server;
use super::statistics::Spread;
use crate::Outcome;
use crate::process;
use contender::{Contender, PLAIN, POOL, PREPARED, Peer, Size};
use turn::Turn;

/// What everybody does.
const SIZE: Size = Size {
    connections: 64,
    seconds: 3,
    per_second: None,
};

/// What is looked at of a turn.
type Figure = fn(&Turn) -> f64;

/// A contender and what came of its turns.
struct Contest {
    contender: Contender,
    line: String,
    version: Option<String>,
    /// How to install it, where it is not.
    missing: Option<&'static str>,
    /// One for each round, if it is to be believed.
    turns: Vec<Option<Turn>>,
    problems: Vec<String>,
}

pub(super) fn measure(bench: &Bench) -> Outcome<Section> {
    let server = Server::start(bench.cores)?;
    let mut contests: Vec<Contest> = Contender::ALL
        .iter()
        .map(|contender| Contest::new(*contender, bench, &server, SIZE))
        .collect();
    take_turns(&mut contests, bench, &server, SIZE);
    let added = latency::measure(bench, &server);
    let (text, charts) = (text(&contests, bench), charts(&contests));
    let raw = contests
        .iter()
        .map(|contest| (contest.contender.name().to_owned(), contest.raw()));
    let mut raw: serde_json::Map<String, Value> = raw.collect();
    raw.insert("at a low rate".to_owned(), added.raw);
    Ok(Section {
        text: format!("{text}\n{}", added.text),
        raw: Value::Object(raw),
        charts,
    })
}

/// Round by round, so that whatever else the machine does befalls all of them.
fn take_turns(contests: &mut [Contest], bench: &Bench, server: &Server, size: Size) {
    for round in 1..=bench.rounds {
        process::say(&format!("round {round} of {}", bench.rounds));
        for contest in contests
            .iter_mut()
            .filter(|contest| contest.missing.is_none())
        {
            match contest.contender.turn(bench, server, size) {
                Ok(turn) => contest.turns.push(Some(turn)),
                Err(problem) => {
                    process::say(&format!("{}: {problem}", contest.contender.name()));
                    contest.problems.push(problem);
                    contest.turns.push(None);
                }
            }
        }
    }
}

impl Contest {
    fn new(contender: Contender, bench: &Bench, server: &Server, size: Size) -> Self {
        Self {
            contender,
            line: contender.line(bench, server, size),
            version: contender.version(bench),
            missing: contender.missing(bench),
            turns: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// None without a single turn that is believed.
    fn spread(&self, figure: impl Fn(&Turn) -> f64) -> Option<Spread> {
        Spread::of(self.turns.iter().flatten().map(figure))
    }

    /// Something between both, in each round in which both have a turn.
    fn beside(&self, other: &Self, figure: impl Fn(&Turn, &Turn) -> f64) -> Option<Spread> {
        let rounds = self.turns.iter().zip(&other.turns);
        Spread::of(rounds.filter_map(|pair| match pair {
            (Some(one), Some(other)) => Some(figure(one, other)),
            _ => None,
        }))
    }

    fn row(&self) -> Vec<String> {
        let name = self.contender.name().to_owned();
        if let Some(install) = self.missing {
            return vec![name, format!("not installed: `{install}`")];
        }
        let Some(rate) = self.spread(Turn::per_second) else {
            let problem = self.problems.first();
            return vec![
                name,
                format!("**no figure**: {}", problem.map_or("", |text| text)),
            ];
        };
        let figures: [(Figure, _); 5] = [
            (Turn::cost, 2),
            (Turn::megabytes, 1),
            (|turn| turn.told.p50, 0),
            (|turn| turn.told.p99, 0),
            (Turn::server_share, 0),
        ];
        let name = match (self.problems.len(), self.problems.first()) {
            (count, Some(problem)) => format!("{name} (without {count} of its turns: {problem})"),
            _ => name,
        };
        let mut row = vec![name, rate.text(number)];
        for (figure, decimals) in figures {
            let spread = self.spread(figure);
            row.push(spread.map_or_else(String::new, |spread| {
                spread.text(|value| format!("{value:.decimals$}"))
            }));
        }
        row
    }

    fn raw(&self) -> Value {
        json!({
            "command": self.line, "version": self.version, "missing": self.missing, "problems": self.problems,
            "turns": self.turns.iter().flatten().map(Turn::raw).collect::<Vec<_>>(),
        })
    }
}

fn text(contests: &[Contest], bench: &Bench) -> String {
    let mut figures = Table::new(&[
        "Who",
        "Requests a second",
        "Processor time for one, µs",
        "Peak RSS, MB",
        "Median latency, µs",
        "P99, µs",
        "Server busy, %",
    ]);
    for contest in contests {
        let mut row = contest.row();
        row.resize(7, String::new());
        figures.row(&row);
    }
    format!(
        "Each makes load over {} connections (HTTP/1.1, kept alive, answers of 13 bytes) for {} s on core {}; the server has core {} to itself. Rounds in turns, of which there are {}: medians (least to greatest). Requests a second and latencies are what each says of itself; a turn counts only if it failed no request and the server answered as many. Processor time and memory are those of the whole process, its start and end included. Prepared requests begin an iteration (`opens_with`); fired ones are the same, sent in the midst of one. Where the server was busy all the time, it was the limit. hey tells latencies in steps of 100 µs, locust of 1 ms.\n\n{}\n### What is wanted\n\nThe median of the ratios of all rounds. Processor time says more than requests a second where the server was the limit, or where others had their share of the core.\n\n{}\n### Ratios\n\n{}\n### Commands\n\n{}",
        SIZE.connections,
        SIZE.seconds,
        bench.cores.client,
        bench.cores.server,
        bench.rounds,
        figures.text(),
        judgement(contests),
        ratios(contests),
        commands(contests),
    )
}

fn commands(contests: &[Contest]) -> String {
    let line = |contest: &Contest| {
        let version = contest.version.as_ref();
        let version = version.map_or_else(String::new, |version| format!(" ({version})"));
        let name = contest.contender.name();
        format!("- {name}{version}: `{}`\n", contest.line)
    };
    contests.iter().map(line).collect()
}

/// Of a figure of the one to that of the other, in each round in which both have one.
fn ratio(
    contests: &[Contest],
    one: Contender,
    other: Contender,
    figure: impl Fn(&Turn) -> f64,
) -> Option<Spread> {
    let find = |wanted| contests.iter().find(|contest| contest.contender == wanted);
    find(one)?.beside(find(other)?, |one, other| figure(one) / figure(other))
}

fn judgement(contests: &[Contest]) -> String {
    let mut judgement = Judgement::new();
    let rates = [
        ("isolated, prepared ÷ hyper pool", PREPARED, POOL, 0.9),
        (
            "isolated, prepared ÷ oha",
            PREPARED,
            Contender::Peer(Peer::Oha),
            1.15,
        ),
        (
            "isolated, prepared ÷ k9-load",
            PREPARED,
            Contender::Peer(Peer::K9),
            1.4,
        ),
        (
            "isolated, prepared ÷ wrk -t1",
            PREPARED,
            Contender::Peer(Peer::Wrk),
            0.7,
        ),
        ("isolated, plain ÷ hyper pool", PLAIN, POOL, 0.65),
    ];
    let figures: [(_, Figure); 2] = [
        ("requests a second", Turn::per_second),
        ("requests for the same processor time", |turn| {
            1.0 / turn.cost()
        }),
    ];
    for (name, figure) in figures {
        for (what, one, other, least) in rates {
            let ratio = ratio(contests, one, other, figure);
            let median = ratio.map(|ratio| ratio.median());
            let what = format!("{name}, {what}");
            judgement.row(&what, Wanted::AtLeast(least), median, "");
        }
    }
    let memory = ratio(
        contests,
        PREPARED,
        Contender::Peer(Peer::Oha),
        Turn::megabytes,
    );
    judgement.row(
        "peak RSS, isolated, prepared ÷ oha",
        Wanted::AtMost(0.5),
        memory.map(|ratio| ratio.median()),
        "",
    );
    judgement.text()
}

/// Ours beside each of the others.
fn ratios(contests: &[Contest]) -> String {
    let mut table = Table::new(&[
        "Beside",
        "Requests a second: isolated, prepared",
        "isolated, fired",
        "isolated, plain",
        "shared, prepared",
        "shared, plain",
        "Requests for the same processor time: isolated, prepared",
        "Peak RSS: isolated, prepared",
    ]);
    let write = |spread: Option<Spread>| {
        spread.map_or_else(
            || "–".to_owned(),
            |spread| spread.text(|value| format!("{value:.2}")),
        )
    };
    for contest in contests
        .iter()
        .filter(|contest| !contest.contender.is_ours())
    {
        let other = contest.contender;
        let mut row = vec![other.name().to_owned()];
        for ours in Contender::ALL
            .into_iter()
            .filter(|contender| contender.is_ours())
        {
            row.push(write(ratio(contests, ours, other, Turn::per_second)));
        }
        row.push(write(ratio(contests, PREPARED, other, |turn| {
            1.0 / turn.cost()
        })));
        row.push(write(ratio(contests, PREPARED, other, Turn::megabytes)));
        table.row(&row);
    }
    table.text()
}

fn charts(contests: &[Contest]) -> Vec<(&'static str, String)> {
    let chart = |title: &str, unit: &str, figure: Figure| {
        let bars = contests.iter().filter_map(|contest| {
            Some(Bar {
                label: contest.contender.name().to_owned(),
                spread: contest.spread(figure)?,
                ours: contest.contender.is_ours(),
            })
        });
        chart::bars(title, unit, &bars.collect::<Vec<_>>())
    };
    vec![
        (
            "load-requests",
            chart(
                "Requests a second on one core (more is better)",
                "",
                Turn::per_second,
            ),
        ),
        (
            "load-processor-time",
            chart(
                "Processor time for a request (less is better)",
                " µs",
                Turn::cost,
            ),
        ),
        (
            "load-memory",
            chart("Peak memory (less is better)", " MB", Turn::megabytes),
        ),
    ]
}

#[cfg(test)]
mod tests;
