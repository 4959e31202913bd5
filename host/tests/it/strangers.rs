//! Good suites of somebody else, on the reference system in a project that did not write them: refused before they run, and green with the
//! very lines that were told.

use std::{fs, path::Path};

use assay_report::{
    json::document::{Case, Report},
    verdict::Verdict,
};
use tempfile::TempDir;

use crate::{
    fixtures::fixture,
    invocation::{host, repository, suite},
};

/// What a run came to.
struct Told {
    exit: Option<i32>,
    stderr: String,
    /// None if nothing was run.
    report: Option<Report>,
}

/// Runs a suite in a project whose folder it is not in, and which has these tables beside those of the repository.
fn run(suite: &Path, tables: &str) -> Told {
    let configuration = fs::read_to_string(repository().join("assay.toml")).expect("a file");
    let project = TempDir::new().expect("a temporary folder");
    fs::write(
        project.path().join("assay.toml"),
        format!("{configuration}\n{tables}\n"),
    )
    .expect("a file");
    let output = host()
        .env_remove("ASSAY_TRUST")
        .current_dir(project.path())
        .arg("run")
        .arg(suite)
        .args(["--trust", "own", "--no-progress", "--no-history"])
        .output()
        .expect("the host starts");
    let report = fs::read(project.path().join("reports/report.json")).ok();
    Told {
        exit: output.status.code(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        report: report.map(|report| serde_json::from_slice(&report).expect("a report")),
    }
}

/// It is refused without grants, and green with what it was told then.
fn assert_green_with_what_is_told(suite: &Path, name: &str) {
    let refused = run(suite, "");
    let told = &refused.stderr;
    assert_eq!(
        (refused.exit, refused.report.is_some()),
        (Some(4), false),
        "{told}"
    );
    let table = told.find(&format!("[grants.{name}]"));
    let table = &told[table.expect("the table that would grant it")..];
    let green = run(suite, table);
    let report = green.report.expect("a report");
    let cases = report.suites.iter().flat_map(|suite| &suite.cases);
    let bad = |case: &&Case| case.verdict.is_none_or(Verdict::is_bad);
    let bad: Vec<_> = cases.filter(bad).map(|case| &case.name).collect();
    assert_eq!(bad, [""; 0], "{}", green.stderr);
    assert_eq!(green.exit, Some(0), "{}", green.stderr);
    assert_eq!(report.suites[0].proposal, None, "nothing more was wanted");
}

#[test]
fn the_suite_of_the_cookbook_runs_with_the_lines_that_were_told() {
    let folder = TempDir::new().expect("a temporary folder");
    let suite = folder.path().join("cookbook.wasm");
    fs::copy(fixture("cookbook"), &suite).expect("a copy");
    assert_green_with_what_is_told(&suite, "cookbook");
}

#[test]
fn a_suite_of_this_repository_runs_with_the_lines_that_were_told() {
    assert_green_with_what_is_told(&suite("core-flow"), "core-flow");
}

#[test]
#[ignore = "takes some minutes: the other suites, one after the other"]
fn each_other_suite_of_this_repository_runs_with_the_lines_that_were_told() {
    for name in [
        "final-system-verification",
        "monitoring-verification",
        "system-resilience",
        "performance-benchmark",
    ] {
        assert_green_with_what_is_told(&suite(name), name);
    }
}
