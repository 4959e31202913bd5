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

/// What an agent has answered of so many questions.
#[derive(Debug)]
pub(super) struct Comparison {
    /// What came of it so far.
    pub(super) exchanges: Vec<Exchange>,
    /// Questions without an answer.
    left: u32,
}

impl Comparison {
    /// Of an agent that was not asked yet.
    pub(super) fn of(rounds: u32) -> Self {
        Self {
            exchanges: Vec::new(),
            left: rounds,
        }
    }

    /// Asks what is left, one question after the other, since those under way at the same time would delay each other. The first one without an answer
    /// is the last one, so that silence takes no longer than one may, and is left for whoever goes on.
    pub(super) async fn go_on(
        &mut self,
        connection: &Connection,
        agent: &AgentId,
    ) -> Result<(), Cause> {
        while self.left > 0 {
            self.exchanges.extend(ask(connection, agent).await?);
            self.left -= 1;
        }
        Ok(())
    }
}

/// One question; none if what comes back is no reading.
pub(super) async fn ask(
    connection: &Connection,
    agent: &AgentId,
) -> Result<Option<Exchange>, Cause> {
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
