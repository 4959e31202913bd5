//! What goes wrong: each is told with what to do, and leaves nothing behind.

use assay_host::environment::control::{ControlError, State};
use assay_report::hint::Hinted;
use serde_json::Map;

use super::project::{TestProject, is_possible, said};
use crate::invocation::{Invocation, suite};

#[tokio::test]
async fn a_container_that_vanished_is_named_and_hangs_nothing() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    let environment = project.up().await.unwrap();
    let control = environment.control("cache").unwrap();
    control.limit_memory(64 << 20).await.unwrap();
    said(&["rm", "-f", &project.container("cache")]);

    for outcome in [
        control.stop().await,
        control.pause().await,
        control.lift_limits().await,
        control.disconnect(None).await,
        control.start().await.map(drop),
        control.usage().await.map(drop),
    ] {
        let error: ControlError = outcome.unwrap_err();
        assert!(
            error
                .to_string()
                .contains("of service `cache` has vanished"),
            "{error}"
        );
        assert!(error.hint().is_some(), "{error}");
    }
    assert_eq!(control.state().await, State::Unreachable);
    let fallen = environment
        .fallen("cache")
        .await
        .expect("nobody asked it to end");
    assert!(fallen.to_string().contains("has vanished"), "{fallen}");
    environment.down().await;
    assert_eq!(project.remains(), [""; 0]);
}

#[tokio::test]
async fn a_service_without_a_container_is_refused_and_the_project_is_taken_down() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    let settings = project.settings(&["cache", "cash"]);
    let error = assay_host::environment::Environment::up(&settings, &Map::new(), None)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("0 containers of `cash`; it has:"),
        "{error}"
    );
    assert!(error.hint().is_some());
    assert_eq!(project.remains(), [""; 0]);
}

#[test]
fn without_an_engine_the_run_ends_with_what_to_do() {
    let nowhere = tempfile::tempdir().unwrap();
    let socket = format!("unix://{}", nowhere.path().join("docker.sock").display());
    let answer = Invocation::run(&[suite("core-flow")])
        .with(&["--environment", "docker"])
        .with_variable("DOCKER_HOST", &socket)
        .answer();
    assert_eq!(answer.exit, Some(6), "{}", answer.seen());
    let told = format!("no Docker engine answers at {socket}");
    assert!(answer.seen().contains(&told), "{}", answer.seen());
    let hint = "hint: start Docker, or set DOCKER_HOST";
    assert!(answer.seen().contains(hint), "{}", answer.seen());
}
