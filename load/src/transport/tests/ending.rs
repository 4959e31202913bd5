//! A call that is dropped, or out of time, ends on the wire too, and leaves nothing behind for the next one.

use assay_test_server::{Server, server};
use tokio::sync::mpsc;

use super::*;

/// Answers with this after the first request of each connection, then tells when the client has hung up.
async fn watched(answer: &'static str) -> (Server, mpsc::UnboundedReceiver<&'static str>) {
    let (told, tells) = mpsc::unbounded_channel();
    let server = server(move |mut connection| {
        let told = told.clone();
        async move {
            connection.request().await;
            connection.send(answer).await;
            told.send("asked").unwrap();
            connection.ended().await;
            let _ = told.send("ended");
        }
    })
    .await;
    (server, tells)
}

async fn told(tells: &mut mpsc::UnboundedReceiver<&'static str>) -> &'static str {
    timeout(PATIENCE, tells.recv()).await.unwrap().unwrap()
}

#[tokio::test]
async fn dropping_a_call_closes_its_connection_wherever_it_is() {
    for answer in [
        "",
        "HTTP/1.1 200 OK\r\nContent-",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n",
    ] {
        let (server, mut tells) = watched(answer).await;
        let template = template(&client(), &server.url);
        let call = template.fire(With::Prepared, Instant::now());
        tokio::select! {
            answer = call => panic!("{answer:?}"),
            told = told(&mut tells) => assert_eq!(told, "asked"),
        }
        assert_eq!(told(&mut tells).await, "ended");
        assert_eq!(template.origin().count_kept(), 0);
    }
}

#[tokio::test]
async fn the_next_call_after_a_dropped_one_gets_its_own_answer() {
    let server = server(|mut connection| async move {
        while let Some(request) = connection.request().await {
            // The answer to `/late` comes only when it is too late.
            if request.starts_with("GET /late") {
                connection.send("HTTP/1.1 200 OK\r\nContent-Le").await;
                tokio::task::yield_now().await;
                connection.send("ngth: 4\r\n\r\nlate").await;
            } else {
                connection.send(ok("mine")).await;
            }
        }
    })
    .await;
    let client = client();
    let late = template(&client, format!("{}/late", server.url));
    let mine = template(&client, &server.url);
    for polls in 0..50 {
        let mut call = Box::pin(late.fire(With::Prepared, Instant::now()));
        for _ in 0..polls {
            let poll = std::future::poll_fn(|context| {
                std::task::Poll::Ready(call.as_mut().poll(context).is_ready())
            });
            if poll.await {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(call);
        assert_eq!(send(&mine).await.unwrap().body, b"mine", "{polls}");
    }
}

#[tokio::test]
async fn a_timeout_closes_the_connection() {
    for answer in ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"] {
        let (server, mut tells) = watched(answer).await;
        let mut parts = get(&server.url);
        parts.timeout = Duration::from_millis(30);
        let template = client().prepare(&parts).unwrap();
        assert_eq!(fire(&template).await.unwrap_err().kind(), "timeout");
        assert_eq!(told(&mut tells).await, "asked");
        assert_eq!(told(&mut tells).await, "ended");
    }
}

#[tokio::test]
async fn an_error_within_a_body_closes_the_connection() {
    let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\nno size\r\n";
    let (server, mut tells) = watched(answer).await;
    let template = template(&client(), &server.url);
    let mut stream = template.open(With::Prepared).await.unwrap();
    assert_eq!(stream.body.chunk().await.unwrap(), Some(&b"whole"[..]));
    assert_eq!(stream.body.chunk().await.unwrap_err().kind(), "protocol");
    assert_eq!(stream.body.chunk().await, Ok(None));
    assert_eq!(told(&mut tells).await, "asked");
    assert_eq!(told(&mut tells).await, "ended");
}

#[tokio::test]
async fn kept_connections_close_with_the_last_template_and_the_client() {
    let (server, mut tells) = watched("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let client = client();
    let template = template(&client, &server.url);
    fire(&template).await.unwrap();
    assert_eq!(told(&mut tells).await, "asked");
    drop(client);
    assert_eq!(template.origin().count_kept(), 1);
    drop(template);
    assert_eq!(told(&mut tells).await, "ended");
}
