//! Shards on their way to the server, which takes only as many as its stream has room for.

use std::sync::Arc;

use tokio::{sync::mpsc, task::JoinSet};

use super::Books;
use crate::{
    connection::Connection,
    error::NatsError,
    message::{Waiting, encode},
    names::Names,
    shard::Target,
    streams::SHARDS,
};

/// Takes shards. There are at most [`crate::shard::MAX_SHARDS`] of them.
#[derive(Clone, Debug)]
pub(super) struct Offering(mpsc::UnboundedSender<Waiting>);

impl Offering {
    pub(super) fn offer(&self, waiting: Waiting) {
        // Nobody takes it if the coordinator is gone, and then nobody misses it.
        let _ = self.0.send(waiting);
    }
}

/// Starts to bring shards to the server.
pub(super) fn start(
    connection: &Connection,
    names: &Names,
    books: &Arc<Books>,
    tasks: &mut JoinSet<()>,
) -> Offering {
    let (sender, mut shards) = mpsc::unbounded_channel();
    let (connection, names, books) = (connection.clone(), names.clone(), Arc::clone(books));
    tasks.spawn(async move {
        while let Some(waiting) = shards.recv().await {
            if let Err(error) = bring(&connection, &names, &waiting).await {
                books.fail(error.into());
            }
        }
    });
    Offering(sender)
}

async fn bring(connection: &Connection, names: &Names, waiting: &Waiting) -> Result<(), NatsError> {
    let subject = match &waiting.shard.target {
        Target::Anybody => names.shard_for_anybody(),
        Target::Agent(agent) => names.shard_for(agent),
    };
    // A shard that is there twice is run once: claims see to that.
    connection.store(&subject, encode(waiting), SHARDS).await
}
