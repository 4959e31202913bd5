//! Where a worker tells what happens, as fast as it is heard.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::Serialize;
use thiserror::Error;
use tokio::sync::Notify;

use crate::{clock, lines::MAX_LINE_BYTES, stop::Stop};

/// Bytes that wait for the server, of each attempt. Whoever tells more waits; one word always finds room.
pub(super) const MAX_WAITING_BYTES: usize = 1 << 20;

/// Why a word is not told.
#[derive(Debug, Error)]
pub enum NotTold {
    /// It is too long.
    #[error("a word has more than {MAX_LINE_BYTES} bytes")]
    TooLong,
    /// Nobody hears it any more.
    #[error("the attempt is over")]
    Over,
    /// It cannot be written.
    #[error(transparent)]
    Unwritable(#[from] serde_json::Error),
}

/// Tells words of one attempt. Its clones tell of the same one.
#[derive(Clone, Debug)]
pub struct Teller {
    shared: Arc<Shared>,
}

/// The other end.
#[derive(Debug)]
pub(super) struct Listener {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// That the attempt has to stop, and how long after that it may tell.
    stop: Stop,
    grace: Duration,
    waiting: Mutex<Waiting>,
    /// There is something to take, or there will be no more.
    filled: Notify,
    /// There is room, or nobody listens any more.
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<u8>,
    /// Nobody tells any more, or nobody listens.
    is_over: bool,
}

/// A teller and its listener. Once it has had its grace after the stop nothing is told any more.
pub(super) fn pair(stop: Stop, grace: Duration) -> (Teller, Listener) {
    let shared = Arc::new(Shared {
        stop,
        grace,
        waiting: Mutex::default(),
        filled: Notify::new(),
        emptied: Notify::new(),
    });
    let teller = Teller {
        shared: Arc::clone(&shared),
    };
    (teller, Listener { shared })
}

impl Teller {
    /// Tells a word, once there is room for it. It has at most 4 MiB as JSON.
    pub async fn tell(&self, word: &impl Serialize) -> Result<(), NotTold> {
        let mut line = serde_json::to_vec(word)?;
        if line.len() > MAX_LINE_BYTES {
            return Err(NotTold::TooLong);
        }
        line.push(b'\n');
        loop {
            let emptied = self.shared.emptied.notified();
            tokio::pin!(emptied);
            // Before it is looked: what is emptied in between is not missed.
            emptied.as_mut().enable();
            if self.shared.push(&line)? {
                self.shared.filled.notify_one();
                return Ok(());
            }
            emptied.await;
        }
    }
}

impl Listener {
    /// Takes up to so many bytes, once there are any; none after the last one.
    pub(super) async fn take(&self, bytes: usize) -> Option<Vec<u8>> {
        loop {
            if let Some(lines) = self.shared.take(bytes) {
                self.shared.emptied.notify_waiters();
                return (!lines.is_empty()).then_some(lines);
            }
            self.shared.filled.notified().await;
        }
    }

