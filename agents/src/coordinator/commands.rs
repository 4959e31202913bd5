//! What is said to the workers of shards, on its way to their agents: one thing after the other for each shard, again and again until the agent has
//! taken it or the shard runs there no longer.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_nats::client::Request;
use futures::{StreamExt as _, stream::FuturesUnordered};
use tokio::{task::JoinSet, time::sleep};

use super::Books;
use crate::{
    connection::Connection,
    identity::AgentId,
    message::{Said, decode, encode},
    names::Names,
    shard::ShardNumber,
};

/// How long an answer may take until the same is said again.
const ANSWER: Duration = Duration::from_secs(2);
/// Between two times.
const AGAIN: Duration = Duration::from_millis(50);

/// Brings what is said from now on.
pub(super) fn start(
    connection: &Connection,
    names: &Names,
    books: &Arc<Books>,
    tasks: &mut JoinSet<()>,
) {
    let (connection, names, books) = (connection.clone(), names.clone(), Arc::clone(books));
    tasks.spawn(async move {
        let (mut under_way, mut shards) = (FuturesUnordered::new(), BTreeSet::new());
        loop {
            let to_command = books.ledger().to_command();
            for shard in to_command {
                if shards.insert(shard) {
                    under_way.push(bring(&connection, &names, &books, shard));
                }
            }
            tokio::select! {
                () = books.said() => {}
                Some(shard) = under_way.next() => {
                    shards.remove(&shard);
                }
            }
        }
    });
}

/// Brings all that a shard has to hear, as long as it runs.
async fn bring(
    connection: &Connection,
    names: &Names,
    books: &Books,
    shard: ShardNumber,
) -> ShardNumber {
    loop {
        let command = books.ledger().command(shard);
        let Some((agent, said)) = command else {
            return shard;
        };
        if is_taken(connection, names, &agent, &said).await {
            books.ledger().heard(&said);
        } else {
            sleep(AGAIN).await;
        }
    }
}

async fn is_taken(connection: &Connection, names: &Names, agent: &AgentId, said: &Said) -> bool {
    let request = Request::new().payload(encode(said)).timeout(Some(ANSWER));
    let answer = connection
        .client
        .send_request(names.said(agent), request)
        .await;
    // Whatever else comes back, it is said again.
    answer.is_ok_and(|answer| decode::<bool>(&answer.payload).unwrap_or(false))
}
