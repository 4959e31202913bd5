//! Asking for a stream, and getting something else.

use super::*;
use crate::capability::sse::opening::{MAX_BODY_BYTES, MAX_RECONNECTS};
use crate::plugin::bindings::assay::suite::sse::HostEventStream as Host;

#[tokio::test]
async fn the_answer_that_opened_the_stream_is_visible() {
    let url = stream_of(&[END]).await;
    let (mut context, _told) = streams();
    let mut table = ResourceTable::new();
    let stream = context.open(get(&url), options(0)).await.unwrap();
    let stream = table.push(stream).unwrap();
    let borrow = || Resource::new_borrow(stream.rep());
    let mut view = View::new(&mut context, &mut table);
    assert_eq!(Host::status(&mut view, borrow()).unwrap(), 200);
    let own = Host::header(&mut view, borrow(), "X-OWN".into()).unwrap();
    assert_eq!(own.as_deref(), Some("yes"));
    let none = Host::header(&mut view, borrow(), "not a name".into()).unwrap();
    assert_eq!(none, None);
    assert!(Host::body(&mut view, borrow()).unwrap().is_empty());
    assert!(Host::opened_after(&mut view, borrow()).unwrap() > 0);
    assert_eq!(Host::last_event_id(&mut view, borrow()).unwrap(), None);
    Host::drop(&mut view, stream).unwrap();
    assert!(table.is_empty());
}

/// Opens a stream and gives back what the server was asked.
async fn asked(request: Request, options: Options) -> String {
    let url = script::echo().await.url;
    let (context, _told) = streams();
    let request = Request { url, ..request };
    let stream = context.open(request, options).await.unwrap();
    String::from_utf8(stream.body.clone()).unwrap()
}

#[tokio::test]
async fn a_stream_is_asked_for_by_its_type_unless_told_otherwise() {
    let sent = asked(get(""), options(0)).await;
    assert!(sent.contains("accept: text/event-stream\r\n"), "{sent}");
    assert!(!sent.contains("last-event-id"), "{sent}");
    let mut request = get("");
    request.headers = vec![("Accept".into(), "text/plain".into())];
    let sent = asked(request, options(0)).await;
    assert!(sent.contains("accept: text/plain\r\n"), "{sent}");
    assert!(!sent.contains("event-stream"), "{sent}");
}

#[tokio::test]
async fn the_last_event_id_of_the_options_is_sent() {
    let mut options = options(0);
    options.last_event_id = Some("41".into());
    let sent = asked(get(""), options).await;
    assert!(sent.contains("last-event-id: 41\r\n"), "{sent}");
}

#[tokio::test]
async fn an_answer_that_is_no_stream_has_a_body_and_no_items() {
    let table = [
        ("503 Busy", "text/event-stream", 503),
        ("200 OK", "application/json", 200),
        ("200 OK", "text/event-stream-like", 200),
    ];
    for (line, content_type, status) in table {
        let head = format!("HTTP/1.1 {line}\r\nContent-Type: {content_type}\r\n");
        let url = script::always(head + "Content-Length: 9\r\n\r\ndata: a\n\n")
            .await
            .url;
        let (context, mut told) = streams();
        let stream = context.open(get(url), options(9)).await.unwrap();
        assert_eq!(stream.status, status);
        assert_eq!(stream.body, b"data: a\n\n");
        assert_eq!(all(&stream).await, ["end"]);
        drop(stream);
        let told = summaries(&mut told);
        assert_eq!(told.len(), 1);
        assert_eq!(
            told[0].end,
            format!("no event stream: the status is {status}, the type `{content_type}`")
        );
    }
}

#[tokio::test]
async fn the_body_of_what_is_no_stream_is_cut_at_its_limit() {
    for (length, kept) in [
        (MAX_BODY_BYTES, MAX_BODY_BYTES),
        (MAX_BODY_BYTES + 1, MAX_BODY_BYTES),
    ] {
        let body = "x".repeat(length);
        let url = script::always(format!(
            "HTTP/1.1 404 No\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
        .await
        .url;
        let (context, _told) = streams();
        let stream = context.open(get(url), options(0)).await.unwrap();
        assert_eq!(stream.body.len(), kept);
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_keeps_its_status_and_says_so() {
    let url = script::server(|mut connection: Connection| async move {
        connection.request().await;
        connection
            .send("HTTP/1.1 500 No\r\nContent-Length: 10\r\n\r\nhalf")
            .await;
    })
    .await
    .url;
    let (context, mut told) = streams();
    let stream = context.open(get(url), options(0)).await.unwrap();
    assert_eq!((stream.status, &*stream.body), (500, b"half".as_slice()));
    assert!(summaries(&mut told)[0].end.contains("broke off"));
}

#[tokio::test]
async fn a_stream_that_cannot_be_asked_for_fails_as_a_request_does() {
    let (context, mut told) = streams();
    let error = context
        .open(get("http://127.0.0.1:1/"), options(9))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error}");
    let told = exchanges(&mut told);
    assert_eq!(told[0].error.as_ref().unwrap().kind, "connect");
}

#[tokio::test]
async fn the_time_of_the_request_bounds_the_head_and_not_the_stream() {
    let silent =
        script::server(|mut connection: Connection| async move { connection.ended().await })
            .await
            .url;
    let (context, _told) = streams();
    let mut request = get(silent);
    request.timeout_ms = Some(50);
    let error = context.open(request, options(0)).await.unwrap_err();
    assert!(matches!(error, Error::Timeout(_)), "{error}");

    let slow = script::server(|mut connection: Connection| async move {
        connection.request().await;
        connection.send(HEAD).await;
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        connection.send(&chunk("data: late\n\n")).await;
        connection.send(END).await;
        connection.ended().await;
    })
    .await
    .url;
    let mut request = get(slow);
    request.timeout_ms = Some(1_000);
    let stream = context.open(request, options(0)).await.unwrap();
    assert_eq!(all(&stream).await, ["message late", "end"]);
}

#[tokio::test]
async fn the_most_reconnects_are_allowed_and_one_more_is_invalid() {
    let url = stream_of(&[END]).await;
    let (context, _told) = streams();
    context
        .open(get(&url), options(MAX_RECONNECTS))
        .await
        .unwrap();
    let error = context
        .open(get(&url), options(MAX_RECONNECTS + 1))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error}");
}

#[tokio::test]
async fn one_stream_over_the_limit_is_invalid_until_another_is_dropped() {
    let url = stream_of(&[END]).await;
    let (context, _told) = streams();
    let most = u32::try_from(MAX_OPEN_STREAMS).unwrap();
    let others = context.free.try_acquire_many(most - 1).unwrap();
    let last = context.open(get(&url), options(0)).await.unwrap();
    let error = context.open(get(&url), options(0)).await.unwrap_err();
    assert!(
        matches!(&error, Error::Invalid(text) if text.contains("10000")),
        "{error}"
    );
    drop(last);
    context.open(get(&url), options(0)).await.unwrap();
    drop(others);
}
