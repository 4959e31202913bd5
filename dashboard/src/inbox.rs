//! The way of the events from the run to the page. The run never waits for the page: what the page cannot take in fast enough is left
//! out and counted.
//!
//! Bounded memory: details (log lines, requests, checks, figures, refusals) are left out beyond [`MAX_WAITING`] and [`MAX_WAITING_BYTES`]. What begins,
//! what ends and how loads go is always taken, for a page that misses an end would be wrong from there on: as many as the plan has
//! entries, their faults and the seconds of their loads.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use assay_report::event::{Event, EventKind};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// Events that wait.
pub(crate) const MAX_WAITING: usize = 16_384;
/// Bytes of text in events that wait.
pub(crate) const MAX_WAITING_BYTES: usize = 32 << 20;
/// What an event takes beside its text, about.
const EVENT_BYTES: usize = 512;

/// Something that is told to the page.
#[derive(Debug)]
pub(crate) enum Told {
    /// An event.
    Event(Box<Event>),
    /// Nothing more comes.
    Over,
}

/// The end of the run.
#[derive(Debug)]
pub(crate) struct Outbox {
    queue: UnboundedSender<Told>,
    waiting: Arc<Waiting>,
}

/// The end of the page.
#[derive(Debug)]
pub(crate) struct Inbox {
    queue: UnboundedReceiver<Told>,
    waiting: Arc<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    events: AtomicUsize,
    bytes: AtomicUsize,
    left_out: AtomicU64,
}

/// Both ends.
pub(crate) fn inbox() -> (Outbox, Inbox) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let waiting = Arc::new(Waiting::default());
    let outbox = Outbox {
        queue: sender,
        waiting: Arc::clone(&waiting),
    };
    let inbox = Inbox {
        queue: receiver,
        waiting,
    };
    (outbox, inbox)
}

impl Outbox {
    /// Never waits. What the page does not show is not told to it.
    pub(crate) fn event(&self, event: &Event) {
        if matches!(
            event.kind,
            EventKind::Measured { .. } | EventKind::Attached { .. }
        ) {
            return;
        }
        let bytes = weight(&event.kind);
        if is_detail(&event.kind) && !self.waiting.has_room(bytes) {
            self.waiting.left_out.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.waiting.events.fetch_add(1, Ordering::Relaxed);
        self.waiting.bytes.fetch_add(bytes, Ordering::Relaxed);
        // The page is gone if its thread broke; the run goes on without it.
        let _ = self.queue.send(Told::Event(Box::new(event.clone())));
    }

    /// Nothing more comes.
    pub(crate) fn over(&self) {
        let _ = self.queue.send(Told::Over);
    }
}

impl Inbox {
    /// What was told next; [`Told::Over`] also if the run is gone without having told its end.
    pub(crate) async fn next(&mut self) -> Told {
        let Some(told) = self.queue.recv().await else {
            return Told::Over;
        };
        if let Told::Event(event) = &told {
            self.waiting.events.fetch_sub(1, Ordering::Relaxed);
            let bytes = weight(&event.kind);
            self.waiting.bytes.fetch_sub(bytes, Ordering::Relaxed);
        }
        told
    }

    /// How many events were left out so far.
    pub(crate) fn left_out(&self) -> u64 {
        self.waiting.left_out.load(Ordering::Relaxed)
    }
}

impl Waiting {
    fn has_room(&self, bytes: usize) -> bool {
        self.events.load(Ordering::Relaxed) < MAX_WAITING
            && self.bytes.load(Ordering::Relaxed) + bytes <= MAX_WAITING_BYTES
    }
}

/// Whether the page is right without it, if less complete.
fn is_detail(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::Log { .. }
            | EventKind::Output { .. }
            | EventKind::Checked { .. }
            | EventKind::Judged { .. }
            | EventKind::Exchanged { .. }
            | EventKind::Streamed { .. }
            | EventKind::ExchangeRecalled { .. }
            | EventKind::StreamRecalled { .. }
            | EventKind::ServiceWrote { .. }
            | EventKind::Refused { .. }
    )
}