    /// No more is told: what waits is the rest.
    pub(super) fn end(&self) {
        self.shared.end();
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    /// Whether there was room.
    fn push(&self, line: &[u8]) -> Result<bool, NotTold> {
        let told = self.stop.told();
        if told.is_some_and(|told| clock::now() > told.since.after(self.grace)) {
            return Err(NotTold::Over);
        }
        let mut waiting = self.lock();
        if waiting.is_over {
            return Err(NotTold::Over);
        }
        let fits =
            waiting.lines.is_empty() || waiting.lines.len() + line.len() <= MAX_WAITING_BYTES;
        if fits {
            waiting.lines.extend_from_slice(line);
        }
        Ok(fits)
    }

    /// Nothing if there is nothing yet, and an empty text if there will be no more.
    fn take(&self, bytes: usize) -> Option<Vec<u8>> {
        let mut waiting = self.lock();
        if waiting.lines.is_empty() {
            return waiting.is_over.then(Vec::new);
        }
        let end = bytes.min(waiting.lines.len());
        let rest = waiting.lines.split_off(end);
        Some(std::mem::replace(&mut waiting.lines, rest))
    }

    fn end(&self) {
        self.lock().is_over = true;
        self.filled.notify_one();
        self.emptied.notify_waiters();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use assay_load::clock::Moment;
    use futures::{FutureExt as _, poll};

    use super::{Duration, Listener, MAX_LINE_BYTES, MAX_WAITING_BYTES, NotTold, Teller};
    use crate::{
        clock,
        stop::{StopReason, Stopper},
    };

    const GRACE: Duration = Duration::from_secs(1);

    fn pair() -> (Teller, Listener) {
        super::pair(Stopper::new().1, GRACE)
    }

    /// A word of so many bytes beside its quotation marks.
    fn word(bytes: usize) -> String {
        "x".repeat(bytes)
    }

    #[tokio::test]
    async fn what_is_told_comes_out_in_parts_and_ends() {
        let (teller, listener) = pair();
        let line = serde_json::to_string(&word(10)).unwrap() + "\n";
        teller.tell(&word(10)).await.unwrap();
        teller.tell(&word(10)).await.unwrap();
        listener.end();
        assert!(matches!(teller.tell(&word(1)).await, Err(NotTold::Over)));
        let mut text = Vec::new();
        while let Some(part) = listener.take(7).await {
            assert!(part.len() <= 7);
            text.extend(part);
        }
        assert_eq!(String::from_utf8(text).unwrap(), line.repeat(2));
    }

    #[tokio::test]
    async fn who_tells_more_than_has_room_waits_until_it_is_taken() {
        let (teller, listener) = pair();
        let large = word(MAX_WAITING_BYTES - 1_000);
        teller.tell(&large).await.unwrap();
        let mut second = Box::pin(teller.tell(&large));
        assert!(poll!(&mut second).is_pending());
        assert!(listener.take(MAX_WAITING_BYTES).await.is_some());
        second.await.unwrap();
    }

    #[tokio::test]
    async fn who_waits_for_room_hears_that_nobody_listens() {
        let (teller, listener) = pair();
        let large = word(MAX_WAITING_BYTES);
        teller.tell(&large).await.unwrap();
        let mut second = Box::pin(teller.tell(&large));
        assert!(poll!(&mut second).is_pending());
        drop(listener);
        assert!(matches!(second.await, Err(NotTold::Over)));
    }

    #[tokio::test]
    async fn a_word_larger_than_the_room_is_told_and_one_beyond_the_limit_is_refused() {
        let (teller, listener) = pair();
        let beside = serde_json::to_string(&word(0)).unwrap().len();
        teller.tell(&word(MAX_LINE_BYTES - beside)).await.unwrap();
        assert!(listener.take(usize::MAX).await.is_some());
        let told = teller.tell(&word(MAX_LINE_BYTES - beside + 1)).await;
        assert!(matches!(told, Err(NotTold::TooLong)));
    }

    #[tokio::test]
    async fn who_listens_waits_for_the_first_word() {
        let (teller, listener) = pair();
        let mut taken = Box::pin(listener.take(100));
        assert!(taken.as_mut().now_or_never().is_none());
        teller.tell(&word(1)).await.unwrap();
        assert!(taken.await.is_some());
    }

    #[tokio::test]
    async fn who_has_had_its_grace_tells_nothing_any_more_and_who_has_it_does() {
        for (ago, is_told) in [(GRACE / 2, true), (GRACE * 2, false)] {
            let (stopper, stop) = Stopper::new();
            let (teller, _listener) = super::pair(stop, GRACE);
            let since = Moment(clock::now().0 - i64::try_from(ago.as_nanos()).unwrap());
            stopper.stop_since(StopReason::NatsAway, since);
            assert_eq!(teller.tell(&word(1)).await.is_ok(), is_told);
        }
    }
}
