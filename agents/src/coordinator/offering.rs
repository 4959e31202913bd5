//! Shards on their way to the server, which takes only as many as its stream has room for.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{sync::mpsc, task::JoinSet};

use super::Books;
use crate::{
    connection::Connection,
    error::NatsError,
    message::{Waiting, encode},
    names::Names,
    shard::{MAX_OFFERED_BYTES, Target},
    streams::SHARDS,
};

/// Takes shards, which wait here for room on the server.
#[derive(Clone, Debug)]
pub(super) struct Offering {
    sender: mpsc::UnboundedSender<Offer>,
    room: Room,
}

/// Bytes that wait.
#[derive(Clone, Debug, Default)]
struct Room(Arc<AtomicUsize>);

/// Room that a shard has until it is on the server.
#[derive(Debug)]
pub(super) struct Place {
    room: Room,
    bytes: usize,
}

struct Offer {
    waiting: Waiting,
    /// Given up with it.
    _place: Place,
}

impl Offering {
    /// Room for a shard of so many bytes; none if as many wait as may.
    pub(super) fn place(&self, bytes: usize) -> Option<Place> {
        self.room.place(bytes)
    }

    pub(super) fn offer(&self, waiting: Waiting, place: Place) {
        // Nobody takes it if the coordinator is gone, and then nobody misses it.
        let _ = self.sender.send(Offer {
            waiting,
            _place: place,
        });
    }
}

impl Room {
    fn place(&self, bytes: usize) -> Option<Place> {
        let fits = |taken: usize| {
            let taken = taken.checked_add(bytes)?;
            (taken <= MAX_OFFERED_BYTES).then_some(taken)
        };
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits)
            .ok()?;
        let room = self.clone();
        Some(Place { room, bytes })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Starts to bring shards to the server.
pub(super) fn start(
    connection: &Connection,
    names: &Names,
    books: &Arc<Books>,
    tasks: &mut JoinSet<()>,
) -> Offering {
    let (sender, mut shards) = mpsc::unbounded_channel::<Offer>();
    let (connection, names, books) = (connection.clone(), names.clone(), Arc::clone(books));
    tasks.spawn(async move {
        while let Some(offer) = shards.recv().await {
            // One that was stopped before nobody has to take any more.
            if books.ledger().is_settled(offer.waiting.number) {
                continue;
            }
            if let Err(error) = bring(&connection, &names, &offer.waiting).await {
                books.fail(error.into());
            }
        }
    });
    let room = Room::default();
    Offering { sender, room }
}

async fn bring(connection: &Connection, names: &Names, waiting: &Waiting) -> Result<(), NatsError> {
    let subject = match &waiting.shard.target {
        Target::Anybody => names.shard_for_anybody(),
        Target::Agent(agent) => names.shard_for(agent),
    };
    // A shard that is there twice is run once: claims see to that.
    connection.store(&subject, encode(waiting), SHARDS).await
}

#[cfg(test)]
mod tests {
    use super::{MAX_OFFERED_BYTES, Room};

    #[test]
    fn as_many_bytes_wait_as_may_and_more_when_some_have_gone() {
        let room = Room::default();
        let whole = room.place(MAX_OFFERED_BYTES);
        assert!(whole.is_some());
        assert!(room.place(1).is_none());
        drop(whole);
        let _part = room.place(MAX_OFFERED_BYTES - 1).unwrap();
        assert!(room.place(2).is_none());
        assert!(room.place(1).is_some());
    }
}
