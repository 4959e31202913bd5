//! Where an attempt leaves its evidence: every capability writes here, and the verdict of the attempt is read from here.
//!
//! What is kept is bounded, what is counted is complete: a plugin that floods its log costs memory up to the limits below
//! and no more, and never loses a failed check from the counts.

mod counting;
mod elsewhere;
mod evidence;
mod limits;
mod recall;
mod refusals;
mod steps;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use assay_report::event::{
    Attachment, Check, EventKind, Exchange, Judgement, Level, OutputStream, Phase, Refusal, Source,
    StreamSummary,
};
use tokio::time::Instant;

use self::counting::cut_check;
pub(crate) use self::elsewhere::{Relay, bounded, cut_attachment};
pub use self::evidence::{Evidence, Panic};
pub use self::limits::*;
pub use self::recall::MAX_RECALLED;
use self::recall::Recall;
use self::refusals::Refusals;
use super::requests::Requests;
use crate::ledger::{Attempt, Happened, Happenings, Mark, Span};

/// The evidence of one attempt. Cheap to clone: all clones write to the same place.
#[derive(Clone, Debug)]
pub struct Recorder {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    source: Source,
    events: Happenings,
    attempt: Attempt,
    state: Mutex<State>,
    requests: Requests,
}

#[derive(Debug, Default)]
struct State {
    evidence: Evidence,
    log_lines: u64,
    attachments: u64,
    refusals: Refusals,
    exchanges: Recall<Exchange>,
    streams: Recall<StreamSummary>,
}

/// When what an event tells of went on.
#[derive(Clone, Copy, Debug)]
struct When {
    phase: Phase,
    /// None if it took no time.
    during: Option<Span>,
}

impl Recorder {
    /// A recorder for one attempt. If nobody listens to `events` any more, only the counts go on.
    pub fn new(source: Source, events: Happenings, attempt: &Attempt) -> Self {
        Self {
            inner: Arc::new(Inner {
                source,
                events,
                attempt: attempt.clone(),
                state: Mutex::default(),
                requests: Requests::default(),
            }),
        }
    }

    /// Which attempt it is.
    pub fn source(&self) -> &Source {
        &self.inner.source
    }

    /// The attempt in the ledger of the run's faults.
    pub fn attempt(&self) -> &Attempt {
        &self.inner.attempt
    }

    /// The phase of the run now.
    pub fn phase(&self) -> Phase {
        self.attempt().ledger().phase()
    }

    /// This moment, for what takes time.
    pub fn mark(&self) -> Mark {
        self.attempt().ledger().mark()
    }

    /// The requests of the attempt while they are under way.
    pub fn requests(&self) -> &Requests {
        &self.inner.requests
    }

    /// What there is so far.
    pub fn evidence(&self) -> Evidence {
        self.lock().evidence.clone()
    }

    /// A line of the log.
    pub fn log(&self, level: Level, message: &str) {
        if self.lock().counts_line() {
            self.tell(EventKind::Log {
                source: self.source().clone(),
                level,
                message: cut(message, MAX_LOG_BYTES).to_owned(),
            });
        }
    }

    /// A check, passed or failed.
    pub fn check(&self, mut check: Check) {
        cut_check(&mut check);
        if self.lock().counts_check(&check) {
            self.tell(EventKind::Checked {
                source: self.source().clone(),
                check,
            });
        }
    }

    /// A baseline that was judged.
    pub fn judged(&self, judgement: Judgement) {
        if self.lock().counts_judgement(&judgement) {
            self.tell(EventKind::Judged {
                source: self.source().clone(),
                judgement,
            });
        }
    }

    /// A request that began at the mark and is over. Its detail is kept for [`Recorder::recall`].
    pub fn exchanged(&self, since: Mark, mut exchange: Exchange) {
        let when = self.since(since);
        let told = {
            let state = &mut *self.lock();
            let is_told = state.counts_exchange(&mut exchange);
            let detail = exchange.detail.take();
            let told = is_told.then(|| exchange.clone());
            state.exchanges.keep(when, Exchange { detail, ..exchange });
            told
        };
        if let Some(exchange) = told {
            let source = self.source().clone();
            self.send(when, EventKind::Exchanged { source, exchange });
        }
    }

