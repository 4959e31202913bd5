//! A call that is dropped ends on the wire too, and leaves its line of evidence.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::*;

const PATIENCE: Duration = Duration::from_secs(10);

/// A server that says when the request is there, and when the client has hung up.
async fn watched() -> (String, oneshot::Receiver<()>, oneshot::Receiver<()>) {
    let (asked, was_asked) = oneshot::channel();
    let (ended, has_ended) = oneshot::channel();
    let senders = std::sync::Mutex::new(Some((asked, ended)));
    let url = script::server(move |mut connection| {
        let senders = senders.lock().unwrap().take();
        async move {
            let (asked, ended) = senders.unwrap();
            connection.request().await;
            asked.send(()).unwrap();
            connection.ended().await;
            let _ = ended.send(());
        }
    })
    .await
    .url;
    (url, was_asked, has_ended)
}

#[tokio::test]
async fn dropping_the_call_cancels_the_request() {
    let (url, was_asked, has_ended) = watched().await;
    let (context, mut told) = client();
    let mut call = Box::pin(context.send(get(&url)));
    tokio::select! {
        answer = &mut call => panic!("{answer:?}"),
        asked = timeout(PATIENCE, was_asked) => asked.unwrap().unwrap(),
    }
    drop(call);
    let told = exchanges(&mut told);
    assert_eq!(told[0].error.as_ref().unwrap().kind, "cancelled");
    assert_eq!(told[0].status, None);
    timeout(PATIENCE, has_ended).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_timeout_closes_the_connection() {
    let (url, _was_asked, has_ended) = watched().await;
    let (context, _told) = client();
    let mut request = get(&url);
    request.timeout_ms = Some(50);
    context.send(request).await.unwrap_err();
    timeout(PATIENCE, has_ended).await.unwrap().unwrap();
}

#[tokio::test]
async fn kept_connections_close_with_the_attempt() {
    let (ended, has_ended) = oneshot::channel();
    let ended = std::sync::Mutex::new(Some(ended));
    let url = script::server(move |mut connection| {
        let ended = ended.lock().unwrap().take();
        async move {
            connection.request().await;
            connection.send(&ok("x")).await;
            connection.ended().await;
            ended.unwrap().send(()).unwrap();
        }
    })
    .await
    .url;
    let (context, _told) = client();
    context.send(get(&url)).await.unwrap();
    drop(context);
    timeout(PATIENCE, has_ended).await.unwrap().unwrap();
}
