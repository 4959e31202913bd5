//! From the run to the thread that sends: encoded spans, in a queue that never lets the run wait and never grows beyond its limit.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use prost::Message as _;
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};

use super::protocol::{Span, SpanKind};

/// Bytes of spans that wait.
pub(super) const MAX_BYTES: usize = 16 << 20;
/// Bytes from which on no further requests are taken: what a run, its cases and its attempts were is told before what each of them sent.
pub(super) const MAX_BYTES_WITH_REQUESTS: usize = MAX_BYTES / 4 * 3;
/// Spans of a batch: as many as SDKs of OpenTelemetry send.
pub(super) const MAX_BATCH: usize = 512;
/// Bytes of the spans of a batch. Receivers that take gRPC, too, have a limit of 4 MiB.
pub(super) const MAX_BATCH_BYTES: usize = 2 << 20;

/// What waits to be sent.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Notify,
    closed: Notify,
}

#[derive(Debug, Default)]
struct State {
    spans: VecDeque<Vec<u8>>,
    bytes: usize,
    taken: u64,
    dropped: u64,
    closed_at: Option<Instant>,
}

impl State {
    fn is_batch(&self) -> bool {
        self.spans.len() >= MAX_BATCH || self.bytes >= MAX_BATCH_BYTES
    }
}

impl Queue {
    /// Takes a span, or counts that there is no room for it. Returns at once.
    pub(super) fn push(&self, span: &Span) {
        let encoded = span.encode_to_vec();
        let limit = match span.kind() {
            SpanKind::Client => MAX_BYTES_WITH_REQUESTS,
            _ => MAX_BYTES,
        };
        let mut state = self.state();
        if state.bytes + encoded.len() > limit {
            state.dropped += 1;
            return;
        }
        state.taken += 1;
        state.bytes += encoded.len();
        state.spans.push_back(encoded);
        let wake = state.spans.len() == 1 || state.is_batch();
        drop(state);
        if wake {
            self.changed.notify_one();
        }
    }

    /// Nothing comes any more.
    pub(super) fn close(&self) {
        self.state().closed_at.get_or_insert_with(Instant::now);
        self.changed.notify_one();
        self.closed.notify_waiters();
    }

    /// When that was said.
    pub(super) fn closed_at(&self) -> Option<Instant> {
        self.state().closed_at
    }

    /// Waits until it is said; when it was.
    pub(super) async fn closed(&self) -> Instant {
        loop {
            let told = self.closed.notified();
            if let Some(at) = self.closed_at() {
                return at;
            }
            told.await;
        }
    }

    /// Spans to be sent together: as soon as there are many, or when the first of them has waited so long; none when nothing comes any more.
    pub(super) async fn batch(&self, patience: Duration) -> Option<Vec<Vec<u8>>> {
        loop {
            let (is_empty, is_closed) = {
                let state = self.state();
                (state.spans.is_empty(), state.closed_at.is_some())
            };
            match (is_empty, is_closed) {
                (true, true) => return None,
                (true, false) => self.changed.notified().await,
                (false, _) => {
                    // Whether the time is over or there is a batch: what there is goes.
                    let _ = timeout(patience, self.is_worth_it()).await;
                    return Some(self.take());
                }
            }
        }
    }

    /// How many spans were taken, and for how many there was no room.
    pub(super) fn counts(&self) -> (u64, u64) {
        let state = self.state();
        (state.taken, state.dropped)
    }

    async fn is_worth_it(&self) {
        loop {
            let told = self.changed.notified();
            {
                let state = self.state();
                if state.is_batch() || state.closed_at.is_some() {
                    return;
                }
            }
            told.await;
        }
    }

    fn take(&self) -> Vec<Vec<u8>> {
        let mut state = self.state();
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < MAX_BATCH {
            let fits =
                |span: &mut Vec<u8>| batch.is_empty() || bytes + span.len() <= MAX_BATCH_BYTES;
            let Some(span) = state.spans.pop_front_if(fits) else {
                break;
            };
            bytes += span.len();
            batch.push(span);
        }
        state.bytes -= bytes;
        batch
    }

    /// What a thread that panicked left is whole: nothing in between can.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(1);

    /// A span that takes so many bytes.
    fn span(kind: SpanKind, bytes: usize) -> Span {
        let mut span = Span {
            kind: kind.into(),
            name: "x".repeat(bytes),
            ..Span::default()
        };
        span.name.truncate(2 * bytes - span.encoded_len());
        assert_eq!(span.encoded_len(), bytes);
        span
    }

    fn small() -> Span {
        span(SpanKind::Internal, 100)
    }

    #[tokio::test(start_paused = true)]
    async fn a_few_spans_wait_for_others_and_not_for_ever() {
        let queue = Queue::default();
        queue.push(&small());
        let since = Instant::now();
        let batch = queue.batch(PATIENCE).await.unwrap();
        assert_eq!((batch.len(), since.elapsed()), (1, PATIENCE));
    }

    #[tokio::test(start_paused = true)]
    async fn many_spans_go_at_once_in_batches_of_the_limit() {
        let queue = Queue::default();
        for _ in 0..=MAX_BATCH {
            queue.push(&small());
        }
        let since = Instant::now();
        assert_eq!(queue.batch(PATIENCE).await.unwrap().len(), MAX_BATCH);
        assert_eq!(since.elapsed(), Duration::ZERO);
        assert_eq!(queue.batch(PATIENCE).await.unwrap().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_batch_has_no_more_bytes_than_its_limit() {
        let queue = Queue::default();
        for bytes in [MAX_BATCH_BYTES / 2, MAX_BATCH_BYTES / 2, 100] {
            queue.push(&span(SpanKind::Internal, bytes));
        }
        assert_eq!(queue.batch(PATIENCE).await.unwrap().len(), 2);
        assert_eq!(queue.batch(PATIENCE).await.unwrap().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_left_goes_at_the_end_without_waiting() {
        let queue = Queue::default();
        queue.push(&small());
        queue.close();
        let since = Instant::now();
        assert_eq!(queue.batch(PATIENCE).await.unwrap().len(), 1);
        assert_eq!(queue.batch(PATIENCE).await, None);
        assert_eq!(since.elapsed(), Duration::ZERO);
    }

    #[test]
    fn a_full_queue_takes_nothing_more_and_counts_it() {
        let queue = Queue::default();
        let part = span(SpanKind::Internal, MAX_BYTES / 4);
        for _ in 0..4 {
            queue.push(&part);
        }
        assert_eq!(queue.counts(), (4, 0));
        queue.push(&small());
        assert_eq!(queue.counts(), (4, 1));
        queue.take();
        queue.push(&small());
        assert_eq!(queue.counts(), (5, 1));
    }

    #[test]
    fn requests_leave_room_for_what_they_belong_to() {
        let queue = Queue::default();
        let part = span(SpanKind::Client, MAX_BYTES / 4);
        for _ in 0..3 {
            queue.push(&part);
        }
        assert_eq!(queue.counts(), (3, 0));
        queue.push(&span(SpanKind::Client, 100));
        assert_eq!(queue.counts(), (3, 1));
        queue.push(&small());
        assert_eq!(queue.counts(), (4, 1));
    }
}
