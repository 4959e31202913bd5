//! From the stream of events to the sink, with what the ledger decides meanwhile.

use std::sync::Arc;

use super::{
    Books,
    reader::{Reader, sequence},
};
use crate::{
    connection::Connection,
    error::{NatsError, RunError},
    merge::{Broken, Merge},
    message::chunk::{self, Head},
    names::Names,
    settings::Settings,
    shard::Ending,
    sink::{Decision, Sink, Told},
};
use async_nats::jetstream::Message;

/// Follows a run until it is complete.
#[derive(Debug)]
pub(super) struct Follower {
    connection: Connection,
    books: Arc<Books>,
    settings: Settings,
    reader: Reader,
    merge: Merge,
}

impl Follower {
    pub(super) fn new(
        connection: &Connection,
        names: &Names,
        settings: &Settings,
        books: &Arc<Books>,
    ) -> Self {
        Self {
            connection: connection.clone(),
            books: Arc::clone(books),
            settings: settings.clone(),
            reader: Reader::new(connection, names, settings.times.outage),
            merge: Merge::new(settings.held_bytes, settings.all_held_bytes),
        }
    }

    pub(super) async fn follow(&mut self, sink: &mut impl Sink) -> Result<(), RunError> {
        loop {
            self.tell_decisions(sink).await?;
            if self.books.ledger().is_over() {
                return Ok(());
            }
            self.look_for_trouble()?;
            for message in self.reader.read().await? {
                self.tell_decisions(sink).await?;
                self.hear(&message, sink).await?;
            }
            self.reader.remove_heard().await;
            self.judge().await;
        }
    }

    /// Tells what the ledger has decided, all of which is older than the next message.
    async fn tell_decisions(&mut self, sink: &mut impl Sink) -> Result<(), RunError> {
        loop {
            let Some(told) = self.books.ledger().next_told() else {
                return Ok(());
            };
            if let Decision::Lost { shard, .. } = &told {
                self.merge.forget(*shard);
            }
            self.take(sink, told.told()).await?;
        }
    }

    async fn hear(&mut self, message: &Message, sink: &mut impl Sink) -> Result<(), RunError> {
        let foreign = |error: &dyn std::fmt::Display| RunError::Foreign(error.to_string());
        let sequence = sequence(message).map_err(|_| foreign(&"it has no number"))?;
        let (head, lines) = chunk::read(&message.payload).map_err(|error| foreign(&error))?;
        if let Err(broken) = self.tell(&head, lines, sink).await? {
            self.merge.forget(head.shard);
            self.books
                .ledger()
                .break_off(head.shard, broken.to_string());
        }
        self.reader.advance(sequence);
        Ok(())
    }

    /// Tells the words of a message, and the end if it has one. What cannot be used is not the run's problem, but its shard's.
    async fn tell<S: Sink>(
        &mut self,
        head: &Head,
        lines: &[u8],
        sink: &mut S,
    ) -> Result<Result<(), Broken>, RunError> {
        let kind = {
            let ledger = self.books.ledger();
            let counts = ledger.counts(head.shard, head.attempt, &head.agent);
            ledger.kind(head.shard).filter(|_| counts)
        };
        let Some(kind) = kind else {
            return Ok(Ok(()));
        };
        let mut words = match self.merge.take::<S::Word>(kind, head, lines) {
            Ok(words) => words,
            Err(broken) => return Ok(Err(broken)),
        };
        loop {
            let word = match words.next() {
                Ok(Some(word)) => Box::new(word),
                Ok(None) => break,
                Err(broken) => return Ok(Err(broken)),
            };
            let (shard, agent) = (head.shard, head.agent.clone());
            self.take(sink, Told::Word { shard, agent, word }).await?;
        }
        if let Some(ending) = head.last.clone().map(Ending::bounded) {
            let (shard, agent) = (head.shard, head.agent.clone());
            let told = Told::Ended {
                shard,
                agent,
                ending: ending.clone(),
            };
            self.take(sink, told).await?;
            self.books.ledger().end(shard, ending);
        }
        Ok(Ok(()))
    }

    /// Lets the sink take something. However long it takes, nobody else is to blame.
    async fn take<S: Sink>(&self, sink: &mut S, told: Told<S::Word>) -> Result<(), RunError> {
        let before = self.books.now();
        sink.take(told).await.map_err(RunError::Sink)?;
        let took = self.books.now().saturating_sub(before);
        self.books.ledger().excuse(took);
        Ok(())
    }

    /// Finds out who is lost. While the server is away, or this process was, nobody could be heard, and nobody is to blame.
    async fn judge(&mut self) {
        let now = self.books.now();
        let link = self.connection.link.state();
        let returned =
            link.since.elapsed() < self.settings.times.outage && link.since > self.books.started();
        if !link.up || returned || self.books.slept() {
            self.books.ledger().forgive(now);
        }
        if self.books.ledger().is_due(now) {
            // If the server cannot say it now, it is asked again; what lasts, the next reading finds out.
            let Ok(last) = self.reader.last().await else {
                return;
            };
            self.books.ledger().set_barrier(now, last);
        }
        self.books.ledger().judge(now, self.reader.heard());
    }

    fn look_for_trouble(&self) -> Result<(), RunError> {
        if let Some(error) = self.books.trouble() {
            return Err(error);
        }
        let (times, link) = (&self.settings.times, self.connection.link.state());
        if !link.up && link.since.elapsed() > times.outage {
            return Err(NatsError::Away(times.outage).into());
        }
        let now = self.books.now();
        if now > self.settings.keep {
            return Err(RunError::TooLong(self.settings.keep));
        }
        let quiet = self.books.ledger().quiet_for(now);
        if quiet > times.lost_after() * 2 {
            return Err(RunError::Stalled(quiet));
        }
        Ok(())
    }
}
