//! The trace of an attempt: the attempt itself, and its requests, event streams, faults and loads below it.
//!
//! Its id is the one that its first request carries in `traceparent`. Until there is one, what is over waits.

use std::collections::BTreeMap;

use assay_report::{
    event::{
        AttemptCounts, Check, Event, EventKind, Judgement, Level, Outcome, Reason, ReasonKind,
        Refusal, Source,
    },
    words,
};

use super::{
    MAX_OPEN, Over,
    fault::OpenFault,
    load,
    outcome::{is_hook, of_case, of_hook, of_location},
    request,
    used::Used,
};
use crate::opentelemetry::{
    attributes::Attributes,
    conventions as names,
    draft::{Draft, error},
    ids::{Ids, SpanId, TraceContext, TraceId},
    protocol::{Span, Status},
};

/// Spans that wait for the first request with a `traceparent`. With one more there is none to wait for.
pub(super) const MAX_WAITING: usize = 256;

/// An attempt that goes on.
#[derive(Debug)]
pub(super) struct Attempt {
    ids: Ids,
    source: Source,
    id: SpanId,
    span: Draft,
    trace: Option<TraceId>,
    waiting: Vec<Span>,
    faults: BTreeMap<u64, OpenFault>,
    loads: BTreeMap<u32, Draft>,
}

impl Attempt {
    pub(super) fn begin(ids: &Ids, source: &Source, belongs_to: TraceContext, now: u64) -> Self {
        let Source {
            suite,
            entry,
            attempt,
        } = source;
        let id = ids.span(&["attempt", suite, entry, &attempt.to_string()]);
        let name = format!("{suite}/{entry}");
        let mut span = Draft::internal(id, &name, now);
        span.link(belongs_to, Attributes::new());
        let entry = if is_hook(source) {
            Attributes::new().with(names::HOOK, entry)
        } else {
            Attributes::new().with(names::TEST_CASE_NAME, name)
        };
        span.attributes(
            Attributes::new()
                .with(names::TEST_SUITE_NAME, suite)
                .with(names::ATTEMPT, *attempt)
                .and(entry),
        );
        Self {
            ids: ids.clone(),
            source: source.clone(),
            id,
            span,
            trace: None,
            waiting: Vec::new(),
            faults: BTreeMap::new(),
            loads: BTreeMap::new(),
        }
    }

    /// Hears of something in it. `used` is the whole run's.
    pub(super) fn hear(&mut self, event: &Event, now: u64, used: &mut Used, over: &mut Over) {
        match &event.kind {
            EventKind::Log { level, message, .. } => self.log(*level, message, now),
            EventKind::Checked { check, .. } => self.checked(check, now),
            EventKind::Judged { judgement, .. } => self.measured(judgement, now),
            EventKind::Refused { refusal, .. } => self.refused(refusal, now),
            EventKind::Exchanged { exchange, .. } => {
                let (draft, status) =
                    request::exchange(self.part(event), exchange, event.phase, now);
                let place = exchange.traceparent.as_deref();
                self.client(place, draft, status, now, used, over);
            }
            EventKind::Streamed { stream, .. } => {
                let (draft, status) = request::stream(self.part(event), stream, event.phase, now);
                let place = stream.traceparent.as_deref();
                self.client(place, draft, status, now, used, over);
            }
            EventKind::FaultInjected {
                fault,
                confirmed_after_ns,
                ..
            } => {
                if self.faults.len() == MAX_OPEN {
                    over.left_out += 1;
                    return;
                }
                let open = OpenFault::begin(self.part(event), fault, *confirmed_after_ns, now);
                self.faults.insert(fault.id, open);
            }
            EventKind::FaultHealed { healed, .. } => {
                if let Some(open) = self.faults.remove(&healed.id) {
                    self.below(open.healed(healed), over);
                }
            }
            EventKind::FaultFailed { fault, message, .. } => {
                let begun = self.faults.remove(&fault.id);
                let open =
                    begun.unwrap_or_else(|| OpenFault::begin(self.part(event), fault, 0, now));
                self.below(open.failed(message, now), over);
            }
            EventKind::LoadStarted { load, .. } => {
                if self.loads.len() == MAX_OPEN {
                    over.left_out += 1;
                    return;
                }
                let open = load::begin(self.part(event), load, now);
                self.loads.insert(load.load, open);
            }
            EventKind::LoadEnded { end, .. } => {
                let begun = self.loads.remove(&end.load);
                let open = begun.unwrap_or_else(|| load::never_begun(self.part(event), now));
                self.below(load::end(open, end, now), over);
            }
            // `Run::hear` says which events are of an attempt.
            _ => {}
        }
    }

    /// What was counted in it.
    pub(super) fn counted(&mut self, counts: AttemptCounts) {
        self.span.attributes(
            Attributes::new()
                .with(names::CHECKS_PASSED, counts.checks_passed)
                .with(names::CHECKS_FAILED, counts.checks_failed)
                .with(names::REQUESTS, counts.requests)
                .with(names::STREAMS, counts.streams),
        );
    }

    /// How it ended.
    pub(super) fn judged(&mut self, outcome: &Outcome, now: u64) {
        self.span.attributes(if is_hook(&self.source) {
            of_hook(outcome)
        } else {
            of_case(outcome)
        });
        let Some(reason) = &outcome.reason else {
            return;
        };
        self.span.attributes(
            Attributes::new()
                .with_some(names::EXPECTED, reason.expected.as_ref())
                .with_some(names::ACTUAL, reason.actual.as_ref())
                .and(of_location(reason.location.as_deref())),
        );
        if matches!(
            reason.kind,
            ReasonKind::Panic | ReasonKind::Trap | ReasonKind::Limit
        ) {
            self.span.event(now, "exception", exception(reason));
        }
    }