    /// A stream that was asked for at the mark and is over.
    pub fn streamed(&self, since: Mark, mut stream: StreamSummary) {
        let when = self.since(since);
        let told = {
            let state = &mut *self.lock();
            let is_told = state.counts_stream(&mut stream);
            let detail = stream.detail.take();
            let last_events = std::mem::take(&mut stream.last_events);
            let told = is_told.then(|| stream.clone());
            let kept = StreamSummary {
                detail,
                last_events,
                ..stream
            };
            state.streams.keep(when, kept);
            told
        };
        if let Some(stream) = told {
            let source = self.source().clone();
            self.send(when, EventKind::Streamed { source, stream });
        }
    }

    /// Tells the last requests and streams again, with all that is known of them: for an attempt that went bad. A second call tells
    /// only what came since.
    pub fn recall(&self) {
        let (exchanges, streams) = {
            let state = &mut *self.lock();
            (state.exchanges.take(), state.streams.take())
        };
        for (when, exchange) in exchanges {
            let source = self.source().clone();
            self.send(when, EventKind::ExchangeRecalled { source, exchange });
        }
        for (when, stream) in streams {
            let source = self.source().clone();
            self.send(when, EventKind::StreamRecalled { source, stream });
        }
    }

    /// Evidence that is kept as it is, already cut to [`MAX_ATTACHMENT_BYTES`].
    pub fn attached(&self, attachment: Attachment) {
        if self.lock().counts_attachment() {
            self.tell(EventKind::Attached {
                source: self.source().clone(),
                attachment,
            });
        }
    }

    /// Counts something that the plugin asked for and has no grant for. Answers whether it is to be told.
    pub(crate) fn counts_refusal(&self, capability: &str, subject: &str) -> bool {
        self.lock().counts_refusal(capability, subject)
    }

    /// Tells a refusal that was counted.
    pub(crate) fn refused(&self, refusal: Refusal) {
        self.lock().refuses(&refusal);
        self.tell(EventKind::Refused {
            source: self.source().clone(),
            refusal,
        });
    }

    /// A machine that made a share of a load is lost: whatever the plugin makes of it, what was measured is not what was asked for.
    pub(crate) fn load_lost(&self, message: &str) {
        let lost = &mut self.lock().evidence.lost_load;
        lost.get_or_insert_with(|| cut(message, MAX_LOG_BYTES).to_owned());
    }

    /// What the plugin says before it stops with a panic. The first one counts.
    pub fn panicked(&self, message: &str, location: Option<String>) {
        let panic = Panic {
            message: cut(message, MAX_LOG_BYTES).to_owned(),
            location: location.map(|place| cut(&place, MAX_CHECK_VALUE_BYTES).to_owned()),
        };
        self.lock().evidence.panic.get_or_insert(panic);
    }

    /// What the plugin wrote to standard output or standard error.
    pub fn output(&self, stream: OutputStream, text: String, truncated: bool) {
        self.tell(EventKind::Output {
            source: self.source().clone(),
            stream,
            text,
            truncated,
        });
    }

    fn tell(&self, kind: EventKind) {
        let when = When {
            phase: self.phase(),
            during: None,
        };
        self.send(when, kind);
    }

    /// Of what began at the mark and is over.
    fn since(&self, mark: Mark) -> When {
        When {
            phase: self.attempt().ledger().phase_since(mark),
            during: Some(mark.span()),
        }
    }

    /// Tells it as of now.
    fn send(&self, when: When, kind: EventKind) {
        self.send_of(Instant::now(), when, kind);
    }

    /// Without a listener the run is over, and evidence has nowhere to go.
    fn send_of(&self, at: Instant, When { phase, during }: When, kind: EventKind) {
        let _ = self.inner.events.send(Happened {
            phase,
            at,
            during,
            kind,
        });
    }

    /// The evidence is plain data: a panic of another holder cannot leave it half-written in a way that matters.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.inner
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The longest start of `text` of at most `limit` bytes that ends between two characters.
pub fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

fn truncate(text: &mut String, limit: usize) {
    text.truncate(text.floor_char_boundary(limit));
}
