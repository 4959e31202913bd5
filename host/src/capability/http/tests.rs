use tokio::sync::mpsc;

use super::{Context, Shared, script};
use crate::capability::recorder::Recorder;
use crate::event::{EventKind, Exchange, Source};
use crate::plugin::bindings::assay::suite::http::{Error, Payload, Request};

/// A client and what its recorder tells.
pub(crate) fn client() -> (Context, mpsc::UnboundedReceiver<EventKind>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let source = Source {
        suite: "suite".into(),
        entry: "case".into(),
        attempt: 1,
    };
    let recorder = Recorder::new(source, sender);
    (Context::new(&Shared::new().unwrap(), recorder), receiver)
}

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

fn exchanges(receiver: &mut mpsc::UnboundedReceiver<EventKind>) -> Vec<Exchange> {
    std::iter::from_fn(|| receiver.try_recv().ok())
        .filter_map(|kind| match kind {
            EventKind::Exchanged { exchange, .. } => Some(exchange),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn an_answer_comes_whole_and_is_told() {
    let url =
        script::always("HTTP/1.1 418 Odd\r\nX-One: a\r\nx-one: b\r\nContent-Length: 3\r\n\r\ntea")
            .await;
    let (context, mut events) = client();
    let answer = context
        .send(get(format!("{url}/pots/7?hot")))
        .await
        .unwrap();
    assert_eq!((answer.status, &*answer.version), (418, "HTTP/1.1"));
    assert_eq!(answer.body, b"tea");
    assert_eq!(answer.url, format!("{url}/pots/7?hot"));
    assert_eq!(
        answer.headers[..2],
        [("x-one".into(), "a".into()), ("x-one".into(), "b".into())]
    );
    let told = exchanges(&mut events);
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&*told[0].name, told[0].status, told[0].received_bytes),
        ("GET /pots/{id}", Some(418), 3)
    );
    assert_eq!(told[0].error, None);
}

#[tokio::test]
async fn a_refused_connection_is_a_connect_error() {
    let (context, mut events) = client();
    let error = context.send(get("http://127.0.0.1:1/")).await.unwrap_err();
    assert!(
        matches!(&error, Error::Connect(text) if text.contains("refused")),
        "{error}"
    );
    assert_eq!(
        exchanges(&mut events)[0].error.as_ref().unwrap().kind,
        "connect"
    );
}
