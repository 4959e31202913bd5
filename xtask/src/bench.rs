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

/// How often the suite that does nothing is run.
const RUNS: usize = 20;

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
    let case = Figures::new("a case that does nothing", cases()?)?;
    let spawn = Figures::new("`true` (baseline)", spawn)?;
    write(&[spawn, Figures::new("`host list`, warm", list)?, case])
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

/// How long each attempt of a case that does nothing took: instance, entry and teardown, from the reports.
fn cases() -> Outcome<Vec<Duration>> {
    let folder = process::target_directory().join("bench");
    let mut times = Vec::new();
    for round in 0..RUNS {
        let reports = folder.join(round.to_string());
        let mut noop = process::command(run::binary("host"), ["run", "--no-progress"]);
        noop.arg(plugins::built("noop"));
        noop.arg("--report-dir").arg(&reports);
        process::run(noop.stdout(Stdio::null()))?;
        let file = newest_report(&reports)?;
        times.extend(attempts(&read(&file)?));
    }
    Ok(times)
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
