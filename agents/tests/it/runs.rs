//! Runs in which nothing is lost.

use std::collections::BTreeSet;

use assay_agents::{
    agent::Notice,
    error::RunError,
    shard::{Ending, Fate, Kind, Shard, ShardNumber, Target},
    sink::Told,
    stop::StopReason,
};

use super::{
    heard::Recorder,
    scripted::{Step, Word, cases, shard},
    stage::{Stage, eventually, hasty, settings, soon},
};

fn finished() -> Fate {
    Fate::Ended(Ending::Finished)
}

#[tokio::test]
async fn a_run_over_three_agents_is_told_as_one() {
    let Some(stage) = Stage::open() else { return };
    let agents = [
        stage.agent("a", 2).await,
        stage.agent("b", 2).await,
        stage.agent("c", 2).await,
    ];
    let mut coordinator = stage.joined(settings(), 3).await;
    let mut shards: Vec<Shard> = (0..30)
        .map(|number| cases(&format!("{number}"), &[Step::Tell(20)]))
        .collect();
    for agent in &agents {
        let target = Target::Agent(agent.id.clone());
        shards.push(Shard::new("share", Kind::Load, target, &[Step::Tell(50)]).unwrap());
    }
    let mut recorder = Recorder::default();
    let fates = soon(coordinator.run_all(shards, &mut recorder))
        .await
        .unwrap();
    assert_eq!(fates, vec![finished(); 33]);
    let heard = recorder.heard;
    for (shard, words) in heard.words() {
        let count = if shard < 30 { 20 } else { 50 };
        assert_eq!(words, (0..count).collect::<Vec<_>>(), "{shard}");
    }
    assert_eq!(heard.words().len(), 33);
    let given = heard.given();
    assert!(given.iter().all(|(_, attempt, _)| *attempt == 1));
    for (agent, shard) in agents.iter().zip(30..) {
        assert!(
            given.contains(&(shard, 1, agent.id.clone())),
            "a share goes where it is addressed"
        );
    }
    coordinator.close().await.unwrap();
    for agent in agents {
        eventually("it has left", || agent.left() == Some(StopReason::Over)).await;
        assert!(matches!(agent.notices()[1], Notice::Joined(_)));
        assert_eq!(agent.worker.finished.lock().unwrap().len(), 1);
        agent.stop().await;
    }
    assert_eq!(stage.streams().await, Vec::<String>::new());
}

#[tokio::test]
async fn each_shard_is_told_in_order_given_then_words_then_its_end() {
    let Some(stage) = Stage::open() else { return };
    let agent = stage.agent("a", 1).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    for kind in [Kind::Cases, Kind::Load] {
        let mut recorder = Recorder::default();
        let before = coordinator
            .run_all(vec![], &mut Recorder::default())
            .await
            .unwrap()
            .len();
        let number = ShardNumber(u32::try_from(before).unwrap());
        let run = coordinator.run_all(vec![shard("one", kind, &[Step::Tell(2)])], &mut recorder);
        soon(run).await.unwrap();
        let told: Vec<_> = recorder
            .heard
            .all()
            .into_iter()
            .map(|told| short(&told))
            .collect();
        assert_eq!(
            told,
            ["given", "word", "word", "ended"],
            "{kind:?} {number}"
        );
    }
    assert_eq!(*agent.worker.told.lock().unwrap(), 4);
}

fn short(told: &Told<Word>) -> &'static str {
    match told {
        Told::Given { .. } => "given",
        Told::Word { .. } => "word",
        Told::Ended { .. } => "ended",
        _ => "other",
    }
}

