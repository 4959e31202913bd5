//! Questions to the clocks of agents. What they mean is for whoever asked.

use assay_load::clock::Exchange;
use async_nats::client::Request;

use crate::{
    clock,
    connection::Connection,
    error::Cause,
    identity::AgentId,
    message::{clock::Reading, decode},
    names,
    streams::ALIVE,
};

/// What is asked for, for a person.
pub(super) const TIME: &str = "to ask an agent for the time";

/// Asks an agent so many times, one question after the other, since those under way at the same time would delay each other. The first question without
/// an answer is the last one, so that silence takes no longer than one may; what was answered by then counts.
pub(super) async fn ask(
    connection: &Connection,
    agent: &AgentId,
    rounds: u32,
) -> Result<Vec<Exchange>, Cause> {
    let mut exchanges = Vec::new();
    for _ in 0..rounds {
        match ask_once(connection, agent).await {
            Ok(exchange) => exchanges.extend(exchange),
            Err(_) if !exchanges.is_empty() => break,
            Err(cause) => return Err(cause),
        }
    }
    Ok(exchanges)
}

/// One question; none if what comes back is no reading.
async fn ask_once(connection: &Connection, agent: &AgentId) -> Result<Option<Exchange>, Cause> {
    let question = Request::new().timeout(Some(ALIVE));
    let asked = clock::now();
    let answer = connection
        .client
        .send_request(names::clock(agent), question)
        .await;
    let back = clock::now();
    let answer = answer.map_err(|error| Cause::of(&error))?;
    let reading = decode::<Reading>(&answer.payload).ok();
    Ok(reading.map(|Reading { heard, answered }| Exchange {
        asked,
        heard,
        answered,
        back,
    }))
}
