//! Brings what an attempt tells to the server, one message after the other. The next one goes when the last one is stored: so they are in order, and
//! whatever gathers meanwhile goes together.
//!
//! A server that is killed may have had in its memory alone what it said it had stored (2.9 writes some milliseconds later). So what was stored last
//! is brought again before anything new once the server is back: whoever reads tells it once.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use tokio::time::Instant;

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

/// How long a server may have something in its memory alone, far more than it takes on a machine that is not busy.
const UNSURE: Duration = Duration::from_secs(2);
/// Messages that are kept for that, at most: 2 MiB of each attempt.
const MAX_UNSURE: usize = 16;

/// The way of one attempt's messages.
#[derive(Debug)]
pub(super) struct Outbox {
    connection: Connection,
    subject: String,
    head: Head,
    /// Since when the server is in reach to which the last message went; none before the first.
    since: Option<Instant>,
    /// What was stored last, and when.
    unsure: VecDeque<(Instant, Bytes)>,
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
            since: None,
            unsure: VecDeque::new(),
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
        loop {
            let since = self.connection.link.up().await;
            if self.again(since).await? && self.store(since, &message).await? {
                break;
            }
        }
        self.head.number += 1;
        self.keep(message);
        Ok(())
    }

    /// Brings what may be lost again if the server was away since the last message; whether nothing is missing any more.
    async fn again(&mut self, since: Instant) -> Result<bool, NatsError> {
        if self.since.is_some_and(|before| before != since) {
            for (_, message) in &self.unsure {
                if !self.store(since, message).await? {
                    return Ok(false);
                }
            }
        }
        self.since = Some(since);
        Ok(true)
    }

    async fn store(&self, since: Instant, message: &Bytes) -> Result<bool, NatsError> {
        let message = message.clone();
        self.connection
            .store_unless_lost(since, &self.subject, message, EVENTS)
            .await
    }

    fn keep(&mut self, message: Bytes) {
        let now = Instant::now();
        self.unsure.push_back((now, message));
        let is_sure = |stored: Instant| now.duration_since(stored) > UNSURE;
        while self.unsure.len() > MAX_UNSURE
            || self
                .unsure
                .front()
                .is_some_and(|(stored, _)| is_sure(*stored))
        {
            self.unsure.pop_front();
        }
    }
}
