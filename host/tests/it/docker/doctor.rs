//! What `host doctor` says of an environment of containers.

use super::{
    killed::place,
    project::{TestProject, is_possible, said},
};

#[test]
fn the_engine_and_the_containers_of_a_project_are_told() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    let place = place(&project);
    let (exit, told, error) = place.tell(&["doctor"]);
    assert_eq!(exit, Some(0), "{told}{error}");
    for expected in ["answers at", "differs from ours by", "a run brings it up"] {
        assert!(told.contains(expected), "{expected}: {told}");
    }

    project.raise();
    let (exit, told, _) = place.tell(&["doctor"]);
    assert_eq!(exit, Some(0), "{told}");
    assert!(told.contains("cache") && told.contains("Up "), "{told}");
    said(&["pause", &project.container("cache")]);
    let (exit, told, _) = place.tell(&["doctor"]);
    assert_eq!(exit, Some(6), "{told}");
    assert!(
        told.contains("Paused") && told.contains("docker unpause"),
        "{told}"
    );
}

#[test]
fn without_an_engine_it_says_what_to_do() {
    let project = TestProject::new();
    let place = place(&project);
    let asked = place
        .command(&["doctor"])
        .env("DOCKER_HOST", "unix:///nowhere/docker.sock")
        .output();
    let asked = asked.expect("the host starts");
    let told = String::from_utf8_lossy(&asked.stdout);
    assert_eq!(asked.status.code(), Some(6), "{told}");
    assert!(
        told.contains("no Docker engine answers") && told.contains("start Docker"),
        "{told}"
    );
}
