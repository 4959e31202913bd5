//! Containers that are taken off their networks, and back.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Command;

use assay_host::environment::control::State;
use assay_report::hint::Hinted;

use super::project::{TestProject, is_possible, shown};

/// Whether the neighbour finds the cache by the name that only their network knows.
fn reaches(project: &TestProject) -> bool {
    let neighbour = project.container("neighbour");
    let asking =
        "exec 3<>/dev/tcp/cache.near/6379 && printf 'PING\\r\\n' >&3 && read -r -t 2 line <&3";
    let mut asked = Command::new("docker");
    asked.args(["exec", &neighbour, "timeout", "3", "bash", "-c", asking]);
    asked.output().unwrap().status.success()
}

#[tokio::test]
async fn a_container_is_taken_off_a_network_and_comes_back_under_its_names() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    let environment = project.up().await.unwrap();
    let id = project.container("cache");
    let control = environment.control("cache").unwrap();
    let aliases = format!(
        "(index .NetworkSettings.Networks \"{}_near\").Aliases",
        project.name
    );
    let before = shown(&id, &aliases);
    assert!(reaches(&project));

    control.disconnect(Some("near")).await.unwrap();
    assert!(!reaches(&project));
    assert_eq!(
        control.state().await,
        State::Running,
        "its port is published elsewhere"
    );
    let error = control.disconnect(Some("near")).await.unwrap_err();
    assert!(error.to_string().contains("it is on: access"), "{error}");
    control.connect(Some("near")).await.unwrap();
    assert!(reaches(&project));
    let names = |text: &str| {
        let mut names: Vec<String> = serde_json::from_str(text).unwrap();
        names.sort();
        names.dedup();
        names
    };
    assert_eq!(names(&shown(&id, &aliases)), names(&before));

    let error = control.disconnect(Some("nowhere")).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`nowhere`; it is on: access, near"),
        "{error}"
    );
    assert!(error.hint().is_some());
    environment.down().await;
}

#[tokio::test]
async fn a_container_off_all_networks_answers_nobody_until_it_is_back() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    let environment = project.up().await.unwrap();
    let control = environment.control("cache").unwrap();

    control.disconnect(None).await.unwrap();
    assert_eq!(
        shown(&project.container("cache"), ".NetworkSettings.Networks"),
        "{}"
    );
    assert_eq!(control.state().await, State::Unreachable);
    assert!(!reaches(&project));
    control.connect(None).await.unwrap();
    assert_eq!(control.state().await, State::Running);
    assert!(reaches(&project));
    environment.down().await;
}
