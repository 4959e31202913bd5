//! Against servers that do what a script says, byte by byte: every error of the contract once, every limit at its limit.

mod bodies;
mod details;
mod ending;
mod errors;
pub(crate) mod rebinding;
mod redirects;
mod templates;
mod timings;

use assay_report::event::{EventKind, Exchange, Source};
use assay_test_server as script;
use tokio::sync::mpsc;

use super::{Context, Shared};
use crate::access::{Access, Rights};
use crate::capability::recorder::Recorder;
use crate::ledger::{Happened, Ledger};
use crate::plugin::bindings::assay::suite::http::{Payload, Request};

/// What the recorder of a client tells.
pub(crate) type Told = mpsc::UnboundedReceiver<Happened>;

/// A client and what its recorder tells.
pub(crate) fn client() -> (Context, Told) {
    client_of(&Shared::new().unwrap(), Rights::everything())
}

/// A client that may do this much, and what its recorder tells.
pub(crate) fn client_of(shared: &Shared, rights: Rights) -> (Context, Told) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let source = Source {
        suite: "suite".into(),
        entry: "case".into(),
        attempt: 1,
    };
    let attempt = Ledger::default().attempt();
    let recorder = Recorder::new(source, sender, attempt.attempt());
    (
        Context::new(shared, Access::new(rights, recorder)),
        receiver,
    )
}

/// A plain request.
pub(crate) fn get(url: impl Into<String>) -> Request {
    Request {
        method: "GET".into(),
        url: url.into(),
        headers: Vec::new(),
        payload: Payload::None,
        timeout_ms: Some(10_000),
        max_redirects: 0,
        max_body: None,
        name: None,
    }
}

/// The requests that were told so far.
pub(crate) fn exchanges(told: &mut Told) -> Vec<Exchange> {
    std::iter::from_fn(|| told.try_recv().ok())
        .filter_map(|happened| match happened.kind {
            EventKind::Exchanged { exchange, .. } => Some(exchange),
            _ => None,
        })
        .collect()
}

/// An answer of 200 with this body.
fn ok(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}")
}

#[tokio::test]
async fn an_answer_comes_whole_and_is_told() {
    let head = "HTTP/1.1 418 Odd\r\nX-One: a\r\nx-one: b\r\nContent-Length: 3\r\n\r\n";
    let url = script::always(format!("{head}tea")).await.url;
    let (context, mut told) = client();
    let url = format!("{url}/pots/7?hot");
    let answer = context.send(get(&url)).await.unwrap();
    assert_eq!((answer.status, &*answer.version), (418, "HTTP/1.1"));
    assert_eq!(answer.body, b"tea");
    assert_eq!((&*answer.url, answer.redirects), (&*url, 0));
    let pair = |value: &str| ("x-one".to_owned(), value.to_owned());
    assert_eq!(answer.headers[..2], [pair("a"), pair("b")]);
    let told = exchanges(&mut told);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].name, "GET /pots/{id}");
    assert_eq!((told[0].status, told[0].received_bytes), (Some(418), 3));
    assert_eq!((&*told[0].url, told[0].error.clone()), (&*url, None));
}

#[tokio::test]
async fn the_request_goes_out_as_it_was_written() {
    let url = script::echo().await.url;
    let (context, mut told) = client();
    let mut request = get(format!("{url}/a%20b?c=d#not-sent"));
    request.method = "PATCH".into();
    request.name = Some("own name".into());
    request.payload = Payload::Bytes(b"body".to_vec());
    request.headers = vec![
        ("X-Twice".into(), "1".into()),
        ("x-twice".into(), "2".into()),
        ("Connection".into(), "close".into()),
        ("Accept".into(), "text/plain".into()),
        ("X-Name".into(), "Zoë".into()),
    ];
    let answer = context.send(request).await.unwrap();
    let sent = String::from_utf8(answer.body).unwrap();
    assert!(sent.starts_with("PATCH /a%20b?c=d HTTP/1.1\r\n"), "{sent}");
    for line in [
        "x-twice: 1\r\nx-twice: 2\r\n",
        "connection: close\r\n",
        "accept: text/plain\r\n",
        "x-name: Zoë\r\n",
        "content-length: 4\r\n",
        "\r\n\r\nbody",
    ] {
        assert!(sent.contains(line), "{line:?} is not in {sent}");
    }
    assert!(!sent.contains("accept-encoding"), "{sent}");
    let told = exchanges(&mut told);
    assert_eq!((&*told[0].name, told[0].sent_bytes), ("own name", 4));
}

#[tokio::test]
async fn cookies_are_not_kept_and_bodies_are_not_unpacked() {
    let url = script::server(|mut connection| async move {
        let answer = "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nraw";
        while let Some(request) = connection.request().await {
            assert!(!request.contains("cookie"), "{request}");
            connection.send(answer).await;
        }
    })
    .await.url;
    let (context, _told) = client();
    for _ in 0..2 {
        assert_eq!(context.send(get(&url)).await.unwrap().body, b"raw");
    }
}

#[tokio::test]
async fn bytes_of_a_header_that_are_not_text_are_replaced() {
    let url = script::server(|mut connection| async move {
        connection.request().await;
        let answer = b"HTTP/1.1 200 OK\r\nX-Odd: a\xFFb\r\nContent-Length: 0\r\n\r\n";
        connection.send(answer).await;
        connection.ended().await;
    })
    .await
    .url;
    let (context, _told) = client();
    let answer = context.send(get(url)).await.unwrap();
    assert_eq!(answer.headers[0], ("x-odd".into(), "a\u{fffd}b".into()));
}
