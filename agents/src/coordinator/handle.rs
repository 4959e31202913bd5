//! What others may do to a run that goes on.

use std::sync::Arc;

use super::{Books, Offering, tell};
use crate::{
    connection::Connection,
    error::RunError,
    message::Waiting,
    names::Names,
    shard::{MAX_SHARD_BYTES, MAX_SHARDS, Shard, ShardNumber},
};

/// Adds shards to a run, and stops it.
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

    /// Adds a shard, up to [`MAX_SHARDS`] of [`MAX_SHARD_BYTES`] each. A sink that adds one while it takes something is sure that the run does not end before.
    pub fn add(&self, shard: Shard) -> Result<ShardNumber, RunError> {
        let bytes = serde_json::to_vec(&shard).map_or(0, |json| json.len());
        if bytes > MAX_SHARD_BYTES {
            let name = shard.name;
            return Err(RunError::ShardTooLarge { name, bytes });
        }
        let number = {
            let mut ledger = self.books.ledger();
            if ledger.len() == MAX_SHARDS {
                return Err(RunError::TooManyShards);
            }
            ledger.add(&shard)
        };
        self.offering.offer(Waiting { number, shard });
        Ok(number)
    }

    /// Stops the run: nothing begins any more, and what runs is stopped. It ends once all that was told by then has been heard.
    pub async fn abort(&self, reason: &str) {
        let pulse = {
            let mut ledger = self.books.ledger();
            ledger.abort(reason);
            ledger.pulse()
        };
        tell(&self.connection, &self.names, &pulse).await;
    }
}
