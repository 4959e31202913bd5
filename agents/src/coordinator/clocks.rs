//! Questions to the clocks of agents. What they mean is for whoever asked.

use async_nats::client::Request;

use crate::{
    connection::Connection,
    error::NatsError,
    identity::{AgentId, AgentInfo},
    message::{
        clock::{ClockSample, Reading, now_ns},
        decode,
    },
    names,
    streams::ALIVE,
};

/// Asks each agent so many times, one question after the other, since those under way at the same time would delay each other.
pub(super) async fn compare(
    connection: &Connection,
    agents: &[AgentInfo],
    rounds: u32,
) -> Result<Vec<(AgentId, Vec<ClockSample>)>, NatsError> {
    let mut compared = Vec::new();
    for agent in agents {
        let mut samples = Vec::new();
        for _ in 0..rounds {
            samples.extend(ask(connection, &agent.id).await?);
        }
        compared.push((agent.id.clone(), samples));
    }
    Ok(compared)
}

/// One question; none if what comes back is no reading.
async fn ask(connection: &Connection, agent: &AgentId) -> Result<Option<ClockSample>, NatsError> {
    let question = Request::new().timeout(Some(ALIVE));
    let asked_ns = now_ns();
    let answer = connection
        .client
        .send_request(names::clock(agent), question)
        .await;
    let returned_ns = now_ns();
    let answer = answer.map_err(|error| connection.told(&error, "to ask an agent for the time"))?;
    let reading = decode::<Reading>(&answer.payload).ok();
    Ok(reading.map(|reading| ClockSample {
        asked_ns,
        received_ns: reading.received_ns,
        answered_ns: reading.answered_ns,
        returned_ns,
    }))
}
