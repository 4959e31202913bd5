//! What an agent tells beyond the limits is no more here than what happens here.

use std::iter::repeat_with;

use assay_report::event::{
    Attachment, Check, Exchange, ExchangeDetail, Header, Level, MAX_BODY_BYTES, MAX_HEADER_BYTES,
    MAX_HEADERS, Message, MessageBody, Refusal, Source,
};
use tokio::sync::mpsc;

use super::*;
use crate::{
    capability::recorder::{
        MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS, MAX_CHECK_NAME_BYTES, MAX_EXCHANGES, MAX_LOG_LINES,
        MAX_REFUSALS,
    },
    ledger::{Happened, Ledger},
};

const OUTPUT: usize = 1_000;

struct Told {
    relay: Relay,
    events: mpsc::UnboundedReceiver<Happened>,
}

fn source() -> Source {
    Source {
        suite: "suite".into(),
        entry: "case".into(),
        attempt: 1,
    }
}

impl Told {
    fn new() -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let attempt = Ledger::default().attempt();
        let recorder = Recorder::new(source(), sender, attempt.attempt());
        let relay = Relay::new(recorder, OUTPUT);
        Self { relay, events }
    }

    fn hear(&mut self, kind: EventKind) {
        self.relay
            .happened(Instant::now(), None, Duration::ZERO, kind);
    }

    fn told(&mut self) -> Vec<EventKind> {
        let told = std::iter::from_fn(|| self.events.try_recv().ok());
        told.map(|happened| happened.kind).collect()
    }

    fn evidence(&self) -> Evidence {
        self.relay.recorder.evidence()
    }
}

fn long(bytes: usize) -> String {
    "x".repeat(bytes)
}

fn line() -> EventKind {
    EventKind::Log {
        source: source(),
        level: Level::Info,
        message: long(MAX_LOG_BYTES + 1),
    }
}

fn check(passed: bool) -> Check {
    Check {
        name: long(MAX_CHECK_NAME_BYTES + 1),
        passed,
        expected: Some(long(MAX_CHECK_VALUE_BYTES + 1)),
        actual: None,
        location: None,
    }
}

fn exchange(detail: Option<ExchangeDetail>) -> Exchange {
    Exchange {
        connect_ns: None,
        name: long(4 << 10),
        method: "GET".into(),
        url: long(4 << 10),
        status: Some(500),
        error: None,
        sent_bytes: 0,
        received_bytes: 0,
        first_byte_ns: None,
        duration_ns: 1,
        number: 0,
        traceparent: None,
        detail: detail.map(Box::new),
    }
}

fn attachment(base64: bool) -> EventKind {
    EventKind::Attached {
        source: source(),
        attachment: Attachment {
            name: long(1 << 10),
            media_type: String::new(),
            content: long(2 << 20),
            base64,
            size: 2 << 20,
            truncated: false,
        },
    }
}

#[test]
fn a_flood_of_an_agent_is_cut_at_the_limits_and_counted() {
    let mut told = Told::new();
    for kind in repeat_with(line).take(10_001) {
        told.hear(kind);
    }
    for number in 0..=MAX_EXCHANGES {
        let (source, exchange) = (source(), exchange((number == 0).then(detail)));
        told.hear(EventKind::Exchanged { source, exchange });
    }
    for number in 0..=MAX_ATTACHMENTS {
        told.hear(attachment(number == 0));
    }
    for number in 0..=MAX_REFUSALS {
        let refusal = Refusal {
            capability: long(1 << 10),
            subject: format!("{number} {}", long(8 << 10)),
            message: long(8 << 10),
            grant: long(8 << 10),
        };
        let source = source();
        told.hear(EventKind::Refused { source, refusal });
    }
    let counts = told.evidence().counts;
    assert_eq!((counts.dropped_logs, counts.dropped_attachments), (1, 1));
    assert_eq!((counts.requests, counts.refusals), (10_001, 1_001));
    let mut of_kind = [0_u64; 4];
    for kind in told.told() {
        let bytes = serde_json::to_string(&kind).unwrap().len();
        let (index, most) = match &kind {
            EventKind::Log { .. } => (0, 9 << 10),
            EventKind::Exchanged { exchange, .. } => {
                of_kind[1] += u64::from(exchange.number != of_kind[1] + 1);
                (1, 5 << 10)
            }
            EventKind::Attached { .. } => (2, 3 << 19),
            EventKind::Refused { .. } => (3, 6 << 10),
            other => panic!("{other:?}"),
        };
        of_kind[index] += 1;
        assert!(bytes <= most, "{bytes} of {index}");
    }
    let most = [
        MAX_LOG_LINES,
        MAX_EXCHANGES,
        MAX_ATTACHMENTS,
        MAX_REFUSALS as u64,
    ];
    assert_eq!(of_kind, most);
}

