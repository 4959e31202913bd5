//! A span in the making: begun, added to within limits, ended once.

use assay_report::verdict::Verdict;

use super::{
    attributes::{Attributes, cut},
    ids::{SpanId, TraceContext, TraceId},
    protocol::{Link, Span, SpanEvent, SpanKind, Status, StatusCode, flags},
};

/// Events of a span that are kept; further ones are counted. As many as SDKs of OpenTelemetry keep.
pub(super) const MAX_EVENTS: usize = 128;
/// Those of them that may be lines of a log: the rest is for what was looked at.
pub(super) const MAX_LOGS: usize = 64;
/// Those of them that may be refusals, for the same reason.
pub(super) const MAX_REFUSALS: usize = 32;
/// Links of a span that are kept; further ones are counted.
pub(super) const MAX_LINKS: usize = 128;

/// A span that is not over.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    span: Span,
    logs: usize,
    refusals: usize,
}

impl Draft {
    /// Of something inside the run.
    pub(super) fn internal(id: SpanId, name: &str, start: u64) -> Self {
        Self::new(SpanKind::Internal, id, name, start)
    }

    /// Of a request to the system under test.
    pub(super) fn client(id: SpanId, name: &str, start: u64) -> Self {
        Self::new(SpanKind::Client, id, name, start)
    }

    fn new(kind: SpanKind, id: SpanId, name: &str, start: u64) -> Self {
        let span = Span {
            span_id: id.bytes(),
            name: cut(name).to_owned(),
            kind: kind.into(),
            start_time_unix_nano: start,
            flags: flags::SAMPLED | flags::HAS_IS_REMOTE,
            ..Span::default()
        };
        Self {
            span,
            logs: 0,
            refusals: 0,
        }
    }

    /// The id by which others know it already.
    pub(super) fn with_id(mut self, id: SpanId) -> Self {
        self.span.span_id = id.bytes();
        self
    }

    /// The trace that it belongs to.
    pub(super) fn in_trace(mut self, trace: TraceId) -> Self {
        self.span.trace_id = trace.bytes();
        self
    }

    /// The span above it, of the same trace.
    pub(super) fn below(mut self, parent: SpanId) -> Self {
        self.span.parent_span_id = parent.bytes();
        self
    }

    /// The span above it, which another process has.
    pub(super) fn below_remote(mut self, parent: TraceContext) -> Self {
        self.span.flags |= flags::IS_REMOTE;
        self.in_trace(parent.trace).below(parent.span)
    }

    pub(super) fn attributes(&mut self, attributes: Attributes) {
        self.span.attributes.extend(attributes.into_inner());
    }

    /// Something that happened in it.
    pub(super) fn event(&mut self, time: u64, name: &str, attributes: Attributes) {
        if self.span.events.len() == MAX_EVENTS {
            self.span.dropped_events_count = self.span.dropped_events_count.saturating_add(1);
            return;
        }
        self.span.events.push(SpanEvent {
            time_unix_nano: time,
            name: name.to_owned(),
            attributes: attributes.into_inner(),
        });
    }

    /// A line of its log.
    pub(super) fn log(&mut self, time: u64, attributes: Attributes) {
        if self.logs == MAX_LOGS {
            self.span.dropped_events_count = self.span.dropped_events_count.saturating_add(1);
            return;
        }
        self.logs += 1;
        self.event(time, "log", attributes);
    }

    /// Something that was refused in it.
    pub(super) fn refusal(&mut self, time: u64, attributes: Attributes) {
        if self.refusals == MAX_REFUSALS {
            self.span.dropped_events_count = self.span.dropped_events_count.saturating_add(1);
            return;
        }
        self.refusals += 1;
        self.event(time, "assay.refused", attributes);
    }

    /// A span of this process that belongs to it.
    pub(super) fn link(&mut self, to: TraceContext, attributes: Attributes) {
        if self.span.links.len() == MAX_LINKS {
            self.span.dropped_links_count = self.span.dropped_links_count.saturating_add(1);
            return;
        }
        self.span.links.push(Link {
            trace_id: to.trace.bytes(),
            span_id: to.span.bytes(),
            attributes: attributes.into_inner(),
            flags: flags::SAMPLED | flags::HAS_IS_REMOTE,
        });
    }

