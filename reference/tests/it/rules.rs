//! The alert rules: valid, each firing when it has to and not otherwise, as Prometheus's own tool sees them. (That they name only
//! metrics which exist is seen by the suite `monitoring-verification`.)

#![expect(clippy::print_stderr, reason = "a skipped test has to be loud")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/prometheus")
}

/// `promtool`, or what the variable `PROMTOOL` names; none if there is none.
fn promtool(arguments: &[&str]) -> Option<std::process::Output> {
    let program = std::env::var_os("PROMTOOL").unwrap_or_else(|| "promtool".into());
    let answer = Command::new(program)
        .args(arguments)
        .current_dir(folder())
        .output();
    match answer {
        Ok(answer) => Some(answer),
        Err(error) => {
            eprintln!(
                "SKIPPED: promtool {arguments:?}: {error}; install Debian's package prometheus, or name it with PROMTOOL"
            );
            None
        }
    }
}

fn succeeds(arguments: &[&str]) {
    let Some(answer) = promtool(arguments) else {
        return;
    };
    let told = format!(
        "{}{}",
        String::from_utf8_lossy(&answer.stdout),
        String::from_utf8_lossy(&answer.stderr)
    );
    assert!(answer.status.success(), "{told}");
    assert!(told.contains("SUCCESS"), "{told}");
}

#[test]
fn the_rules_are_valid() {
    succeeds(&["check", "rules", "alerts.yml"]);
}

#[test]
fn each_rule_fires_when_it_has_to_and_not_otherwise() {
    succeeds(&["test", "rules", "alerts_test.yml"]);
}

/// The names behind a key of a file.
fn named(file: &str, key: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder().join(file)).unwrap();
    let mut names: Vec<String> = text
        .lines()
        .filter_map(|line| line.split_once(key))
        .map(|(_, name)| name.split(',').next().unwrap().trim().to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn every_rule_has_a_test_and_says_what_to_do() {
    let rules = named("alerts.yml", "- alert:");
    assert!(!rules.is_empty());
    assert_eq!(named("alerts_test.yml", "alertname:"), rules);
    let text = std::fs::read_to_string(folder().join("alerts.yml")).unwrap();
    for key in ["summary:", "description:", "runbook:", "severity:"] {
        assert_eq!(text.matches(key).count(), rules.len(), "{key}");
    }
    for severity in ["warning", "critical"] {
        assert!(text.contains(&format!("severity: {severity}")));
    }
}