#[tokio::test]
async fn a_worker_that_cannot_or_panics_ends_its_shard_and_nothing_else() {
    let Some(stage) = Stage::open() else { return };
    let _agent = stage.agent("a", 1).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    let shards = vec![
        cases(
            "fails",
            &[Step::Tell(1), Step::Fail("no such suite".to_owned())],
        ),
        cases("panics", &[Step::Tell(1), Step::Panic]),
        cases("runs", &[Step::Tell(1)]),
    ];
    let mut recorder = Recorder::default();
    let fates = soon(coordinator.run_all(shards, &mut recorder))
        .await
        .unwrap();
    assert_eq!(
        fates[0],
        Fate::Ended(Ending::Failed("no such suite".to_owned()))
    );
    let Fate::Ended(Ending::Failed(problem)) = &fates[1] else {
        panic!("{fates:?}")
    };
    assert!(problem.contains("panicked"), "{problem}");
    assert_eq!(fates[2], finished());
    assert_eq!(recorder.heard.words().values().flatten().count(), 3);
}

#[tokio::test]
async fn a_word_that_is_larger_than_a_message_comes_whole() {
    let Some(stage) = Stage::open() else { return };
    let _agent = stage.agent("a", 1).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    let mut recorder = Recorder::default();
    let steps = [
        Step::TellLarge(3 << 20),
        Step::Tell(1),
        Step::TellLarge(3 << 20),
    ];
    let run = coordinator.run_all(vec![cases("large", &steps)], &mut recorder);
    assert_eq!(soon(run).await.unwrap(), [finished()]);
    assert_eq!(recorder.heard.words()[&0], [0, 1, 2]);
    let bytes = recorder.heard.all().iter().map(size).sum::<usize>();
    assert_eq!(bytes, 6 << 20);
}

fn size(told: &Told<Word>) -> usize {
    match told {
        Told::Word { word, .. } => word.text.len(),
        _ => 0,
    }
}

/// Shares of two loads at several agents would wait for each other's slots without end.
#[tokio::test]
async fn what_is_addressed_to_an_agent_waits_for_no_slot() {
    let Some(stage) = Stage::open() else { return };
    let agent = stage.agent("a", 1).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    let go = stage.file("go");
    let shards = (0..3).map(|number| {
        let target = Target::Agent(agent.id.clone());
        let steps = [Step::WaitFor(go.clone())];
        Shard::new(&format!("{number}"), Kind::Load, target, &steps).unwrap()
    });
    let mut recorder = Recorder::default();
    let heard = recorder.heard.clone();
    let shards = shards.collect();
    let run = coordinator.run_all(shards, &mut recorder);
    let watch = async {
        eventually("all run", || heard.given().len() == 3).await;
        std::fs::write(&go, "").unwrap();
    };
    let (fates, ()) = soon(async { tokio::join!(run, watch) }).await;
    assert_eq!(fates.unwrap(), vec![finished(); 3]);
}

#[tokio::test]
async fn no_agent_runs_more_than_it_has_slots_for() {
    let Some(stage) = Stage::open() else { return };
    let _agent = stage.agent("a", 2).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    let go = stage.file("go");
    let marks: Vec<_> = (0..3)
        .map(|number| stage.file(&format!("{number}")))
        .collect();
    let shards = marks.iter().map(|mark| {
        cases(
            "one",
            &[Step::Mark(mark.clone()), Step::WaitFor(go.clone())],
        )
    });
    let mut recorder = Recorder::default();
    let heard = recorder.heard.clone();
    let shards = shards.collect();
    let run = coordinator.run_all(shards, &mut recorder);
    let watch = async {
        eventually("two run", || heard.given().len() == 2).await;
        let begun = || marks.iter().filter(|mark| mark.exists()).count();
        eventually("two have begun", || begun() == 2).await;
        assert_eq!(heard.given().len(), 2);
        std::fs::write(&go, "").unwrap();
    };
    let (fates, ()) = soon(async { tokio::join!(run, watch) }).await;
    assert_eq!(fates.unwrap(), vec![finished(); 3]);
}

