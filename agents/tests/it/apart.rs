//! A coordinator that is out of reach for a while, with the server there for everybody else: agents cannot know whether it is dead.

use std::time::Duration;

use assay_agents::{
    coordinator::Coordinator,
    settings::Settings,
    shard::{Ending, Fate, Kind, Loss},
    sink::Told,
    stop::StopReason,
};

use super::{
    child::Process,
    heard::Recorder,
    scripted::{Step, cases, shard},
    stage::{Stage, connection_to, coordinator_info, eventually, settings, soon},
    way::Way,
};

fn finished() -> Fate {
    Fate::Ended(Ending::Finished)
}

/// Settings with which nothing is decided by an outage, which is longer than the test may take.
fn short_of(absence: Duration) -> Settings {
    let mut settings = settings();
    settings.times.absence = absence;
    // On a busy machine it may be away more than once.
    settings.deliveries = 100;
    settings
}

/// A coordinator with a way of its own, and one agent that takes part.
async fn joined(stage: &Stage, settings: Settings) -> (Coordinator, Way) {
    let way = Way::to(&stage.nats).await;
    let connection = connection_to(&way.url()).await;
    let mut coordinator = Coordinator::open(connection, coordinator_info(), settings)
        .await
        .unwrap();
    coordinator.call(Some(1)).await.unwrap();
    coordinator.join(&[]).await.unwrap();
    (coordinator, way)
}

#[tokio::test]
async fn a_coordinator_that_is_out_of_reach_for_longer_than_an_absence_loses_attempts_and_no_run() {
    let Some(stage) = Stage::open() else { return };
    let agent = stage.agent("a", 2).await;
    let (mut coordinator, way) = joined(&stage, short_of(Duration::from_millis(300))).await;
    let go = stage.file("go");
    let steps = [Step::Tell(1), Step::WaitFor(go.clone()), Step::Tell(1)];
    let shards = vec![cases("cases", &steps), shard("share", Kind::Load, &steps)];
    let mut recorder = Recorder::default();
    let heard = recorder.heard.clone();
    let run = coordinator.run_all(shards, &mut recorder);
    let cut = async {
        let told = || *agent.worker.told.lock().unwrap() == 2;
        eventually("both have told", told).await;
        way.cut();
        let stopped = || agent.worker.stops.lock().unwrap().clone();
        let both = vec![StopReason::CoordinatorLost; 2];
        eventually("both are stopped", || stopped() == both).await;
        way.mend();
        eventually("the cases run again", || heard.given().len() >= 3).await;
        std::fs::write(&go, "").unwrap();
    };
    let (fates, ()) = Box::pin(soon(async { tokio::join!(run, cut) })).await;
    let loss = Loss::GivenBack {
        agent: agent.id.clone(),
    };
    assert_eq!(fates.unwrap(), [finished(), Fate::Lost(loss)]);
    assert_eq!(heard.given()[2], (0, 2, agent.id.clone()));
    assert_eq!(heard.words(), [(0, vec![0, 1]), (1, vec![0])].into());
    assert!(!heard.has(|told| matches!(told, Told::AgentLost { .. })));
    coordinator.close().await.unwrap();
    eventually("it has left", || agent.left() == Some(StopReason::Over)).await;
}

#[tokio::test]
async fn a_coordinator_that_comes_back_within_an_absence_loses_nothing() {
    let Some(stage) = Stage::open() else { return };
    let agent = stage.agent("a", 2).await;
    let (mut coordinator, way) = joined(&stage, settings()).await;
    let go = stage.file("go");
    let steps = [Step::Tell(1), Step::WaitFor(go.clone()), Step::Tell(1)];
    let shards = vec![cases("cases", &steps), shard("share", Kind::Load, &steps)];
    let mut recorder = Recorder::default();
    let heard = recorder.heard.clone();
    let run = coordinator.run_all(shards, &mut recorder);
    let cut = async {
        let told = || *agent.worker.told.lock().unwrap() == 2;
        eventually("both have told", told).await;
        way.cut();
        std::fs::write(&go, "").unwrap();
        let all = || *agent.worker.told.lock().unwrap() == 4;
        eventually("they go on without it", all).await;
        way.mend();
    };
    let (fates, ()) = Box::pin(soon(async { tokio::join!(run, cut) })).await;
    assert_eq!(fates.unwrap(), vec![finished(); 2]);
    assert_eq!(heard.words(), [(0, vec![0, 1]), (1, vec![0, 1])].into());
    assert_eq!(heard.given().len(), 2);
}

#[tokio::test]
async fn an_agent_whose_coordinator_is_killed_is_there_for_the_next_one_before_the_outage_is_over()
{
    let Some(stage) = Stage::open() else { return };
    let agent = stage.agent("a", 1).await;
    let here = stage.file("here");
    let shards = [cases("one", &[Step::Mark(here.clone()), Step::WaitForStop])];
    let settings = short_of(Duration::from_millis(300));
    let mut process = Process::coordinator(&stage, &shards, &settings);
    eventually("it runs", || here.exists()).await;
    process.kill();
    let stopped = || agent.worker.stops.lock().unwrap().clone();
    eventually("it is stopped", || {
        stopped() == [StopReason::CoordinatorLost]
    })
    .await;
    assert_eq!(agent.left(), None, "it waits for its coordinator");
    let mut next = stage.joined(super::stage::settings(), 1).await;
    let left = agent.left();
    assert_eq!(left, Some(StopReason::CoordinatorLost));
    let mut recorder = Recorder::default();
    let run = next.run_all(vec![cases("next", &[Step::Tell(1)])], &mut recorder);
    assert_eq!(soon(run).await.unwrap(), [finished()]);
}
