//! What is sent and what is taken, up to the limits.

use std::time::Duration;

use super::*;
use crate::plugin::bindings::assay::suite::http::{Error, Paced};

fn limited(url: &str, max_body: u64) -> Request {
    let mut request = get(url);
    request.max_body = Some(max_body);
    request
}

#[tokio::test]
async fn a_body_at_the_limit_is_taken_and_one_byte_more_is_too_large() {
    let url = script::always(ok("12345")).await.url;
    let (context, mut told) = client();
    let answer = context.send(limited(&url, 5)).await.unwrap();
    assert_eq!(answer.body, b"12345");
    let error = context.send(limited(&url, 4)).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge(4)), "{error}");
    assert_eq!(
        exchanges(&mut told)[1].error.as_ref().unwrap().kind,
        "too-large"
    );
}

#[tokio::test]
async fn an_endless_body_is_cut_off_at_the_limit() {
    // In pieces of a few bytes a megabyte takes longer than the request may, on a machine with enough else to do.
    let chunk = format!("400\r\n{}\r\n", "more".repeat(256));
    let url = script::server(move |mut connection| {
        let chunk = chunk.clone();
        async move {
            connection.request().await;
            connection
                .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                .await;
            while connection.send(&chunk).await {}
        }
    })
    .await
    .url;
    let (context, _told) = client();
    let error = context.send(limited(&url, 1 << 20)).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge(1_048_576)), "{error}");
}

#[tokio::test]
async fn without_a_body_zero_bytes_are_enough() {
    let url = script::always(ok("")).await.url;
    let (context, _told) = client();
    assert_eq!(context.send(limited(&url, 0)).await.unwrap().body, b"");
}

#[tokio::test]
async fn a_paced_body_goes_out_in_chunks_with_pauses() {
    let url = script::echo().await.url;
    let (context, mut told) = client();
    let mut request = get(url);
    request.method = "POST".into();
    request.payload = Payload::Paced(Paced {
        pieces: ["one", "", "two"].map(Vec::from).to_vec(),
        pause_ms: 20,
    });
    let answer = context.send(request).await.unwrap();
    let sent = String::from_utf8(answer.body).unwrap();
    assert!(sent.contains("transfer-encoding: chunked\r\n"), "{sent}");
    assert!(
        sent.ends_with("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"),
        "{sent}"
    );
    let pauses = Duration::from_millis(2 * 20);
    assert!(u128::from(answer.timings.first_byte) >= pauses.as_nanos());
    assert_eq!(exchanges(&mut told)[0].sent_bytes, 6);
}
