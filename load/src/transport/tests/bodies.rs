//! What is sent and what is taken, up to the limits.

use assay_test_server::{always, echo, hangs_up_after, server};

use super::*;

fn limited(url: &str, max_body: u64) -> Template {
    let mut parts = get(url);
    parts.max_body = max_body;
    client().prepare(&parts).unwrap()
}

#[tokio::test]
async fn a_body_at_the_limit_is_taken_and_one_byte_more_is_too_large() {
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n123\r\n2\r\n45\r\n0\r\n\r\n";
    for answer in [ok("12345"), chunked.to_owned()] {
        let server = always(answer).await;
        assert_eq!(send(&limited(&server.url, 5)).await.unwrap().body, b"12345");
        assert_eq!(fire(&limited(&server.url, 5)).await.unwrap().received, 5);
        let error = send(&limited(&server.url, 4)).await.unwrap_err();
        assert_eq!(error, Error::TooLarge(4));
        assert_eq!(
            fire(&limited(&server.url, 4)).await,
            Err(Error::TooLarge(4))
        );
    }
}

#[tokio::test]
async fn without_a_body_zero_bytes_are_enough() {
    let server = always(ok("")).await;
    assert_eq!(send(&limited(&server.url, 0)).await.unwrap().body, b"");
}

#[tokio::test]
async fn an_endless_body_is_cut_off_at_the_limit() {
    let chunk = format!("400\r\n{}\r\n", "more".repeat(256));
    let server = server(move |mut connection| {
        let chunk = chunk.clone();
        async move {
            connection.request().await;
            connection
                .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                .await;
            while connection.send(&chunk).await {}
        }
    })
    .await;
    let error = fire(&limited(&server.url, 1 << 20)).await.unwrap_err();
    assert_eq!(error, Error::TooLarge(1 << 20));
}

#[tokio::test]
async fn an_announced_length_is_not_believed_before_it_arrives() {
    let server = hangs_up_after("HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\nshort").await;
    let error = send(&limited(&server.url, 64 << 20)).await.unwrap_err();
    assert_eq!(error.kind(), "closed");
}

