//! What others may do to a run that goes on.

use std::sync::Arc;

use assay_load::clock::Exchange;
use serde::Serialize;

use super::{
    Books, Offering,
    clocks::{self, Comparison},
    tell,
};
use crate::{
    connection::Connection,
    error::{NatsError, RunError},
    identity::AgentId,
    ledger::TooMuch,
    message::Waiting,
    names::Names,
    shard::{MAX_SHARD_BYTES, MAX_SHARDS, Shard, ShardNumber},
};

/// Adds shards to a run, gives orders to them, and stops them or all of it. Its clones are of the same run.
#[derive(Clone, Debug)]
pub struct Handle {
    connection: Connection,
    names: Names,
    books: Arc<Books>,
    offering: Offering,
}

impl Handle {
    pub(super) fn new(
        connection: Connection,
        names: Names,
        books: Arc<Books>,
        offering: Offering,
    ) -> Self {
        Self {
            connection,
            names,
            books,
            offering,
        }
    }

    /// Adds a shard, up to [`MAX_SHARDS`] of [`MAX_SHARD_BYTES`] each, of which [`crate::shard::MAX_OFFERED_BYTES`] may wait for room on the server. A sink that adds one while it takes something is sure that the run does not end before.
    pub fn add(&self, shard: Shard) -> Result<ShardNumber, RunError> {
        let bytes = serde_json::to_vec(&shard).map_or(0, |json| json.len());
        if bytes > MAX_SHARD_BYTES {
            let name = shard.name;
            return Err(RunError::ShardTooLarge { name, bytes });
        }
        let place = self.offering.place(bytes);
        let place = place.ok_or(RunError::TooManyShardsWait)?;
        let number = {
            let mut ledger = self.books.ledger();
            if ledger.len() == MAX_SHARDS {
                return Err(RunError::TooManyShards);
            }
            ledger.add(&shard)
        };
        self.offering.offer(Waiting { number, shard }, place);
        Ok(number)
    }

    /// Says that no shard is added any more, so that the run ends once every one is settled. A sink may still add one while it takes something.
    pub fn no_more(&self) {
        self.books.ledger().no_more();
    }

    /// Gives an order to the worker of a shard, which hears it as the next of [`crate::worker::Assignment::orders`]: at once if it runs, and otherwise as
    /// soon as it does. A worker that begins the shard anew hears all of its orders from the first. A shard that is settled needs no orders, and
    /// that is no error.
    ///
    /// There may be [`crate::orders::MAX_ORDERS`] of [`crate::orders::MAX_ORDER_BYTES`] each for one shard, with
    /// [`crate::orders::MAX_SHARD_ORDER_BYTES`] together, and [`crate::orders::MAX_ALL_ORDER_BYTES`] for all that are not settled.
    pub fn order(&self, shard: ShardNumber, order: &impl Serialize) -> Result<(), RunError> {
        let unwritable = |error: serde_json::Error| RunError::Order {
            shard,
            reason: error.to_string(),
        };
        let order = serde_json::to_value(order).map_err(unwritable)?;
        let bytes = serde_json::to_vec(&order).map_err(unwritable)?.len();
        let given = {
            let mut ledger = self.books.ledger();
            if !ledger.has(shard) {
                return Err(RunError::NoShard { shard });
            }
            ledger.order(shard, order, bytes)
        };
        given.map_err(|too_much| match too_much {
            TooMuch::Large(bytes) => RunError::OrderTooLarge { shard, bytes },
            TooMuch::OfShard => RunError::TooManyOrders { shard },
            TooMuch::OfAll => RunError::TooManyOrdersOfAll,
        })?;
        self.books.say();
        Ok(())
    }

    /// Stops one shard; the run goes on. Its worker hears [`crate::stop::StopReason::Aborted`] with this reason, and a shard that nobody runs is settled as not run.
    pub fn stop(&self, shard: ShardNumber, reason: &str) {
        self.books.ledger().stop(shard, reason, self.books.now());
        self.books.say();
    }

    /// Asks the clock of an agent so many times, one question after the other; how far it is ahead follows from the answers. They are fewer if it says
    /// nothing in between, and it is an error only if there are none: whoever has a run that goes on asks again.
    pub async fn clock(&self, agent: &AgentId, rounds: u32) -> Result<Vec<Exchange>, NatsError> {
        let mut comparison = Comparison::of(rounds);
        match comparison.go_on(&self.connection, agent).await {
            Err(cause) if comparison.exchanges.is_empty() => {
                Err(cause.told(clocks::TIME, self.connection.link.complaint()))
            }
            Ok(()) | Err(_) => Ok(comparison.exchanges),
        }
    }

    /// Stops the run: nothing begins any more, and what runs is stopped. It ends once all that was told by then has been heard.
    pub async fn abort(&self, reason: &str) {
        let pulse = {
            let mut ledger = self.books.ledger();
            ledger.abort(reason, self.books.now());
            ledger.pulse()
        };
        tell(&self.connection, &self.names, &pulse).await;
    }
}
