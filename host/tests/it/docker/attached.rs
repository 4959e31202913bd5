//! Projects that ran before, and what belongs to others.

use assay_host::environment::control::State;
use assay_report::hint::Hinted;

use super::project::{TestProject, is_possible, shown, unique_name};

#[tokio::test]
async fn a_project_that_runs_is_used_and_left_as_it_was() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    project.raise();
    let environment = project.up().await.unwrap();
    let (cache, neighbour) = (project.container("cache"), project.container("neighbour"));

    environment.control("cache").unwrap().pause().await.unwrap();
    let control = environment.control("neighbour").unwrap();
    control.stop().await.unwrap();
    control.disconnect(Some("near")).await.unwrap();
    environment.down().await;
    for container in [&cache, &neighbour] {
        assert_eq!(shown(container, ".State.Running"), "true");
        assert_eq!(shown(container, ".State.Paused"), "false");
        let networks = shown(container, ".NetworkSettings.Networks");
        assert!(
            networks.contains("_near") && networks.contains("_access"),
            "{networks}"
        );
    }
}

#[tokio::test]
async fn a_second_host_is_refused_with_the_process_of_the_first() {
    if !is_possible() {
        return;
    }
    let project = TestProject::new();
    let environment = project.up().await.unwrap();
    let error = project.up().await.unwrap_err();
    let own = std::process::id();
    let told = format!(
        "`{}` is in use by another host, process {own}",
        project.name
    );
    assert!(error.to_string().contains(&told), "{error}");
    assert!(error.hint().is_some());
    let state = environment.control("cache").unwrap().state().await;
    assert_eq!(state, State::Running, "the first one goes on");
    environment.down().await;
}

#[tokio::test]
async fn containers_of_others_are_never_touched() {
    if !is_possible() {
        return;
    }
    // A name that begins with the other one, and the same services.
    let name = unique_name();
    let project = TestProject::named(name.clone());
    let stranger = TestProject::named(format!("{name}-2"));
    let environment = project.up().await.unwrap();
    let strange = stranger.up().await.unwrap();
    let started = shown(&stranger.container("cache"), ".State.StartedAt");

    environment
        .control("cache")
        .unwrap()
        .kill("KILL")
        .await
        .unwrap();
    assert_eq!(
        strange.control("cache").unwrap().state().await,
        State::Running
    );
    environment.down().await;
    assert_eq!(project.remains(), [""; 0]);
    assert_eq!(
        shown(&stranger.container("cache"), ".State.StartedAt"),
        started
    );
    assert_eq!(
        shown(&stranger.container("neighbour"), ".State.Running"),
        "true"
    );
    strange.down().await;
}
