//! `cargo xtask bench`: what the host itself costs, beside other programs that do the same on the same machine in turns, so that figures
//! of different machines can be compared. Figures are written down, never asserted: a busy machine must not fail a gate.

mod agents;
mod build;
mod cases;
mod chart;
mod conducting;
mod cores;
mod figures;
mod group;
mod host;
mod hour;
mod link;
mod load;
mod memory;
mod names;
mod proc;
mod processes;
mod rate;
mod recovery;
mod results;
mod section;
mod server;
mod settled;
mod statistics;
mod streams;
mod suites;
mod watch;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Args;

use crate::Outcome;
use crate::process::{self, TaskError, file as file_error};
use cores::Cores;
use names::Name;
use results::Machine;

/// How often the suite of cases that do nothing is run.
const RUNS: usize = 20;

/// What is measured, and how long.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Measure only these sections; without any, all but `hour`
    #[arg(value_enum, value_name = "SECTION")]
    sections: Vec<Name>,
    /// How often each contender of `load` has its turn; sections whose figures hardly differ take fewer
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = rounds)]
    rounds: usize,
    /// Folders with programs to compare with, which are looked into before those on the PATH
    #[arg(
        long,
        value_name = "FOLDER",
        env = "BENCH_PEERS",
        value_delimiter = ':'
    )]
    peers: Vec<PathBuf>,
    /// Seconds that `hour` takes, for a trial
    #[arg(long, value_name = "N", default_value_t = 3_600, value_parser = clap::value_parser!(u64).range(60..=6_000))]
    seconds: u64,
    /// Say which sections there are, and measure nothing
    #[arg(long)]
    list: bool,
}

/// What all sections need.
struct Bench {
    cores: Cores,
    rounds: usize,
    /// Folders with programs of others.
    peers: Vec<PathBuf>,
    /// Of `hour`.
    seconds: u64,
    /// The suites' files.
    suites: Vec<PathBuf>,
}

/// Measures, and writes into `bench/`: each section as soon as it is measured.
pub(crate) fn bench(arguments: Arguments) -> Outcome<()> {
    if arguments.list {
        for name in Name::all() {
            process::say(&format!("{:<11} {}", name.word(), name.help()));
        }
        return Ok(());
    }
    let bench = Bench {
        cores: Cores::find()?,
        rounds: arguments.rounds,
        peers: arguments.peers,
        seconds: arguments.seconds,
        suites: build::all()?,
    };
    let sections = match arguments.sections {
        none if none.is_empty() => Name::usual(),
        named => named,
    };
    // Before the first result is written: the commit would not be a clean one any more.
    let machine = Machine::look()?;
    for name in sections {
        process::say(&format!("== {}", name.title()));
        let section = name.measure(&bench)?;
        process::say(&section.text);
        results::write(name, &section, &machine)?;
    }
    Ok(())
}

/// Clap's ranges are of other types.
fn rounds(text: &str) -> Result<usize, String> {
    let rounds = text
        .parse()
        .ok()
        .filter(|rounds| (1..=100).contains(rounds));
    rounds.ok_or_else(|| "it has to be a number from 1 to 100".to_owned())
}

fn time(command: &mut Command) -> Outcome<Duration> {
    command.stdout(Stdio::null());
    let start = Instant::now();
    process::run(command)?;
    Ok(start.elapsed())
}

/// The report of the run, wherever below the folder it is.
fn newest_report(folder: &Path) -> Outcome<PathBuf> {
    let mut open = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        let entries = fs::read_dir(&folder).map_err(|source| file_error(&folder, source))?;
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.file_name().is_some_and(|name| name == "report.json") {
                let changed = entry.metadata().and_then(|data| data.modified());
                found.push((changed.map_err(|source| file_error(&path, source))?, path));
            }
        }
    }
    let newest = found.into_iter().max().map(|(_, path)| path);
    newest.ok_or_else(|| unexpected(format!("no report.json below {}", folder.display())))
}

fn unexpected(problem: String) -> TaskError {
    TaskError::Unexpected {
        what: "what was measured",
        problem,
    }
}
