//! How much text an event has, for whoever keeps many of them within a limit of bytes.

use super::{Check, EventKind, Exchange, Judgement, Refusal, StreamSummary, StreamedEvent};

impl EventKind {
    /// Bytes of the texts of a detail of an attempt: a line, an output, a check, a judgement, a request, a stream, what a service wrote, an
    /// attachment, a refusal. 0 of what begins and ends, whose texts are few and short.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Log { message, .. } => message.len(),
            Self::Output { text, .. } => text.len(),
            Self::Checked { check, .. } => check.bytes(),
            Self::Judged { judgement, .. } => judgement.bytes(),
            Self::Exchanged { exchange, .. } | Self::ExchangeRecalled { exchange, .. } => {
                exchange.bytes()
            }
            Self::Streamed { stream, .. } | Self::StreamRecalled { stream, .. } => stream.bytes(),
            Self::ServiceWrote { service, lines, .. } => service.len() + sum(lines),
            Self::Attached { attachment, .. } => sum([
                &attachment.name,
                &attachment.media_type,
                &attachment.content,
            ]),
            Self::Refused { refusal, .. } => refusal.bytes(),
            _ => 0,
        }
    }
}

impl Check {
    /// Bytes of its texts.
    pub fn bytes(&self) -> usize {
        let values = [&self.expected, &self.actual, &self.location];
        self.name.len() + sum(values.into_iter().flatten())
    }
}

impl Judgement {
    /// Bytes of its texts.
    pub fn bytes(&self) -> usize {
        let baseline = &self.baseline;
        sum([&baseline.name, &baseline.summary, &baseline.unit])
    }
}

impl Exchange {
    /// Bytes of its texts, with what it is told with when it is told again.
    pub fn bytes(&self) -> usize {
        let error = self.error.as_ref();
        let error = error.map_or(0, |error| error.kind.len() + error.message.len());
        let detail = self.detail.as_ref().map_or(0, |detail| detail.bytes());
        sum([&self.name, &self.method, &self.url]) + sum(&self.traceparent) + error + detail
    }
}

impl StreamSummary {
    /// Bytes of its texts, with what it is told with when it is told again.
    pub fn bytes(&self) -> usize {
        let events = self.last_events.iter().map(StreamedEvent::bytes);
        let detail = self.detail.as_ref().map_or(0, |detail| detail.bytes());
        let texts = sum([&self.name, &self.url, &self.end]) + sum(&self.traceparent);
        texts + detail + events.sum::<usize>()
    }
}

impl Refusal {
    /// Bytes of its texts.
    pub fn bytes(&self) -> usize {
        let Self {
            capability,
            subject,
            message,
            grant,
        } = self;
        sum([capability, subject, message, grant])
    }
}

fn sum<'a>(texts: impl IntoIterator<Item = &'a String>) -> usize {
    texts.into_iter().map(String::len).sum()
}