#[tokio::test]
async fn a_body_without_a_length_ends_with_its_connection() {
    let server = hangs_up_after("HTTP/1.1 200 OK\r\n\r\nall of it").await;
    let template = template(&client(), &server.url);
    for _ in 0..2 {
        assert_eq!(send(&template).await.unwrap().body, b"all of it");
    }
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn an_answer_that_comes_byte_by_byte_is_the_same_answer() {
    let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n5;x=y\r\nwhole\r\n0\r\nX-T: t\r\n\r\n";
    let server = server(move |mut connection| async move {
        while connection.request().await.is_some() {
            for byte in answer.bytes() {
                connection.send([byte]).await;
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
    let template = template(&client(), &server.url);
    for _ in 0..3 {
        let answer = send(&template).await.unwrap();
        assert_eq!(answer.body, b"whole");
        let header = ("x-a".to_owned(), "b".to_owned());
        assert_eq!(answer.head.headers[1..], [header]);
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_large_answer_comes_whole_and_leaves_no_buffer() {
    let body = "0123456789abcdef".repeat(1 << 16);
    let server = always(ok(&body)).await;
    let template = template(&client(), &server.url);
    assert_eq!(send(&template).await.unwrap().body, body.as_bytes());
    assert_eq!(fire(&template).await.unwrap().received, 1 << 20);
    let mut connection = template.origin().take().unwrap();
    assert!(connection.is_quiet());
    assert_eq!(connection.buffered(), 0);
}

#[tokio::test]
async fn a_large_request_goes_out_whole_while_the_server_answers_already() {
    let sent = 4 << 20;
    let server = server(move |mut connection| async move {
        connection.bytes(100).await;
        connection
            .send(format!("HTTP/1.1 200 OK\r\nContent-Length: {sent}\r\n\r\n"))
            .await;
        let mut echoed = 0;
        while echoed < sent {
            connection.bytes(1).await;
            let part = connection.drain().min(sent - echoed);
            connection.send("x".repeat(part)).await;
            echoed += part;
        }
        connection.ended().await;
    })
    .await;
    let mut parts = get(&server.url);
    parts.method = "POST".to_owned();
    parts.body = Some("y".repeat(sent).into());
    let template = client().prepare(&parts).unwrap();
    assert_eq!(fire(&template).await.unwrap().received, sent as u64);
}

#[tokio::test]
async fn a_server_that_answers_and_reads_no_more_is_heard() {
    let server = server(|mut connection| async move {
        connection.bytes(100).await;
        connection
            .send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
            .await;
        connection.ended().await;
    })
    .await;
    let mut parts = get(&server.url);
    parts.method = "POST".to_owned();
    parts.body = Some("y".repeat(200_000).into());
    let template = client().prepare(&parts).unwrap();
    let answer = send(&template).await.unwrap();
    assert_eq!((answer.head.status, &*answer.body), (413, &b"no"[..]));
}

#[tokio::test]
async fn a_stream_is_read_as_it_comes_and_waiting_for_it_may_be_given_up() {
    let (go_on, goes_on) = tokio::sync::mpsc::unbounded_channel::<&'static str>();
    let goes_on = std::sync::Mutex::new(Some(goes_on));
    let server = server(move |mut connection| {
        let mut goes_on = goes_on.lock().unwrap().take().unwrap();
        async move {
            connection.request().await;
            connection
                .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                .await;
            while let Some(part) = goes_on.recv().await {
                connection.send(part).await;
            }
            connection.ended().await;
        }
    })
    .await;
    let template = template(&client(), &server.url);
    let mut stream = template.open(With::Prepared).await.unwrap();
    assert_eq!((stream.head.status, stream.head.version), (200, "HTTP/1.1"));
    go_on.send("3\r\none\r\n").unwrap();
    assert_eq!(stream.body.chunk().await.unwrap(), Some(&b"one"[..]));
    let given_up = timeout(Duration::from_millis(20), stream.body.chunk()).await;
    assert!(given_up.is_err());
    go_on.send("3\r\ntwo\r\n0\r\n\r\n").unwrap();
    assert_eq!(stream.body.chunk().await.unwrap(), Some(&b"two"[..]));
    assert_eq!(template.origin().count_kept(), 0);
    assert_eq!(stream.body.chunk().await.unwrap(), None);
    assert_eq!(template.origin().count_kept(), 1);
}

#[tokio::test]
async fn the_body_of_this_time_is_sent_in_place_of_the_prepared_one() {
    let server = echo().await;
    let mut parts = get(&server.url);
    parts.method = "POST".to_owned();
    parts.body = Some("prepared".into());
    let template = client().prepare(&parts).unwrap();
    for (with, expected) in [
        (With::Prepared, "prepared"),
        (With::Body("another".into()), "another"),
        (With::Body("".into()), ""),
        (With::Prepared, "prepared"),
    ] {
        let answer = template.send(with, Instant::now()).await.unwrap();
        let echoed = String::from_utf8(answer.body).unwrap();
        let (head, body) = echoed.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, expected);
        let length = format!("content-length: {}", expected.len());
        assert!(head.contains(&length), "{head}");
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_body_of_this_time_may_be_as_large_as_any_and_no_larger() {
    let server = always(ok("")).await;
    let mut parts = get(&server.url);
    parts.method = "PUT".to_owned();
    let template = client().prepare(&parts).unwrap();
    let body = |bytes: usize| With::Body(vec![b'x'; bytes].into());
    assert!(template.fire(body(64 << 20), Instant::now()).await.is_ok());
    let error = template
        .fire(body((64 << 20) + 1), Instant::now())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), "invalid");
}
