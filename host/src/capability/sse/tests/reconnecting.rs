//! A stream that broke is opened again, as often as the suite allows.

use super::*;

/// The first connection breaks off after event 1; the later ones get these answers, in order, each followed by the end of the connection.
async fn broken_then(answers: &'static [&'static str]) -> String {
    script::server(move |mut connection: Connection| async move {
        let request = connection.request().await.unwrap();
        let index = connection.number as usize;
        if index == 1 {
            assert!(!request.contains("last-event-id"), "{request}");
            connection.send(HEAD).await;
            connection
                .send(&chunk("retry: 1\nid: 1\ndata: a\n\n"))
                .await;
        } else {
            assert!(request.contains("last-event-id: 1\r\n"), "{request}");
            connection.send(answers[index - 2]).await;
        }
    })
    .await
    .url
}

/// A whole stream with one event, without the id of the first.
const STREAM: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\ndata: b\n\n";
/// The same, and it breaks off.
const HALF: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 99\r\n\r\ndata: b\n\n";
const BUSY: &str = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
const NO_MORE: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// What comes of it, how often the stream was opened again, and which requests brought none.
async fn outcome(answers: &'static [&'static str], tries: u32) -> (Vec<String>, u32, usize) {
    let url = broken_then(answers).await;
    let (context, mut told) = streams();
    let stream = context.open(get(url), options(tries)).await.unwrap();
    let items = all(&stream).await;
    drop(stream);
    let told: Vec<_> = std::iter::from_fn(|| told.try_recv().ok())
        .map(|happened| happened.kind)
        .collect();
    let failed = told
        .iter()
        .filter(|kind| matches!(kind, EventKind::Exchanged { .. }))
        .count();
    let reconnects = told.iter().find_map(|kind| match kind {
        EventKind::Streamed { stream, .. } => Some(stream.reconnects),
        _ => None,
    });
    (items, reconnects.unwrap(), failed)
}

#[tokio::test]
async fn it_goes_on_after_the_last_event() {
    let (items, reconnects, failed) = outcome(&[STREAM], 1).await;
    assert_eq!(
        items,
        ["message#1 a", "again 1 Some(\"1\")", "message b", "end"]
    );
    assert_eq!((reconnects, failed), (1, 0));
}

#[tokio::test]
async fn failed_tries_count_and_are_told() {
    let (items, reconnects, failed) = outcome(&[BUSY, "", STREAM], 3).await;
    assert_eq!(
        items,
        ["message#1 a", "again 1 Some(\"1\")", "message b", "end"]
    );
    assert_eq!((reconnects, failed), (1, 2));
}

#[tokio::test]
async fn with_no_try_left_it_is_closed() {
    let (items, reconnects, failed) = outcome(&[BUSY, BUSY], 2).await;
    assert_eq!(items, ["message#1 a", "closed"]);
    assert_eq!((reconnects, failed), (0, 2));
}

#[tokio::test]
async fn tries_are_counted_over_all_breaks() {
    let (items, reconnects, _) = outcome(&[HALF, HALF], 2).await;
    let again = |count: u32| format!("again {count} Some(\"1\")");
    let expected = [
        "message#1 a",
        &again(1),
        "message b",
        &again(2),
        "message b",
        "closed",
    ];
    assert_eq!(items, expected);
    assert_eq!(reconnects, 2);
}

#[tokio::test]
async fn no_content_stops_it() {
    let (items, reconnects, _) = outcome(&[NO_MORE], 5).await;
    assert_eq!(items, ["message#1 a", "end"]);
    assert_eq!(reconnects, 0);
}

#[tokio::test]
async fn a_stream_that_ended_in_order_is_not_opened_again() {
    let url = stream_of(&[&chunk("data: a\n\n"), END]).await;
    let (context, _told) = streams();
    let stream = context.open(get(url), options(5)).await.unwrap();
    assert_eq!(all(&stream).await, ["message a", "end"]);
}
