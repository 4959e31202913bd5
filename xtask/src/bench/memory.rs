//! What a virtual user costs in memory: how much more the host has with many of them, all ready and waiting, than with one.

use std::time::Duration;

use serde_json::{Value, json};

use super::Bench;
use super::chart::{self, Bar};
use super::host::{Executor, Load, Made};
use super::section::{Judgement, Section, Table, Wanted, number};
use super::settled::{Memory, Settled};
use super::statistics::Spread;
use crate::Outcome;
use crate::process;

/// How long each virtual user thinks, once: the time in which all of them are there.
const THINK: Duration = Duration::from_secs(4);
/// How much of that time is looked at: some are through a little before the others.
const LOOKED_AT: Duration = Duration::from_secs(3);
/// What many virtual users may take to be made, beside that.
const MAKING: Duration = Duration::from_mins(1);
/// Enough: the figures of two rounds hardly differ.
const ROUNDS: usize = 3;
const KIB: f64 = 1_024.0;

/// So many virtual users, and the bytes that each may take.
struct Crowd {
    vus: u32,
    isolated: bool,
    /// None: it is only shown, beside a larger one.
    most: Option<f64>,
}

const CROWDS: [Crowd; 5] = [
    Crowd::isolated(64),
    Crowd::isolated(1_000),
    Crowd::isolated(10_000),
    Crowd::shared(1_000, None),
    Crowd::shared(10_000, Some(2.0 * KIB)),
];

/// What a host had while its virtual users thought, and at most at whatever time.
#[derive(Clone, Copy)]
struct Had {
    memory: Memory,
    peak: f64,
}

/// What was measured of a crowd: bytes for a virtual user, or why there is nothing.
struct Cost {
    crowd: &'static Crowd,
    resident: Vec<f64>,
    private: Vec<f64>,
    peak: Vec<f64>,
    refused: Option<String>,
}

impl Crowd {
    const fn isolated(vus: u32) -> Self {
        Self {
            vus,
            isolated: true,
            most: Some(64.0 * KIB),
        }
    }

    const fn shared(vus: u32, most: Option<f64>) -> Self {
        Self {
            vus,
            isolated: false,
            most,
        }
    }

    fn name(&self) -> String {
        let kind = if self.isolated { "isolated" } else { "shared" };
        format!("{} {kind}", number(self.vus.into()))
    }
}

pub(super) fn measure(bench: &Bench) -> Outcome<Section> {
    let mut costs: Vec<Cost> = CROWDS.iter().map(Cost::new).collect();
    let rounds = bench.rounds.min(ROUNDS);
    for round in 1..=rounds {
        process::say(&format!("round {round} of {rounds}"));
        let alone = [had(bench, 1, false)?, had(bench, 1, true)?];
        for cost in &mut costs {
            let crowd = cost.crowd;
            match had(bench, crowd.vus, crowd.isolated)? {
                Ok(had) => match &alone[usize::from(crowd.isolated)] {
                    Ok(alone) => cost.add(had, *alone),
                    Err(message) => cost.refused = Some(message.clone()),
                },
                Err(message) => cost.refused = Some(message),
            }
        }
    }
    Ok(section(&costs, rounds))
}

/// Runs a host whose virtual users think once; the error is what it says if it does not.
fn had(bench: &Bench, vus: u32, isolated: bool) -> Outcome<Result<Had, String>> {
    let load = Load {
        scenario: "waits",
        vus,
        executor: Executor::Each(1),
        grace: None,
        isolated,
        parameter: THINK.as_millis().to_string(),
        folder: "memory",
    };
    let mut settled = Settled::between(Duration::ZERO, LOOKED_AT);
    let made = load.make(bench.cores, THINK + MAKING, |process| {
        settled.look(&load, process);
    })?;
    let Made { watched, outcome } = made;
    Ok(outcome.and_then(|_| {
        let memory = settled.seen()?;
        Ok(Had {
            memory,
            peak: float(watched.peak),
        })
    }))
}

