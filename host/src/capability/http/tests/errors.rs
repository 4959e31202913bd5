//! Each way not to get an answer, with the case that the contract gives it.

use super::*;
use crate::capability::http::failure;
use crate::plugin::bindings::assay::suite::http::Error;

/// Sends a plain request there and expects this kind of failure, in the answer and in the evidence.
async fn fails(url: &str, kind: &str) -> Error {
    let (context, mut told) = client();
    let error = context.send(get(url)).await.unwrap_err();
    assert_eq!(failure::kind(&error), kind, "{error}");
    let told = exchanges(&mut told);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].error.as_ref().unwrap().kind, kind);
    error
}

/// A server that sends this after the first request, and hangs up.
async fn hangs_up_after(answer: &'static str) -> String {
    script::server(move |mut connection| async move {
        connection.request().await;
        connection.send(answer).await;
    })
    .await
    .url
}

#[tokio::test]
async fn a_wrong_request_is_invalid_and_nothing_is_sent() {
    let (context, mut told) = client();
    let error = context.send(get("no url")).await.unwrap_err();
    assert_eq!(failure::kind(&error), "invalid");
    assert_eq!(exchanges(&mut told), []);
}

#[tokio::test]
async fn a_name_without_an_address_is_a_resolve_error() {
    fails("http://no-such-host.invalid/", "resolve").await;
}

#[tokio::test]
async fn a_refused_connection_is_a_connect_error() {
    let error = fails("http://127.0.0.1:1/", "connect").await;
    let text = failure::message(&error);
    assert!(text.contains("refused") && text.ends_with("check that the service is up"));
}

#[tokio::test]
async fn a_server_without_tls_is_a_tls_error() {
    let garbage = script::server(|mut connection| async move {
        connection.send("HTTP/1.1 400 Bad Request\r\n\r\n").await;
        connection.ended().await;
    })
    .await
    .url;
    fails(&garbage.replace("http:", "https:"), "tls").await;
}

#[tokio::test]
async fn a_connection_that_ends_before_the_head_is_closed() {
    fails(&hangs_up_after("").await, "closed").await;
    fails(
        &hangs_up_after("HTTP/1.1 200 OK\r\nContent-").await,
        "closed",
    )
    .await;
}

#[tokio::test]
async fn a_reset_before_the_head_is_closed() {
    let url = script::server(|mut connection| async move {
        connection.request().await;
        connection.reset();
    })
    .await
    .url;
    fails(&url, "closed").await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_closed() {
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
    fails(&hangs_up_after(announced).await, "closed").await;
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n";
    fails(&hangs_up_after(chunked).await, "closed").await;
}

#[tokio::test]
async fn what_is_not_http_is_a_protocol_error() {
    fails(&hangs_up_after("+PONG\r\n\r\n").await, "protocol").await;
    fails(&hangs_up_after("HTTP/1.1 abc OK\r\n\r\n").await, "protocol").await;
}

#[tokio::test]
async fn a_chunk_that_breaks_the_rules_is_a_protocol_error() {
    let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nwhole\r\n";
    fails(&hangs_up_after(answer).await, "protocol").await;
}

#[tokio::test]
async fn the_time_is_over_while_waiting_for_the_head() {
    let url = script::server(|mut connection| async move { connection.ended().await })
        .await
        .url;
    let text = times_out(&url).await;
    assert!(text.contains("waiting for the head"), "{text}");
}

#[tokio::test]
async fn the_time_is_over_while_reading_the_body() {
    let url = script::server(|mut connection| async move {
        connection.request().await;
        connection
            .send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            .await;
        connection.ended().await;
    })
    .await
    .url;
    let text = times_out(&url).await;
    assert!(text.contains("reading the body, after 4 bytes"), "{text}");
}

#[tokio::test]
async fn the_time_is_over_while_making_a_connection() {
    // The connection is accepted, and the TLS handshake that belongs to making it is never answered.
    let url = script::server(|mut connection| async move { connection.ended().await })
        .await
        .url;
    let text = times_out(&url.replace("http:", "https:")).await;
    assert!(text.contains("making a connection"), "{text}");
}

async fn times_out(url: &str) -> String {
    let (context, mut told) = client();
    let mut request = get(url);
    request.timeout_ms = Some(100);
    let error = context.send(request).await.unwrap_err();
    assert_eq!(failure::kind(&error), "timeout", "{error}");
    assert_eq!(
        exchanges(&mut told)[0].error.as_ref().unwrap().kind,
        "timeout"
    );
    failure::message(&error)
}

#[tokio::test]
async fn a_server_or_a_suite_that_writes_without_end_does_not_fill_the_evidence() {
    let long = "x".repeat(16 << 10);
    let head = format!("HTTP/1.1 302 Found\r\nLocation: ftp://one.test/{long}\r\n");
    let url = script::always(format!("{head}Content-Length: 0\r\n\r\n"))
        .await
        .url;
    let (context, mut told) = client();
    let mut request = get(url);
    request.max_redirects = 1;
    request.method = long.clone();
    request.name = Some(long);
    let error = context.send(request).await.unwrap_err();
    assert_eq!(failure::kind(&error), "protocol", "{error}");
    let told = exchanges(&mut told).remove(0);
    let kept = [&told.method, &told.name, &told.error.unwrap().message].map(String::len);
    assert_eq!(kept, [2 << 10; 3]);
}
