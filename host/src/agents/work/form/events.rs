//! What an agent tells of what happens in an attempt: one event of each kind.

use assay_report::event::{
    Attachment, Baseline, Check, Direction, EventKind, Exchange, ExchangeDetail, ExchangeError,
    Grade, Header, Judgement, Level, Message, MessageBody, OutputStream, Stage, StreamSummary,
    StreamedEvent,
};

use super::{refusal, source, text};

pub(super) fn baseline() -> Baseline {
    Baseline {
        name: text("buying"),
        summary: text("how long it takes to buy"),
        unit: text("ms"),
        direction: Direction::AtMost,
        target: 1.5,
        critical: 2.5,
    }
}

pub(super) fn judgement() -> Judgement {
    Judgement {
        baseline: baseline(),
        value: 2.0,
        samples: 9,
        grade: Grade::Critical,
    }
}

pub(super) fn check() -> Check {
    Check {
        name: text("the total is right"),
        passed: false,
        expected: Some(text("1")),
        actual: Some(text("2")),
        location: Some(text("src/lib.rs:1")),
    }
}

fn detail() -> ExchangeDetail {
    let message = || Message {
        headers: vec![Header {
            name: text("accept"),
            value: text("*/*"),
        }],
        dropped_headers: 1,
        body: MessageBody {
            text: Some(text("a body")),
            size: 6,
            truncated: false,
        },
    };
    ExchangeDetail {
        request: message(),
        response: Some(message()),
        redirected_to: Some(text("http://127.0.0.1:2/")),
    }
}

fn exchange() -> Exchange {
    Exchange {
        name: text("get cart"),
        method: text("GET"),
        url: text("http://127.0.0.1:1/"),
        status: Some(500),
        error: Some(ExchangeError {
            kind: text("timeout"),
            message: text("it took too long"),
            stage: Some(Stage::Body),
        }),
        sent_bytes: 1,
        received_bytes: 2,
        connect_ns: Some(3),
        first_byte_ns: Some(4),
        duration_ns: 5,
        number: 6,
        traceparent: Some(text("00-1-2-01")),
        detail: Some(Box::new(detail())),
    }
}

fn stream() -> StreamSummary {
    StreamSummary {
        name: text("follow cart"),
        url: text("http://127.0.0.1:1/events"),
        status: 200,
        events: 1,
        comments: 2,
        reconnects: 3,
        opened_after_ns: 4,
        first_event_ns: Some(5),
        longest_gap_ns: Some(6),
        duration_ns: 7,
        end: text("ended"),
        number: 8,
        traceparent: Some(text("00-1-2-01")),
        detail: Some(Box::new(detail())),
        last_events: vec![StreamedEvent {
            id: Some(text("1")),
            name: text("changed"),
            data: text("{}"),
            truncated: false,
            at_ns: 9,
        }],
    }
}

pub(super) fn kinds() -> Vec<EventKind> {
    let source = source();
    let attachment = Attachment {
        name: text("page"),
        media_type: text("text/html"),
        content: text("<p>"),
        base64: false,
        size: 3,
        truncated: false,
    };
    vec![
        EventKind::Exchanged {
            source: source.clone(),
            exchange: exchange(),
        },
        EventKind::Streamed {
            source: source.clone(),
            stream: stream(),
        },
        EventKind::ExchangeRecalled {
            source: source.clone(),
            exchange: exchange(),
        },
        EventKind::StreamRecalled {
            source: source.clone(),
            stream: stream(),
        },
        EventKind::Log {
            source: source.clone(),
            level: Level::Warn,
            message: text("a line"),
        },
        EventKind::Output {
            source: source.clone(),
            stream: OutputStream::Stdout,
            text: text("a line"),
            truncated: true,
        },
        EventKind::Checked {
            source: source.clone(),
            check: check(),
        },
        EventKind::Judged {
            source: source.clone(),
            judgement: judgement(),
        },
        EventKind::Attached {
            source: source.clone(),
            attachment,
        },
        EventKind::Refused {
            source,
            refusal: refusal(),
        },
    ]
}
