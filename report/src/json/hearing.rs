//! What an attempt hears while it runs: which event is evidence of which kind.

use super::document::{AttachmentInfo, LogLine, ServiceLines};
use super::evidence::Running;
use crate::event::{Event, EventKind};

impl Running {
    /// Takes an event of the attempt; what is no evidence of it is left out.
    pub(super) fn hear(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Log { level, message, .. } => self.logged(LogLine {
                at_ns: event.at_ns,
                level: *level,
                message: message.clone(),
            }),
            EventKind::Output {
                stream,
                text,
                truncated,
                ..
            } => self.wrote(*stream, text, *truncated),
            EventKind::AttemptPlaced { agent, .. } => self.placed(agent),
            EventKind::Checked { check, .. } => self.checked(check),
            EventKind::Judged { .. } => self.judged(),
            EventKind::Exchanged { exchange, .. } => self.exchanged(exchange),
            EventKind::Streamed { stream, .. } => self.streamed(stream),
            EventKind::ExchangeRecalled { exchange, .. } => self.exchange_recalled(exchange),
            EventKind::StreamRecalled { stream, .. } => self.stream_recalled(stream),
            EventKind::ServiceWrote {
                service,
                lines,
                dropped_lines,
                ..
            } => self.service_wrote(ServiceLines {
                service: service.clone(),
                lines: lines.clone(),
                dropped_lines: *dropped_lines,
            }),
            EventKind::ServicesProbed { services, .. } => self.services_probed(services),
            EventKind::FaultInjected {
                fault,
                confirmed_after_ns,
                ..
            } => self.injected(event.at_ns, fault, *confirmed_after_ns),
            EventKind::FaultHealed { healed, .. } => self.healed(*healed),
            EventKind::FaultFailed {
                fault,
                stage,
                message,
                ..
            } => self.fault_failed(fault, *stage, message),
            EventKind::LoadStarted { load, .. } => self.loads().started(event.at_ns, load),
            EventKind::LoadWent { load, point, .. } => self.loads().went(*load, *point),
            EventKind::LoadEnded { end, .. } => self.loads().ended(end),
            EventKind::Refused { refusal, .. } => self.refused(event.at_ns, refusal),
            EventKind::Attached { attachment, .. } => self.attached(AttachmentInfo {
                name: attachment.name.clone(),
                media_type: attachment.media_type.clone(),
                size: attachment.size,
                truncated: attachment.truncated,
                sequence: event.sequence,
            }),
            _ => {}
        }
    }
}
