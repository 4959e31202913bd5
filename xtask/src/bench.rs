//! `cargo xtask bench`: what the host itself costs, beside the spawn of a program that does nothing, so that figures of different
//! machines can be compared. Figures are written down, never asserted: a busy machine must not fail a gate.

mod figures;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::process::{self, TaskError};
use crate::{Outcome, plugins, run};
use figures::Figures;

/// How often `host list` and `true` are started.
const LISTS: usize = 60;

/// How often the suite of cases that do nothing is run.
const RUNS: usize = 20;

/// That suite.
const IDLE: &str = "idle";

/// Measures, and writes `bench/RESULTS.md` with the raw figures in `bench/results.json`.
pub(crate) fn bench() -> Outcome<()> {
    run::native()?;
    let suites = plugins::build(true)?;
    let mut list = process::command(run::binary("host"), ["list"]);
    list.args(&suites);
    // The first fills the cache of compiled code.
    time(&mut list)?;
    let list = repeat(&mut list)?;
    let spawn = repeat(&mut process::command("true", [""; 0]))?;
    let idle = idle()?;
    write(&[
        Figures::new("`true` (baseline)", spawn)?,
        Figures::new("`host list` of both suites, warm", list)?,
        Figures::new("`host run` of 100 cases that do nothing", idle.runs)?,
        Figures::new("the first of these cases", idle.first)?,
        Figures::new("each further one", idle.further)?,
    ])
}

fn repeat(command: &mut Command) -> Outcome<Vec<Duration>> {
    (0..LISTS).map(|_| time(command)).collect()
}

fn time(command: &mut Command) -> Outcome<Duration> {
    command.stdout(Stdio::null());
    let start = Instant::now();
    process::run(command)?;
    Ok(start.elapsed())
}

/// What cases that do nothing took.
#[derive(Default)]
struct Idle {
    /// Whole processes.
    runs: Vec<Duration>,
    /// The first case of each: it also pays for what all cases share, such as pages of the compiled code.
    first: Vec<Duration>,
    /// All other cases.
    further: Vec<Duration>,
}

/// Runs them one after the other and takes the times of their attempts (instance, entry and teardown) from the reports.
fn idle() -> Outcome<Idle> {
    let folder = process::target_directory().join("bench");
    let mut idle = Idle::default();
    for round in 0..=RUNS {
        let reports = folder.join(round.to_string());
        let alone = ["run", "--no-progress", "--environment=none", "--jobs=1"];
        let mut host = process::command(run::binary("host"), alone);
        host.arg(plugins::built(IDLE));
        host.arg("--report-dir").arg(&reports);
        let time = time(&mut host)?;
        let mut cases = attempts(&read(&newest_report(&reports)?)?).into_iter();
        // The first run fills the cache of compiled code.
        if round > 0 {
            idle.runs.push(time);
            idle.first.extend(cases.next());
            idle.further.extend(cases);
        }
    }
    Ok(idle)
}

/// The report of the run, wherever below the folder it is.
fn newest_report(folder: &Path) -> Outcome<std::path::PathBuf> {
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

fn read(path: &Path) -> Outcome<Value> {
    let text = fs::read(path).map_err(|source| file_error(path, source))?;
    serde_json::from_slice(&text).map_err(|error| unexpected(error.to_string()))
}

fn attempts(report: &Value) -> Vec<Duration> {
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    list(report, "suites")
        .iter()
        .flat_map(|suite| list(suite, "cases"))
        .flat_map(|case| list(&case, "attempts"))
        .filter_map(|attempt| attempt["duration_ns"].as_u64())
        .map(Duration::from_nanos)
        .collect()
}

fn write(all: &[Figures]) -> Outcome<()> {
    let folder = process::root().join("bench");
    fs::create_dir_all(&folder).map_err(|source| file_error(&folder, source))?;
    let date = process::output(&mut process::command("date", ["--utc", "+%F"]))?;
    let machine = process::output(&mut process::command("uname", ["-srm"]))?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut text = format!(
        "# What the host costs\n\nMade by `cargo xtask bench` on {}: {}, {cores} cores, profile `dev`. Wanted: `host list` below 50 ms, a case below 1 ms.\n\n\
         `host list` and `host run` are whole processes, as a person starts them, and `true` is what starting one costs at all. The times of cases are those of their attempts \
         (instance, entry, teardown) in the reports, one case at a time. Every time is in `results.json`.\n\n\
         | What | Runs | Minimum | Median | Maximum | Median, times baseline |\n|---|---|---|---|---|---|\n",
        date.trim(),
        machine.trim(),
    );
    let baseline = all.first().map_or(Duration::ZERO, Figures::median);
    for figures in all {
        text.push_str(&figures.row(baseline));
    }
    process::say(&text);
    let raw = serde_json::json!({
        "date": date.trim(), "machine": machine.trim(), "cores": cores,
        "nanoseconds": all.iter().map(Figures::raw).collect::<Vec<_>>(),
    });
    for (name, content) in [("RESULTS.md", text), ("results.json", format!("{raw:#}\n"))] {
        let path = folder.join(name);
        fs::write(&path, content).map_err(|source| file_error(&path, source))?;
    }
    Ok(())
}

fn file_error(path: &Path, source: std::io::Error) -> TaskError {
    TaskError::File {
        path: path.to_owned(),
        source,
    }
}

fn unexpected(problem: String) -> TaskError {
    TaskError::Unexpected {
        what: "the report of `host run`",
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attempt_of_every_case_is_read() {
        let report = serde_json::json!({"suites": [{"cases": [
            {"attempts": [{"duration_ns": 5}, {"duration_ns": 7}]}, {"attempts": []},
        ]}]});
        assert_eq!(attempts(&report), [5, 7].map(Duration::from_nanos));
    }

    #[test]
    fn a_run_without_a_case_gives_no_figure() {
        let none = attempts(&serde_json::json!({"suites": []}));
        assert!(Figures::new("nothing", none).is_err());
    }
}
