//! Requests and event streams: where they hang, and what they say.

use assay_report::event::{EventKind, Exchange, ExchangeError, Stage, StreamSummary};

use super::*;
use crate::opentelemetry::{
    protocol::SpanKind,
    recording::{source, stream},
};

const CASE: &str = "a-job-ends";
const ATTEMPT: &str = "jobs/a-job-ends";

/// A case with these requests, whose spans come first.
fn sending(exchanges: impl IntoIterator<Item = Exchange>) -> Vec<Span> {
    let mut run = Recording::begin();
    run.case(CASE, |run| {
        for exchange in exchanges {
            run.exchange(CASE, exchange);
        }
    });
    spans(&run.events)
}

fn streaming(stream: StreamSummary) -> Span {
    let mut run = Recording::begin();
    run.case(CASE, |run| {
        run.tell(EventKind::Streamed {
            source: source(CASE, 1),
            stream,
        });
    });
    spans(&run.events).swap_remove(0)
}

fn context(trace: u8, span: u8) -> (Vec<u8>, Vec<u8>) {
    let context = TraceContext::parse(&traceparent(trace, span)).unwrap();
    (context.trace.bytes(), context.span.bytes())
}

fn place(span: &Span) -> (Vec<u8>, Vec<u8>) {
    (span.trace_id.clone(), span.span_id.clone())
}

#[test]
fn a_request_is_the_span_that_its_traceparent_names_so_that_the_systems_own_hang_below_it() {
    let spans = sending([exchange(Some(traceparent(7, 3)))]);
    let request = named(&spans, "GET /jobs/{id}");
    assert_eq!(place(request), context(7, 3));
    assert_eq!(request.kind(), SpanKind::Client);
    assert_eq!(request.parent_span_id, named(&spans, ATTEMPT).span_id);
    assert_eq!(named(&spans, ATTEMPT).trace_id, request.trace_id);
    let took = request.end_time_unix_nano - request.start_time_unix_nano;
    assert_eq!(took, 20_000_000);
}

#[test]
fn a_request_without_a_traceparent_is_of_the_trace_of_the_others() {
    for invalid in [None, Some("own".to_owned())] {
        let spans = sending([exchange(invalid), exchange(Some(traceparent(7, 3)))]);
        let attempt = named(&spans, ATTEMPT);
        for request in &spans[..2] {
            assert_eq!(request.trace_id, attempt.trace_id);
            assert_eq!(request.parent_span_id, attempt.span_id);
        }
        assert_eq!(attempt.trace_id, context(7, 3).0);
        assert_ne!(spans[0].span_id, spans[1].span_id);
    }
}

#[test]
fn where_no_request_has_a_traceparent_the_attempt_is_a_trace_all_the_same() {
    let spans = sending([exchange(None), exchange(None)]);
    let attempt = named(&spans, ATTEMPT);
    assert_eq!(attempt.trace_id.len(), 16);
    assert!(
        spans[..2]
            .iter()
            .all(|one| one.trace_id == attempt.trace_id)
    );
    assert_ne!(attempt.trace_id, named(&spans, "run").trace_id);
}

#[test]
fn a_traceparent_that_a_suite_sends_twice_gives_no_span_twice() {
    let both = [(); 2].map(|()| exchange(Some(traceparent(7, 3))));
    let spans = sending(both);
    assert_eq!(place(&spans[0]), context(7, 3));
    let (trace, parent) = context(7, 3);
    assert_eq!(
        (&spans[1].trace_id, &spans[1].parent_span_id),
        (&trace, &parent)
    );
    assert_ne!(spans[1].span_id, parent);
}

#[test]
fn one_traceparent_in_all_attempts_of_a_suite_gives_no_span_twice() {
    let mut run = Recording::begin();
    for case in [CASE, "another-job-ends"] {
        run.case(case, |run| {
            run.exchange(case, exchange(Some(traceparent(7, 3))));
        });
    }
    let spans = spans(&run.events);
    let mut places: Vec<_> = spans.iter().map(place).collect();
    assert!(places.contains(&context(7, 3)));
    let all = places.len();
    places.sort();
    places.dedup();
    assert_eq!(places.len(), all);
}

#[test]
fn a_request_of_a_trace_of_the_suites_own_links_to_its_attempt() {
    let spans = sending([
        exchange(Some(traceparent(7, 1))),
        exchange(Some(traceparent(8, 1))),
    ]);
    let (own, attempt) = (&spans[1], named(&spans, ATTEMPT));
    assert_eq!(place(own), context(8, 1));
    assert!(own.parent_span_id.is_empty());
    assert_eq!(own.links[0].trace_id, attempt.trace_id);
    assert_eq!(own.links[0].span_id, attempt.span_id);
    assert_eq!(spans[0].links, []);
}

