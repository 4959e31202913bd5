//! The five suites as a person runs them first: the quick profile against the reference system.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use super::cores::written;
use super::section::{Judgement, Section, Table, Wanted, number};
use super::statistics::Spread;
use super::watch::{Watched, watch};
use super::{Bench, build};
use crate::Outcome;
use crate::process;

/// They take a minute each.
const ROUNDS: usize = 2;
/// Longer than they ever take.
const LIMIT: Duration = Duration::from_mins(10);
const MOST_SECONDS: f64 = 60.0;

pub(super) fn measure(bench: &Bench) -> Outcome<Section> {
    let rounds = bench.rounds.min(ROUNDS);
    let mut all = Vec::new();
    for round in 1..=rounds {
        process::say(&format!("round {round} of {rounds}"));
        all.push(watch(&mut command(&bench.suites), LIMIT, |_| {})?);
    }
    Ok(section(&all, &written(&command(&bench.suites))))
}

fn command(suites: &[PathBuf]) -> Command {
    let mut command = process::command(build::host(), ["run", "--no-progress", "--profile=quick"]);
    command.args(suites);
    command
        .arg("--report-dir")
        .arg(process::target_directory().join("bench").join("suites"));
    command
}

fn section(all: &[Watched], line: &str) -> Section {
    let mut table = Table::new(&[
        "Round",
        "Seconds",
        "Processor time of the host and what it started, s",
        "Peak RSS of the host, MB",
        "Ended with",
        "What it says",
    ]);
    for (round, watched) in (1..).zip(all) {
        table.row(&[
            format!("{round}"),
            number(watched.elapsed.as_secs_f64()),
            number(watched.processor_time.as_secs_f64()),
            number(megabytes(watched)),
            watched.status.to_string(),
            summary(&watched.output, &watched.errors),
        ]);
    }
    let mut judgement = Judgement::new();
    // A run that ended at its first failure did not do the whole work.
    let whole = all.iter().filter(|watched| watched.status.success());
    let seconds = Spread::of(whole.map(|watched| watched.elapsed.as_secs_f64()));
    judgement.row(
        "all suites, quick profile",
        Wanted::AtMost(MOST_SECONDS),
        seconds.map(|seconds| seconds.median()),
        " s",
    );
    Section {
        text: format!(
            "`{line}`, with the reference system that it starts and stops; it ends with the first failure.\n\n{}\n{}",
            table.text(),
            judgement.text()
        ),
        raw: all
            .iter()
            .map(|watched| {
                json!({
                    "seconds": watched.elapsed.as_secs_f64(), "processor_s": watched.processor_time.as_secs_f64(),
                    "peak_bytes": watched.peak, "status": watched.status.to_string(),
                })
            })
            .collect(),
        charts: Vec::new(),
    }
}

/// The line of the console that counts.
fn summary(output: &str, errors: &str) -> String {
    let lines = output.lines().chain(errors.lines());
    let mut summaries = lines.filter_map(|line| line.trim().strip_prefix("summary"));
    summaries.next_back().unwrap_or_default().trim().to_owned()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a number of bytes far below 2^52"
)]
fn megabytes(watched: &Watched) -> f64 {
    watched.peak as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_of_the_console_is_found() {
        let output = "   slowest  a 1 s\n   summary  109 cases in 39.875 s: 106 passed, 3 skipped\n   reports  reports\n";
        assert_eq!(
            summary(output, ""),
            "109 cases in 39.875 s: 106 passed, 3 skipped"
        );
        assert_eq!(summary("", "error: no plugin"), "");
    }
}