#[tokio::test]
async fn an_agent_serves_one_run_at_a_time_and_one_after_the_other() {
    let Some(stage) = Stage::open() else { return };
    let agent = stage.agent("only", 1).await;
    let first = stage.joined(settings(), 1).await;
    let mut second = stage.coordinator(hasty(settings())).await;
    let error = second.call(Some(1)).await.unwrap_err();
    let expected = format!("`only` ({})", first.run_id());
    assert!(
        matches!(&error, RunError::TooFewAgents { busy, .. } if *busy == [expected]),
        "{error}"
    );
    first.close().await.unwrap();
    eventually("it has left", || agent.left().is_some()).await;
    second.call(Some(1)).await.unwrap();
    second.join(&[]).await.unwrap();
    let run = second
        .run_all(
            vec![cases("one", &[Step::Tell(1)])],
            &mut Recorder::default(),
        )
        .await;
    assert_eq!(run.unwrap(), [finished()]);
    second.close().await.unwrap();
}

#[tokio::test]
async fn two_runs_share_a_server_without_meeting() {
    let Some(stage) = Stage::open() else { return };
    let agents = [stage.agent("a", 1).await, stage.agent("b", 1).await];
    let mut first = stage.joined(settings(), 1).await;
    let mut second = stage.joined(settings(), 1).await;
    let mut recorders = [Recorder::default(), Recorder::default()];
    let shards = |count| (0..count).map(|_| cases("one", &[Step::Tell(3)])).collect();
    let [one, two] = &mut recorders;
    let (one, two) = soon(async {
        tokio::join!(
            first.run_all(shards(5), one),
            second.run_all(shards(7), two)
        )
    })
    .await;
    assert_eq!((one.unwrap().len(), two.unwrap().len()), (5, 7));
    let used: Vec<BTreeSet<_>> = recorders
        .iter()
        .map(|recorder| {
            recorder
                .heard
                .given()
                .into_iter()
                .map(|(_, _, agent)| agent)
                .collect()
        })
        .collect();
    assert!(used[0].is_disjoint(&used[1]));
    assert!(
        agents
            .iter()
            .all(|agent| used[0].contains(&agent.id) || used[1].contains(&agent.id))
    );
}

#[tokio::test]
async fn a_run_goes_on_without_shards_until_it_is_said_that_there_are_no_more() {
    let Some(stage) = Stage::open() else { return };
    let _agent = stage.agent("a", 1).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    let handle = coordinator.handle();
    let mut recorder = Recorder::default();
    let heard = recorder.heard.clone();
    let add = async {
        for number in 0..3 {
            handle.add(cases("one", &[Step::Tell(1)])).unwrap();
            let ended =
                |told: &Told<Word>| matches!(told, Told::Ended { shard, .. } if shard.0 == number);
            eventually("it has ended", || heard.has(ended)).await;
        }
        handle.no_more();
    };
    let (fates, ()) = Box::pin(soon(async {
        tokio::join!(coordinator.run(&mut recorder), add)
    }))
    .await;
    assert_eq!(fates.unwrap(), vec![finished(); 3]);
}

#[tokio::test]
async fn clocks_are_compared_in_the_order_of_their_four_times() {
    let Some(stage) = Stage::open() else { return };
    let agent = stage.agent("a", 1).await;
    let coordinator = stage.joined(settings(), 1).await;
    let clocks = coordinator.clocks(3).await.unwrap();
    assert_eq!(clocks.len(), 1);
    let (id, exchanges) = &clocks[0];
    assert_eq!((id, exchanges.len()), (&agent.id, 3));
    for exchange in exchanges {
        let times = [
            exchange.asked,
            exchange.heard,
            exchange.answered,
            exchange.back,
        ];
        assert!(times.is_sorted(), "both are the same clock: {times:?}");
        exchange.delay().unwrap();
    }
    let again = coordinator.handle().clock(&agent.id, 1).await.unwrap();
    assert!(again[0].asked > exchanges[2].back);
}