/// More of everything than may be.
fn detail() -> ExchangeDetail {
    let header = || Header {
        name: long(MAX_HEADER_BYTES + 1),
        value: long(MAX_HEADER_BYTES + 1),
    };
    let message = Message {
        headers: repeat_with(header).take(MAX_HEADERS + 2).collect(),
        dropped_headers: 1,
        body: MessageBody {
            text: Some(long(MAX_BODY_BYTES + 1)),
            size: 1 << 20,
            truncated: false,
        },
    };
    ExchangeDetail {
        request: message,
        response: None,
        redirected_to: Some(long(1 << 20)),
    }
}

#[test]
fn as_many_requests_are_told_again_as_an_attempt_remembers_each_within_its_limits() {
    let mut told = Told::new();
    for _ in 0..=MAX_TOLD_AGAIN {
        let (source, exchange) = (source(), exchange(Some(detail())));
        told.hear(EventKind::ExchangeRecalled { source, exchange });
    }
    let told = told.told();
    assert_eq!(told.len(), MAX_TOLD_AGAIN);
    let EventKind::ExchangeRecalled { exchange, .. } = &told[0] else {
        panic!("{told:?}");
    };
    let request = &exchange.detail.as_ref().unwrap().request;
    assert_eq!((request.headers.len(), request.dropped_headers), (64, 3));
    assert_eq!(request.headers[0].value.len(), MAX_HEADER_BYTES);
    let body = &request.body;
    let text = body.text.as_ref().unwrap();
    assert_eq!((text.len(), body.truncated), (MAX_BODY_BYTES, true));
}

#[test]
fn an_output_is_told_once_and_cut() {
    let mut told = Told::new();
    let output = |bytes| EventKind::Output {
        source: source(),
        stream: OutputStream::Stdout,
        text: long(bytes),
        truncated: false,
    };
    told.hear(output(OUTPUT + 1));
    told.hear(output(1));
    let expected = EventKind::Output {
        source: source(),
        stream: OutputStream::Stdout,
        text: long(OUTPUT),
        truncated: true,
    };
    assert_eq!(told.told(), [expected]);
}

#[test]
fn an_attachment_is_cut_and_says_so() {
    for (base64, bytes) in [(false, MAX_ATTACHMENT_BYTES), (true, 1_398_104)] {
        let mut told = Told::new();
        told.hear(attachment(base64));
        let [EventKind::Attached { attachment, .. }] = &told.told()[..] else {
            panic!("it is not told");
        };
        let Attachment {
            name,
            content,
            truncated,
            ..
        } = attachment;
        assert_eq!((name.len(), content.len(), *truncated), (256, bytes, true));
    }
}

#[test]
fn a_check_that_was_told_counts_whatever_an_agent_says_at_its_end() {
    let mut told = Told::new();
    let (source, failed) = (source(), check(false));
    told.hear(EventKind::Checked {
        source,
        check: failed,
    });
    told.relay.found(Evidence {
        counts: AttemptCounts {
            checks_passed: u64::MAX,
            ..AttemptCounts::default()
        },
        panic: Some(Panic {
            message: long(MAX_LOG_BYTES + 1),
            location: None,
        }),
        ..Evidence::default()
    });
    let evidence = told.evidence();
    assert_eq!(evidence.counts.checks_failed, 1);
    assert_eq!(evidence.counts.checks_passed, MAX_COUNT);
    let first = evidence.first_failed_check.unwrap();
    assert_eq!(first.name.len(), MAX_CHECK_NAME_BYTES);
    assert_eq!(evidence.panic.unwrap().message.len(), MAX_LOG_BYTES);
}
