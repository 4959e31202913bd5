use std::net::TcpListener;

use super::*;
use crate::client::{MAX_ANSWER_BYTES, MAX_SAID};
use crate::opentelemetry::{
    collector::{Collector, Reply, settings},
    protocol::{ExportTracePartialSuccess, ExportTraceServiceRequest, ResourceSpans},
};

const OTLP: &str = "Content-Type: application/x-protobuf\r\n";
const TEXT: &str = "Content-Type: text/plain; charset=utf-8\r\n";

async fn send(settings: &Settings) -> Answer {
    // Of one producer without a name or a span.
    let body = ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans::default()],
    };
    let receiver = Receiver::new(settings).unwrap();
    receiver.send(body.encode_to_vec()).await
}

async fn answer_to(reply: Reply) -> Answer {
    let collector = Collector::start(move |_| reply.clone());
    send(&collector.settings()).await
}

fn partial(rejected_spans: i64, error_message: &str) -> Vec<u8> {
    let partial_success = Some(ExportTracePartialSuccess {
        rejected_spans,
        error_message: error_message.to_owned(),
    });
    ExportTraceServiceResponse { partial_success }.encode_to_vec()
}

fn refusal(message: &str) -> Vec<u8> {
    let message = message.to_owned();
    Refusal { message }.encode_to_vec()
}

#[tokio::test]
async fn a_success_takes_all_but_what_it_says() {
    for (body, rejected, why) in [
        (Vec::new(), 0, ""),
        (partial(0, ""), 0, ""),
        (partial(3, "no name"), 3, "no name"),
        (partial(0, "be careful"), 0, "be careful"),
        (partial(-1, ""), 0, ""),
        (b"{} of something else".to_vec(), 0, ""),
    ] {
        let answer = answer_to(Reply::Answer(200, OTLP, body)).await;
        let why = why.to_owned();
        assert_eq!(answer, Answer::Taken { rejected, why });
    }
}

#[tokio::test]
async fn only_what_the_specification_names_is_sent_again() {
    for status in [429, 502, 503, 504] {
        let answer = answer_to(Reply::Answer(status, OTLP, Vec::new())).await;
        assert!(
            matches!(answer, Answer::NotNow { .. }),
            "{status}: {answer:?}"
        );
    }
    for status in [302, 400, 401, 404, 408, 413, 415, 500, 501] {
        let answer = answer_to(Reply::Answer(status, OTLP, Vec::new())).await;
        assert!(matches!(answer, Answer::Refused(_)), "{status}: {answer:?}");
    }
}

#[tokio::test]
async fn a_receiver_says_when_to_come_again() {
    for (head, expected) in [
        ("Retry-After: 7\r\n", Some(7)),
        ("Retry-After: 0\r\n", Some(0)),
        ("Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n", None),
        ("Retry-After: -1\r\n", None),
        ("", None),
    ] {
        let Answer::NotNow { after, .. } = answer_to(Reply::Answer(503, head, Vec::new())).await
        else {
            panic!("503 is no answer for ever");
        };
        assert_eq!(after, expected.map(Duration::from_secs), "{head}");
    }
}

#[tokio::test]
async fn why_something_is_refused_is_told_in_one_line() {
    for (head, body, expected) in [
        (
            OTLP,
            refusal("no resource\nat all"),
            "it answered 400 Bad Request: no resource",
        ),
        (
            TEXT,
            b"no\x1b[2J resource".to_vec(),
            "it answered 400 Bad Request: no\\u{1b}[2J resource",
        ),
        (
            "Content-Type: text/html\r\n",
            b"<html>".to_vec(),
            "it answered 400 Bad Request",
        ),
        ("", b"what?".to_vec(), "it answered 400 Bad Request"),
    ] {
        let Answer::Refused(failure) = answer_to(Reply::Answer(400, head, body)).await else {
            panic!("400 is an answer for ever");
        };
        assert_eq!(failure.to_string(), expected);
    }
}

#[tokio::test]
async fn a_long_answer_is_cut() {
    let endless = vec![b'x'; 2 * MAX_ANSWER_BYTES];
    let Answer::Refused(failure) = answer_to(Reply::Answer(400, TEXT, endless)).await else {
        panic!("400 is an answer for ever");
    };
    let told = failure.to_string();
    let (_, said) = told.split_once(": ").unwrap();
    assert_eq!(said.len(), MAX_SAID);
}

#[tokio::test]
async fn a_receiver_that_says_a_token_back_does_not_get_it_told() {
    let body = refusal("`s3cret-token` is no token of ours");
    let collector = Collector::start(move |_| Reply::Answer(401, OTLP, body.clone()));
    let mut settings = collector.settings();
    settings
        .headers
        .set("Authorization", "Bearer s3cret-token")
        .unwrap();
    let Answer::Refused(failure) = send(&settings).await else {
        panic!("401 is an answer for ever");
    };
    assert!(collector.requests()[0].head.contains("Bearer s3cret-token"));
    assert_eq!(
        failure.to_string(),
        "it answered 401 Unauthorized: `[redacted]` is no token of ours"
    );
}

#[tokio::test]
async fn no_answer_may_be_one_later() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://me:s3cret@{}", listener.local_addr().unwrap())
    };
    let hanging = Collector::start(|_| Reply::Hang);
    let closing = Collector::start(|_| Reply::Close);
    for (url, expected) in [
        (closed, "no connection could be made: Connection refused"),
        (hanging.url.clone(), "it did not answer in time"),
        (closing.url.clone(), "the connection broke: "),
    ] {
        let mut settings = settings(&url);
        settings.timeout = Duration::from_millis(200);
        let Answer::NotNow { failure, after } = send(&settings).await else {
            panic!("{url} answers nothing");
        };
        assert_eq!(after, None);
        let told = failure.to_string();
        assert!(told.starts_with(expected), "{told}");
        assert!(!told.contains("s3cret"), "{told}");
    }
}
