//! A run in a step of GitHub Actions.

use std::fs;

use tempfile::TempDir;

use crate::{
    fixtures::fixture,
    invocation::{Answer, Invocation},
};

fn run(variables: &[(&str, &str)]) -> Answer {
    let run = Invocation::run(&[fixture("faulty")]).with(&[
        "--environment",
        "none",
        "--timeout",
        "1s",
        "--filter",
        "faulty/panics",
    ]);
    variables
        .iter()
        .fold(run, |run, (name, value)| run.with_variable(name, value))
        .answer()
}

#[test]
fn commands_are_off_from_the_first_line_to_the_annotations_which_come_last() {
    let folder = TempDir::new().unwrap();
    let summary = folder.path().join("summary.md");
    let answer = run(&[
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()),
    ]);
    let mut lines = answer.stdout.lines();
    let word = lines.next().unwrap().strip_prefix("::stop-commands::");
    let word = word.unwrap_or_else(|| panic!("{}", answer.stdout));
    assert_eq!(word.len(), 32);
    let annotations: Vec<_> = lines
        .skip_while(|line| *line != format!("::{word}::"))
        .collect();
    assert!(annotations.len() > 1, "{}", answer.stdout);
    for line in &annotations[1..] {
        assert!(line.starts_with("::error title=faulty/"), "{line}");
    }
    let page = fs::read_to_string(summary).unwrap();
    assert!(page.starts_with("# Assay: "), "{page}");
}

#[test]
fn elsewhere_nothing_of_github_is_printed() {
    let answer = run(&[]);
    assert!(!answer.stdout.contains("::stop-commands::"));
    assert!(!answer.stdout.contains("::error"));
}
