//! The texts of what an attempt leaves behind.

use super::{Texts, Visit, names, texts};
use crate::event::{
    AgentProposal, Attachment, Check, EventKind, Exchange, ExchangeDetail, ExchangeError, Fault,
    Header, Message, MessageBody, Outcome, Proposal, Reason, Refusal, StreamSummary, StreamedEvent,
};

/// Those of the events that have a source.
pub(super) fn of_an_attempt(kind: &mut EventKind, visit: &mut dyn Visit) {
    match kind {
        EventKind::AttemptStarted(source)
        | EventKind::FaultHealed { source, healed: _ }
        | EventKind::LoadWent {
            source,
            load: _,
            point: _,
        } => source.texts(visit),
        EventKind::Log {
            source,
            level: _,
            message: text,
        }
        | EventKind::Output {
            source,
            stream: _,
            text,
            truncated: _,
        } => {
            source.texts(visit);
            visit.text(text);
        }
        EventKind::AttemptPlaced { source, agent } => {
            source.texts(visit);
            visit.name(agent);
        }
        EventKind::Checked { source, check } => both(source, check, visit),
        EventKind::Judged { source, judgement } => both(source, judgement, visit),
        EventKind::Exchanged { source, exchange }
        | EventKind::ExchangeRecalled { source, exchange } => both(source, exchange, visit),
        EventKind::Streamed { source, stream } | EventKind::StreamRecalled { source, stream } => {
            both(source, stream, visit);
        }
        EventKind::ServiceWrote {
            source,
            service,
            lines,
            dropped_lines: _,
        } => {
            source.texts(visit);
            visit.identity(service);
            visit.lines(lines);
        }
        EventKind::ServicesProbed { source, services } => both(source, services, visit),
        EventKind::Attached { source, attachment } => both(source, attachment, visit),
        EventKind::Refused { source, refusal } => both(source, refusal, visit),
        EventKind::FaultInjected {
            source,
            fault,
            confirmed_after_ns: _,
        } => both(source, fault, visit),
        EventKind::FaultFailed {
            source,
            fault,
            stage: _,
            message,
        } => {
            both(source, fault, visit);
            visit.text(message);
        }
        EventKind::LoadStarted { source, load } => both(source, load, visit),
        EventKind::LoadEnded { source, end } => both(source, end, visit),
        EventKind::AttemptFinished {
            source,
            outcome,
            duration_ns: _,
            counts: _,
        } => both(source, outcome, visit),
        EventKind::RunStarted(_)
        | EventKind::EnvironmentReady { .. }
        | EventKind::EnvironmentFailed { .. }
        | EventKind::EnvironmentLeft { .. }
        | EventKind::EnvironmentAbandoned { .. }
        | EventKind::ShardLost { .. }
        | EventKind::AgentLost { .. }
        | EventKind::Measured { .. }
        | EventKind::Compared(_)
        | EventKind::ServiceDied { .. }
        | EventKind::CaseStarted { .. }
        | EventKind::CaseStillRunning { .. }
        | EventKind::CaseFinished { .. }
        | EventKind::SuiteFinished { .. }
        | EventKind::Interrupted { .. }
        | EventKind::RunFinished { .. } => {}
    }
}

fn both(one: &mut impl Texts, other: &mut impl Texts, visit: &mut dyn Visit) {
    one.texts(visit);
    other.texts(visit);
}

impl Texts for Check {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            name,
            passed: _,
            expected,
            actual,
            location,
        } = self;
        visit.text(name);
        texts(visit, [expected, actual, location].into_iter().flatten());
    }
}

impl Texts for Exchange {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            name,
            method,
            url,
            status: _,
            error,
            sent_bytes: _,
            received_bytes: _,
            connect_ns: _,
            first_byte_ns: _,
            duration_ns: _,
            number: _,
            traceparent,
            detail,
        } = self;
        names(visit, [name, method]);
        visit.text(url);
        texts(visit, traceparent);
        error.texts(visit);
        detail.texts(visit);
    }
}

impl Texts for ExchangeError {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            kind,
            message,
            stage: _,
        } = self;
        visit.name(kind);
        visit.text(message);
    }
}

impl Texts for ExchangeDetail {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            request,
            response,
            redirected_to,
        } = self;
        request.texts(visit);
        response.texts(visit);
        texts(visit, redirected_to);
    }
}

impl Texts for Message {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            headers,
            dropped_headers: _,
            body,
        } = self;
        headers.texts(visit);
        body.texts(visit);
    }
}

impl Texts for Header {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self { name, value } = self;
        visit.header(name, value);
    }
}

impl Texts for MessageBody {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            text,
            size: _,
            truncated: _,
        } = self;
        texts(visit, text);
    }
}

impl Texts for StreamSummary {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            name,
            url,
            status: _,
            events: _,
            comments: _,
            reconnects: _,
            opened_after_ns: _,
            first_event_ns: _,
            longest_gap_ns: _,
            duration_ns: _,
            end,
            number: _,
            traceparent,
            detail,
            last_events,
        } = self;
        visit.name(name);
        texts(visit, [url, end]);
        texts(visit, traceparent);
        detail.texts(visit);
        last_events.texts(visit);
    }
}

impl Texts for StreamedEvent {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            id,
            name,
            data,
            truncated: _,
            at_ns: _,
        } = self;
        visit.name(name);
        texts(visit, id);
        visit.text(data);
    }
}

impl Texts for Attachment {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            name,
            media_type,
            content,
            base64: _,
            size: _,
            truncated: _,
        } = self;
        names(visit, [name, media_type]);
        visit.text(content);
    }
}

impl Texts for Refusal {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            capability,
            subject,
            message,
            grant,
        } = self;
        visit.name(capability);
        texts(visit, [subject, message, grant]);
    }
}

impl Texts for Proposal {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            table,
            truncated: _,
            at_agents,
        } = self;
        visit.text(table);
        for AgentProposal { agent, grant } in at_agents {
            visit.name(agent);
            visit.text(grant);
        }
    }
}

impl Texts for Fault {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            id: _,
            target,
            action,
            value,
            options: _,
        } = self;
        visit.identity(target);
        visit.name(action);
        texts(visit, value);
    }
}

impl Texts for Outcome {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self { verdict: _, reason } = self;
        reason.texts(visit);
    }
}

impl Texts for Reason {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            kind: _,
            message,
            expected,
            actual,
            location,
            backtrace,
        } = self;
        visit.text(message);
        texts(visit, [expected, actual, location].into_iter().flatten());
        texts(visit, backtrace);
    }
}
