//! Agents that leave questions about their clocks without an answer.

use std::time::Instant;

use assay_agents::identity::AgentInfo;
use futures::StreamExt as _;
use serde_json::json;

use super::stage::{Stage, impatient, info, settings, soon};

/// An agent, as far as a call and its clock are concerned. It answers the questions of these numbers, from 1, and those after them if it is said so.
async fn clock_that_answers(
    stage: &Stage,
    agent: &AgentInfo,
    numbers: &'static [usize],
    and_from: usize,
) {
    let client = async_nats::connect(stage.nats.url()).await.unwrap();
    let mut hello = serde_json::to_value(agent).unwrap();
    hello["protocol"] = json!(2);
    let mut calls = client.subscribe("assay.call").await.unwrap();
    let subject = format!("assay.agent.{}.clock", agent.id);
    let mut questions = client.subscribe(subject).await.unwrap();
    client.flush().await.unwrap();
    tokio::spawn(async move {
        let mut asked = 0;
        loop {
            let (message, answer) = tokio::select! {
                Some(call) = calls.next() => (call, Some(hello.to_string())),
                Some(question) = questions.next() => {
                    asked += 1;
                    let is_answered = numbers.contains(&asked) || asked >= and_from;
                    (question, is_answered.then(|| json!({"heard": 1, "answered": 2}).to_string()))
                }
                else => return,
            };
            if let (Some(reply), Some(answer)) = (message.reply, answer) {
                client.publish(reply, answer.into()).await.unwrap();
            }
        }
    });
}

#[tokio::test]
async fn a_clock_that_leaves_out_some_answers_is_asked_for_the_rest() {
    let Some(stage) = Stage::open() else { return };
    let agent = info("lossy", 1);
    clock_that_answers(&stage, &agent, &[1], 4).await;
    let mut coordinator = stage.coordinator(settings()).await;
    coordinator.call(Some(1)).await.unwrap();
    let asked = soon(coordinator.clocks(8)).await.unwrap();
    assert_eq!(asked[0].1.len(), 8);
}

#[tokio::test]
async fn fewer_answers_of_a_clock_count_only_once_it_had_its_time() {
    let Some(stage) = Stage::open() else { return };
    let agent = info("half", 1);
    clock_that_answers(&stage, &agent, &[1, 2], usize::MAX).await;
    let mut coordinator = stage.coordinator(impatient()).await;
    coordinator.call(Some(1)).await.unwrap();
    let begun = Instant::now();
    let asked = soon(coordinator.clocks(8)).await.unwrap();
    assert_eq!(asked[0].1.len(), 2);
    let taken = begun.elapsed();
    assert!(taken >= impatient().times.outage, "{taken:?}");
}

#[tokio::test]
async fn the_answers_that_came_count_of_a_clock_that_says_nothing_while_a_run_goes_on() {
    let Some(stage) = Stage::open() else { return };
    let agent = info("half", 1);
    clock_that_answers(&stage, &agent, &[1, 2], usize::MAX).await;
    let handle = stage.coordinator(settings()).await.handle();
    let answers = soon(handle.clock(&agent.id, 8)).await.unwrap();
    assert_eq!(answers.len(), 2);
    soon(handle.clock(&agent.id, 8)).await.unwrap_err();
}