#[test]
fn a_request_has_the_attributes_of_the_conventions() {
    let spans = sending([Exchange {
        connect_ns: Some(1_500_000),
        ..exchange(None)
    }]);
    let told = told(&spans[0].attributes);
    for (name, value) in [
        ("http.request.method", "GET"),
        ("http.response.status_code", "200"),
        ("http.request.body.size", "0"),
        ("http.response.body.size", "15"),
        ("server.address", "127.0.0.1"),
        ("server.port", "8001"),
        ("url.full", "http://127.0.0.1:8001/jobs/7"),
        ("url.template", "/jobs/{id}"),
        ("assay.phase", "baseline"),
        ("assay.request.connect.duration", "0.0015"),
        ("assay.request.first_byte.duration", "0.01"),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
    assert_eq!(status(&spans[0]), "unset");
    assert!(!told.contains_key("error.type"));
}

#[test]
fn what_went_wrong_with_a_request_is_its_error() {
    let answered = |status| Exchange {
        status: Some(status),
        ..exchange(None)
    };
    let broken = Exchange {
        status: None,
        error: Some(ExchangeError {
            kind: "timeout".into(),
            message: "no answer within 5 s".into(),
            stage: Some(Stage::Head),
        }),
        ..exchange(None)
    };
    for (exchange, kind, expected) in [
        (answered(399), None, "unset"),
        (answered(400), Some("400"), "error: "),
        (answered(503), Some("503"), "error: "),
        (broken, Some("timeout"), "error: no answer within 5 s"),
    ] {
        let spans = sending([exchange]);
        assert_eq!(status(&spans[0]), expected);
        let told = told(&spans[0].attributes);
        assert_eq!(told.get("error.type").map(String::as_str), kind);
    }
}

#[test]
fn a_method_that_nobody_knows_is_told_as_another_one() {
    let spans = sending([Exchange {
        name: String::new(),
        method: "BREW".into(),
        ..exchange(None)
    }]);
    assert_eq!(spans[0].name, "BREW");
    let told = told(&spans[0].attributes);
    assert_eq!(told["http.request.method"], "_OTHER");
    assert_eq!(told["http.request.method_original"], "BREW");
    assert!(!told.contains_key("url.template"));
}

#[test]
fn user_and_password_of_a_url_are_never_told() {
    for (url, told_url) in [
        (
            "http://me:s3cret@host/a?b",
            "http://REDACTED:REDACTED@host/a?b",
        ),
        ("http://s3cret@host/", "http://REDACTED:REDACTED@host/"),
        ("https://[::1]/a", "https://[::1]/a"),
    ] {
        let spans = sending([Exchange {
            url: url.into(),
            ..exchange(None)
        }]);
        assert_eq!(told(&spans[0].attributes)["url.full"], told_url);
    }
    let spans = sending([Exchange {
        url: "me:s3cret@nowhere".into(),
        ..exchange(None)
    }]);
    assert!(!format!("{spans:?}").contains("s3cret"));
}

#[test]
fn a_server_is_told_by_its_name_and_its_port() {
    for (url, address, port) in [
        ("https://[::1]/a", "::1", "443"),
        ("http://host/a", "host", "80"),
        ("http://127.0.0.1:8001", "127.0.0.1", "8001"),
    ] {
        let spans = sending([Exchange {
            url: url.into(),
            ..exchange(None)
        }]);
        let told = told(&spans[0].attributes);
        assert_eq!(
            (&*told["server.address"], &*told["server.port"]),
            (address, port)
        );
    }
}

#[test]
fn an_event_stream_is_a_request_that_lasts() {
    let span = streaming(stream(Some(traceparent(7, 4))));
    assert_eq!(place(&span), context(7, 4));
    assert_eq!(span.kind(), SpanKind::Client);
    assert_eq!(
        span.end_time_unix_nano - span.start_time_unix_nano,
        90_000_000
    );
    let first = &span.events[0];
    assert_eq!(first.name, "first event");
    assert_eq!(first.time_unix_nano - span.start_time_unix_nano, 30_000_000);
    let told = told(&span.attributes);
    for (name, value) in [
        ("http.request.method", "GET"),
        ("http.response.status_code", "200"),
        ("assay.stream.events", "3"),
        ("assay.stream.reconnects", "1"),
        ("assay.stream.longest_gap.duration", "0.04"),
        ("assay.stream.end", "ended"),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
}

#[test]
fn a_stream_whose_name_says_no_method_is_not_said_to_have_one() {
    let span = streaming(StreamSummary {
        name: "events of a job".into(),
        ..stream(None)
    });
    assert!(!told(&span.attributes).contains_key("http.request.method"));
}

#[test]
fn a_stream_that_broke_is_an_error_and_one_that_was_refused_has_its_status() {
    let why = "the connection was closed";
    for (end, answered, kind, expected) in [
        ("ended", 200, None, "unset".to_owned()),
        ("dropped", 200, None, "unset".to_owned()),
        (why, 200, Some("broken"), format!("error: {why}")),
        ("no event stream", 404, Some("404"), "error: ".to_owned()),
    ] {
        let span = streaming(StreamSummary {
            end: end.into(),
            status: answered,
            ..stream(None)
        });
        assert_eq!(status(&span), expected);
        let told = told(&span.attributes);
        assert_eq!(told.get("error.type").map(String::as_str), kind);
    }
}