    /// It is over.
    pub(super) fn end(mut self, time: u64, status: Status) -> Span {
        self.span.end_time_unix_nano = time.max(self.span.start_time_unix_nano);
        self.span.status = (status.code() != StatusCode::Unset).then_some(status);
        self.span
    }
}

/// Nobody says how it ended.
pub(super) fn unset() -> Status {
    Status::default()
}

/// It ended badly, for this reason; none if an attribute says it.
pub(super) fn error(why: &str) -> Status {
    Status {
        message: cut(why).to_owned(),
        code: StatusCode::Error.into(),
    }
}

/// How a verdict is told. `Ok` is for what somebody has validated, which a passed test is; what passed with a blemish is neither.
pub(super) fn of_verdict(verdict: Verdict, why: &str) -> Status {
    match verdict {
        Verdict::Passed => Status {
            message: String::new(),
            code: StatusCode::Ok.into(),
        },
        Verdict::Skipped | Verdict::Flaky | Verdict::Degraded => unset(),
        Verdict::Failed | Verdict::Errored => error(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opentelemetry::ids::Ids;

    fn draft() -> Draft {
        let ids = Ids::of("run");
        Draft::internal(ids.span(&["one"]), "one", 100).in_trace(ids.trace(&["one"]))
    }

    #[test]
    fn events_beyond_the_limit_are_counted() {
        let mut at_the_limit = draft();
        for _ in 0..MAX_EVENTS {
            at_the_limit.event(100, "check", Attributes::new());
        }
        let mut beyond = at_the_limit.clone();
        beyond.event(100, "check", Attributes::new());
        let counts = |draft: Draft| {
            let span = draft.end(100, unset());
            (span.events.len(), span.dropped_events_count)
        };
        assert_eq!(counts(at_the_limit), (MAX_EVENTS, 0));
        assert_eq!(counts(beyond), (MAX_EVENTS, 1));
    }

    #[test]
    fn a_talkative_log_leaves_room_for_checks() {
        let mut draft = draft();
        for _ in 0..MAX_EVENTS {
            draft.log(100, Attributes::new());
        }
        draft.event(100, "check failed", Attributes::new());
        let span = draft.end(100, unset());
        assert_eq!(
            (span.events.len(), span.dropped_events_count),
            (MAX_LOGS + 1, 64)
        );
        assert_eq!(span.events[MAX_LOGS].name, "check failed");
    }

    #[test]
    fn a_plugin_that_is_refused_without_end_leaves_room_for_checks() {
        let mut draft = draft();
        for _ in 0..MAX_REFUSALS {
            draft.refusal(100, Attributes::new());
        }
        assert_eq!(draft.span.dropped_events_count, 0);
        draft.refusal(100, Attributes::new());
        draft.event(100, "check failed", Attributes::new());
        let span = draft.end(100, unset());
        assert_eq!(span.dropped_events_count, 1);
        assert_eq!(span.events[MAX_REFUSALS].name, "check failed");
    }

    #[test]
    fn links_beyond_the_limit_are_counted() {
        let mut draft = draft();
        let ids = Ids::of("run");
        let to = TraceContext {
            trace: ids.trace(&["other"]),
            span: ids.span(&["other"]),
        };
        for _ in 0..=MAX_LINKS {
            draft.link(to, Attributes::new());
        }
        let span = draft.end(100, unset());
        assert_eq!((span.links.len(), span.dropped_links_count), (MAX_LINKS, 1));
    }

    #[test]
    fn nothing_ends_before_it_began() {
        assert_eq!(draft().end(99, unset()).end_time_unix_nano, 100);
    }

    #[test]
    fn each_verdict_has_its_status() {
        for (verdict, code, message) in [
            (Verdict::Passed, StatusCode::Ok, ""),
            (Verdict::Skipped, StatusCode::Unset, ""),
            (Verdict::Flaky, StatusCode::Unset, ""),
            (Verdict::Degraded, StatusCode::Unset, ""),
            (Verdict::Failed, StatusCode::Error, "it is"),
            (Verdict::Errored, StatusCode::Error, "it is"),
        ] {
            let status = of_verdict(verdict, "it is");
            assert_eq!((status.code(), &*status.message), (code, message));
        }
    }
}
