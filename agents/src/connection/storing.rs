//! How a message comes into a stream that may be full, on a server that may be away.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep};

use super::Connection;
use crate::error::{Cause, NatsError};

/// Between two attempts.
const AGAIN: Duration = Duration::from_millis(50);
/// How long the server may refuse a message for another reason than that its stream is full: after a start it may not know its streams yet.
const PATIENCE: Duration = Duration::from_secs(3);

impl Connection {
    /// Publishes until the server says that it has stored the message. It waits for as long as the stream is full or the server is away; other
    /// errors are final. What was stored although nobody heard so is there twice then.
    pub(crate) async fn store(
        &self,
        subject: &str,
        message: Bytes,
        stream: &'static str,
    ) -> Result<(), NatsError> {
        loop {
            let since = self.link.up().await;
            let message = message.clone();
            if self
                .store_unless_lost(since, subject, message, stream)
                .await?
            {
                return Ok(());
            }
        }
    }

    /// The same, as long as the server is in reach without a break since then: otherwise nothing more is published, and it is not known whether the
    /// message was stored.
    pub(crate) async fn store_unless_lost(
        &self,
        since: Instant,
        subject: &str,
        message: Bytes,
        stream: &'static str,
    ) -> Result<bool, NatsError> {
        let mut refused_for = Duration::ZERO;
        loop {
            let link = self.link.state();
            if !link.up || link.since != since {
                return Ok(false);
            }
            let Err(cause) = self.try_store(subject, message.clone()).await else {
                return Ok(true);
            };
            let passes = cause.is_full() || cause == Cause::TimedOut;
            if !passes && refused_for > PATIENCE {
                return Err(cause.told(stream, self.link.complaint()));
            }
            sleep(AGAIN).await;
            refused_for = if passes {
                Duration::ZERO
            } else {
                refused_for + AGAIN
            };
        }
    }

    async fn try_store(&self, subject: &str, message: Bytes) -> Result<(), Cause> {
        let sent = self.jetstream.publish(subject.to_owned(), message).await;
        let stored = sent.map_err(|error| Cause::of(&error))?.await;
        stored.map(drop).map_err(|error| Cause::of(&error))
    }
}
