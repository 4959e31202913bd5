//! Event streams under load: opened, read, broken, opened again, and counted.

use assay_test_server::{always, server};

use super::*;

const HEAD: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

fn event(id: u32) -> String {
    let text = format!("id: {id}\ndata: event {id}\n\n");
    format!("{:x}\r\n{text}\r\n", text.len())
}

fn reading(scenario: &str, url: &str, vus: u32) -> Plan {
    Plan {
        parameter: format!("\"{url}\""),
        ..plan(scenario, each(vus, 1))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_are_read_to_their_end_and_measured() {
    let url = server(|mut connection| async move {
        while connection.request().await.is_some() {
            connection.send(HEAD).await;
            for id in 1..=3 {
                connection.send(&event(id)).await;
            }
            connection.send("0\r\n\r\n").await;
        }
    })
    .await
    .url;
    let outcome = made(reading("reads-a-stream", &url, 20))
        .await
        .unwrap()
        .outcome;
    assert_eq!((outcome.iterations, outcome.failed), (20, 0), "{outcome:?}");
    let streams = outcome.streams.unwrap().all;
    assert_eq!((streams.opened, streams.events), (20, 60));
    assert_eq!((streams.lost, streams.duplicated), (0, 0));
    assert_eq!((streams.reconnects, streams.cut_short), (0, 0));
    assert_eq!(streams.first_event.count, 20);
    assert_eq!(streams.gap.count, 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_and_repeated_events_are_counted_over_a_break() {
    let url = server(|mut connection| async move {
        let Some(request) = connection.request().await else {
            return;
        };
        connection.send(HEAD).await;
        if request.to_ascii_lowercase().contains("last-event-id: 2") {
            // 2 once more, and 3 and 4 never.
            for id in [2, 5] {
                connection.send(&event(id)).await;
            }
            connection.send("0\r\n\r\n").await;
            return;
        }
        connection.send("a\r\nretry: 1\n\n\r\n").await;
        for id in [1, 2] {
            connection.send(&event(id)).await;
        }
        // Gone in the middle of a chunk.
        connection.send("40\r\nid: 3\nda").await;
    })
    .await
    .url;
    let plan = reading("reads-a-stream-that-breaks", &url, 5);
    let outcome = made(plan).await.unwrap().outcome;
    assert_eq!((outcome.iterations, outcome.failed), (5, 0), "{outcome:?}");
    let streams = outcome.streams.unwrap().all;
    assert_eq!((streams.opened, streams.reconnects), (5, 5), "{streams:?}");
    assert_eq!((streams.lost, streams.duplicated), (10, 5), "{streams:?}");
    assert_eq!(streams.cut_short, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_breaks_for_good_is_cut_short_and_fails_its_iteration() {
    let url = server(|mut connection| async move {
        connection.request().await;
        connection.send(HEAD).await;
        connection.send(&event(1)).await;
    })
    .await
    .url;
    let outcome = made(reading("reads-a-stream", &url, 4))
        .await
        .unwrap()
        .outcome;
    assert_eq!((outcome.iterations, outcome.failed), (4, 4), "{outcome:?}");
    let streams = outcome.streams.unwrap().all;
    assert_eq!((streams.opened, streams.cut_short), (4, 4));
    assert_eq!(
        (&*streams.failures[0].name, streams.failures[0].count),
        ("closed", 4)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_no_stream_is_a_failure_of_its_kind() {
    let url = always("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy")
        .await
        .url;
    let outcome = made(reading("reads-a-stream", &url, 2))
        .await
        .unwrap()
        .outcome;
    assert_eq!(outcome.failed, 2);
    let streams = outcome.streams.unwrap().all;
    assert_eq!((streams.opened, streams.events), (0, 0));
    assert_eq!(streams.failures[0].name, "status 503");
}
