//! The coordinator's answers: to beats, to claims, and to whoever asks whether it lives. They wait for nothing, least of all for a slow sink.

use std::sync::Arc;

use assay_report::words::one_line;
use async_nats::Message;
use futures::StreamExt as _;
use serde::Serialize;
use tokio::task::JoinSet;

use super::Books;
use crate::{
    connection::Connection,
    error::{NatsError, RunError},
    message::{Beat, Claim, decode, encode},
    names::Names,
};

/// Listens from now on.
pub(super) async fn listen(
    connection: &Connection,
    names: &Names,
    books: &Arc<Books>,
    tasks: &mut JoinSet<()>,
) -> Result<(), NatsError> {
    answer(connection, books, names.beat(), tasks, beat).await?;
    answer(
        connection,
        books,
        names.claim(),
        tasks,
        |books, asked: Claim| claim(books, &asked),
    )
    .await?;
    answer(connection, books, names.alive(), tasks, |_, ()| ()).await
}

/// Answers each message on a subject. One that cannot be read is of nobody who belongs to the run, and gets no answer.
async fn answer<Q, A>(
    connection: &Connection,
    books: &Arc<Books>,
    subject: String,
    tasks: &mut JoinSet<()>,
    say: fn(&Books, Q) -> A,
) -> Result<(), NatsError>
where
    Q: Question + Send + 'static,
    A: Serialize + Send + 'static,
{
    let subscribed = connection.client.subscribe(subject).await;
    let mut messages =
        subscribed.map_err(|error| connection.told(&error, "to listen to agents"))?;
    let (client, books) = (connection.client.clone(), Arc::clone(books));
    tasks.spawn(async move {
        while let Some(message) = messages.next().await {
            let Some(question) = Q::read(&message) else {
                continue;
            };
            let answer = encode(&say(&books, question));
            if let Some(reply) = message.reply {
                // Whoever asked asks again if the answer does not arrive.
                let _ = client.publish(reply, answer).await;
            }
        }
    });
    Ok(())
}

/// What can be asked.
trait Question: Sized {
    fn read(message: &Message) -> Option<Self>;
}

impl Question for () {
    fn read(_: &Message) -> Option<Self> {
        Some(())
    }
}

impl Question for Beat {
    fn read(message: &Message) -> Option<Self> {
        decode(&message.payload).ok()
    }
}

impl Question for Claim {
    fn read(message: &Message) -> Option<Self> {
        decode(&message.payload).ok()
    }
}

fn beat(books: &Books, beat: Beat) -> crate::message::Pulse {
    let pulse = books.ledger().beat(&beat, books.now());
    if let Some(reason) = beat.trouble {
        let (agent, reason) = (beat.agent, one_line(&reason));
        books.fail(RunError::Trouble { agent, reason });
    }
    pulse
}

fn claim(books: &Books, claim: &Claim) -> crate::message::Verdict {
    let verdict = books.ledger().claim(claim, books.now());
    // What was said to the shard before waits for it.
    books.say();
    verdict
}
