//! What stops a run, and that agents hear of it.

use assay_agents::{
    error::RunError,
    shard::{Ending, Fate},
    stop::StopReason,
};

use super::{
    child::Process,
    heard::Recorder,
    scripted::{Step, cases},
    stage::{Stage, eventually, impatient, settings, soon},
};

fn stopped() -> Fate {
    Fate::Ended(Ending::Stopped)
}

#[tokio::test]
async fn an_abort_reaches_every_agent_and_what_was_told_is_heard() {
    let Some(stage) = Stage::open() else { return };
    let agents = [stage.agent("a", 1).await, stage.agent("b", 1).await];
    let mut coordinator = stage.joined(settings(), 2).await;
    let handle = coordinator.handle();
    let steps = [Step::Tell(3), Step::WaitForStop, Step::Tell(1)];
    let shards = (0..3).map(|_| cases("one", &steps)).collect();
    let mut recorder = Recorder::default();
    let told = || {
        agents
            .iter()
            .all(|agent| *agent.worker.told.lock().unwrap() == 3)
    };
    let run = coordinator.run_all(shards, &mut recorder);
    let abort = async {
        eventually("both have told", told).await;
        handle.abort("Ctrl-C").await;
    };
    let (fates, ()) = Box::pin(soon(async { tokio::join!(run, abort) })).await;
    assert_eq!(fates.unwrap(), [stopped(), stopped(), Fate::NotRun]);
    for agent in &agents {
        let reasons = agent.worker.stops.lock().unwrap().clone();
        assert_eq!(reasons, [StopReason::Aborted("Ctrl-C".to_owned())]);
    }
    let words = recorder.heard.words();
    assert_eq!(words, [(0, vec![0, 1, 2, 3]), (1, vec![0, 1, 2, 3])].into());
    coordinator.close().await.unwrap();
    for agent in agents {
        eventually("it has left", || agent.left() == Some(StopReason::Over)).await;
    }
}

#[tokio::test]
async fn a_worker_that_does_not_stop_is_dropped_after_its_grace() {
    let Some(stage) = Stage::open() else { return };
    let agent = stage.agent("a", 1).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    let handle = coordinator.handle();
    let mut recorder = Recorder::default();
    let run = coordinator.run_all(
        vec![cases("one", &[Step::Tell(1), Step::Hang])],
        &mut recorder,
    );
    let abort = async {
        eventually("it has told", || *agent.worker.told.lock().unwrap() == 1).await;
        handle.abort("--fail-fast").await;
    };
    let (fates, ()) = Box::pin(soon(async { tokio::join!(run, abort) })).await;
    assert_eq!(fates.unwrap(), [stopped()]);
    assert_eq!(recorder.heard.words()[&0], [0]);
}

#[tokio::test]
async fn a_sink_with_a_problem_ends_the_run_and_stops_the_agents() {
    let Some(stage) = Stage::open() else { return };
    let agent = stage.agent("a", 2).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    let mut recorder = Recorder {
        problem: Some("the disk is full"),
        ..Recorder::default()
    };
    let shards = vec![
        cases("waits", &[Step::WaitForStop]),
        cases("tells", &[Step::Tell(1)]),
    ];
    let error = soon(coordinator.run_all(shards, &mut recorder))
        .await
        .unwrap_err();
    assert_eq!(error, RunError::Sink("the disk is full".to_owned()));
    let aborted = StopReason::Aborted("the disk is full".to_owned());
    let stops = || agent.worker.stops.lock().unwrap().clone();
    eventually("the other shard is stopped", || {
        stops() == [aborted.clone()]
    })
    .await;
}

#[tokio::test]
async fn a_coordinator_that_is_killed_stops_its_agents_which_then_serve_the_next_one() {
    let Some(stage) = Stage::open() else { return };
    let agent = stage.agent("a", 1).await;
    let here = stage.file("here");
    let shards = [cases("one", &[Step::Mark(here.clone()), Step::WaitForStop])];
    let mut process = Process::coordinator(&stage, &shards, &impatient());
    eventually("it runs", || here.exists()).await;
    process.kill();
    eventually("it has left", || {
        agent.left() == Some(StopReason::CoordinatorLost)
    })
    .await;
    let stops = agent.worker.stops.lock().unwrap().clone();
    assert_eq!(stops, [StopReason::CoordinatorLost]);
    assert_eq!(agent.worker.finished.lock().unwrap().len(), 1);
    let mut coordinator = stage.joined(settings(), 1).await;
    let mut recorder = Recorder::default();
    let run = coordinator.run_all(vec![cases("next", &[Step::Tell(1)])], &mut recorder);
    assert_eq!(soon(run).await.unwrap(), [Fate::Ended(Ending::Finished)]);
}
