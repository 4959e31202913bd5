//! Agents that are lost on their way into a run, and offers whose answer was lost.

use std::time::Duration;

use assay_agents::{
    coordinator::Coordinator,
    error::{NatsError, RunError},
};
use futures::StreamExt as _;
use serde_json::json;

use super::{
    child::Process,
    stage::{Stage, connection_to, coordinator_info, impatient, message, settings, soon},
    way::Way,
};

fn vanished() -> RunError {
    let agent = "victim".to_owned();
    RunError::Vanished { agent }
}

#[tokio::test]
async fn an_agent_that_is_killed_after_the_call_is_named_long_before_it_would_have_to_be_ready() {
    let Some(stage) = Stage::open() else { return };
    let mut process = Process::agent(&stage, "victim");
    let mut coordinator = stage.coordinator(impatient()).await;
    coordinator.call(Some(1)).await.unwrap();
    process.kill();
    let error = soon(coordinator.join(&[])).await.unwrap_err();
    assert_eq!(error, vanished());
    assert_eq!(
        message(&error),
        "agent `victim` is gone: it answered to the call, and nobody answers for it any more\n\
         hint: see that agent's output, and how its machine and its network are; start it again, or run with fewer agents"
    );
}

#[tokio::test]
async fn an_agent_that_is_killed_before_its_clock_is_asked_is_named_and_no_jetstream_is_missed() {
    let Some(stage) = Stage::open() else { return };
    let mut process = Process::agent(&stage, "victim");
    let coordinator = stage.joined(impatient(), 1).await;
    process.kill();
    let asked = soon(coordinator.clocks(1)).await;
    assert_eq!(asked.unwrap_err(), vanished());
}

#[tokio::test]
async fn a_server_that_is_away_while_clocks_are_asked_is_not_taken_for_an_agent_that_is_gone() {
    let Some(mut stage) = Stage::open() else {
        return;
    };
    let _agent = stage.agent("a", 1).await;
    let coordinator = stage.joined(impatient(), 1).await;
    stage.nats.kill();
    let asked = soon(coordinator.clocks(1)).await;
    let away = NatsError::Away(impatient().times.outage);
    assert_eq!(asked.unwrap_err(), away.into());
}

#[tokio::test]
async fn a_server_that_is_away_while_agents_are_waited_for_is_not_taken_for_too_few_of_them() {
    let Some(mut stage) = Stage::open() else {
        return;
    };
    let mut settings = impatient();
    settings.times.call = Duration::from_mins(10);
    let mut coordinator = stage.coordinator(settings.clone()).await;
    stage.nats.kill();
    let called = soon(coordinator.call(Some(1))).await;
    let away = NatsError::Away(settings.times.outage);
    assert_eq!(called.unwrap_err(), away.into());
}

#[tokio::test]
async fn a_server_that_is_away_when_agents_have_to_be_ready_is_not_taken_for_one_that_is_not() {
    let Some(stage) = Stage::open() else { return };
    let process = Process::agent(&stage, "slow");
    let way = Way::to(&stage.nats).await;
    let mut settings = impatient();
    // Over long before the outage is.
    settings.times.joining = Duration::from_secs(1);
    let connection = connection_to(&way.url()).await;
    let opened = Coordinator::open(connection, coordinator_info(), settings.clone()).await;
    let mut coordinator = opened.unwrap();
    coordinator.call(Some(1)).await.unwrap();
    process.signal("STOP");
    let client = async_nats::connect(stage.nats.url()).await.unwrap();
    let mut offers = client.subscribe("assay.agent.*.offer").await.unwrap();
    client.flush().await.unwrap();
    let cut = async {
        offers.next().await.unwrap();
        way.cut();
    };
    let joined = coordinator.join(&[]);
    let (joined, ()) = Box::pin(soon(async { tokio::join!(joined, cut) })).await;
    let away = NatsError::Away(settings.times.outage);
    assert_eq!(joined.unwrap_err(), away.into());
}

#[tokio::test]
async fn a_server_that_is_started_again_while_clocks_are_asked_costs_no_agent() {
    let Some(mut stage) = Stage::open() else {
        return;
    };
    let agent = stage.agent("a", 1).await;
    let coordinator = stage.joined(settings(), 1).await;
    stage.nats.kill();
    let asked = coordinator.clocks(2);
    let restart = async { stage.nats.start_again() };
    let (asked, ()) = soon(async { tokio::join!(asked, restart) }).await;
    let asked = asked.unwrap();
    let [(id, exchanges)] = &*asked else {
        panic!("{asked:?}");
    };
    assert_eq!((id, exchanges.len()), (&agent.id, 2));
}

#[tokio::test]
async fn an_offer_that_is_made_again_is_answered_again() {
    let Some(stage) = Stage::open() else { return };
    let agent = stage.agent("a", 1).await;
    let coordinator = stage.joined(settings(), 1).await;
    let offer = |run: &str| {
        let offer = json!({"run": run, "times": settings().times, "plugins": []});
        serde_json::to_vec(&offer).unwrap()
    };
    let client = async_nats::connect(stage.nats.url()).await.unwrap();
    let subject = format!("assay.agent.{}.offer", agent.id);
    for (run, expected) in [
        (coordinator.run_id().to_string(), "\"ready\"".to_owned()),
        (
            "another".to_owned(),
            json!({"busy": coordinator.run_id()}).to_string(),
        ),
    ] {
        let asked = client.request(subject.clone(), offer(&run).into());
        let answer = soon(asked).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer.payload), expected);
    }
}
