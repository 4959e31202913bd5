//! A coordinator that is slower than its agents.

use assay_agents::{
    settings::Settings,
    shard::{Ending, Fate, Kind},
};
use tokio::sync::watch;

use super::{
    heard::Recorder,
    scripted::{Step, shard},
    stage::{Stage, eventually, settings, soon, until_it_stalls},
};

const EVENTS: u64 = 400;
const BYTES: usize = 50_000;
const ON_THE_SERVER: u64 = 2 << 20;
/// What waits at the agent, what is on the server, and what the coordinator has in hand.
const ON_THE_WAY: u64 = (1 << 20) + ON_THE_SERVER + (4 << 20) + (1 << 20);

#[tokio::test]
async fn a_slow_coordinator_slows_its_agents_down_and_nothing_is_lost() {
    let Some(stage) = Stage::open() else { return };
    let agent = stage.agent("a", 1).await;
    let settings = Settings {
        events_bytes: ON_THE_SERVER,
        ..settings()
    };
    let mut coordinator = stage.joined(settings, 1).await;
    let steps = vec![Step::TellLarge(BYTES); usize::try_from(EVENTS).unwrap()];
    let (door, open) = watch::channel(false);
    let mut recorder = Recorder {
        open: Some(open),
        ..Recorder::default()
    };
    let heard = recorder.heard.clone();
    let told = || *agent.worker.told.lock().unwrap();
    let run = coordinator.run_all(vec![shard("one", Kind::Load, &steps)], &mut recorder);
    let watch = async {
        until_it_stalls(told).await;
        let waiting = told() * BYTES as u64;
        assert!(waiting <= ON_THE_WAY, "{waiting} bytes are on the way");
        assert!(
            waiting >= ON_THE_SERVER / 2,
            "{waiting} bytes are on the way"
        );
        door.send_replace(true);
    };
    let (fates, ()) = Box::pin(soon(async { tokio::join!(run, watch) })).await;
    assert_eq!(fates.unwrap(), [Fate::Ended(Ending::Finished)]);
    assert_eq!(heard.words()[&0], (0..EVENTS).collect::<Vec<_>>());
    eventually("all was told", || told() == EVENTS).await;
}

#[tokio::test]
async fn more_shards_than_the_server_has_room_for_wait_at_the_coordinator() {
    let Some(stage) = Stage::open() else { return };
    let _agent = stage.agent("a", 4).await;
    let settings = Settings {
        shards_bytes: 64 << 10,
        ..settings()
    };
    let mut coordinator = stage.joined(settings, 1).await;
    let padding = "x".repeat(4 << 10);
    let shards = (0..100)
        .map(|_| shard(&padding, Kind::Cases, &[Step::Tell(1)]))
        .collect();
    let fates = soon(coordinator.run_all(shards, &mut Recorder::default()))
        .await
        .unwrap();
    assert_eq!(fates, vec![Fate::Ended(Ending::Finished); 100]);
}
