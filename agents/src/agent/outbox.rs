//! Brings what an attempt tells to the server, one message after the other. The next one goes when the last one is stored: so they are in order, and
//! whatever gathers meanwhile goes together.

use super::teller::Listener;
use crate::{
    connection::Connection,
    error::NatsError,
    identity::AgentId,
    message::chunk::{self, Head, MAX_CHUNK_BYTES},
    names::Names,
    shard::{Ending, ShardNumber},
    streams::EVENTS,
};

/// The way of one attempt's messages.
#[derive(Debug)]
pub(super) struct Outbox {
    connection: Connection,
    subject: String,
    head: Head,
}

impl Outbox {
    pub(super) fn new(
        connection: &Connection,
        names: &Names,
        agent: &AgentId,
        shard: ShardNumber,
        attempt: u32,
    ) -> Self {
        Self {
            connection: connection.clone(),
            subject: names.told(),
            head: Head {
                agent: agent.clone(),
                shard,
                attempt,
                number: 0,
                last: None,
            },
        }
    }

    /// Brings all that is told until its end. It waits for as long as the stream is full; other errors are final.
    pub(super) async fn bring(&mut self, listener: &Listener) -> Result<(), NatsError> {
        while let Some(lines) = listener.take(MAX_CHUNK_BYTES).await {
            self.send(&lines).await?;
        }
        Ok(())
    }

    /// Brings the last message.
    pub(super) async fn end(&mut self, ending: Ending) -> Result<(), NatsError> {
        self.head.last = Some(ending);
        self.send(&[]).await
    }

    async fn send(&mut self, lines: &[u8]) -> Result<(), NatsError> {
        let message = chunk::write(&self.head, lines);
        self.connection
            .store(&self.subject, message, EVENTS)
            .await?;
        self.head.number += 1;
        Ok(())
    }
}
