//! `cargo xtask bench`: what the host itself costs, beside the spawn of a program that does nothing, so that figures of different
//! machines can be compared. Figures are written down, never asserted: a busy machine must not fail a gate.

mod cases;
mod figures;
mod link;
mod recovery;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{self, TaskError};
use crate::{Outcome, plugins, run};
use figures::Figures;

/// How often `host list` and `true` are started.
const LISTS: usize = 60;

/// How often the suite of cases that do nothing is run.
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
    let idle = cases::measure()?;
    let links = link::measure()?;
    let speeds = [&links.straight, &links.linked].map(link::Way::bytes_a_second);
    let recoveries = recovery::measure()?;
    write(&[
        Section {
            title: "Processes and cases",
            text: "`host list` and `host run` are whole processes, as a person starts them, and `true` is what starting one costs at all. The times of cases are those of their attempts (instance, entry, teardown) in the reports, one case at a time. Wanted: `host list` below 50 ms, a case below 1 ms.".to_owned(),
            figures: vec![
                Figures::new("`true` (baseline)", spawn)?,
                Figures::new("`host list` of all suites, warm", list)?,
                Figures::new("`host run` of 100 cases that do nothing", idle.runs)?,
                Figures::new("the first of these cases", idle.first)?,
                Figures::new("each further one", idle.further)?,
            ],
        },
        Section {
            title: "Links",
            text: format!(
                "A byte there and back, and 512 MiB one way, over loopback: straight, and through a link without a fault, in turns. Straight {:.2} GB/s, through the link {:.2} GB/s. Wanted: below 0.1 ms more at the median, and 1 GB/s.",
                speeds[0] / 1e9,
                speeds[1] / 1e9,
            ),
            figures: vec![
                Figures::new("there and back, straight (baseline)", links.straight.trips)?,
                Figures::new("there and back, through a link", links.linked.trips)?,
                Figures::new("512 MiB, straight", links.straight.bulks)?,
                Figures::new("512 MiB, through a link", links.linked.bulks)?,
            ],
        },
        Section {
            title: "Recoveries",
            text: "What the host says of services that are healthy the moment their fault is gone: a process that was frozen, a link that was refused. Wanted: below 10 ms.".to_owned(),
            figures: vec![Figures::new("until it is seen to be healthy", recoveries)?],
        },
    ])
}

/// Figures that are compared with the first of them.
struct Section {
    title: &'static str,
    text: String,
    figures: Vec<Figures>,
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

fn write(sections: &[Section]) -> Outcome<()> {
    let folder = process::root().join("bench");
    fs::create_dir_all(&folder).map_err(|source| file_error(&folder, source))?;
    let date = process::output(&mut process::command("date", ["--utc", "+%F"]))?;
    let machine = process::output(&mut process::command("uname", ["-srm"]))?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut text = format!(
        "# What the host costs\n\nMade by `cargo xtask bench` on {}: {}, {cores} cores, profile `dev`. Every time is in `results.json`.\n",
        date.trim(),
        machine.trim(),
    );
    for section in sections {
        text.push_str(&section.table());
    }
    process::say(&text);
    let raw = serde_json::json!({
        "date": date.trim(), "machine": machine.trim(), "cores": cores,
        "nanoseconds": sections.iter().flat_map(|section| &section.figures).map(Figures::raw).collect::<Vec<_>>(),
    });
    for (name, content) in [("RESULTS.md", text), ("results.json", format!("{raw:#}\n"))] {
        let path = folder.join(name);
        fs::write(&path, content).map_err(|source| file_error(&path, source))?;
    }
    Ok(())
}

impl Section {
    fn table(&self) -> String {
        let mut text = format!(
            "\n## {}\n{}\n\n| What | Runs | Minimum | Median | Maximum | Median, times the first |\n|---|---|---|---|---|---|\n",
            self.title, self.text
        );
        let baseline = self.figures.first().map_or(Duration::ZERO, Figures::median);
        for figures in &self.figures {
            text.push_str(&figures.row(baseline));
        }
        text
    }
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
