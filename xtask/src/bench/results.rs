//! `bench/`: RESULTS.md, of which only the sections that were measured are replaced, the raw figures of each, and its charts.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::file_error;
use super::names::Name;
use super::section::Section;
use crate::Outcome;
use crate::process;

/// What comes before the first section.
const HEAD: &str = "# What the host costs\n\nMade by `cargo xtask bench`, in the release profile. Each section says when and on which machine it was measured; everything that was measured is in `results/`.\n";

/// Where and when something is measured.
pub(super) struct Machine {
    date: String,
    kernel: String,
    processor: String,
    cores: usize,
    commit: String,
}

impl Machine {
    pub(super) fn look() -> Outcome<Self> {
        let line = |program: &str, arguments: &[&str]| {
            let text = process::output(&mut process::command(program, arguments))?;
            Ok(text.trim().to_owned())
        };
        let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = cpus
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .map_or("an unknown processor", |name| {
                name.trim_start_matches([' ', '\t', ':'])
            });
        Ok(Self {
            date: line("date", &["--utc", "+%F %H:%M"])?,
            kernel: line("uname", &["-srm"])?,
            processor: processor.to_owned(),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            commit: line("git", &["describe", "--always", "--dirty", "--abbrev=10"])?,
        })
    }

    fn text(&self) -> String {
        format!(
            "Measured {} UTC on {}, {} with {} cores, commit {}.",
            self.date, self.kernel, self.processor, self.cores, self.commit
        )
    }

    fn raw(&self) -> Value {
        json!({
            "date": self.date, "kernel": self.kernel, "processor": self.processor,
            "cores": self.cores, "commit": self.commit,
        })
    }
}

/// Puts a section into `bench/`.
pub(super) fn write(name: Name, section: &Section, machine: &Machine) -> Outcome<()> {
    let folder = process::root().join("bench");
    let path = folder.join("RESULTS.md");
    let before = fs::read_to_string(&path).unwrap_or_default();
    let charts = section.charts.iter();
    let charts =
        charts.map(|(file, _)| format!("![{}: {file}](charts/{file}.svg)\n", name.title()));
    let text = format!(
        "{}\n\n{}\n\n{}",
        machine.text(),
        section.text.trim_end(),
        charts.collect::<Vec<_>>().join("\n")
    );
    let titles: Vec<&str> = Name::all().iter().map(|name| name.title()).collect();
    save(&path, &replaced(&before, name.title(), &text, &titles))?;
    let raw = json!({"machine": machine.raw(), "measured": section.raw});
    let file = folder.join("results").join(format!("{}.json", name.word()));
    save(&file, &format!("{}\n", compact(&raw)))?;
    for (file, picture) in &section.charts {
        save(&folder.join("charts").join(format!("{file}.svg")), picture)?;
    }
    Ok(())
}

/// One line for each of the outer values: it can be compared from one time to the next, and long lists of numbers stay short.
fn compact(raw: &Value) -> String {
    match raw {
        Value::Object(fields) => {
            let lines = fields
                .iter()
                .map(|(name, value)| format!("{}: {value}", json!(name)));
            format!("{{\n{}\n}}", lines.collect::<Vec<_>>().join(",\n"))
        }
        other => other.to_string(),
    }
}

fn save(path: &Path, content: &str) -> Outcome<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|source| file_error(folder, source))?;
    fs::write(path, content).map_err(|source| file_error(path, source))
}

/// The document with one section replaced or put in its place. What is under a title that is not known goes.
fn replaced(before: &str, title: &str, text: &str, titles: &[&str]) -> String {
    let section = |known: &&str| {
        let heading = format!("## {known}\n");
        let earlier = before.split("\n## ").skip(1).find_map(|section| {
            let (heading, text) = section.split_once('\n')?;
            (heading == *known).then_some(text)
        });
        let text = if *known == title { Some(text) } else { earlier };
        Some(format!("\n{heading}\n{}\n", text?.trim()))
    };
    let sections: String = titles.iter().filter_map(section).collect();
    format!("{HEAD}{sections}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TITLES: [&str; 3] = ["A", "B", "C"];

    #[test]
    fn only_the_section_that_was_measured_is_replaced() {
        let first = replaced("", "C", "see\n", &TITLES);
        assert_eq!(first, format!("{HEAD}\n## C\n\nsee\n"));
        let second = replaced(&first, "A", "ay", &TITLES);
        assert_eq!(second, format!("{HEAD}\n## A\n\nay\n\n## C\n\nsee\n"));
        let third = replaced(&second, "C", "sea", &TITLES);
        assert_eq!(third, format!("{HEAD}\n## A\n\nay\n\n## C\n\nsea\n"));
    }

    #[test]
    fn a_section_that_does_not_exist_any_more_goes() {
        let before = format!("{HEAD}\n## Old\n\nold\n\n## B\n\nbee\n");
        let after = replaced(&before, "A", "ay", &TITLES);
        assert_eq!(after, format!("{HEAD}\n## A\n\nay\n\n## B\n\nbee\n"));
    }

    #[test]
    fn raw_figures_have_a_line_for_each_outer_value() {
        let raw = json!({"a": [1, 2], "b": {"c": 3}});
        assert_eq!(compact(&raw), "{\n\"a\": [1,2],\n\"b\": {\"c\":3}\n}");
    }
}
