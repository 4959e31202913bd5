//! What coordinators leave on the server.

use std::time::Duration;

use assay_agents::{coordinator::Coordinator, identity::RunId};

use super::{
    child::Process,
    scripted::{Step, cases},
    stage::{Stage, coordinator_info, eventually, impatient, settings, soon},
};

async fn until_streams_are(stage: &Stage, count: usize) {
    soon(async {
        while stage.streams().await.len() != count {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn agents_remove_what_their_dead_coordinator_left() {
    let Some(stage) = Stage::open() else { return };
    let _agent = stage.agent("a", 1).await;
    let here = stage.file("here");
    let shards = [cases("one", &[Step::Mark(here.clone()), Step::WaitForStop])];
    let mut process = Process::coordinator(&stage, &shards, &impatient());
    eventually("it runs", || here.exists()).await;
    assert_eq!(stage.streams().await.len(), 3);
    process.kill();
    until_streams_are(&stage, 0).await;
}

#[tokio::test]
async fn the_next_coordinator_removes_what_a_dead_one_left_and_leaves_the_living_alone() {
    let Some(stage) = Stage::open() else { return };
    let living = stage.coordinator(settings()).await;
    let dead = stage.coordinator(settings()).await;
    assert_eq!(stage.streams().await.len(), 4);
    drop(dead);
    let connection = stage.connection().await;
    let too_early = Duration::from_hours(1);
    let next = Coordinator::open_after(
        RunId::random(),
        connection.clone(),
        coordinator_info(),
        settings(),
        too_early,
    )
    .await;
    assert_eq!(
        stage.streams().await.len(),
        6,
        "it was not quiet for long enough"
    );
    next.unwrap().close().await.unwrap();
    let next = Coordinator::open_after(
        RunId::random(),
        connection,
        coordinator_info(),
        settings(),
        Duration::ZERO,
    )
    .await
    .unwrap();
    let streams = stage.streams().await;
    assert_eq!(streams.len(), 4, "{streams:?}");
    for coordinator in [&living, &next] {
        let run = coordinator.run_id().as_str();
        assert_eq!(
            streams.iter().filter(|stream| stream.contains(run)).count(),
            2
        );
    }
}

#[tokio::test]
async fn whatever_lies_on_the_server_has_limits_of_size_and_age() {
    let Some(stage) = Stage::open() else { return };
    let _agent = stage.agent("a", 1).await;
    let _coordinator = stage.joined(settings(), 1).await;
    let client = async_nats::connect(stage.nats.url()).await.unwrap();
    let context = async_nats::jetstream::new(client);
    for name in stage.streams().await {
        let stream = context.get_stream(&name).await.unwrap();
        let config = &stream.cached_info().config;
        assert!(config.max_bytes > 0, "{name}");
        assert_eq!(config.max_age, settings().keep, "{name}");
    }
}
