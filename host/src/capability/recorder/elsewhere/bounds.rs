//! How large the parts of an event may be that another machine tells: what the capabilities here cut them to.

use assay_report::{
    event::{
        Attachment, EventKind, ExchangeDetail, MAX_BODY_BYTES, MAX_EVENT_BYTES, MAX_HEADER_BYTES,
        MAX_HEADERS, MAX_STREAM_EVENTS, Message, Refusal, StreamedEvent,
    },
    texts::{Texts, Visit},
};

use crate::capability::recorder::{
    MAX_ATTACHMENT_BYTES, MAX_LOG_BYTES, counting::cut_check, truncate,
};

/// Bytes of a name or a URL.
const MAX_TEXT_BYTES: usize = 2 << 10;
/// Bytes of any other text: the longest ones are lines of the log and bodies.
const MAX_LONG_TEXT_BYTES: usize = if MAX_LOG_BYTES > MAX_BODY_BYTES {
    MAX_LOG_BYTES
} else {
    MAX_BODY_BYTES
};
/// Bytes of the name and of the media type of an attachment.
const MAX_ATTACHED_NAME_BYTES: usize = 256;
/// Characters of base64 that the longest attachment has.
const MAX_BASE64_BYTES: usize = MAX_ATTACHMENT_BYTES.div_ceil(3) * 4;

/// Cuts an event to what is kept of its parts, and of each output of the attempt so many bytes.
pub(super) fn cut_event(kind: &mut EventKind, output: usize) {
    let mut longest = MAX_LONG_TEXT_BYTES;
    // What says of itself that it was cut comes first.
    match kind {
        EventKind::Output {
            text, truncated, ..
        } => {
            *truncated |= text.len() > output;
            longest = output;
        }
        EventKind::Attached { attachment, .. } => {
            cut_attachment(attachment);
            longest = MAX_BASE64_BYTES;
        }
        EventKind::Checked { check, .. } => cut_check(check),
        EventKind::Refused { refusal, .. } => *refusal = bounded(refusal),
        EventKind::Exchanged { exchange, .. } | EventKind::ExchangeRecalled { exchange, .. } => {
            truncate(&mut exchange.url, MAX_TEXT_BYTES);
            if let Some(detail) = &mut exchange.detail {
                cut_detail(detail);
            }
        }
        EventKind::Streamed { stream, .. } | EventKind::StreamRecalled { stream, .. } => {
            truncate(&mut stream.url, MAX_TEXT_BYTES);
            if let Some(detail) = &mut stream.detail {
                cut_detail(detail);
            }
            cut_events(&mut stream.last_events);
        }
        _ => {}
    }
    kind.texts(&mut Cut { longest });
}

/// Cuts all texts of something to what the longest of any may have.
pub(super) fn cut_all(something: &mut impl Texts) {
    something.texts(&mut Cut {
        longest: MAX_LONG_TEXT_BYTES,
    });
}

/// Cuts an attachment to what is kept of one.
pub(crate) fn cut_attachment(attachment: &mut Attachment) {
    truncate(&mut attachment.name, MAX_ATTACHED_NAME_BYTES);
    truncate(&mut attachment.media_type, MAX_ATTACHED_NAME_BYTES);
    let most = if attachment.base64 {
        MAX_BASE64_BYTES
    } else {
        MAX_ATTACHMENT_BYTES
    };
    attachment.truncated |= attachment.content.len() > most;
    truncate(&mut attachment.content, most);
}

/// A refusal as it is told.
pub(crate) fn bounded(refusal: &Refusal) -> Refusal {
    let Refusal {
        capability,
        subject,
        message,
        grant,
    } = refusal;
    Refusal::new(capability, subject, message, grant)
}

fn cut_detail(detail: &mut ExchangeDetail) {
    let ExchangeDetail {
        request,
        response,
        redirected_to,
    } = detail;
    cut_message(request);
    if let Some(response) = response {
        cut_message(response);
    }
    if let Some(text) = redirected_to {
        truncate(text, MAX_TEXT_BYTES);
    }
}

fn cut_events(events: &mut Vec<StreamedEvent>) {
    events.truncate(MAX_STREAM_EVENTS);
    for event in events {
        let small = MAX_EVENT_BYTES / 4;
        truncate(&mut event.name, small);
        truncate(&mut event.data, MAX_EVENT_BYTES);
        if let Some(id) = &mut event.id {
            truncate(id, small);
        }
    }
}

fn cut_message(message: &mut Message) {
    let more = message.headers.len().saturating_sub(MAX_HEADERS);
    message.headers.truncate(MAX_HEADERS);
    message.dropped_headers = message.dropped_headers.saturating_add(more as u64);
    if let Some(text) = &mut message.body.text {
        message.body.truncated |= text.len() > MAX_BODY_BYTES;
        truncate(text, MAX_BODY_BYTES);
    }
}

struct Cut {
    longest: usize,
}

impl Visit for Cut {
    fn name(&mut self, name: &mut String) {
        truncate(name, MAX_TEXT_BYTES);
    }

    fn text(&mut self, text: &mut String) {
        truncate(text, self.longest);
    }

    fn lines(&mut self, lines: &mut Vec<String>) {
        for line in lines {
            truncate(line, self.longest);
        }
    }

    fn header(&mut self, name: &mut String, value: &mut String) {
        truncate(name, MAX_HEADER_BYTES);
        truncate(value, MAX_HEADER_BYTES);
    }
}
