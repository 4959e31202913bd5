//! What a stream holds for a suite that has not asked for it yet: few items, and few bytes.
//!
//! A suite that does not read makes the reader wait, and through it the server, instead of filling memory.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::plugin::bindings::assay::suite::http::Error;
use crate::plugin::bindings::assay::suite::sse::Item;

/// Items that wait.
const MAX_ITEMS: usize = 64;
/// Bytes of text that wait. One item that is larger waits alone.
const MAX_BYTES: u32 = 2 << 20;

/// What the reader puts in.
#[derive(Debug)]
pub(super) struct Sender {
    items: mpsc::Sender<Queued>,
    room: Arc<Semaphore>,
}

/// Where the suite takes out.
#[derive(Debug)]
pub(super) struct Receiver(mpsc::Receiver<Queued>);

#[derive(Debug)]
struct Queued {
    item: Result<Item, Error>,
    /// Given back when the item is taken out.
    _room: OwnedSemaphorePermit,
}

/// The stream was dropped: nobody takes the items any more.
#[derive(Debug)]
pub(super) struct Unwanted;

/// A queue of one stream.
pub(super) fn queue() -> (Sender, Receiver) {
    let (items, receiver) = mpsc::channel(MAX_ITEMS);
    let room = Arc::new(Semaphore::new(MAX_BYTES as usize));
    (Sender { items, room }, Receiver(receiver))
}

impl Sender {
    /// Waits until there is room for it.
    pub(super) async fn send(&self, item: Result<Item, Error>) -> Result<(), Unwanted> {
        let bytes = u32::try_from(bytes(&item)).unwrap_or(MAX_BYTES);
        let room = Arc::clone(&self.room)
            .acquire_many_owned(bytes.min(MAX_BYTES))
            .await
            .map_err(|_| Unwanted)?;
        let queued = Queued { item, _room: room };
        self.items.send(queued).await.map_err(|_| Unwanted)
    }
}

impl Receiver {
    /// The next item; none once the reader is gone and all are taken.
    pub(super) async fn next(&mut self) -> Option<Result<Item, Error>> {
        self.0.recv().await.map(|queued| queued.item)
    }
}

/// Bytes of the texts that a server can make long.
fn bytes(item: &Result<Item, Error>) -> usize {
    match item {
        Ok(Item::Event(event)) => {
            event.data.len() + event.name.len() + event.id.as_ref().map_or(0, String::len)
        }
        Ok(Item::Comment(comment)) => comment.text.len(),
        Ok(Item::Retry(_) | Item::Reconnected(_) | Item::End) | Err(_) => 0,
    }
}
