//! What is to be written, in its order and with a limit: what does not fit pushes out what is oldest.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// Requests that wait at most: one state of a run that uses all its budgets, which is some 300,000 series.
pub(super) const MAX_WAITING: usize = 160;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Compressed.
    pub(super) body: Arc<[u8]>,
    /// Whether it belongs to the last state of the run.
    pub(super) last: bool,
}

/// The requests that wait. For one who puts in and one who takes out.
#[derive(Debug, Default)]
pub(super) struct Queue {
    inside: Mutex<Inside>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Inside {
    waiting: VecDeque<Entry>,
    /// How many have been taken out or pushed out, so that who is done with one knows whether it is still there.
    gone: u64,
    /// The number of the one that was looked at last, until it is done.
    looked_at: Option<u64>,
    closed: bool,
}

impl Queue {
    /// Puts one behind all others; true if the oldest one had to go for it.
    pub(super) fn push(&self, entry: Entry) -> bool {
        let mut inside = self.lock();
        let full = inside.waiting.len() == MAX_WAITING;
        if full {
            inside.waiting.pop_front();
            inside.gone += 1;
        }
        inside.waiting.push_back(entry);
        drop(inside);
        self.changed.notify_one();
        full
    }

    /// Takes out all that wait, but for the one that is under way; how many they were.
    pub(super) fn clear(&self) -> usize {
        let mut inside = self.lock();
        let before = inside.waiting.len();
        if inside.looked_at == Some(inside.gone) {
            inside.waiting.truncate(1);
        } else {
            inside.waiting.clear();
            inside.gone += before as u64;
        }
        before - inside.waiting.len()
    }

    /// Nothing more comes.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }

    /// The oldest one, which stays until it is [`Queue::done`]; none once the queue is closed and empty.
    pub(super) async fn first(&self) -> Option<Entry> {
        loop {
            {
                let mut inside = self.lock();
                if let Some(first) = inside.waiting.front().cloned() {
                    inside.looked_at = Some(inside.gone);
                    return Some(first);
                }
                if inside.closed {
                    return None;
                }
            }
            self.changed.notified().await;
        }
    }

    /// Takes out the one that was looked at last, unless it was pushed out meanwhile.
    pub(super) fn done(&self) {
        let mut inside = self.lock();
        let is_there = inside.looked_at.take() == Some(inside.gone);
        if is_there && inside.waiting.pop_front().is_some() {
            inside.gone += 1;
        }
    }

    /// Every change leaves it whole.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: usize) -> Entry {
        Entry {
            body: number.to_be_bytes().as_slice().into(),
            last: false,
        }
    }

    fn filled(entries: usize) -> (Queue, usize) {
        let queue = Queue::default();
        let pushed_out = (0..entries).filter(|number| queue.push(entry(*number)));
        let pushed_out = pushed_out.count();
        (queue, pushed_out)
    }

    async fn all(queue: &Queue) -> Vec<Entry> {
        queue.close();
        let mut all = Vec::new();
        while let Some(entry) = queue.first().await {
            all.push(entry);
            queue.done();
        }
        all
    }

    #[tokio::test]
    async fn up_to_the_limit_everything_waits_and_beyond_it_the_oldest_goes() {
        let (queue, pushed_out) = filled(MAX_WAITING);
        assert_eq!(pushed_out, 0);
        assert_eq!(all(&queue).await.len(), MAX_WAITING);
        let (queue, pushed_out) = filled(MAX_WAITING + 2);
        assert_eq!(pushed_out, 2);
        let left: Vec<_> = (2..MAX_WAITING + 2).map(entry).collect();
        assert_eq!(all(&queue).await, left);
    }

    #[tokio::test]
    async fn one_that_is_pushed_out_while_it_is_sent_takes_no_other_with_it() {
        let (queue, _) = filled(MAX_WAITING);
        assert_eq!(queue.first().await, Some(entry(0)));
        assert!(queue.push(entry(MAX_WAITING)), "the first one goes");
        queue.done();
        assert_eq!(queue.first().await, Some(entry(1)));
    }

    #[tokio::test]
    async fn all_that_wait_are_cleared_but_for_the_one_that_is_under_way() {
        let (queue, _) = filled(3);
        assert_eq!(queue.first().await, Some(entry(0)));
        assert_eq!(queue.clear(), 2);
        queue.push(entry(7));
        queue.done();
        assert_eq!(queue.first().await, Some(entry(7)));
        queue.done();
        queue.push(entry(8));
        assert_eq!(queue.clear(), 1);
        assert_eq!(all(&queue).await, []);
    }

    #[tokio::test]
    async fn one_that_was_not_sent_to_the_end_is_still_there() {
        let (queue, _) = filled(1);
        for _ in 0..2 {
            assert_eq!(queue.first().await, Some(entry(0)));
        }
        queue.done();
        queue.close();
        assert_eq!(queue.first().await, None);
    }
}
