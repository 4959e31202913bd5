//! What is said to one shard while the others run: orders, and that it alone has to stop.

use assay_agents::{
    error::RunError,
    orders::MAX_ORDER_BYTES,
    shard::{Ending, Fate, Kind, ShardNumber},
    sink::Told,
    stop::StopReason,
};

use super::{
    heard::Recorder,
    scripted::{Step, Word, cases, shard},
    stage::{Stage, eventually, message, settings, soon},
};

fn finished() -> Fate {
    Fate::Ended(Ending::Finished)
}

fn orders(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("order {number}")).collect()
}

#[tokio::test]
async fn orders_are_heard_by_their_shard_alone_also_those_from_before_it_began() {
    let Some(stage) = Stage::open() else { return };
    let _agent = stage.agent("a", 2).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    let handle = coordinator.handle();
    let shards = ["first", "second"].map(|name| {
        let added = handle.add(shard(name, Kind::Load, &[Step::Obey(20)]));
        added.unwrap()
    });
    handle.no_more();
    for order in &orders(20)[..10] {
        handle.order(shards[0], order).unwrap();
    }
    let mut recorder = Recorder::default();
    let heard = recorder.heard.clone();
    let say = async {
        eventually("ten are heard", || heard.texts(0).len() == 10).await;
        for (first, second) in orders(20)[10..].iter().zip(orders(10)) {
            handle.order(shards[0], first).unwrap();
            handle.order(shards[1], &second).unwrap();
        }
        assert_eq!(heard.given().len(), 2);
        for order in &orders(20)[10..] {
            handle.order(shards[1], order).unwrap();
        }
    };
    let (fates, ()) = Box::pin(soon(async {
        tokio::join!(coordinator.run(&mut recorder), say)
    }))
    .await;
    assert_eq!(fates.unwrap(), vec![finished(); 2]);
    for shard in 0..2 {
        assert_eq!(recorder.heard.texts(shard), orders(20));
    }
}

#[tokio::test]
async fn orders_survive_that_the_server_is_started_again_and_are_heard_once() {
    let Some(mut stage) = Stage::open() else {
        return;
    };
    let _agent = stage.agent("a", 1).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    let handle = coordinator.handle();
    let number = handle.add(shard("one", Kind::Load, &[Step::Obey(30)]));
    let number = number.unwrap();
    handle.no_more();
    let mut recorder = Recorder::default();
    let heard = recorder.heard.clone();
    let say = async {
        let orders = orders(30);
        for order in &orders[..10] {
            handle.order(number, order).unwrap();
        }
        eventually("it has begun", || !heard.texts(0).is_empty()).await;
        stage.nats.kill();
        for order in &orders[10..20] {
            handle.order(number, order).unwrap();
        }
        stage.nats.start_again();
        for order in &orders[20..] {
            handle.order(number, order).unwrap();
        }
    };
    let (fates, ()) = Box::pin(soon(async {
        tokio::join!(coordinator.run(&mut recorder), say)
    }))
    .await;
    assert_eq!(fates.unwrap(), [finished()]);
    assert_eq!(recorder.heard.texts(0), orders(30));
}

#[tokio::test]
async fn a_shard_that_is_stopped_alone_ends_and_the_run_goes_on() {
    let Some(stage) = Stage::open() else { return };
    let agent = stage.agent("a", 2).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    let handle = coordinator.handle();
    let go = stage.file("go");
    let steps = [Step::Tell(1), Step::WaitForStop, Step::Tell(1)];
    handle.add(cases("stops", &steps)).unwrap();
    handle
        .add(cases("goes on", &[Step::WaitFor(go.clone())]))
        .unwrap();
    let waiting = handle.add(cases("waits", &[Step::Tell(1)])).unwrap();
    handle.no_more();
    let mut recorder = Recorder::default();
    let heard = recorder.heard.clone();
    let stop = async {
        eventually("two run", || heard.given().len() == 2).await;
        handle.stop(waiting, "nobody needs it");
        handle.stop(ShardNumber(0), "its case is over");
        let ended = |told: &Told<Word>| {
            matches!(
                told,
                Told::Ended {
                    shard: ShardNumber(0),
                    ..
                }
            )
        };
        eventually("it has ended", || heard.has(ended)).await;
        let not_run = Told::NotRun { shard: waiting };
        eventually("the other is told", || heard.has(|told| *told == not_run)).await;
        std::fs::write(&go, "").unwrap();
    };
    let (fates, ()) = Box::pin(soon(async {
        tokio::join!(coordinator.run(&mut recorder), stop)
    }))
    .await;
    let stopped = Fate::Ended(Ending::Stopped);
    assert_eq!(fates.unwrap(), [stopped, finished(), Fate::NotRun]);
    let reason = StopReason::Aborted("its case is over".to_owned());
    assert_eq!(agent.worker.stops.lock().unwrap().clone(), [reason]);
    assert_eq!(recorder.heard.words(), [(0, vec![0, 1])].into());
}

#[tokio::test]
async fn an_order_may_be_as_large_as_its_limit_and_needs_a_shard() {
    let Some(stage) = Stage::open() else { return };
    let _agent = stage.agent("a", 1).await;
    let mut coordinator = stage.joined(settings(), 1).await;
    let handle = coordinator.handle();
    let number = handle.add(shard("one", Kind::Load, &[Step::Obey(1)]));
    let number = number.unwrap();
    let largest = "x".repeat(MAX_ORDER_BYTES - 2);
    let larger = handle.order(number, &(largest.clone() + "x")).unwrap_err();
    assert_eq!(
        message(&larger),
        "an order to shard 0 has 524289 bytes, and may have 524288\n\
         hint: say less to it, or let it have in its work what is known before"
    );
    let nobody = ShardNumber(1);
    let error = handle.order(nobody, &"anything").unwrap_err();
    assert_eq!(error, RunError::NoShard { shard: nobody });
    handle.order(number, &largest).unwrap();
    handle.no_more();
    let mut recorder = Recorder::default();
    let run = coordinator.run(&mut recorder);
    assert_eq!(soon(run).await.unwrap(), [finished()]);
    assert_eq!(recorder.heard.texts(0), [largest]);
}
