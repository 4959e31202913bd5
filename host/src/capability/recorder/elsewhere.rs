//! An attempt that runs at an agent: what the agent tells is evidence as if it had happened here, within the same limits. An agent keeps to them
//! itself, but it is another machine: here nothing is as large as somebody else says.

mod bounds;
#[cfg(test)]
mod tests;

use std::time::Duration;

use assay_report::event::{AttemptCounts, EventKind, OutputStream};
use tokio::time::Instant;

pub(crate) use self::bounds::{bounded, cut_attachment};
use self::bounds::{cut_all, cut_event};
use super::{
    Evidence, MAX_CHECK_VALUE_BYTES, MAX_LOG_BYTES, MAX_RECALLED, Panic, Recorder, When,
    counting::cut_check, truncate,
};
use crate::ledger::Span;

/// No attempt comes to such a count: with more, sums of counts would not fit.
const MAX_COUNT: u64 = 1 << 48;
/// Requests that are told again, and streams: the last ones that went wrong, and the last others.
const MAX_TOLD_AGAIN: usize = 2 * MAX_RECALLED;

/// What an agent tells of one attempt.
#[derive(Debug)]
pub(crate) struct Relay {
    recorder: Recorder,
    /// Bytes of each output that are kept.
    output: usize,
    outputs: Vec<OutputStream>,
    exchanges: usize,
    streams: usize,
}

impl Recorder {
    /// An agent has the attempt now.
    pub(crate) fn placed(&self, agent: &str) {
        self.tell(EventKind::AttemptPlaced {
            source: self.source().clone(),
            agent: agent.to_owned(),
        });
    }
}

impl Relay {
    /// For the attempt of this recorder, of which so many bytes of each output are kept.
    pub(crate) fn new(recorder: Recorder, output: usize) -> Self {
        Self {
            recorder,
            output,
            outputs: Vec::new(),
            exchanges: 0,
            streams: 0,
        }
    }

    /// What happened there, when it did, and when what it tells of went on, all of which is known only so exactly: the phase is that of then.
    pub(crate) fn happened(
        &mut self,
        at: Instant,
        during: Option<Span>,
        uncertainty: Duration,
        mut kind: EventKind,
    ) {
        if !self.counts(&mut kind) {
            return;
        }
        let span = during.unwrap_or(Span::at(at));
        let ledger = self.recorder.attempt().ledger();
        let phase = ledger.phase_about(span, uncertainty);
        self.recorder.send_of(at, When { phase, during }, kind);
    }

    /// Counts it, and cuts it to what is kept. Answers whether it is to be told.
    fn counts(&mut self, kind: &mut EventKind) -> bool {
        cut_event(kind, self.output);
        let mut state = self.recorder.lock();
        match kind {
            EventKind::Log { .. } => state.counts_line(),
            EventKind::Checked { check, .. } => state.counts_check(check),
            EventKind::Judged { judgement, .. } => state.counts_judgement(judgement),
            EventKind::Exchanged { exchange, .. } => {
                exchange.detail = None;
                state.counts_exchange(exchange)
            }
            EventKind::Streamed { stream, .. } => {
                stream.detail = None;
                stream.last_events.clear();
                state.counts_stream(stream)
            }
            EventKind::ExchangeRecalled { .. } => {
                self.exchanges += 1;
                self.exchanges <= MAX_TOLD_AGAIN
            }
            EventKind::StreamRecalled { .. } => {
                self.streams += 1;
                self.streams <= MAX_TOLD_AGAIN
            }
            EventKind::Attached { .. } => state.counts_attachment(),
            EventKind::Refused { refusal, .. } => {
                let is_told = state.counts_refusal(&refusal.capability, &refusal.subject);
                if is_told {
                    state.refuses(refusal);
                }
                is_told
            }
            EventKind::Output { stream, .. } => {
                let is_first = !self.outputs.contains(stream);
                if is_first {
                    self.outputs.push(*stream);
                }
                is_first
            }
            _ => false,
        }
    }

    /// What an agent says at its end that it has found: what was told counts whatever it says, and what a limit left out of that only it knows.
    pub(crate) fn found(&self, found: Evidence) {
        let Evidence {
            counts,
            first_failed_check,
            worst_judgement,
            first_refusal,
            lost_load,
            panic,
        } = found;
        let own = &mut self.recorder.lock().evidence;
        own.counts = most(own.counts, counts);
        if own.first_failed_check.is_none() {
            own.first_failed_check = first_failed_check.map(|mut check| {
                cut_check(&mut check);
                check
            });
        }
        if own.worst_judgement.is_none() {
            own.worst_judgement = worst_judgement.map(|mut judgement| {
                cut_all(&mut judgement);
                judgement
            });
        }
        if own.first_refusal.is_none() {
            own.first_refusal = first_refusal.as_ref().map(bounded);
        }
        if own.lost_load.is_none() {
            own.lost_load = lost_load.map(|mut text| {
                truncate(&mut text, MAX_LOG_BYTES);
                text
            });
        }
        own.panic = own.panic.take().or(panic.map(cut_panic));
    }
}

fn cut_panic(mut panic: Panic) -> Panic {
    truncate(&mut panic.message, MAX_LOG_BYTES);
    if let Some(location) = &mut panic.location {
        truncate(location, MAX_CHECK_VALUE_BYTES);
    }
    panic
}

/// The greater one of each, within what a count may be.
fn most(one: AttemptCounts, other: AttemptCounts) -> AttemptCounts {
    let AttemptCounts {
        checks_passed,
        checks_failed,
        baselines,
        requests,
        streams,
        refusals,
        dropped_logs,
        dropped_attachments,
    } = other;
    let most = |one: u64, other: u64| one.max(other.min(MAX_COUNT));
    AttemptCounts {
        checks_passed: most(one.checks_passed, checks_passed),
        checks_failed: most(one.checks_failed, checks_failed),
        baselines: most(one.baselines, baselines),
        requests: most(one.requests, requests),
        streams: most(one.streams, streams),
        refusals: most(one.refusals, refusals),
        dropped_logs: most(one.dropped_logs, dropped_logs),
        dropped_attachments: most(one.dropped_attachments, dropped_attachments),
    }
}
