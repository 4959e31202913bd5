//! An attempt that went bad, whose requests and streams are told again and whose services wrote something.

use assay_report::{
    event::{
        Event, EventKind, Exchange, ExchangeDetail, Message, MessageBody, ReasonKind, Source,
        StreamSummary, StreamedEvent,
    },
    exit::Exit,
    verdict::Verdict,
};

use crate::recording::{Recording, check, exchange, outcome, reason};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

pub(crate) fn recalled() -> Vec<Event> {
    let ending = outcome(
        Verdict::Failed,
        reason(ReasonKind::Check, "the job is made"),
    );
    let mut run = Recording::of(&["a-job-is-made"]);
    run.case("a-job-is-made", &ending, |run, source| {
        run.exchange(source, numbered(1, 200))
            .exchange(source, numbered(2, 500));
        run.tell(EventKind::Streamed {
            source: source.clone(),
            stream: stream(Vec::new()),
        });
        run.check(source, check("the job is made", false));
        again(run, source);
    });
    run.end(Exit::Failed)
}

fn again(run: &mut Recording, source: &Source) {
    for exchange in [numbered(1, 200), numbered(2, 500)] {
        run.tell(EventKind::ExchangeRecalled {
            source: source.clone(),
            exchange: Exchange {
                detail: Some(Box::new(detail())),
                ..exchange
            },
        });
    }
    let progress = StreamedEvent::new(Some("7"), "progress", "{\"step\": 3}", 40_000_000);
    run.tell(EventKind::StreamRecalled {
        source: source.clone(),
        stream: stream(vec![progress]),
    });
    run.tell(EventKind::ServiceWrote {
        source: source.clone(),
        service: "project".into(),
        lines: vec!["a job comes".into(), "panic: no room".into()],
        dropped_lines: 12,
    });
}

fn numbered(number: u64, status: u16) -> Exchange {
    Exchange {
        method: "POST".into(),
        status: Some(status),
        number,
        traceparent: Some(TRACEPARENT.into()),
        ..exchange("make a job", 12)
    }
}

fn detail() -> ExchangeDetail {
    let mut request = Message {
        body: MessageBody::new(b"{\"name\": \"first\"}", 17),
        ..Message::default()
    };
    request.header("content-type", "application/json");
    let body = b"{\n  \"error\": \"no room\"\n}";
    ExchangeDetail {
        request,
        response: Some(Message {
            body: MessageBody::new(body, body.len() as u64),
            ..Message::default()
        }),
        redirected_to: None,
    }
}

fn stream(last_events: Vec<StreamedEvent>) -> StreamSummary {
    StreamSummary {
        name: "progress".into(),
        url: "http://127.0.0.1:8002/jobs/1/events".into(),
        status: 200,
        events: 3,
        comments: 0,
        reconnects: 0,
        opened_after_ns: 1_000_000,
        first_event_ns: Some(10_000_000),
        longest_gap_ns: Some(15_000_000),
        duration_ns: 50_000_000,
        end: "the connection was reset".into(),
        number: 1,
        traceparent: None,
        detail: None,
        last_events,
    }
}
