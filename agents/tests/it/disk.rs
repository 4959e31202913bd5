//! A server whose disk fills up while a run goes on.

use assay_agents::{settings::Settings, shard::Kind};
use assay_test_server::{disk::Disk, nats::Nats};

use super::{
    heard::Recorder,
    scripted::{Step, shard},
    stage::{Stage, eventually, impatient, message, soon, until_it_stalls},
};

#[tokio::test]
async fn a_disk_that_fills_up_ends_the_run_with_one_message() {
    let Some(disk) = Disk::of(8) else { return };
    let configuration = format!(
        "jetstream {{ store_dir: {:?}, max_file_store: 1GB }}\n",
        disk.path().display().to_string()
    );
    let Some(nats) = Nats::start_with(&configuration) else {
        return;
    };
    let stage = Stage::on(nats);
    let agent = stage.agent("a", 2).await;
    let large = Settings {
        events_bytes: 64 << 20,
        ..impatient()
    };
    let mut coordinator = stage.joined(large, 1).await;
    let (door, open) = tokio::sync::watch::channel(false);
    let mut recorder = Recorder {
        open: Some(open),
        ..Recorder::default()
    };
    let steps = vec![Step::TellLarge(100_000); 200];
    let shards = vec![
        shard("tells", Kind::Load, &steps),
        shard("waits", Kind::Load, &[Step::WaitForStop]),
    ];
    let run = coordinator.run_all(shards, &mut recorder);
    let fill = async {
        until_it_stalls(|| *agent.worker.told.lock().unwrap()).await;
        door.send_replace(true);
    };
    let (fates, ()) = Box::pin(soon(async { tokio::join!(run, fill) })).await;
    let error = fates.unwrap_err();
    let text = message(&error);
    // Servers differ: 2.9 says nothing more at all, later ones refuse what has no room, or have no JetStream any more.
    let is_known = text.contains("its disk may be full")
        || text.contains("no room")
        || text.contains("no JetStream");
    assert!(is_known, "{text}");
    // By the abort, or because a server that hangs lets nobody hear of it.
    let reasons = || agent.worker.stops.lock().unwrap().len();
    eventually("the agent is stopped", || reasons() == 1).await;
}
