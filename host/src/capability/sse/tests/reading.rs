//! What comes out of an open stream, and how it ends.

use assay_formats::sse::MAX_DATA_BYTES;
use tokio::sync::oneshot;

use super::*;

#[tokio::test]
async fn items_come_in_order_and_then_the_end() {
    let part = chunk(": hi\n\nid: 1\ndata: a\n\nretry: 5\n\n");
    let url = stream_of(&[&part, &chunk("event: x\ndata: b\n\n"), END]).await;
    let (context, mut told) = streams();
    let stream = context.open(get(&url), options(0)).await.unwrap();
    let items = all(&stream).await;
    assert_eq!(items, [": hi", "message#1 a", "retry 5", "x b", "end"]);
    assert_eq!(stream.account.last_event_id().as_deref(), Some("1"));
    drop(stream);
    let told = summaries(&mut told);
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].events, told[0].comments), (2, 1));
    assert_eq!((&*told[0].end, told[0].status), ("ended", 200));
    assert!(told[0].first_event_ns.is_some() && told[0].longest_gap_ns.is_some());
    assert!(told[0].opened_after_ns > 0 && told[0].opened_after_ns <= told[0].duration_ns);
}

#[tokio::test]
async fn an_unfinished_block_is_no_event() {
    let url = stream_of(&[&chunk("data: whole\n\ndata: half"), END]).await;
    let (context, _told) = streams();
    let stream = context.open(get(&url), options(0)).await.unwrap();
    assert_eq!(all(&stream).await, ["message whole", "end"]);
}

