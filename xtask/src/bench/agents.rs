//! Whether two agents make twice the load of one, and what that and ten of them cost the host that conducts them.

use std::time::Duration;

use serde_json::{Value, json};

use super::Bench;
use super::conducting::Conducting;
use super::cores::written;
use super::group::{Group, conduct};
use super::host::{Executor, Load};
use super::section::{Judgement, Section, Table, Wanted, number};
use super::statistics::Spread;
use crate::Outcome;
use crate::process;

/// Virtual users of each agent: enough that none of its processors waits.
const VUS_EACH: u32 = 8;
const SECONDS: u64 = 5;
/// So many rounds are some tenths of a millisecond: what an iteration takes beside them is little.
const ROUNDS_OF_ITERATION: &str = "100000";
/// How many times the load of one two have to make.
const LEAST_GAIN: f64 = 1.8;
/// How much of that the same processor time has to make.
const LEAST_OF_SAME: f64 = 0.9;
/// Percent of one core that the conducting host may take.
const MOST_TAKEN: f64 = 5.0;

/// What one or two agents made.
#[derive(Clone, Copy, Debug)]
struct Turn {
    iterations_per_second: f64,
    /// Time on a processor for a second of load: of the agents, and of the host that conducts them, from its start to its end.
    agents: f64,
    conductor: f64,
}

impl Turn {
    /// What the agents make of a second on a processor, which neighbours on the machine take less of.
    fn of_processor_second(&self) -> f64 {
        self.iterations_per_second / self.agents
    }

    /// One agent on one core, and on the other: cores of a machine need not be equally fast, and two agents have both.
    fn mean(self, other: Self) -> Self {
        Self {
            iterations_per_second: self
                .iterations_per_second
                .midpoint(other.iterations_per_second),
            agents: self.agents.midpoint(other.agents),
            conductor: self.conductor.midpoint(other.conductor),
        }
    }
}

pub(super) fn measure(bench: &Bench) -> Outcome<Section> {
    if !Group::can_start() {
        return Ok(Section {
            text: "Not measured: there is no `nats-server` on the PATH.\n".to_owned(),
            raw: Value::Null,
            charts: Vec::new(),
        });
    }
    let cores = [bench.cores.client, bench.cores.server];
    let mut pairs = Vec::new();
    for round in 1..=bench.rounds {
        process::say(&format!("round {round} of {}", bench.rounds));
        let one = turn(&cores[..1])?.mean(turn(&cores[1..])?);
        pairs.push([one, turn(&cores)?]);
    }
    let line = written(&conduct("nats://127.0.0.1:4222", 2, &load(2)));
    Ok(section(&pairs, &Conducting::measure(bench)?, &line))
}

/// The load of so many agents.
fn load(agents: u32) -> Load {
    Load {
        scenario: "computes",
        vus: VUS_EACH * agents,
        executor: Executor::Constant(SECONDS),
        grace: None,
        isolated: false,
        parameter: ROUNDS_OF_ITERATION.to_owned(),
        folder: "agents",
    }
}

/// An agent on each of the cores, and a load that they make.
fn turn(cores: &[usize]) -> Outcome<Turn> {
    let group = Group::start(cores)?;
    let agents = u32::try_from(cores.len()).unwrap_or(u32::MAX);
    let load = load(agents);
    let before = group.processor_time();
    let mut command = conduct(group.url(), agents, &load);
    let made = load.make_by(&mut command, Duration::from_secs(SECONDS), |_| {})?;
    let taken = group.processor_time().saturating_sub(before);
    let a_second = |time: Duration| time.as_secs_f64() / Duration::from_secs(SECONDS).as_secs_f64();
    Ok(Turn {
        iterations_per_second: made.outcome()?["per_second"].as_f64().unwrap_or(f64::NAN),
        agents: a_second(taken),
        conductor: a_second(made.watched.processor_time),
    })
}