/// How many bytes an event takes, about.
fn weight(kind: &EventKind) -> usize {
    EVENT_BYTES + kind.bytes()
}

#[cfg(test)]
mod tests {
    use assay_report::event::{Check, Level, Phase, Refusal, Source};

    use super::*;

    fn source() -> Source {
        Source {
            suite: "jobs".into(),
            entry: "a".into(),
            attempt: 1,
        }
    }

    fn event(kind: EventKind) -> Event {
        Event {
            sequence: 0,
            at_ns: 0,
            phase: Phase::Baseline,
            of_shard: None,
            kind,
        }
    }

    fn log(bytes: usize) -> Event {
        event(EventKind::Log {
            source: source(),
            level: Level::Info,
            message: "x".repeat(bytes),
        })
    }

    #[tokio::test]
    async fn the_event_at_the_limit_is_taken_and_a_detail_beyond_it_is_counted() {
        let (outbox, mut inbox) = inbox();
        for _ in 0..MAX_WAITING {
            outbox.event(&log(0));
        }
        assert_eq!(inbox.left_out(), 0);
        outbox.event(&log(0));
        assert_eq!(inbox.left_out(), 1);
        outbox.event(&event(EventKind::AttemptStarted(source())));
        assert_eq!(inbox.left_out(), 1, "a beginning is always taken");
        inbox.next().await;
        inbox.next().await;
        outbox.event(&log(0));
        assert_eq!(inbox.left_out(), 1, "there is room again");
    }

    #[tokio::test]
    async fn long_texts_are_left_out_before_they_are_many() {
        let (outbox, mut inbox) = inbox();
        let text = (MAX_WAITING_BYTES >> 2) - EVENT_BYTES;
        for _ in 0..4 {
            outbox.event(&log(text));
        }
        assert_eq!(inbox.left_out(), 0);
        outbox.event(&log(0));
        assert_eq!(inbox.left_out(), 1);
        inbox.next().await;
        outbox.event(&log(0));
        assert_eq!(inbox.left_out(), 1);
    }

    /// Only lines and outputs were counted by their texts: as many failed checks as may wait were 210 MB.
    #[tokio::test]
    async fn long_checks_are_left_out_like_long_lines() {
        let (outbox, inbox) = inbox();
        let text = "x".repeat(4 << 10);
        let check = Check {
            name: text.clone(),
            passed: false,
            expected: Some(text.clone()),
            actual: Some(text.clone()),
            location: None,
        };
        let checked = event(EventKind::Checked {
            source: source(),
            check,
        });
        let room = MAX_WAITING_BYTES / (EVENT_BYTES + 3 * text.len());
        for _ in 0..room {
            outbox.event(&checked);
        }
        assert_eq!(inbox.left_out(), 0);
        outbox.event(&checked);
        assert_eq!(inbox.left_out(), 1);
    }

    #[tokio::test]
    async fn refusals_are_left_out_by_their_texts_like_checks() {
        let (outbox, inbox) = inbox();
        let text = "x".repeat(1 << 10);
        let refused = event(EventKind::Refused {
            source: source(),
            refusal: Refusal::new("http", &text, &text, &text),
        });
        let room = MAX_WAITING_BYTES / (EVENT_BYTES + "http".len() + 3 * text.len());
        for _ in 0..room {
            outbox.event(&refused);
        }
        assert_eq!(inbox.left_out(), 0);
        outbox.event(&refused);
        assert_eq!(inbox.left_out(), 1);
    }

    #[tokio::test]
    async fn a_run_that_is_gone_is_over() {
        let (outbox, mut inbox) = inbox();
        outbox.event(&log(0));
        drop(outbox);
        assert!(matches!(inbox.next().await, Told::Event(_)));
        assert!(matches!(inbox.next().await, Told::Over));
    }
}
