//! How a message comes into a stream that may be full, on a server that may be away.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::sleep;

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
        let mut refused_for = Duration::ZERO;
        loop {
            let Err(cause) = self.try_store(subject, message.clone()).await else {
                return Ok(());
            };
            let passes = cause.is_full() || cause == Cause::TimedOut || !self.link.state().up;
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
