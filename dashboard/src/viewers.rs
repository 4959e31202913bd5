//! Those who look: each gets what has changed, in its own time. Nothing is kept for one that is slow: it gets the newest state when it
//! reads again, and none of those between.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::response::sse::Event;
use futures::{Stream, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::{Limits, board::Board};

/// The board and those who look at it.
#[derive(Debug)]
pub(crate) struct Gallery {
    board: Mutex<Board>,
    room: Arc<Semaphore>,
    /// How many look.
    looking: watch::Sender<usize>,
    /// The last look that there is something new of.
    looked: watch::Sender<u64>,
}

impl Gallery {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            board: Mutex::new(Board::new(limits)),
            room: Arc::new(Semaphore::new(limits.viewers)),
            looking: watch::Sender::new(0),
            looked: watch::Sender::new(0),
        })
    }

    /// One thread has it all, so nobody waits for it. A look that panicked left the board as it was before.
    pub(crate) fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the run, if it is time, and has all who look told what is new.
    pub(crate) fn look(&self) -> Result<(), std::fmt::Error> {
        let mut board = self.board();
        board.look()?;
        self.looked.send_replace(board.version());
        Ok(())
    }

    /// Looks at the run as often as it may, while somebody else does, until it is over.
    pub(crate) async fn keep_looking(&self) -> Result<(), std::fmt::Error> {
        let mut looking = self.looking.subscribe();
        loop {
            // The gallery has the sender, so there always is one.
            let _ = looking.wait_for(|looking| *looking > 0).await;
            let due = self.board().due();
            tokio::time::sleep_until(due).await;
            if self.board().is_over() {
                return Ok(());
            }
            self.look()?;
        }
    }

    /// What one viewer gets, from the look after the one it says that it has seen; none if there is no room for it.
    pub(crate) fn view(
        self: &Arc<Self>,
        seen: u64,
    ) -> Option<impl Stream<Item = Result<Event, Infallible>> + use<>> {
        let permit = Arc::clone(&self.room).try_acquire_owned().ok()?;
        self.looking.send_modify(|looking| *looking += 1);
        let view = View {
            gallery: Arc::clone(self),
            looked: self.looked.subscribe(),
            seen: self.board().seen(seen),
            note: String::new(),
            ready: VecDeque::new(),
            is_over: false,
            _permit: permit,
        };
        Some(stream::unfold(view, |mut view| async move {
            let event = view.next().await?;
            Some((Ok(event), view))
        }))
    }
}

/// One who looks.
#[derive(Debug)]
struct View {
    gallery: Arc<Gallery>,
    looked: watch::Receiver<u64>,
    seen: u64,
    note: String,
    /// What is to be told of the look that was seen last.
    ready: VecDeque<Event>,
    /// Whether it has been told that the run is over.
    is_over: bool,
    _permit: OwnedSemaphorePermit,
}

impl View {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.is_over {
                return None;
            }
            let seen = self.seen;
            // The gallery has the sender, so there always is one.
            let _ = self.looked.wait_for(|looked| *looked > seen).await;
            self.see();
        }
    }

    /// Takes what is new. The last event alone has the number of the look: whoever loses the connection before it gets all of it again.
    fn see(&mut self) {
        let board = self.gallery.board();
        let mut events: Vec<Event> = board
            .since(self.seen)
            .map(|shown| Event::default().event(shown.part.name()).data(&*shown.html))
            .collect();
        let note = board.note().unwrap_or_default();
        if note != self.note {
            events.push(Event::default().event("note").data(&note));
            self.note = note;
        }
        self.seen = board.version();
        self.is_over = board.is_over();
        if self.is_over {
            events.push(Event::default().event("over").data("The run is over"));
        }
        if let Some(last) = events.pop() {
            self.ready.extend(events);
            self.ready.push_back(last.id(self.seen.to_string()));
        }
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.gallery.looking.send_modify(|looking| *looking -= 1);
    }
}
