//! Takes shards off the queue, no more than there are free slots.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::{
    Message,
    consumer::{PullConsumer, pull},
};
use futures::StreamExt as _;
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{attempt, membership::Membership, tenure::Stops};
use crate::{error::Cause, worker::Worker};

/// How long the server waits for a shard. What it delivers to an agent that is gone waits for long, so that is short.
const WAITING: Duration = Duration::from_secs(1);
/// How much later than after that the server may say that there is none.
const LATE: Duration = Duration::from_secs(1);
/// Until the server is asked again after trouble. Whether there is a run at all the beats find out.
const AGAIN: Duration = Duration::from_millis(250);

/// Takes shards of one consumer, and runs so many of them at once, until it is stopped and all have ended.
pub(super) async fn pull<W: Worker>(
    membership: Arc<Membership<W>>,
    consumer: String,
    at_once: usize,
    stops: Stops,
) {
    let slots = Arc::new(Semaphore::new(at_once));
    let (mut attempts, mut stop) = (JoinSet::new(), stops.stop.clone());
    loop {
        let next = async {
            let slot = Arc::clone(&slots).acquire_owned().await.ok()?;
            let message = next(&membership, &consumer).await;
            Some((slot, message))
        };
        let (slot, message) = tokio::select! {
            Some(taken) = next => taken,
            _ = stop.stopped() => break,
        };
        let (membership, stops) = (Arc::clone(&membership), stops.clone());
        attempts.spawn(async move {
            attempt::run(&membership, message, stops).await;
            drop(slot);
        });
        while attempts.try_join_next().is_some() {}
    }
    while attempts.join_next().await.is_some() {}
}

/// The next shard, however long it takes.
async fn next<W>(membership: &Membership<W>, consumer: &str) -> Message {
    let mut known = None;
    loop {
        match try_next(membership, consumer, &mut known).await {
            Ok(Some(message)) => return message,
            Ok(None) => {}
            Err(_) => {
                known = None;
                sleep(AGAIN).await;
            }
        }
    }
}

async fn try_next<W>(
    membership: &Membership<W>,
    name: &str,
    known: &mut Option<PullConsumer>,
) -> Result<Option<Message>, Cause> {
    let consumer = match known {
        Some(consumer) => consumer,
        None => known.insert(find(membership, name).await?),
    };
    let batch = consumer
        .batch()
        .max_messages(1)
        .expires(WAITING)
        .messages()
        .await;
    let mut batch = batch.map_err(|error| Cause::of(&error))?;
    // A server that was away has forgotten that it was asked, and says nothing.
    let message = timeout(WAITING + LATE, batch.next())
        .await
        .ok()
        .flatten()
        .transpose();
    message.map_err(|error| Cause::of(error.as_ref()))
}

async fn find<W>(membership: &Membership<W>, name: &str) -> Result<PullConsumer, Cause> {
    let stream = membership.names.shards();
    let found = membership
        .connection
        .jetstream
        .get_consumer_from_stream::<pull::Config, _, _>(name, stream)
        .await;
    found.map_err(|error| Cause::of(&error))
}