    /// It is over, and whatever of it is not told to be. Where it is found.
    pub(super) fn end(mut self, now: u64, status: Status, over: &mut Over) -> TraceContext {
        for open in std::mem::take(&mut self.faults).into_values() {
            self.below(open.failed("its attempt ended before it did", now), over);
        }
        for open in std::mem::take(&mut self.loads).into_values() {
            let why = error("its attempt ended before it did");
            self.below(open.below(self.id).end(now, why), over);
        }
        let trace = self.settled(over);
        over.spans.push(self.span.in_trace(trace).end(now, status));
        TraceContext {
            trace,
            span: self.id,
        }
    }

    fn log(&mut self, level: Level, message: &str, now: u64) {
        // For the author of the suite, and there may be much of it.
        if level == Level::Debug {
            return;
        }
        let line = Attributes::new()
            .with(names::LOG_LEVEL, words::level(level))
            .with(names::MESSAGE, message);
        self.span.log(now, line);
    }

    fn checked(&mut self, check: &Check, now: u64) {
        if check.passed {
            return;
        }
        let what = Attributes::new()
            .with(names::CHECK_NAME, &check.name)
            .with_some(names::EXPECTED, check.expected.as_ref())
            .with_some(names::ACTUAL, check.actual.as_ref())
            .and(of_location(check.location.as_deref()));
        self.span.event(now, "check failed", what);
    }

    fn measured(&mut self, judgement: &Judgement, now: u64) {
        let baseline = &judgement.baseline;
        let what = Attributes::new()
            .with(names::BASELINE_NAME, &baseline.name)
            .with(names::BASELINE_UNIT, &baseline.unit)
            .with(names::BASELINE_VALUE, judgement.value)
            .with(names::BASELINE_TARGET, baseline.target)
            .with(names::BASELINE_CRITICAL, baseline.critical)
            .with(names::BASELINE_GRADE, judgement.grade.word());
        self.span.event(now, "baseline judged", what);
    }

    fn refused(&mut self, refusal: &Refusal, now: u64) {
        let what = Attributes::new()
            .with(names::REFUSAL_CAPABILITY, &refusal.capability)
            .with(names::REFUSAL_SUBJECT, &refusal.subject)
            .with(names::MESSAGE, &refusal.message)
            .with(names::REFUSAL_GRANT, &refusal.grant);
        self.span.refusal(now, what);
    }

    /// The id of a span that begins or ends with an event.
    fn part(&self, event: &Event) -> SpanId {
        self.ids.span(&["event", &event.sequence.to_string()])
    }

    /// Puts a request where its `traceparent` says that it is: what the system tells of it hangs below it there.
    fn client(
        &mut self,
        traceparent: Option<&str>,
        draft: Draft,
        status: Status,
        now: u64,
        used: &mut Used,
        over: &mut Over,
    ) {
        let Some(context) = traceparent.and_then(TraceContext::parse) else {
            self.below(draft.below(self.id).end(now, status), over);
            return;
        };
        let trace = match self.trace {
            Some(trace) => trace,
            None => self.settle(context.trace, over),
        };
        let draft = draft.in_trace(context.trace);
        // A suite that sends one `traceparent` with many requests means the span above them; no two spans may be the same.
        let mut draft = if used.takes(context) {
            draft.below(context.span)
        } else if context.trace == trace {
            draft.with_id(context.span).below(self.id)
        } else {
            draft.with_id(context.span)
        };
        if context.trace != trace {
            let attempt = TraceContext {
                trace,
                span: self.id,
            };
            draft.link(attempt, Attributes::new());
        }
        over.spans.push(draft.end(now, status));
    }

    /// Puts a span into the attempt's trace as soon as there is one.
    fn below(&mut self, mut span: Span, over: &mut Over) {
        span.parent_span_id = self.id.bytes();
        if let Some(trace) = self.trace {
            span.trace_id = trace.bytes();
            over.spans.push(span);
            return;
        }
        self.waiting.push(span);
        if self.waiting.len() > MAX_WAITING {
            self.settled(over);
        }
    }

    /// The attempt's trace; one of its own, if no request carried one.
    fn settled(&mut self, over: &mut Over) -> TraceId {
        let Source {
            suite,
            entry,
            attempt,
        } = &self.source;
        let own = ["attempt", suite, entry, &attempt.to_string()];
        let trace = self.trace.unwrap_or_else(|| self.ids.trace(&own));
        self.settle(trace, over)
    }

    fn settle(&mut self, trace: TraceId, over: &mut Over) -> TraceId {
        self.trace = Some(trace);
        for mut span in self.waiting.drain(..) {
            span.trace_id = trace.bytes();
            over.spans.push(span);
        }
        trace
    }
}

/// The convention for what a program throws: a trap is as near to it as a plugin comes.
fn exception(reason: &Reason) -> Attributes {
    let frames = reason.backtrace.join("\n");
    let frames = Some(frames).filter(|frames| !frames.is_empty());
    Attributes::new()
        .with(names::EXCEPTION_TYPE, reason.kind.word())
        .with(names::EXCEPTION_MESSAGE, &reason.message)
        .with_some(names::EXCEPTION_STACKTRACE, frames)
}
