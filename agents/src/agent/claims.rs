//! Asks the coordinator whether a shard may be run, until it answers.

use std::time::Duration;

use async_nats::client::Request;
use tokio::time::sleep;

use super::membership::Membership;
use crate::{
    message::{Claim, Verdict, decode, encode},
    stop::Stop,
};

/// How long an answer may take until the same is asked again.
const ANSWER: Duration = Duration::from_secs(2);
/// Between two questions.
const AGAIN: Duration = Duration::from_millis(100);

/// What the coordinator says; none if the agent has to stop before it is heard.
pub(super) async fn ask<W>(
    membership: &Membership<W>,
    claim: &Claim,
    stop: &mut Stop,
) -> Option<Verdict> {
    let question = encode(claim);
    while stop.reason().is_none() {
        let request = Request::new()
            .payload(question.clone())
            .timeout(Some(ANSWER));
        let client = &membership.connection.client;
        let answer = tokio::select! {
            answer = client.send_request(membership.names.claim(), request) => answer,
            _ = stop.stopped() => return None,
        };
        if let Ok(message) = answer
            && let Ok(verdict) = decode(&message.payload)
        {
            membership.tenure.somebody();
            return Some(verdict);
        }
        tokio::select! {
            () = sleep(AGAIN) => {}
            _ = stop.stopped() => return None,
        }
    }
    None
}
