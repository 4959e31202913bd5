//! What a suite says where it would be harmful if it were read as anything but text, in everything that is made of its run.
//!
//! Everything that the suite forges has `forged` or `hostile.invalid` in it: where a form has a place for commands, elements or formulas,
//! neither may stand there.

mod forms;
mod markup;

use std::{fs, path::PathBuf, process::Command};

use assay_report::verdict::Verdict;

use crate::invocation::Answer;

use super::{
    answers::{assert_goes_on, case, events},
    project::Project,
    server::Server,
};

/// A run in which everything is forged, and what was made of it.
struct Forged {
    answer: Answer,
    project: Project,
}

fn forged(variables: &[(&'static str, &str)]) -> Forged {
    let server = Server::new();
    let mut project = Project::new()
        .granting("hosts", &format!("[\"{}\"]", server.address))
        .granting("load", r#"{ vus = 2, duration = "20s" }"#)
        .granting("attachments", "true")
        .told("url", &server.url());
    let files = [
        ("--junit", "junit.xml"),
        ("--tap", "run.tap"),
        ("--csv", "csv"),
        ("--markdown", "summary.md"),
    ];
    for (argument, name) in files {
        let file = project.folder().join(name).display().to_string();
        project = project.with(&[argument, &file]);
    }
    for &(name, value) in variables {
        project = project.with_variable(name, value);
    }
    let answer = project.run(&["forges"]);
    Forged { answer, project }
}

impl Forged {
    fn file(&self, name: &str) -> PathBuf {
        let reports = self.answer.folder().join(name);
        if reports.exists() {
            return reports;
        }
        self.project.folder().join(name)
    }

    fn text(&self, name: &str) -> String {
        let bytes = fs::read(self.file(name)).unwrap();
        String::from_utf8(bytes).unwrap()
    }
}

/// What a terminal obeys, and what changes the direction or the lines of a text.
fn is_obeyed(character: char) -> bool {
    let seen = matches!(character, '\n' | '\t');
    (character.is_control() && !seen)
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[track_caller]
fn assert_no_commands(what: &str, text: &str) {
    for line in text.lines() {
        let obeyed = line.chars().find(|&character| is_obeyed(character));
        assert_eq!(obeyed, None, "{what}: {line:?}");
    }
}

#[test]
fn every_verdict_is_what_it_would_be_without_it() {
    let run = forged(&[]);
    for (name, verdict) in [
        ("forges-by-attachments", Verdict::Failed),
        ("forges-by-checks", Verdict::Failed),
        ("forges-by-erring", Verdict::Errored),
        ("forges-by-failing", Verdict::Failed),
        ("forges-by-figures", Verdict::Passed),
        ("forges-by-its-log", Verdict::Failed),
        ("forges-by-outputs", Verdict::Failed),
        ("forges-by-panicking", Verdict::Errored),
        ("forges-by-refusals", Verdict::Errored),
        ("forges-by-requests", Verdict::Failed),
        ("forges-by-skipping", Verdict::Skipped),
        ("forges-by-virtual-users", Verdict::Failed),
    ] {
        let found = case(&run.answer, name).verdict;
        assert_eq!(found, Some(verdict), "{name}: {}", run.answer.seen());
    }
    assert_goes_on(&run.answer);
    assert_eq!(run.answer.exit, Some(1));
}

#[test]
fn the_console_obeys_nothing_of_it() {
    let run = forged(&[]);
    assert_no_commands("standard output", &run.answer.stdout);
    assert_no_commands("standard error", &run.answer.stderr);
}

/// What a suite says is behind the words of the host, and indented: nobody takes it for what the host says.
#[test]
fn no_line_of_the_console_begins_with_it() {
    let run = forged(&[]);
    for line in run.answer.stdout.lines().filter(|line| !line.is_empty()) {
        let indent = line.len() - line.trim_start().len();
        let word = line.trim_start().split("  ").next().unwrap();
        let words = [
            "run",
            "ready",
            "refused",
            "passed",
            "failed",
            "errored",
            "skipped",
            "load",
            "cause",
            "baselines",
            "slowest",
            "summary",
            "reports",
            "exit",
        ];
        assert!(indent >= 12 || words.contains(&word), "{line:?}");
    }
}

#[test]
fn with_colours_the_terminal_is_told_colours_and_nothing_else() {
    let run = forged(&[("CLICOLOR_FORCE", "1")]);
    let mut rest = String::new();
    let mut parts = run.answer.stdout.split('\u{1b}');
    rest.push_str(parts.next().unwrap());
    for part in parts {
        let (style, text) = part.split_once('m').unwrap_or_else(|| panic!("{part:?}"));
        let digits = style
            .strip_prefix('[')
            .unwrap_or_else(|| panic!("{part:?}"));
        let is_style = digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b';');
        assert!(is_style, "{part:?}");
        rest.push_str(text);
    }
    assert_no_commands("standard output", &rest);
}

#[test]
fn in_github_actions_no_line_of_it_is_a_command() {
    let folder = tempfile::TempDir::new().unwrap();
    let summary = folder.path().join("summary.md").display().to_string();
    let run = forged(&[
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_STEP_SUMMARY", &summary),
    ]);
    let mut lines = run.answer.stdout.lines();
    let word = lines
        .next()
        .unwrap()
        .strip_prefix("::stop-commands::")
        .unwrap();
    let end = format!("::{word}::");
    assert!(
        !run.answer
            .stdout
            .contains(&format!("::stop-commands::{word}\n::{word}::"))
    );
    let after: Vec<&str> = lines.skip_while(|line| *line != end).skip(1).collect();
    assert!(!after.is_empty(), "{}", run.answer.stdout);
    for line in after {
        let own = ["::error ", "::warning ", "::notice "]
            .iter()
            .any(|start| line.starts_with(start));
        let title = ["title=hostile/", "title=hostile%3A what would grant it::"]
            .iter()
            .any(|title| line.contains(title));
        assert!(own && title, "{line:?}");
        let properties = line[2..].split("::").next().unwrap();
        assert!(!properties.contains("title=forged"), "{line:?}");
    }
    markup::assert_markdown(&fs::read_to_string(&summary).unwrap());
}

#[test]
fn the_log_and_the_report_are_json_line_by_line_and_whole() {
    let run = forged(&[]);
    let log = run.text("events.jsonl");
    let lines = log.lines().count();
    assert_eq!(events(&run.answer, "case_finished").len(), 12 + 1);
    assert!(lines > 100, "{lines} lines");
    for name in ["events.jsonl", "report.json"] {
        let raw = run.text(name);
        let control = raw.chars().find(|letter| *letter < ' ' && *letter != '\n');
        assert_eq!(control, None, "{name}");
    }
    let report = run.answer.report();
    assert_eq!(report.suites[0].cases.len(), 12);
}

#[test]
fn the_page_has_no_element_no_attribute_and_no_address_of_it() {
    let run = forged(&[]);
    markup::assert_page(&run.text("report.html"));
}

#[test]
#[expect(clippy::print_stderr, reason = "whoever runs the tests has to see it")]
fn junit_is_well_formed_and_has_no_case_of_it() {
    let run = forged(&[]);
    let text = run.text("junit.xml");
    markup::assert_xml(&text);
    // Twelve cases, the baseline, and the good one.
    assert_eq!(text.matches("<testcase ").count(), 12 + 1 + 1);
    assert_no_commands("JUnit", &text);
    let checked = Command::new("xmllint")
        .arg("--noout")
        .arg(run.file("junit.xml"))
        .output();
    match checked {
        Ok(output) => assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => eprintln!("SKIPPED: what `xmllint` says of it: {error}"),
    }
}

#[test]
fn tap_has_no_line_of_it() {
    forms::assert_tap(&forged(&[]).text("run.tap"));
}

#[test]
fn no_cell_of_a_table_is_a_formula() {
    let run = forged(&[]);
    let mut cells = 0;
    for entry in fs::read_dir(run.file("csv")).unwrap() {
        let path = entry.unwrap().path();
        cells += forms::assert_table(&fs::read_to_string(&path).unwrap());
    }
    assert!(cells > 100, "{cells} cells");
}

#[test]
fn no_cell_of_a_table_has_what_a_terminal_obeys() {
    let run = forged(&[]);
    for entry in fs::read_dir(run.file("csv")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let obeyed = text
            .lines()
            .find(|line| line.contains(['\u{1b}', '\u{9b}', '\u{8}']));
        assert_eq!(obeyed, None);
    }
}

#[test]
fn markdown_shows_it_as_text() {
    markup::assert_markdown(&forged(&[]).text("summary.md"));
}

#[test]
fn attachments_become_no_files() {
    let run = forged(&[]);
    let mut folders = vec![
        run.answer.folder().to_owned(),
        run.project.folder().to_owned(),
    ];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            assert!(!name.contains("forged"), "{name}");
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
}
