//! Reads the stream of events from its beginning to its end, in order, and removes what was read.
//!
//! Messages are not acknowledged one by one: after any trouble it is read on from the next one that was not heard, and what lies before that is
//! removed. Nothing is asked of the server while nobody reads, and that is what slows agents down.

#[cfg(test)]
mod tests;

use std::time::Duration;

use async_nats::jetstream::{
    Message,
    consumer::{
        AckPolicy, DeliverPolicy, PullConsumer,
        pull::{self, Batch},
    },
    stream::Stream,
};
use futures::StreamExt as _;
use tokio::time::{Instant, sleep, timeout};

use crate::{
    connection::Connection,
    error::{Cause, NatsError},
    names::Names,
    streams::EVENTS,
};

/// Messages that are asked for at once. They are in memory: 32 times 128 KiB at most.
const AT_ONCE: usize = 32;
/// How long the server waits for more of them.
const WAITING: Duration = Duration::from_millis(250);
/// How much later than after [`WAITING`] the server may say that there are no more.
const LATE: Duration = Duration::from_secs(1);
/// After that long without a question the server forgets who reads.
const FORGOTTEN: Duration = Duration::from_mins(2);

/// How long the server may say something else than messages: after a start it may not know its streams yet.
const PATIENCE: Duration = Duration::from_secs(3);

/// A place in the stream of events.
#[derive(Debug)]
pub(super) struct Reader {
    connection: Connection,
    stream_name: String,
    outage: Duration,
    consumer: Option<PullConsumer>,
    /// Whether that consumer has given nothing yet.
    is_new: bool,
    /// The number of the next message.
    next: u64,
    /// Everything before this number was removed.
    removed: u64,
    trouble: Option<Instant>,
}

impl Reader {
    pub(super) fn new(connection: &Connection, names: &Names, outage: Duration) -> Self {
        Self {
            connection: connection.clone(),
            stream_name: names.events(),
            outage,
            consumer: None,
            is_new: true,
            next: 1,
            removed: 0,
            trouble: None,
        }
    }

    /// The number of the last message that was heard; 0 before the first.
    pub(super) fn heard(&self) -> u64 {
        self.next - 1
    }

    /// The number of the last message that the server has.
    pub(super) async fn last(&self) -> Result<u64, NatsError> {
        let info = self.stream().await?.get_info().await;
        let info = info.map_err(|error| self.connection.told(&error, EVENTS))?;
        Ok(info.state.last_sequence)
    }

    /// The next messages, as far as there are any soon. Trouble gives none, and the next call tries anew; only what does not pass is an error.
    pub(super) async fn read(&mut self) -> Result<Vec<Message>, NatsError> {
        let cause = match self.try_read().await {
            Ok(messages) => {
                self.trouble = None;
                return Ok(messages);
            }
            Err(cause) => cause,
        };
        self.consumer = None;
        let since = *self.trouble.get_or_insert_with(Instant::now);
        let patience = if cause.is_silence() {
            self.outage
        } else {
            PATIENCE
        };
        if self.connection.link.state().up && since.elapsed() > patience {
            return Err(cause.told(EVENTS, self.connection.link.complaint()));
        }
        sleep(WAITING).await;
        Ok(Vec::new())
    }

    /// A message was heard.
    pub(super) fn advance(&mut self, sequence: u64) {
        self.next = sequence + 1;
    }

    /// Removes what was heard, but for the last message. What cannot be removed now is removed later.
    pub(super) async fn remove_heard(&mut self) {
        // A server that is killed with an empty stream may begin to count anew. And to remove what is before the first message means to 2.9 to
        // remove all, also what was not heard.
        let last = self.heard();
        if last <= self.removed.max(1) {
            return;
        }
        if let Ok(stream) = self.stream().await
            && stream.purge().sequence(last).await.is_ok()
        {
            self.removed = last;
        }
    }

    async fn try_read(&mut self) -> Result<Vec<Message>, Cause> {
        let consumer = match self.consumer.take() {
            Some(consumer) => consumer,
            None => self.begin().await?,
        };
        // The first one is waited for, and told at once with what is there beside it.
        let batch = consumer.batch().max_messages(1).expires(WAITING);
        let batch = batch.messages().await;
        let mut messages = Vec::new();
        let mut is_whole = self
            .gather(batch.map_err(|error| Cause::of(&error))?, &mut messages)
            .await?;
        if is_whole && !messages.is_empty() {
            let batch = consumer.fetch().max_messages(AT_ONCE - 1).messages().await;
            is_whole = self
                .gather(batch.map_err(|error| Cause::of(&error))?, &mut messages)
                .await?;
        }
        if is_whole {
            self.consumer = Some(consumer);
        }
        Ok(messages)
    }

    /// Gathers what comes of a question; whether whoever was asked can be asked again.
    async fn gather(
        &mut self,
        mut batch: Batch,
        messages: &mut Vec<Message>,
    ) -> Result<bool, Cause> {
        let mut expected = match messages.last() {
            Some(last) => sequence(last)? + 1,
            None => self.next,
        };
        loop {
            // A server that has forgotten who reads does not answer at all.
            let Ok(message) = timeout(WAITING + LATE, batch.next()).await else {
                return Ok(false);
            };
            let Some(message) = message else {
                return Ok(true);
            };
            let message = message.map_err(|error| Cause::of(error.as_ref()))?;
            let sequence = sequence(&message)?;
            if sequence != expected && !self.is_new {
                // What is missing went down with a connection, and the server believes it delivered: it is asked for anew.
                return Ok(false);
            }
            // A new consumer begins with the first message that the stream has.
            self.is_new = false;
            expected = sequence + 1;
            messages.push(message);
        }
    }

    /// Begins to read at the next message, or at the first one of a server that has lost some and counts from further back: what was heard before is
    /// known by its own number.
    async fn begin(&mut self) -> Result<PullConsumer, Cause> {
        self.is_new = true;
        let stream = self
            .connection
            .jetstream
            .get_stream(&self.stream_name)
            .await;
        let state = stream
            .map_err(|error| Cause::of(&error))?
            .cached_info()
            .state
            .clone();
        if state.last_sequence < self.heard() {
            self.next = state.first_sequence.max(1);
            self.removed = 0;
        }
        self.consumer().await
    }

    async fn consumer(&self) -> Result<PullConsumer, Cause> {
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: self.next,
            },
            ack_policy: AckPolicy::None,
            inactive_threshold: FORGOTTEN,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let created = self
            .connection
            .jetstream
            .create_consumer_on_stream(config, &self.stream_name)
            .await;
        created.map_err(|error| Cause::of(&error))
    }

    async fn stream(&self) -> Result<Stream<()>, NatsError> {
        let stream = self
            .connection
            .jetstream
            .get_stream_no_info(&self.stream_name)
            .await;
        stream.map_err(|error| self.connection.told(&error, EVENTS))
    }
}

/// The number of a message in its stream.
pub(super) fn sequence(message: &Message) -> Result<u64, Cause> {
    let info = message.info().map_err(|error| Cause::of(error.as_ref()))?;
    Ok(info.stream_sequence)
}
