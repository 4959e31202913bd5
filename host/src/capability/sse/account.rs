//! What is known of a stream while it runs, shared by its reader and its resource, and told to the recorder once.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use assay_report::event::{ExchangeDetail, MAX_STREAM_EVENTS, StreamSummary, StreamedEvent};
use tokio::time::Instant;

use crate::capability::http::{cut_text, nanoseconds};
use crate::capability::recorder::Recorder;
use crate::capability::requests::UnderWay;
use crate::ledger::Mark;

/// The account of one stream. Whoever ends it first gives the reason.
#[derive(Debug)]
pub(super) struct Account {
    started: Instant,
    since: Mark,
    recorder: Recorder,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// None once it is told.
    summary: Option<StreamSummary>,
    last_event_id: Option<String>,
    last_event_at: Option<u64>,
    /// The last events, as they are told.
    last_events: VecDeque<StreamedEvent>,
    /// Its request, as long as the stream is not over.
    under_way: Option<UnderWay>,
}

impl Account {
    /// Of a stream that was asked for at `started`, which is `since` in the ledger of the run's faults, as `summary` has it so far.
    pub(super) fn new(
        started: Instant,
        since: Mark,
        recorder: Recorder,
        summary: StreamSummary,
        last_event_id: Option<String>,
    ) -> Self {
        Self {
            started,
            since,
            recorder,
            state: Mutex::new(State {
                summary: Some(summary),
                last_event_id,
                last_event_at: None,
                last_events: VecDeque::new(),
                under_way: None,
            }),
        }
    }

    /// The request that opened it is under way for as long as the stream is.
    pub(super) fn hold(&self, under_way: Option<UnderWay>) {
        let mut state = self.lock();
        if state.summary.is_some() {
            state.under_way = under_way;
        }
    }

    /// Nanoseconds since the stream was asked for.
    pub(super) fn now(&self) -> u64 {
        nanoseconds(self.started.elapsed())
    }

    /// What was asked, and what answered.
    pub(super) fn detail(&self, detail: ExchangeDetail) {
        if let Some(summary) = &mut self.lock().summary {
            summary.detail = Some(Box::new(detail));
        }
    }

    /// An event came.
    pub(super) fn event(&self, event: StreamedEvent) {
        let mut state = self.lock();
        let at = event.at_ns;
        let last = state.last_event_at.replace(at);
        if state.last_events.len() == MAX_STREAM_EVENTS {
            state.last_events.pop_front();
        }
        state.last_events.push_back(event);
        if let Some(summary) = &mut state.summary {
            summary.events += 1;
            summary.first_event_ns.get_or_insert(at);
            let gap = last.map(|last| at.saturating_sub(last));
            summary.longest_gap_ns = summary.longest_gap_ns.max(gap);
        }
    }

    /// A comment came.
    pub(super) fn comment(&self) {
        if let Some(summary) = &mut self.lock().summary {
            summary.comments += 1;
        }
    }

    /// It was opened again.
    pub(super) fn reconnected(&self, count: u32) {
        if let Some(summary) = &mut self.lock().summary {
            summary.reconnects = count;
        }
    }

    /// A block set the id.
    pub(super) fn set_last_event_id(&self, id: &str) {
        let mut state = self.lock();
        if state.last_event_id.as_deref() != Some(id) {
            state.last_event_id = Some(id.to_owned());
        }
    }

    /// What a reconnect would send: an empty id is none.
    pub(super) fn last_event_id(&self) -> Option<String> {
        let id = self.lock().last_event_id.clone();
        id.filter(|id| !id.is_empty())
    }

    /// It is over. Only the first reason counts.
    pub(super) fn end(&self, reason: &str) {
        let (summary, last_events, under_way) = {
            let state = &mut *self.lock();
            let last_events = std::mem::take(&mut state.last_events);
            (state.summary.take(), last_events, state.under_way.take())
        };
        drop(under_way);
        if let Some(mut summary) = summary {
            summary.duration_ns = self.now();
            summary.end = cut_text(reason);
            summary.last_events = last_events.into();
            self.recorder.streamed(self.since, summary);
        }
    }

    /// Plain data: a panic of another holder cannot leave it half-written in a way that matters.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