#[tokio::test]
async fn a_wait_that_is_over_leaves_the_stream_as_it_is() {
    let (go, gone) = oneshot::channel::<()>();
    let gone = std::sync::Mutex::new(Some(gone));
    let url = script::server(move |mut connection: Connection| {
        let gone = gone.lock().unwrap().take();
        async move {
            connection.request().await;
            connection.send(HEAD).await;
            gone.unwrap().await.unwrap();
            connection.send(&chunk("data: late\n\n")).await;
            connection.send(END).await;
            connection.ended().await;
        }
    })
    .await
    .url;
    let (context, _told) = streams();
    let stream = context.open(get(url), options(0)).await.unwrap();
    for wait in [0, 20] {
        let error = stream.next(Duration::from_millis(wait)).await.unwrap_err();
        assert!(matches!(error, Error::Timeout(_)), "{error}");
    }
    go.send(()).unwrap();
    assert_eq!(all(&stream).await, ["message late", "end"]);
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_closed() {
    let url = stream_of(&[&chunk("data: a\n\n")]).await;
    let (context, mut told) = streams();
    let stream = context.open(get(url), options(0)).await.unwrap();
    assert_eq!(all(&stream).await, ["message a", "closed"]);
    let told = summaries(&mut told);
    assert_eq!(told.len(), 1);
    assert_ne!(told[0].end, "ended");
}

#[tokio::test]
async fn what_is_not_utf8_is_a_protocol_error_after_what_came_before() {
    let url = script::server(|mut connection: Connection| async move {
        connection.request().await;
        connection.send(HEAD).await;
        connection.send(&chunk("data: a\n\n")).await;
        connection.send(b"8\r\ndata: \xFF\n\r\n").await;
        connection.ended().await;
    })
    .await
    .url;
    let (context, _told) = streams();
    // Reconnects do not help against it.
    let stream = context.open(get(url), options(5)).await.unwrap();
    assert_eq!(all(&stream).await, ["message a", "protocol"]);
}

#[tokio::test]
async fn data_over_the_limit_is_too_large() {
    let line = format!("data: {}\n\n", "x".repeat(MAX_DATA_BYTES + 1));
    let url = stream_of(&[&chunk(&line), END]).await;
    let (context, _told) = streams();
    let stream = context.open(get(url), options(0)).await.unwrap();
    assert_eq!(all(&stream).await, ["too-large"]);
}

#[tokio::test]
async fn dropping_a_stream_closes_its_connection_and_tells_so() {
    let (ended, has_ended) = oneshot::channel();
    let ended = std::sync::Mutex::new(Some(ended));
    let url = script::server(move |mut connection: Connection| {
        let ended = ended.lock().unwrap().take();
        async move {
            connection.request().await;
            connection.send(HEAD).await;
            connection.ended().await;
            ended.unwrap().send(()).unwrap();
        }
    })
    .await
    .url;
    let (context, mut told) = streams();
    let stream = context.open(get(url), options(5)).await.unwrap();
    drop(stream);
    assert_eq!(summaries(&mut told)[0].end, "dropped");
    timeout(PATIENCE, has_ended).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_suite_that_does_not_read_slows_the_server_down() {
    let (stuck, is_stuck) = oneshot::channel();
    let stuck = std::sync::Mutex::new(Some(stuck));
    let url = script::server(move |mut connection: Connection| {
        let stuck = stuck.lock().unwrap().take();
        async move {
            connection.request().await;
            connection.send(HEAD).await;
            let event = chunk(&format!("data: {}\n\n", "x".repeat(64 << 10)));
            let still = Duration::from_millis(300);
            while timeout(still, connection.send(&event)).await.is_ok() {}
            stuck.unwrap().send(()).unwrap();
        }
    })
    .await
    .url;
    let (context, _told) = streams();
    let _stream = context.open(get(url), options(0)).await.unwrap();
    timeout(PATIENCE, is_stuck).await.unwrap().unwrap();
}

#[tokio::test]
async fn events_that_are_not_read_do_not_fill_memory_however_large_they_are() {
    let (stuck, is_stuck) = oneshot::channel();
    let stuck = std::sync::Mutex::new(Some(stuck));
    let url = script::server(move |mut connection: Connection| {
        let stuck = stuck.lock().unwrap().take();
        async move {
            connection.request().await;
            connection.send(HEAD).await;
            let event = chunk(&format!("data: {}\n\n", "x".repeat(MAX_DATA_BYTES)));
            let mut taken = 0;
            let still = Duration::from_millis(500);
            while timeout(still, connection.send(&event)).await.is_ok() {
                taken += 1;
            }
            stuck.unwrap().send(taken).unwrap();
        }
    })
    .await
    .url;
    let (context, _told) = streams();
    let _stream = context.open(get(url), options(0)).await.unwrap();
    let taken = timeout(PATIENCE, is_stuck).await.unwrap().unwrap();
    // Two wait in the queue and two at the reader; the rest is between the sockets.
    assert!(taken < 48, "{taken} MiB were taken");
}

#[tokio::test]
async fn of_a_stream_that_broke_its_last_events_are_told_again() {
    let events: Vec<_> = (0..7)
        .map(|number| format!("id: {number}\ndata: event {number}\n\n"))
        .collect();
    let events = events.concat();
    let url = stream_of(&[&chunk(&events)]).await;
    let (context, mut told) = streams();
    let stream = context.open(get(url), options(0)).await.unwrap();
    assert_eq!(all(&stream).await.last().unwrap(), "closed");
    drop(stream);
    let first = &summaries(&mut told)[0];
    assert_eq!((first.last_events.len(), &first.detail), (0, &None));
    let again = &recalled(&context, &mut told)[0];
    let ids = again
        .last_events
        .iter()
        .map(|event| event.id.as_deref().unwrap());
    assert_eq!(ids.collect::<Vec<_>>(), ["2", "3", "4", "5", "6"]);
    assert_eq!(again.last_events[4].data, "event 6");
    let response = again
        .detail
        .as_ref()
        .and_then(|detail| detail.response.as_ref());
    let mut headers = response.unwrap().headers.iter();
    assert!(headers.any(|header| header.name == "x-own"));
    assert!(first.traceparent.is_some() && first.traceparent == again.traceparent);
}

#[tokio::test]
async fn an_answer_that_is_no_stream_is_told_again_with_its_body() {
    let url = script::always("HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nfull").await;
    let (context, mut told) = streams();
    drop(context.open(get(&url.url), options(0)).await.unwrap());
    let again = &recalled(&context, &mut told)[0];
    let response = again
        .detail
        .as_ref()
        .and_then(|detail| detail.response.as_ref());
    assert_eq!(response.unwrap().body.text.as_deref(), Some("full"));
}

/// The streams that are told again.
fn recalled(context: &Context, told: &mut Told) -> Vec<StreamSummary> {
    while told.try_recv().is_ok() {}
    context.recorder.recall();
    let happened = std::iter::from_fn(|| told.try_recv().ok());
    let streams = happened.filter_map(|happened| match happened.kind {
        EventKind::StreamRecalled { stream, .. } => Some(stream),
        _ => None,
    });
    streams.collect()
}
