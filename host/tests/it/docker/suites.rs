//! This repository's suites on the containers: the real Redis and the real `ChromaDB`.

use std::fs;

use super::project::{TestProject, is_possible, unique_name};
use crate::invocation::{Invocation, repository, suite};

#[test]
fn the_suites_pass_on_the_real_redis_and_chroma() {
    if !is_possible() {
        return;
    }
    // A project that nobody uses, so that one of a person stays as it is.
    let project = TestProject::named(unique_name());
    let compose = repository().join("docker-compose.yml");
    let config = fs::read_to_string(repository().join("assay.toml")).unwrap();
    let config = config
        .replace(
            "project = \"assay\"",
            &format!("project = \"{}\"", project.name),
        )
        .replace(
            "compose = \"docker-compose.yml\"",
            &format!("compose = {compose:?}"),
        );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("assay.toml");
    fs::write(&file, config).unwrap();

    let suites = ["core-flow", "final-system-verification"].map(suite);
    let answer = Invocation::run(&suites)
        .with(&[
            "--environment",
            "docker",
            "--config",
            file.to_str().unwrap(),
        ])
        .answer();
    assert_eq!(answer.exit, Some(0), "{}", answer.seen());
    assert_eq!(project.traces(), Vec::<String>::new());
}
