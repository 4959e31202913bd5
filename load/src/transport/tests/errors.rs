//! Each way not to get an answer, with the case that the contract gives it.

use assay_test_server::{hangs_up_after, server};

use super::*;

/// Sends a plain request there and expects this kind of failure; what it says.
async fn fails(url: &str, kind: &str) -> String {
    let template = template(&client(), url);
    let fired = fire(&template).await.unwrap_err();
    assert_eq!(fired.kind(), kind, "{fired}");
    let sent = send(&template).await.unwrap_err();
    assert_eq!(sent, fired);
    assert_eq!(template.origin().count_kept(), 0);
    sent.to_string()
}

#[tokio::test]
async fn a_name_without_an_address_is_a_resolve_error() {
    let text = fails("http://no-such-host.invalid/", "resolve").await;
    assert!(text.ends_with("check the host name"), "{text}");
}

#[tokio::test]
async fn a_refused_connection_is_a_connect_error() {
    let text = fails("http://127.0.0.1:1/", "connect").await;
    assert!(
        text.contains("refused") && text.ends_with("check that the service is up"),
        "{text}"
    );
}

#[tokio::test]
async fn a_connection_that_ends_before_or_within_the_head_is_closed() {
    fails(&hangs_up_after("").await.url, "closed").await;
    fails(
        &hangs_up_after("HTTP/1.1 200 OK\r\nContent-").await.url,
        "closed",
    )
    .await;
    fails(
        &hangs_up_after("HTTP/1.1 100 Go on\r\n\r\n").await.url,
        "closed",
    )
    .await;
}

#[tokio::test]
async fn a_reset_is_closed_wherever_it_comes() {
    for begun in ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"] {
        let server = server(move |mut connection| async move {
            connection.request().await;
            connection.send(begun).await;
            connection.reset();
        })
        .await;
        fails_as(&server.url, "closed").await;
    }
}

/// For failures whose text the system's timing decides.
async fn fails_as(url: &str, kind: &str) {
    let error = fire(&template(&client(), url)).await.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_closed() {
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
    let text = fails(&hangs_up_after(announced).await.url, "closed").await;
    assert_eq!(text, "the connection ended 6 bytes before the body did");
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n";
    fails(&hangs_up_after(chunked).await.url, "closed").await;
    let trailers = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n";
    fails(&hangs_up_after(trailers).await.url, "closed").await;
}

#[tokio::test]
async fn what_is_not_http_is_a_protocol_error() {
    for garbage in [
        "+PONG\r\n\r\n",
        "+PONG",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "\u{15}\u{3}\u{1}",
        "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nwhole\r\n",
    ] {
        fails(&hangs_up_after(garbage).await.url, "protocol").await;
    }
}

#[tokio::test]
async fn a_head_at_the_limit_is_taken_and_a_larger_one_is_a_protocol_error() {
    let head = |bytes: usize| {
        let (begin, end) = ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ", "\r\n\r\n");
        format!(
            "{begin}{}{end}",
            "x".repeat(bytes - begin.len() - end.len())
        )
    };
    let limit = 64 << 10;
    let server = script::always(head(limit)).await;
    fire(&template(&client(), &server.url)).await.unwrap();
    let server = script::always(head(limit + 1)).await;
    fails(&server.url, "protocol").await;
}

#[tokio::test]
async fn heads_without_end_are_a_protocol_error() {
    for part in ["HTTP/1.1 100 Go on\r\n\r\n", "HTTP/1.1 200 OK\r\nX: y\r\n"] {
        let server = server(move |mut connection| async move {
            connection.request().await;
            let whole = part.lines().next().unwrap().len() + 2;
            connection.send(part).await;
            // Of a head that never ends only the headers come again.
            let again = if part.ends_with("\r\n\r\n") {
                part
            } else {
                &part[whole..]
            };
            while connection.send(again.repeat(100)).await {}
        })
        .await;
        fails_as(&server.url, "protocol").await;
    }
}

async fn times_out(url: &str) -> String {
    let mut parts = get(url);
    parts.timeout = Duration::from_millis(50);
    let error = fire(&client().prepare(&parts).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), "timeout", "{error}");
    error.to_string()
}

#[tokio::test]
async fn the_time_is_over_while_waiting_for_the_head() {
    for begun in [
        "",
        "HTTP/1.1 200 OK\r\nContent-",
        "HTTP/1.1 100 Go on\r\n\r\n",
    ] {
        let server = server(move |mut connection| async move {
            connection.request().await;
            connection.send(begun).await;
            connection.ended().await;
        })
        .await;
        let text = times_out(&server.url).await;
        assert_eq!(
            text,
            "50 ms were over while waiting for the head of the answer; a longer `timeout-ms` would wait on"
        );
    }
}

#[tokio::test]
async fn the_time_is_over_while_a_server_does_not_read_the_request() {
    let server = server(|mut connection| async move {
        connection.bytes(1).await;
        std::future::pending::<()>().await;
    })
    .await;
    let mut parts = get(&server.url);
    parts.method = "POST".to_owned();
    parts.timeout = Duration::from_millis(50);
    parts.body = Some(vec![b'x'; 32 << 20].into());
    let error = fire(&client().prepare(&parts).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), "timeout", "{error}");
}

#[tokio::test]
async fn the_time_is_over_while_reading_the_body() {
    let server = server(|mut connection| async move {
        connection.request().await;
        connection
            .send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            .await;
        connection.ended().await;
    })
    .await;
    let text = times_out(&server.url).await;
    assert!(text.contains("reading the body, after 4 bytes"), "{text}");
}

#[tokio::test]
async fn the_time_is_over_while_making_a_connection() {
    // The connection is accepted, and the TLS handshake that belongs to making it is never answered.
    let server = server(|mut connection| async move { connection.ended().await }).await;
    let text = times_out(&server.url.replace("http:", "https:")).await;
    assert!(text.contains("making a connection"), "{text}");
}

#[tokio::test]
async fn a_template_that_timed_out_works_again_when_the_server_does() {
    let server = server(|mut connection| async move {
        connection.request().await;
        if connection.number == 1 {
            connection.ended().await;
        }
        connection.send(ok("x")).await;
        connection.ended().await;
    })
    .await;
    let mut parts = get(&server.url);
    parts.timeout = Duration::from_millis(200);
    let template = client().prepare(&parts).unwrap();
    assert_eq!(fire(&template).await.unwrap_err().kind(), "timeout");
    assert_eq!(fire(&template).await.unwrap().status, 200);
}
