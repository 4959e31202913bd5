//! Where the time went, and which connection was used.

use super::*;

#[tokio::test]
async fn only_a_new_connection_has_a_connect_time() {
    let url = script::always(ok("x")).await.url;
    let (context, _told) = client();
    let first = context.send(get(&url)).await.unwrap().timings;
    let second = context.send(get(&url)).await.unwrap().timings;
    assert!(
        first
            .connect
            .is_some_and(|connect| connect > 0 && connect < first.first_byte)
    );
    assert_eq!(second.connect, None);
    assert_eq!(first.first_byte + first.receive, first.total);
}

#[tokio::test]
async fn every_attempt_has_connections_of_its_own() {
    let url = script::always(ok("x")).await.url;
    for _ in 0..2 {
        let (context, _told) = client();
        let timings = context.send(get(&url)).await.unwrap().timings;
        assert!(timings.connect.is_some());
    }
}

#[tokio::test]
async fn after_connection_close_a_new_connection_is_made() {
    let url = script::always(ok("x")).await.url;
    let (context, _told) = client();
    let mut request = get(&url);
    request.headers = vec![("Connection".into(), "close".into())];
    context.send(request).await.unwrap();
    let timings = context.send(get(&url)).await.unwrap().timings;
    assert!(timings.connect.is_some());
}

#[tokio::test]
async fn a_late_body_counts_as_receiving() {
    let url = script::server(|mut connection| async move {
        connection.request().await;
        connection
            .send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n")
            .await;
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        connection.send("x").await;
        connection.ended().await;
    })
    .await
    .url;
    let (context, _told) = client();
    let timings = context.send(get(&url)).await.unwrap().timings;
    assert!(timings.receive >= 25_000_000, "{timings:?}");
}
