//! Processes that stand still for a while: as on a laptop that sleeps, in a debugger, or below a machine that has no time for them.

use std::path::PathBuf;

use assay_agents::{
    shard::{Ending, Fate, Kind},
    sink::Told,
    stop::StopReason,
};

use super::{
    child::Process,
    heard::Recorder,
    scripted::{Step, Word, cases, shard},
    stage::{Stage, eventually, impatient, soon},
};

fn finished() -> Fate {
    Fate::Ended(Ending::Finished)
}

#[tokio::test]
async fn an_agent_that_thaws_after_it_was_given_up_is_heard_no_more() {
    let Some(stage) = Stage::open() else { return };
    let (process, other) = (
        Process::agent(&stage, "frozen"),
        stage.agent("other", 1).await,
    );
    let mut coordinator = stage.joined(impatient(), 2).await;
    let (marks, go) = (
        [stage.file("first"), stage.file("second")],
        stage.file("go"),
    );
    let steps = |mark: &PathBuf| {
        let wait = [Step::Mark(mark.clone()), Step::WaitFor(go.clone())];
        [&[Step::Tell(3)][..], &wait, &[Step::Tell(3)]].concat()
    };
    let shards = marks
        .iter()
        .map(|mark| cases("one", &steps(mark)))
        .collect();
    let mut recorder = Recorder::default();
    let heard = recorder.heard.clone();
    let returned = || heard.has(|told| matches!(told, Told::Returned { .. }));
    let run = coordinator.run_all(shards, &mut recorder);
    let freeze = async {
        eventually("both wait", || marks.iter().all(|mark| mark.exists())).await;
        process.signal("STOP");
        eventually("it is given up", returned).await;
        process.signal("CONT");
        std::fs::write(&go, "").unwrap();
    };
    let (fates, ()) = Box::pin(soon(async { tokio::join!(run, freeze) })).await;
    assert_eq!(fates.unwrap(), vec![finished(); 2]);
    for words in heard.words().values() {
        assert_eq!(*words, (0..6).collect::<Vec<_>>());
    }
    let of_other =
        |told: &Told<Word>| matches!(told, Told::Ended { agent, .. } if *agent == other.id);
    assert_eq!(heard.all().into_iter().filter(of_other).count(), 2);
}

#[tokio::test]
async fn an_agent_that_thaws_after_its_time_does_nothing_any_more() {
    let Some(stage) = Stage::open() else { return };
    let process = Process::agent(&stage, "frozen");
    let mut coordinator = stage.joined(impatient(), 1).await;
    let file = stage.file("written");
    let bytes = || std::fs::metadata(&file).map_or(0, |file| file.len());
    let mut recorder = Recorder::default();
    let shards = vec![shard("one", Kind::Load, &[Step::Write(file.clone())])];
    let run = coordinator.run_all(shards, &mut recorder);
    let freeze = async {
        eventually("it writes", || bytes() > 100).await;
        process.signal("STOP");
    };
    let (fates, ()) = Box::pin(soon(async { tokio::join!(run, freeze) })).await;
    assert!(matches!(fates.unwrap()[..], [Fate::Lost(_)]));
    let before = bytes();
    process.signal("CONT");
    // It takes part in the next run once it has left this one.
    let _next = stage.joined(impatient(), 1).await;
    // It may have been frozen between the question and what it does then.
    assert!(bytes() <= before + 1, "{} after {before}", bytes());
}

#[tokio::test]
async fn a_coordinator_that_stood_still_blames_nobody_and_its_agents_stop() {
    let Some(stage) = Stage::open() else { return };
    let agent = stage.agent("a", 1).await;
    let here = stage.file("here");
    let steps = [Step::Mark(here.clone()), Step::WaitForStop];
    let process = Process::coordinator(&stage, &[cases("one", &steps)], &impatient());
    eventually("it runs", || here.exists()).await;
    process.signal("STOP");
    eventually("the agent has left", || {
        agent.left() == Some(StopReason::CoordinatorLost)
    })
    .await;
    process.signal("CONT");
    // It gives the only agent up and ends by itself.
    process.ended().await;
}