fn section(pairs: &[[Turn; 2]], conducting: &Conducting, line: &str) -> Section {
    let mut table = Table::new(&[
        "Agents",
        "Iterations a second",
        "Agents, % of a core",
        "Iterations for a second on a processor",
        "Conducting host, % of a core",
    ]);
    for (place, name) in ["1", "2"].iter().enumerate() {
        let cell = |of: fn(&Turn) -> f64| {
            let spread = Spread::of(pairs.iter().map(|pair| of(&pair[place])));
            spread.map_or_else(|| "–".to_owned(), |spread| spread.text(number))
        };
        table.row(&[
            (*name).to_owned(),
            cell(|turn| turn.iterations_per_second),
            cell(|turn| turn.agents * 100.0),
            cell(Turn::of_processor_second),
            cell(|turn| turn.conductor * 100.0),
        ]);
    }
    let mut judgement = Judgement::new();
    let median = |of: fn(&[Turn; 2]) -> f64| Spread::of(pairs.iter().map(of)).map(|s| s.median());
    let gain = median(|[one, two]| two.iterations_per_second / one.iterations_per_second);
    judgement.row(
        "two agents ÷ one, median of the pairs",
        Wanted::AtLeast(LEAST_GAIN),
        gain,
        "",
    );
    let same = median(|[one, two]| two.of_processor_second() / one.of_processor_second());
    judgement.row(
        "iterations for the same processor time, two agents ÷ one",
        Wanted::AtLeast(LEAST_OF_SAME),
        same,
        "",
    );
    let taken = median(|[_, two]| two.conductor * 100.0);
    judgement.row(
        "conducting host, of a core",
        Wanted::AtMost(MOST_TAKEN),
        taken,
        " %",
    );
    conducting.judge(&mut judgement);
    Section {
        text: format!(
            "{VUS_EACH} virtual users of each agent compute for {SECONDS} s; each agent has a core, and what conducts them (the host, `nats-server`) takes what it needs of either. One agent on one core, one on the other (the mean of both is what one makes) and one on each in turns, of which there are {}: medians (least to greatest). The time of the host on a processor is that of all of its run, its start and its reports with it, for a second of load.\n\n{}\n- `{line}`\n\n{}\n{}",
            pairs.len(),
            table.text(),
            conducting.text(),
            judgement.text()
        ),
        raw: json!({"pairs": raw(pairs), "conducting": conducting.raw()}),
        charts: Vec::new(),
    }
}

fn raw(pairs: &[[Turn; 2]]) -> Value {
    let turn = |turn: &Turn| {
        json!({
            "iterations_per_second": turn.iterations_per_second,
            "agents": turn.agents,
            "conductor": turn.conductor,
        })
    };
    let pairs = pairs.iter();
    pairs
        .map(|[one, two]| json!({"one": turn(one), "two": turn(two)}))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(iterations_per_second: f64) -> Turn {
        Turn {
            iterations_per_second,
            agents: 1.0,
            conductor: 0.04,
        }
    }

    #[test]
    fn one_agent_is_judged_by_what_it_makes_on_either_core() {
        let one = turn(100.0).mean(turn(300.0));
        let text = section(&[[one, turn(390.0)]], &Conducting::none(), "host").text;
        assert!(text.contains("| 1.95 | holds |"), "{text}");
    }

    #[test]
    fn a_gain_is_judged_by_the_median_of_the_pairs() {
        let pair = |one, two| [turn(one), turn(two)];
        let conducting = Conducting::none();
        let enough = [pair(100.0, 150.0), pair(10.0, 18.0), pair(100.0, 200.0)];
        let text = section(&enough, &conducting, "host").text;
        assert!(text.contains("| at least 1.80 | 1.80 | holds |"), "{text}");
        let too_little = [pair(100.0, 179.0)];
        let text = section(&too_little, &conducting, "host").text;
        assert!(text.contains("| 1.79 | **missed** |"), "{text}");
    }
}
