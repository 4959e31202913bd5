//! What the host that conducts ten agents takes of a processor while their load goes on: not for its start, nor for its reports.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Bench;
use super::cores::written;
use super::group::{Group, conduct};
use super::host::{Executor, Load};
use super::proc::Life;
use super::section::{Judgement, Table, Wanted, number};
use super::server::Server;
use super::statistics::Spread;
use super::unexpected;
use crate::Outcome;
use crate::process;

const AGENTS: u32 = 10;
const VUS_EACH: u32 = 4;
/// Starts a second of all together: so few that no processor is busy, and the host is not kept from what it has to do.
const RATE: f64 = 500.0;
const SECONDS: u64 = 20;
const LOAD: Duration = Duration::from_secs(SECONDS);
/// What is left out at the beginning and at the end of the load.
const EDGE: Duration = Duration::from_secs(2);
/// Enough: a host that has nothing else to do hardly differs from one time to the next.
const ROUNDS: usize = 3;
/// Percent of one core that it may take.
const MOST_TAKEN: f64 = 5.0;

/// Percent of a core, each time.
#[derive(Debug)]
pub(super) struct Conducting {
    turns: Vec<Turn>,
    line: String,
}

#[derive(Clone, Copy, Debug)]
struct Turn {
    conductor: f64,
    /// All of them together.
    agents: f64,
}

impl Conducting {
    pub(super) fn measure(bench: &Bench) -> Outcome<Self> {
        let server = Server::start(bench.cores)?;
        let load = load(server.url());
        let cores = [bench.cores.client, bench.cores.server];
        let rounds = bench.rounds.min(ROUNDS);
        let mut turns = Vec::new();
        for round in 1..=rounds {
            process::say(&format!("{AGENTS} agents, round {round} of {rounds}"));
            turns.push(turn(&cores, &load)?);
        }
        let line = written(&conduct("nats://127.0.0.1:4222", AGENTS, &load));
        Ok(Self { turns, line })
    }

    /// Nothing was measured.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        let line = "host run".to_owned();
        Self {
            turns: Vec::new(),
            line,
        }
    }

    /// Adds what it has to be.
    pub(super) fn judge(&self, judgement: &mut Judgement) {
        let taken = Spread::of(self.turns.iter().map(|turn| turn.conductor));
        judgement.row(
            &format!("host that conducts {AGENTS} agents, of a core, while the load goes on"),
            Wanted::AtMost(MOST_TAKEN),
            taken.map(|spread| spread.median()),
            " %",
        );
    }

    pub(super) fn text(&self) -> String {
        let mut table = Table::new(&[
            "Agents",
            "Starts a second",
            "Agents together, % of a core",
            "Conducting host, % of a core",
        ]);
        let cell = |of: fn(&Turn) -> f64| {
            let spread = Spread::of(self.turns.iter().map(of));
            spread.map_or_else(|| "–".to_owned(), |spread| spread.text(number))
        };
        table.row(&[
            AGENTS.to_string(),
            number(RATE),
            cell(|turn| turn.agents),
            cell(|turn| turn.conductor),
        ]);
        format!(
            "{AGENTS} agents share the cores and start {} iterations a second together, each of which sends a request. Times on a processor are those of {} s in the middle of {SECONDS} s of load, without the host's start and its reports. Rounds: {}; medians (least to greatest).\n\n{}\n- `{}`\n",
            number(RATE),
            Middle::of(LOAD).length().as_secs(),
            self.turns.len(),
            table.text(),
            self.line
        )
    }

    pub(super) fn raw(&self) -> Value {
        let turns = self.turns.iter();
        turns
            .map(|turn| json!({"conductor": turn.conductor, "agents": turn.agents}))
            .collect()
    }
}

fn load(url: String) -> Load {
    Load {
        scenario: "fires-alone",
        vus: VUS_EACH * AGENTS,
        executor: Executor::Rate(RATE, SECONDS),
        grace: None,
        isolated: false,
        parameter: url,
        folder: "conducting",
    }
}

