//! A server that goes away while a run goes on.

use assay_agents::{
    error::{NatsError, RunError},
    settings::{Settings, Storage},
    shard::{Ending, Fate, Kind},
    stop::StopReason,
};

use tokio::sync::watch;

use super::{
    heard::Recorder,
    scripted::{Step, cases, shard},
    stage::{Stage, eventually, impatient, settings, soon},
};

#[tokio::test]
async fn a_run_survives_that_the_server_is_started_again_and_everything_is_told_once() {
    let Some(mut stage) = Stage::open() else {
        return;
    };
    let _agents = [stage.agent("a", 2).await, stage.agent("b", 2).await];
    let mut coordinator = stage.joined(settings(), 2).await;
    let (here, go) = (stage.file("here"), stage.file("go"));
    let steps = [
        Step::Tell(50),
        Step::Mark(here.clone()),
        Step::WaitFor(go.clone()),
        Step::Tell(50),
    ];
    let mut shards: Vec<_> = (0..3).map(|_| cases("waits", &steps)).collect();
    shards.push(shard("share", Kind::Load, &steps));
    shards.extend((0..20).map(|_| cases("after", &[Step::Tell(10)])));
    let mut recorder = Recorder::default();
    let heard = recorder.heard.clone();
    let run = coordinator.run_all(shards, &mut recorder);
    let restart = async {
        eventually("four run", || heard.given().len() == 4 && here.exists()).await;
        stage.nats.kill();
        std::fs::write(&go, "").unwrap();
        stage.nats.start_again();
    };
    let (fates, ()) = soon(async { tokio::join!(run, restart) }).await;
    assert_eq!(fates.unwrap(), vec![Fate::Ended(Ending::Finished); 24]);
    for (shard, told) in heard.words() {
        let count = if shard < 4 { 100 } else { 10 };
        assert_eq!(told, (0..count).collect::<Vec<_>>(), "{shard}");
    }
    assert_eq!(heard.words().len(), 24);
    assert!(
        heard.given().iter().all(|(_, attempt, _)| *attempt == 1),
        "nothing was run twice"
    );
}

/// A server that is killed may lose what it said it had stored: 2.9 has that in its memory for some milliseconds. Here the message is removed.
#[tokio::test]
async fn what_a_killed_server_had_stored_in_its_memory_alone_is_told_again() {
    let Some(mut stage) = Stage::open() else {
        return;
    };
    let _agent = stage.agent("a", 1).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    let events = format!("assay-{}-events", coordinator.run_id());
    let (here, go) = (stage.file("here"), stage.file("go"));
    let steps = [
        Step::Tell(3),
        Step::Mark(here.clone()),
        Step::WaitFor(go.clone()),
        Step::Tell(3),
    ];
    let (door, open) = watch::channel(false);
    // It reads nothing before the door is open.
    let mut recorder = Recorder {
        open: Some(open),
        ..Recorder::default()
    };
    let heard = recorder.heard.clone();
    let run = coordinator.run_all(vec![shard("share", Kind::Load, &steps)], &mut recorder);
    let lose = async {
        eventually("it has told something", || here.exists()).await;
        let client = async_nats::connect(stage.nats.url()).await.unwrap();
        let context = async_nats::jetstream::new(client);
        let mut stream = context.get_stream(events).await.unwrap();
        let mut last = 0;
        while last == 0 {
            last = stream.info().await.unwrap().state.last_sequence;
        }
        assert!(stream.delete_message(last).await.unwrap());
        stage.nats.kill();
        stage.nats.start_again();
        std::fs::write(&go, "").unwrap();
        door.send_replace(true);
    };
    let (fates, ()) = Box::pin(soon(async { tokio::join!(run, lose) })).await;
    assert_eq!(fates.unwrap(), [Fate::Ended(Ending::Finished)]);
    assert_eq!(heard.words()[&0], (0..6).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_server_that_stays_away_ends_the_run_and_stops_the_agents_which_come_back() {
    let Some(mut stage) = Stage::open() else {
        return;
    };
    let agent = stage.agent("a", 1).await;
    let mut coordinator = stage.joined(impatient(), 1).await;
    let here = stage.file("here");
    let shards = vec![cases("one", &[Step::Mark(here.clone()), Step::WaitForStop])];
    let mut recorder = Recorder::default();
    let run = coordinator.run_all(shards, &mut recorder);
    let kill = async {
        eventually("it runs", || here.exists()).await;
        stage.nats.kill();
    };
    let (fates, ()) = soon(async { tokio::join!(run, kill) }).await;
    let away = NatsError::Away(impatient().times.outage);
    assert_eq!(fates.unwrap_err(), RunError::Nats(away.clone()));
    assert_eq!(
        away.to_string(),
        "the NATS server was away for longer than 5 s"
    );
    eventually("it has left", || agent.left() == Some(StopReason::NatsAway)).await;
    assert_eq!(
        agent.worker.stops.lock().unwrap().clone(),
        [StopReason::NatsAway]
    );
    drop(coordinator);
    stage.nats.start_again();
    let mut coordinator = stage.joined(impatient(), 1).await;
    let mut recorder = Recorder::default();
    let run = coordinator.run_all(vec![cases("next", &[Step::Tell(1)])], &mut recorder);
    assert_eq!(soon(run).await.unwrap(), [Fate::Ended(Ending::Finished)]);
}

#[tokio::test]
async fn streams_in_memory_are_gone_with_the_server_which_is_said() {
    let Some(mut stage) = Stage::open() else {
        return;
    };
    let agent = stage.agent("a", 1).await;
    let settings = Settings {
        storage: Storage::Memory,
        ..settings()
    };
    let mut coordinator = stage.joined(settings, 1).await;
    let here = stage.file("here");
    let shards = vec![cases("one", &[Step::Mark(here.clone()), Step::WaitForStop])];
    let mut recorder = Recorder::default();
    let run = coordinator.run_all(shards, &mut recorder);
    let restart = async {
        eventually("it runs", || here.exists()).await;
        stage.nats.kill();
        stage.nats.start_again();
    };
    let (fates, ()) = soon(async { tokio::join!(run, restart) }).await;
    let error = fates.unwrap_err();
    let what = "the stream of events";
    assert_eq!(error, RunError::Nats(NatsError::Gone { what }));
    let stops = || agent.worker.stops.lock().unwrap().clone();
    eventually("it is stopped", || {
        stops() == [StopReason::Aborted(error.to_string())]
    })
    .await;
}

#[tokio::test]
async fn streams_that_somebody_removes_end_the_run_and_stop_the_agents() {
    let Some(stage) = Stage::open() else { return };
    let agent = stage.agent("a", 1).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    let here = stage.file("here");
    let steps = [Step::Mark(here.clone()), Step::WaitForStop];
    let events = format!("assay-{}-events", coordinator.run_id());
    let mut recorder = Recorder::default();
    let run = coordinator.run_all(vec![cases("one", &steps)], &mut recorder);
    let remove = async {
        eventually("it runs", || here.exists()).await;
        let client = async_nats::connect(stage.nats.url()).await.unwrap();
        async_nats::jetstream::new(client)
            .delete_stream(events)
            .await
            .unwrap();
    };
    let (fates, ()) = Box::pin(soon(async { tokio::join!(run, remove) })).await;
    let error = fates.unwrap_err();
    let what = "the stream of events";
    assert_eq!(error, RunError::Nats(NatsError::Gone { what }));
    let stopped = StopReason::Aborted(error.to_string());
    eventually("it is stopped", || {
        agent.worker.stops.lock().unwrap().contains(&stopped)
    })
    .await;
}
