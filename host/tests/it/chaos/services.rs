//! Faults on a service.

use assay_host::{
    chaos::Kind,
    environment::control::{CONFIRM_PATIENCE, State},
};
use futures::FutureExt as _;

use super::*;

#[tokio::test]
async fn each_fault_shows_from_outside_and_is_gone_after_its_heal() {
    let world = World::new().await;
    for (act, expected, state) in [
        (Act::Stop, Answer::Refused, State::Stopped),
        (
            Act::Kill("KILL".to_owned()),
            Answer::Refused,
            State::Stopped,
        ),
        (
            Act::Kill("TERM".to_owned()),
            Answer::Refused,
            State::Stopped,
        ),
        (Act::Pause, Answer::Silence, State::Paused),
        (Act::Restart, Answer::Pong, State::Running),
    ] {
        let named = format!("{act:?}");
        let before = world.environment.process_id("cache").unwrap();
        let fault = world.on_cache(act.clone()).await.unwrap();
        assert_eq!(
            world.attempt.state("cache").await.unwrap(),
            state,
            "{named}"
        );
        let patience = match expected {
            Answer::Silence => SILENCE,
            _ => PATIENCE,
        };
        assert_eq!(ping(world.address(), patience).await, expected, "{named}");
        let healthy = fault.heal().await.unwrap();
        assert!(healthy > Some(Duration::ZERO), "{named}");
        assert_eq!(
            fault.heal().await.unwrap(),
            healthy,
            "{named}: the same again"
        );
        assert_eq!(
            ping(world.address(), PATIENCE).await,
            Answer::Pong,
            "{named}"
        );
        let after = world.environment.process_id("cache").unwrap();
        assert_eq!(before == after, act == Act::Pause, "{named}");
    }
    assert!(world.settle().await.is_empty());
}

#[tokio::test]
async fn a_service_has_one_fault_at_a_time_whoever_asks() {
    let world = World::new().await;
    let (other, ..) = attempt(&world.faults, "second");
    let paused = world.on_cache(Act::Pause).await.unwrap();
    for act in [Act::Pause, Act::Stop, Act::Restart] {
        for attempt in [&world.attempt, &other] {
            let error = hinted(attempt.inject(on_cache(act.clone())).await);
            assert_eq!(error.kind(), Kind::Unsupported);
            let told = error.to_string();
            assert!(
                told.ends_with("the fault `pause` on `cache` of suite/first is active"),
                "{told}"
            );
        }
    }
    // A fault that is being healed is waited for.
    drop(paused);
    let stopped = other.inject(on_cache(Act::Stop)).await.unwrap();
    assert_eq!(ping(world.address(), PATIENCE).await, Answer::Refused);
    stopped.heal().await.unwrap();
    assert_eq!(ping(world.address(), PATIENCE).await, Answer::Pong);
}

#[tokio::test]
async fn a_service_that_ended_by_itself_cannot_be_stopped_and_nothing_waits_for_it() {
    let world = World::new().await;
    let control = world.environment.control("cache").unwrap();
    control.stop().await.unwrap();
    let error = hinted(world.on_cache(Act::Stop).await);
    assert_eq!(error.to_string(), "service `cache` does not run");
    assert_eq!(error.kind(), Kind::Environment);
    assert!(world.settle().await.is_empty(), "nothing was done to it");
}

#[tokio::test]
async fn a_signal_that_is_ignored_is_a_fault_that_is_not_confirmed() {
    let stubborn = "trap '' HUP; \"$0\" cache --listen \"$1\" & wait; exec sleep 600";
    let mut world = World::of(vec![cache(stubborn)]).await;
    let error = hinted(world.on_cache(Act::Kill("HUP".to_owned())).await);
    assert_eq!(error.kind(), Kind::NotConfirmed, "{error}");
    let within = format!("after {}s", CONFIRM_PATIENCE.as_secs());
    assert!(error.to_string().contains(&within), "{error}");
    let checks = world.checks();
    assert_eq!(checks.len(), 1);
    let name = "the fault `kill` on `cache` is confirmed from outside";
    assert_eq!((&*checks[0].name, checks[0].passed), (name, false));
    assert_eq!(ping(world.address(), PATIENCE).await, Answer::Pong);
    assert!(world.settle().await.is_empty(), "it was undone at once");
}

#[tokio::test]
async fn a_service_that_does_not_come_back_is_told_by_its_heal_and_at_the_end() {
    let once = "[ -e {data}/once ] && echo worn out >&2 && exit 3; touch {data}/once; exec \"$0\" cache --listen \"$1\"";
    let world = World::of(vec![cache(once)]).await;
    let fault = world.on_cache(Act::Stop).await.unwrap();
    let error = hinted(fault.heal().await);
    assert_eq!(error.kind(), Kind::Environment);
    assert!(error.told().contains("worn out"), "{}", error.told());
    let unhealed = world.settle().await;
    assert_eq!(unhealed.len(), 1);
    assert_eq!(unhealed[0].to_string(), error.to_string());
}

#[tokio::test]
async fn an_attempt_that_ends_has_its_faults_healed_and_can_make_no_more() {
    let world = World::new().await;
    let fault = world.on_cache(Act::Stop).await.unwrap();
    assert_eq!(ping(world.address(), PATIENCE).await, Answer::Refused);
    assert!(world.settle().await.is_empty());
    assert_eq!(ping(world.address(), PATIENCE).await, Answer::Pong);
    fault.heal().await.unwrap();
    let error = hinted(world.on_cache(Act::Stop).await);
    assert!(matches!(error, ChaosError::GivenUp { .. }), "{error}");
}

#[tokio::test]
async fn a_call_that_is_given_up_half_way_leaves_nothing() {
    let world = World::new().await;
    for _ in 0..3 {
        let call = world.on_cache(Act::Stop).now_or_never();
        assert!(call.is_none(), "it takes longer than a moment");
    }
    assert!(world.settle().await.is_empty());
    assert_eq!(ping(world.address(), PATIENCE).await, Answer::Pong);
    assert_eq!(
        world.environment.control("cache").unwrap().state().await,
        State::Running
    );
}

#[tokio::test]
async fn a_service_that_was_not_started_here_is_looked_at_and_not_touched() {
    let owner = World::new().await;
    let world = owner.beside().await;
    let error = hinted(world.on_cache(Act::Stop).await);
    assert_eq!(error.kind(), Kind::Unsupported);
    assert_eq!(error.to_string(), "service `cache` was not started here");
    for outcome in [
        world.attempt.usage("cache").await.map(drop),
        world.attempt.logs("cache", 1).await.map(drop),
    ] {
        assert_eq!(hinted(outcome).kind(), Kind::Unsupported);
    }
    assert_eq!(world.attempt.state("cache").await.unwrap(), State::Running);
    let stopped = owner.on_cache(Act::Stop).await.unwrap();
    assert_eq!(
        world.attempt.state("cache").await.unwrap(),
        State::Unreachable
    );
    stopped.heal().await.unwrap();
}

#[tokio::test]
async fn what_processes_cannot_have_is_unsupported() {
    let world = World::new().await;
    for act in [
        Act::Disconnect,
        Act::LimitMemory(1 << 30),
        Act::LimitCpu(0.5),
    ] {
        let error = hinted(world.on_cache(act).await);
        assert_eq!(error.kind(), Kind::Unsupported, "{error}");
    }
    let error = hinted(world.attempt.state("cahce").await);
    assert_eq!(error.kind(), Kind::Unknown);
    assert_eq!(error.hint().unwrap(), "did you mean `cache`?");
}