/// Agents on each of the cores in turns, and a load that they make.
fn turn(cores: &[usize], load: &Load) -> Outcome<Turn> {
    let agents: Vec<usize> = cores
        .iter()
        .copied()
        .cycle()
        .take(usize::try_from(AGENTS).unwrap_or(1))
        .collect();
    let group = Group::start(&agents)?;
    let mut middle = Middle::of(LOAD);
    let mut command = conduct(group.url(), AGENTS, load);
    let made = load.make_by(&mut command, LOAD, |process| {
        if middle.is_due(Instant::now(), || load.has_begun())
            && let Some(life) = Life::of(process)
        {
            middle.see(Taken {
                at: Instant::now(),
                conductor: life.processor_time,
                agents: group.processor_time(),
            });
        }
    })?;
    made.outcome()?;
    let turn = middle.turn();
    turn.ok_or_else(|| unexpected("nobody saw the middle of the load".to_owned()))
}

/// Time on a processor until some moment.
#[derive(Clone, Copy, Debug)]
struct Taken {
    at: Instant,
    conductor: Duration,
    agents: Duration,
}

/// The middle of a load, seen from its first moment to its last one.
#[derive(Debug)]
struct Middle {
    load: Duration,
    begun: Option<Instant>,
    first: Option<Taken>,
    last: Option<Taken>,
}

impl Middle {
    fn of(load: Duration) -> Self {
        Self {
            load,
            begun: None,
            first: None,
            last: None,
        }
    }

    fn length(&self) -> Duration {
        self.load.saturating_sub(EDGE * 2)
    }

    /// Whether a moment belongs to it; whether the load has begun is asked until it has.
    fn is_due(&mut self, now: Instant, has_begun: impl FnOnce() -> bool) -> bool {
        if self.begun.is_none() && has_begun() {
            self.begun = Some(now);
        }
        self.begun.is_some_and(|begun| {
            let since = now - begun;
            since >= EDGE && since <= self.load.saturating_sub(EDGE)
        })
    }

    fn see(&mut self, taken: Taken) {
        self.first.get_or_insert(taken);
        self.last = Some(taken);
    }

    /// None if it was not seen for long enough to say anything: the kernel counts hundredths of a second.
    fn turn(&self) -> Option<Turn> {
        let (first, last) = (self.first?, self.last?);
        let seen = last.at - first.at;
        if seen < self.length() / 2 {
            return None;
        }
        let percent = |from: Duration, to: Duration| {
            to.saturating_sub(from).as_secs_f64() / seen.as_secs_f64() * 100.0
        };
        Some(Turn {
            conductor: percent(first.conductor, last.conductor),
            agents: percent(first.agents, last.agents),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A look every second from the beginning of a load on, at a host that takes much before and after its middle.
    fn seen(seconds: std::ops::RangeInclusive<u32>) -> Middle {
        let mut middle = Middle::of(LOAD);
        let begun = Instant::now();
        assert!(!middle.is_due(begun, || false), "it has not begun");
        assert!(!middle.is_due(begun, || true), "its edge is left out");
        for second in seconds {
            let at = begun + Duration::from_secs(second.into());
            if middle.is_due(at, || unreachable!("it has begun")) {
                middle.see(Taken {
                    at,
                    conductor: Duration::from_secs(5) + Duration::from_millis(30) * second,
                    agents: Duration::from_millis(500) * second,
                });
            }
        }
        middle
    }

    #[test]
    fn only_the_middle_of_a_load_counts() {
        let middle = seen(0..=30);
        let seen = middle.last.unwrap().at - middle.first.unwrap().at;
        assert_eq!(seen, middle.length());
        let turn = middle.turn().unwrap();
        assert!((turn.conductor - 3.0).abs() < 1e-9, "{turn:?}");
        assert!((turn.agents - 50.0).abs() < 1e-9, "{turn:?}");
    }

    #[test]
    fn a_middle_that_was_hardly_seen_says_nothing() {
        assert!(seen(0..=1).turn().is_none());
        assert!(seen(2..=9).turn().is_none());
        assert!(seen(2..=10).turn().is_some());
    }

    #[test]
    fn the_median_of_the_rounds_is_judged() {
        let turn = |conductor| Turn {
            conductor,
            agents: 60.0,
        };
        let judged = |percents: &[f64]| {
            let conducting = Conducting {
                turns: percents.iter().copied().map(turn).collect(),
                line: "host run".to_owned(),
            };
            let mut judgement = Judgement::new();
            conducting.judge(&mut judgement);
            judgement.text()
        };
        let text = judged(&[2.0, 5.0, 9.0]);
        assert!(text.contains("| at most 5 % | 5 % | holds |"), "{text}");
        let text = judged(&[5.01]);
        assert!(text.contains("| 5.01 % | **missed** |"), "{text}");
        let text = judged(&[]);
        assert!(text.contains("not measured"), "{text}");
    }
}
