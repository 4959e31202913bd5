//! This repository's suites on the containers: the real Redis, `ChromaDB`, Prometheus and Alertmanager. Without a defect all cases
//! pass; of the table of defects some telling rows are tried here, and all of them by the test that is ignored.

use std::{collections::BTreeSet, fs, path::PathBuf};

use tempfile::TempDir;

use super::project::{TestProject, is_possible, unique_name};
use crate::{
    defects::{
        LOAD, SUITES, performance,
        row::{self, assert_caught, assert_green},
        table::Table,
    },
    invocation::{Answer, Invocation, repository, suite},
};

const ENVIRONMENT: &str = "docker";

/// More work than on processes: the real vector store takes so long that what is added to it shows later.
const MORE: [&str; 2] = ["performance.slices=12", "performance.slice-work=100"];

/// The environment on a project that nobody uses, so that one of a person stays as it is.
struct OwnProject {
    project: TestProject,
    folder: TempDir,
}

impl OwnProject {
    fn new() -> Self {
        let project = TestProject::named(unique_name());
        let config = fs::read_to_string(repository().join("assay.toml")).expect("the own file");
        let compose = repository().join("docker-compose.yml");
        let config = config
            .replace(
                "project = \"assay\"",
                &format!("project = \"{}\"", project.name),
            )
            .replace(
                "compose = \"docker-compose.yml\"",
                &format!("compose = '{}'", compose.display()),
            );
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("assay.toml"), config).expect("its configuration");
        Self { project, folder }
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("assay.toml")
    }

    /// Runs suites, and sees that nothing of the project is left, but for networks that the engine itself does not let go of.
    fn run(&self, suites: &[&str], arguments: &[&str]) -> Answer {
        let config = self.config();
        let config = config.to_str().expect("its path is UTF-8");
        let suites: Vec<PathBuf> = suites.iter().copied().map(suite).collect();
        let answer = Invocation::run(&suites)
            .with(&["--no-progress", "--environment", ENVIRONMENT])
            .with(&["--config", config])
            .with(arguments)
            .answer();
        let left = self.project.remains();
        assert!(
            left.is_empty(),
            "{left:?} of the project are left:\n{}\n{}",
            answer.stdout,
            answer.stderr
        );
        answer
    }
}

/// Runs suites on a project of their own.
fn run(suites: &[&str], arguments: &[&str]) -> Answer {
    OwnProject::new().run(suites, arguments)
}

/// The suites that mostly wait, with a defect.
fn run_with(defect: &str) -> Answer {
    run(&SUITES, &["--set", &row::setting(defect)])
}

/// The suite that makes load, with a defect.
fn run_load_with(defect: &str) -> Answer {
    let setting = row::setting(defect);
    let more = MORE.iter().flat_map(|size| ["--set", size]);
    let arguments: Vec<&str> = sizes().into_iter().chain(more).collect();
    run(&[LOAD], &[&arguments[..], &["--set", &setting]].concat())
}

/// As on processes.
fn sizes() -> Vec<&'static str> {
    let sizes = performance::SIZES.iter();
    sizes.flat_map(|size| ["--set", size]).collect()
}

#[test]
fn without_a_defect_every_case_passes() {
    if is_possible() {
        let suites: Vec<&str> = SUITES.into_iter().chain([LOAD]).collect();
        assert_green(&run(&suites, &sizes()), ENVIRONMENT);
    }
}

/// No counter moves: the real Prometheus sees it.
#[test]
fn d15_counters_that_never_move_are_caught() {
    if is_possible() {
        assert_caught(&run_with("D15"), "D15", ENVIRONMENT);
    }
}

/// The services keep to themselves what belongs into the real stores, and use no link to them.
#[test]
fn d23_a_configured_store_that_is_ignored_is_caught() {
    if is_possible() {
        assert_caught(&run_with("D23"), "D23", ENVIRONMENT);
    }
}

/// Each row is tried, also after one that does not hold.
#[test]
#[ignore = "it takes an hour: cargo nextest run --workspace --run-ignored only -E 'test(every_row_of_the_table)'"]
fn every_row_of_the_table_holds() {
    if is_possible() {
        let table = Table::of_repository();
        assert_all_caught(&table.defects(), run_with);
    }
}

/// The same of the suite that makes load: the defects that it sees.
#[test]
#[ignore = "it takes ten minutes: cargo nextest run --workspace --run-ignored only -E 'test(every_row_of_the_load)'"]
fn every_row_of_the_load_holds() {
    if is_possible() {
        let table = Table::of_repository();
        assert_all_caught(&table.defects_of(LOAD, ENVIRONMENT), run_load_with);
    }
}

fn assert_all_caught(defects: &BTreeSet<&str>, run: fn(&str) -> Answer) {
    let mut broken = Vec::new();
    for defect in defects {
        let answer = run(defect);
        let differences = row::caught(&answer, defect, ENVIRONMENT);
        if !differences.is_empty() {
            broken.push(((*defect).to_owned(), differences));
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
