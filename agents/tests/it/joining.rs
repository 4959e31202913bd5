//! Agents that are lost on their way into a run, and offers whose answer was lost.

use assay_agents::error::RunError;
use serde_json::json;

use super::{
    child::Process,
    stage::{Stage, impatient, message, settings, soon},
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
