//! Redirects on the wire; the rules themselves have their own table.

use super::*;
use crate::plugin::bindings::assay::suite::http::Error;

/// Redirects `/3` to `/2` to `/1` to `/0`, which answers with the request that came there.
async fn countdown() -> String {
    script::server(|mut connection| async move {
        while let Some(request) = connection.request().await {
            let path = request.split(' ').nth(1).unwrap();
            let left: u32 = path[1..].parse().unwrap();
            let answer = match left {
                0 => ok(&request),
                left => {
                    let next = left - 1;
                    format!(
                        "HTTP/1.1 302 Found\r\nLocation: /{next}\r\nContent-Length: 4\r\n\r\ngone"
                    )
                }
            };
            connection.send(&answer).await;
        }
    })
    .await
    .url
}

fn following(url: String, max_redirects: u32) -> Request {
    Request {
        max_redirects,
        ..get(url)
    }
}

#[tokio::test]
async fn without_redirects_the_redirect_is_the_answer() {
    let url = countdown().await;
    let (context, _told) = client();
    let answer = context
        .send(following(format!("{url}/1"), 0))
        .await
        .unwrap();
    assert_eq!((answer.status, answer.redirects), (302, 0));
    assert_eq!(answer.body, b"gone");
}

#[tokio::test]
async fn as_many_as_allowed_are_followed_and_counted_and_told_once() {
    let url = countdown().await;
    let (context, mut told) = client();
    let answer = context
        .send(following(format!("{url}/3"), 3))
        .await
        .unwrap();
    assert_eq!((answer.status, answer.redirects), (200, 3));
    assert_eq!(answer.url, format!("{url}/0"));
    let told = exchanges(&mut told);
    assert_eq!((told.len(), &*told[0].url), (1, &*format!("{url}/3")));
}

#[tokio::test]
async fn the_largest_number_of_redirects_works() {
    let url = countdown().await;
    let (context, _told) = client();
    let answer = context
        .send(following(format!("{url}/20"), 20))
        .await
        .unwrap();
    assert_eq!(answer.redirects, 20);
}

#[tokio::test]
async fn one_redirect_too_many_is_a_protocol_error() {
    let url = countdown().await;
    let (context, _told) = client();
    let error = context
        .send(following(format!("{url}/3"), 2))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::Protocol(text) if text.contains("2 allowed")),
        "{error}"
    );
}

#[tokio::test]
async fn a_loop_ends_at_the_limit() {
    let url = script::always("HTTP/1.1 307 Again\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")
        .await
        .url;
    let (context, _told) = client();
    let error = context.send(following(url, 20)).await.unwrap_err();
    assert!(matches!(error, Error::Protocol(_)), "{error}");
}

#[tokio::test]
async fn another_origin_gets_no_credentials_and_a_see_other_no_body() {
    let target = script::echo().await.url;
    let url = script::always(format!(
        "HTTP/1.1 303 See Other\r\nLocation: {target}/there\r\nContent-Length: 0\r\n\r\n"
    ))
    .await
    .url;
    let (context, _told) = client();
    let mut request = following(url, 1);
    request.method = "POST".into();
    request.payload = Payload::Bytes(b"secret".to_vec());
    request.headers = vec![
        ("Authorization".into(), "Bearer token".into()),
        ("X-Kept".into(), "yes".into()),
    ];
    let answer = context.send(request).await.unwrap();
    let sent = String::from_utf8(answer.body).unwrap();
    assert!(sent.starts_with("GET /there HTTP/1.1\r\n"), "{sent}");
    assert!(sent.contains("x-kept: yes\r\n"), "{sent}");
    assert!(
        !sent.contains("authorization") && !sent.contains("secret"),
        "{sent}"
    );
}

#[tokio::test]
async fn a_temporary_redirect_sends_the_body_again() {
    let target = script::echo().await.url;
    let url = script::always(format!(
        "HTTP/1.1 307 Temporary\r\nLocation: {target}/there\r\nContent-Length: 0\r\n\r\n"
    ))
    .await
    .url;
    let (context, _told) = client();
    let mut request = following(url, 1);
    request.method = "PUT".into();
    request.payload = Payload::Bytes(b"again".to_vec());
    let answer = context.send(request).await.unwrap();
    let sent = String::from_utf8(answer.body).unwrap();
    assert!(
        sent.starts_with("PUT /there") && sent.ends_with("again"),
        "{sent}"
    );
}