impl Cost {
    fn new(crowd: &'static Crowd) -> Self {
        Self {
            crowd,
            resident: Vec::new(),
            private: Vec::new(),
            peak: Vec::new(),
            refused: None,
        }
    }

    fn add(&mut self, had: Had, alone: Had) {
        let more = f64::from(self.crowd.vus - 1);
        self.resident
            .push((had.memory.resident - alone.memory.resident) / more);
        self.private
            .push((had.memory.private - alone.memory.private) / more);
        self.peak.push(had.peak);
    }

    fn raw(&self) -> Value {
        json!({
            "vus": self.crowd.vus, "isolated": self.crowd.isolated, "refused": self.refused,
            "resident_bytes_each": self.resident, "private_bytes_each": self.private, "peak_bytes": self.peak,
        })
    }
}

fn section(costs: &[Cost], rounds: usize) -> Section {
    let mut table = Table::new(&[
        "Virtual users",
        "The host's alone for each, KiB",
        "RSS for each, KiB",
        "Peak RSS of the host, MB",
    ]);
    let mut judgement = Judgement::new();
    let mut bars = Vec::new();
    for cost in costs {
        let name = cost.crowd.name();
        let spread =
            |values: &[f64], unit: f64| Spread::of(values.iter().map(|value| value / unit));
        let write = |values: &[f64], unit| {
            spread(values, unit).map_or_else(|| "–".to_owned(), |spread| spread.text(number))
        };
        let said = cost.refused.as_ref();
        table.row(&[
            said.map_or(name.clone(), |said| {
                format!("{name}: the host said \"{said}\"")
            }),
            write(&cost.private, KIB),
            write(&cost.resident, KIB),
            write(&cost.peak, 1e6),
        ]);
        let private = spread(&cost.private, KIB);
        let median = private.as_ref().map(Spread::median);
        if let Some(most) = cost.crowd.most {
            let what = format!("memory for each of {name}");
            judgement.row(&what, Wanted::AtMost(most / KIB), median, " KiB");
        }
        bars.extend(private.map(|spread| Bar {
            label: name,
            spread,
            ours: true,
        }));
    }
    Section {
        text: format!(
            "A host whose virtual users are all ready and think for {} s, beside one with a single virtual user: the difference of the medians of that time, for each further virtual user. What the host has alone is what it takes of the machine, and is judged. RSS counts a page for each mapping that has it: pages of the plugin's image, which all instances share, are there once and counted again for each. Rounds: {rounds}; medians (least to greatest). vm.max_map_count is {}.\n\n{}\n{}",
            THINK.as_secs(),
            max_map_count(),
            table.text(),
            judgement.text()
        ),
        raw: costs.iter().map(Cost::raw).collect(),
        charts: vec![(
            "memory-virtual-users",
            chart::bars("Memory for a virtual user (less is better)", " KiB", &bars),
        )],
    }
}

fn max_map_count() -> String {
    let count = std::fs::read_to_string("/proc/sys/vm/max_map_count");
    count.map_or_else(|_| "not known".to_owned(), |count| count.trim().to_owned())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a number of bytes far below 2^52"
)]
fn float(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_is_that_of_each_further_virtual_user() {
        let mut cost = Cost::new(&CROWDS[1]);
        let had = |resident, private| Had {
            memory: Memory { resident, private },
            peak: 2e6,
        };
        cost.add(had(1_099_000.0, 599_000.0), had(100_000.0, 99_500.0));
        assert_eq!((cost.resident[0], cost.private[0]), (1_000.0, 500.0));
    }

    #[test]
    fn what_the_host_refused_is_in_its_own_words() {
        let mut cost = Cost::new(&CROWDS[2]);
        cost.refused = Some("10000 instances need 61530 mappings".to_owned());
        let text = section(&[cost], 1).text;
        assert!(
            text.contains("10,000 isolated: the host said \"10000 instances need"),
            "{text}"
        );
        assert!(text.contains("| – | not measured |"), "{text}");
    }
}
