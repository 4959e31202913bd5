//! Brings what an attempt tells to the server, one message after the other. The next one goes when the last one is stored: so they are in order, and
//! whatever gathers meanwhile goes together.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::sleep;

use super::teller::Listener;
use crate::{
    connection::Connection,
    error::{Cause, NatsError},
    identity::AgentId,
    message::chunk::{self, Head, MAX_CHUNK_BYTES},
    names::Names,
    shard::{Ending, ShardNumber},
    streams::EVENTS,
};

/// Between two attempts at a message that the server does not take now.
const AGAIN: Duration = Duration::from_millis(50);
/// How long the server may refuse messages for another reason than that its stream is full.
const PATIENCE: Duration = Duration::from_secs(3);

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
        let mut refused_for = Duration::ZERO;
        loop {
            let Err(cause) = self.publish(message.clone()).await else {
                self.head.number += 1;
                return Ok(());
            };
            // What was stored although nobody heard so is there twice then, and told once.
            let passes =
                cause.is_full() || cause == Cause::TimedOut || !self.connection.link.state().up;
            if !passes && refused_for > PATIENCE {
                return Err(cause.told(EVENTS, self.connection.link.complaint()));
            }
            sleep(AGAIN).await;
            refused_for = if passes {
                Duration::ZERO
            } else {
                refused_for + AGAIN
            };
        }
    }

    async fn publish(&self, message: Bytes) -> Result<(), Cause> {
        let sent = self
            .connection
            .jetstream
            .publish(self.subject.clone(), message)
            .await;
        let stored = sent.map_err(|error| Cause::of(&error))?.await;
        stored.map(drop).map_err(|error| Cause::of(&error))
    }
}
