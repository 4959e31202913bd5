use std::time::Duration;

use super::*;
use crate::capability::http::script::{self, Connection};
use crate::capability::http::tests::{client, get};
use crate::event::{EventKind, StreamSummary};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n";
const WAIT: Duration = Duration::from_secs(10);

fn options(max_reconnects: u32) -> Options {
    Options {
        last_event_id: None,
        max_reconnects,
    }
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

#[tokio::test]
async fn events_come_in_order_and_then_the_end() {
    let url = script::server(|mut connection: Connection| async move {
        let request = connection.request().await.unwrap();
        assert!(
            request.contains("accept: text/event-stream\r\n"),
            "{request}"
        );
        connection.send(HEAD).await;
        connection.send(&chunk(": hi\n\nid: 1\ndata: a\n\n")).await;
        connection.send(&chunk("event: x\ndata: b\n\n")).await;
        connection.send("0\r\n\r\n").await;
        connection.hung_up().await;
    })
    .await;
    let (http, mut events) = client();
    let context = Context::new(&http, http.recorder().clone());
    let stream = context.open(get(url), options(0)).await.unwrap();
    assert!(matches!(stream.next(WAIT).await, Ok(Item::Comment(c)) if c.text == "hi"));
    assert!(
        matches!(stream.next(WAIT).await, Ok(Item::Event(e)) if e.data == "a" && e.id.as_deref() == Some("1"))
    );
    assert!(
        matches!(stream.next(WAIT).await, Ok(Item::Event(e)) if e.name == "x" && e.id.is_none())
    );
    assert!(matches!(stream.next(WAIT).await, Ok(Item::End)));
    assert!(matches!(stream.next(WAIT).await, Ok(Item::End)));
    assert_eq!(stream.account.last_event_id().as_deref(), Some("1"));
    drop(stream);
    let told = summaries(&mut events);
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].events, told[0].comments, &*told[0].end),
        (2, 1, "ended")
    );
}

fn summaries(receiver: &mut mpsc::UnboundedReceiver<EventKind>) -> Vec<StreamSummary> {
    std::iter::from_fn(|| receiver.try_recv().ok())
        .filter_map(|kind| match kind {
            EventKind::Streamed { stream, .. } => Some(stream),
            _ => None,
        })
        .collect()
}
