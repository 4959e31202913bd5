//! A run whose bad attempts leave all that can be left: two causes, requests and streams with head and body, text and bytes, what services
//! wrote and how they were, frames, and which state of the project was run.

use assay_report::{
    event::{
        Event, EventKind, Exchange, ExchangeDetail, Message, MessageBody, Provenance, Reason,
        ReasonKind, ServiceState, ServiceStatus, Source, StreamSummary, StreamedEvent,
    },
    exit::Exit,
    verdict::Verdict,
};

use crate::recording::{Recording, check, exchange, outcome, reason, refused};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

pub(crate) fn evidence() -> Vec<Event> {
    let mut run = Recording::of(&["it-stores", "it-streams", "it-counts", "it-divides"]);
    for case in ["it-stores", "it-streams"] {
        let ending = outcome(Verdict::Failed, reason(ReasonKind::Check, "it is stored"));
        run.case(case, &ending, refusing);
    }
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Check, "it is counted"));
    run.case("it-counts", &ending, |run, source| {
        run.exchange(source, stored(1, 500))
            .check(source, check("it is counted", false));
        recall(run, source, stored(1, 500), bytes());
    });
    run.case("it-divides", &trap(), |_, _| {});
    let mut events = run.end(Exit::Failed);
    if let EventKind::RunStarted(info) = &mut events[0].kind {
        info.provenance = Provenance {
            settings_digest: Some("ab12".repeat(16)),
            commit: Some("0123456789abcdef0123456789abcdef01234567-dirty".into()),
        };
    }
    events
}

fn refusing(run: &mut Recording, source: &Source) {
    let none = Exchange {
        number: 2,
        ..refused("store")
    };
    run.exchange(source, stored(1, 503))
        .exchange(source, none.clone());
    let stream = broken();
    run.tell(EventKind::Streamed {
        source: source.clone(),
        stream: StreamSummary {
            detail: None,
            last_events: Vec::new(),
            ..stream.clone()
        },
    });
    run.check(source, check("it is stored", false));
    recall(run, source, stored(1, 503), text());
    let unanswered = ExchangeDetail {
        response: None,
        ..text()
    };
    recall(run, source, none, unanswered);
    run.tell(EventKind::StreamRecalled {
        source: source.clone(),
        stream,
    });
    run.tell(EventKind::ServiceWrote {
        source: source.clone(),
        service: "project".into(),
        lines: vec![
            "a job comes".into(),
            "no room: the disk is full".into(),
            "going down".into(),
        ],
        dropped_lines: 12,
    });
    run.tell(EventKind::ServicesProbed {
        source: source.clone(),
        services: vec![
            state("project", ServiceStatus::Starting, Some("it answers 503")),
            state("generation", ServiceStatus::Running, None),
        ],
    });
}

fn state(service: &str, status: ServiceStatus, problem: Option<&str>) -> ServiceState {
    ServiceState {
        service: service.into(),
        status,
        problem: problem.map(str::to_owned),
        disturbed: false,
    }
}

fn stored(number: u64, status: u16) -> Exchange {
    Exchange {
        method: "POST".into(),
        status: Some(status),
        number,
        traceparent: Some(TRACEPARENT.into()),
        ..exchange("store", 12)
    }
}

fn recall(run: &mut Recording, source: &Source, exchange: Exchange, detail: ExchangeDetail) {
    run.tell(EventKind::ExchangeRecalled {
        source: source.clone(),
        exchange: Exchange {
            detail: Some(Box::new(detail)),
            ..exchange
        },
    });
}

fn message(headers: &[(&str, &str)], body: &[u8]) -> Message {
    let mut message = Message {
        body: MessageBody::new(body, body.len() as u64),
        ..Message::default()
    };
    for (name, value) in headers {
        message.header(name, value);
    }
    message
}

fn text() -> ExchangeDetail {
    let token = "t".repeat(200);
    ExchangeDetail {
        request: message(
            &[
                ("content-type", "application/json"),
                ("authorization", "[redacted]"),
                ("x-long", &token),
            ],
            b"{\n  \"name\": \"first\"\n}",
        ),
        response: Some(message(
            &[("retry-after", "3")],
            &b"{\"error\": \"the disk is full\"}\n".repeat(400),
        )),
        redirected_to: Some("http://127.0.0.1:8001/elsewhere".into()),
    }
}

fn bytes() -> ExchangeDetail {
    ExchangeDetail {
        request: message(&[], b""),
        response: Some(message(&[("content-type", "image/png")], b"\x89PNG\xff\0")),
        redirected_to: None,
    }
}

fn broken() -> StreamSummary {
    let data = "{\"step\": 3}";
    StreamSummary {
        name: "progress".into(),
        url: "http://127.0.0.1:8002/jobs/1/events".into(),
        status: 200,
        events: 3,
        comments: 0,
        reconnects: 1,
        opened_after_ns: 1_000_000,
        first_event_ns: Some(10_000_000),
        longest_gap_ns: Some(15_000_000),
        duration_ns: 50_000_000,
        end: "the connection was reset".into(),
        number: 1,
        traceparent: Some(TRACEPARENT.into()),
        detail: Some(Box::new(ExchangeDetail {
            request: message(&[("accept", "text/event-stream")], b""),
            response: Some(message(&[("content-type", "text/event-stream")], b"")),
            redirected_to: None,
        })),
        last_events: vec![
            StreamedEvent::new(Some("6"), "progress", data, 30_000_000),
            StreamedEvent::new(None, "note", &"x".repeat(2_000), 40_000_000),
        ],
    }
}

fn trap() -> assay_report::event::Outcome {
    let why = Reason {
        backtrace: vec!["jobs::divide".into(), "jobs::run".into()],
        ..reason(
            ReasonKind::Trap,
            "the plugin trapped: integer divide by zero",
        )
    };
    outcome(Verdict::Errored, why)
}
