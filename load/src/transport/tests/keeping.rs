//! Which connection a request goes over, and which ones are not used again.

use assay_test_server::{always, server};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::*;

#[tokio::test]
async fn one_connection_serves_one_request_after_the_other() {
    let server = always(ok("x")).await;
    let template = template(&client(), &server.url);
    let first = fire(&template).await.unwrap();
    assert_eq!((first.status, first.received), (200, 1));
    assert!(
        first
            .connect
            .is_some_and(|connect| connect > 0 && connect < first.first_byte)
    );
    assert!(first.first_byte <= first.total);
    for _ in 0..10 {
        assert_eq!(fire(&template).await.unwrap().connect, None);
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn templates_of_a_client_share_connections_and_clients_do_not() {
    let server = always(ok("x")).await;
    let one = client();
    fire(&template(&one, format!("{}/a", server.url)))
        .await
        .unwrap();
    fire(&template(&one, format!("{}/b", server.url)))
        .await
        .unwrap();
    assert_eq!(server.accepted(), 1);
    fire(&template(&client(), &server.url)).await.unwrap();
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn answers_of_every_kind_leave_the_connection_for_the_next_request() {
    for answer in [
        ok(""),
        ok("body"),
        ok(&"large".repeat(100_000)),
        "HTTP/1.1 204 None\r\n\r\n".to_owned(),
        "HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n".to_owned(),
        "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".to_owned(),
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(),
    ] {
        let server = always(&*answer).await;
        let template = template(&client(), &server.url);
        for _ in 0..3 {
            assert!(fire(&template).await.unwrap().status >= 200);
        }
        assert_eq!(server.accepted(), 1, "{answer:.60}");
    }
}

#[tokio::test]
async fn a_head_request_leaves_the_connection_whatever_length_its_answer_tells() {
    let server = always("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").await;
    let mut parts = get(&server.url);
    parts.method = "HEAD".to_owned();
    let template = client().prepare(&parts).unwrap();
    for _ in 0..3 {
        assert_eq!(fire(&template).await.unwrap().received, 0);
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn after_an_end_that_either_side_asked_for_a_new_connection_is_made() {
    for answer in [
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
        let server = always(answer).await;
        let template = template(&client(), &server.url);
        fire(&template).await.unwrap();
        assert!(fire(&template).await.unwrap().connect.is_some());
        assert_eq!(server.accepted(), 2, "{answer}");
    }
    let server = always(ok("")).await;
    let mut parts = get(&server.url);
    parts.headers = vec![("Connection".to_owned(), "x, Close".to_owned())];
    let template = client().prepare(&parts).unwrap();
    fire(&template).await.unwrap();
    fire(&template).await.unwrap();
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn a_second_answer_to_one_request_is_never_taken_for_the_answer_to_the_next() {
    let server = server(|mut connection| async move {
        while connection.request().await.is_some() {
            let number = connection.number;
            let both = ok(&format!("right {number}")) + &ok("surplus");
            connection.send(&both).await;
        }
    })
    .await;
    let template = template(&client(), &server.url);
    for number in 1..=3 {
        let answer = send(&template).await.unwrap();
        assert_eq!(answer.body, format!("right {number}").as_bytes());
    }
}

/// Whether no connection would be taken. One that is, is put back.
fn keeps_none(template: &Template) -> bool {
    let origin = template.origin();
    let taken = origin.take();
    let keeps_none = taken.is_none();
    if let Some(taken) = taken {
        origin.put(taken, Instant::now());
    }
    keeps_none
}

#[tokio::test]
async fn what_comes_between_two_requests_spoils_the_connection() {
    let answered = Arc::new(Notify::new());
    let go_on = Arc::clone(&answered);
    let server = server(move |mut connection| {
        let go_on = Arc::clone(&go_on);
        async move {
            connection.request().await;
            connection.send(ok("first")).await;
            go_on.notified().await;
            connection
                .send("HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n")
                .await;
            connection.ended().await;
        }
    })
    .await;
    let template = template(&client(), &server.url);
    assert_eq!(send(&template).await.unwrap().body, b"first");
    assert!(!keeps_none(&template));
    answered.notify_one();
    eventually(|| keeps_none(&template)).await;
    assert_eq!(send(&template).await.unwrap().body, b"first");
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn a_kept_connection_that_the_server_closed_meanwhile_costs_no_request() {
    let server = server(|mut connection| async move {
        connection.request().await;
        connection.send(ok("x")).await;
    })
    .await;
    for method in ["GET", "POST"] {
        let client = client();
        let mut parts = get(&server.url);
        parts.method = method.to_owned();
        let template = client.prepare(&parts).unwrap();
        for _ in 0..20 {
            // The end of the connection has arrived by the time the runtime has looked again.
            fire(&template).await.unwrap();
            eventually(|| keeps_none(&template)).await;
        }
    }
}

/// A server that reads a second request on its first connection, and hangs up without a word.
async fn closes_on_the_second_request() -> assay_test_server::Server {
    server(|mut connection| async move {
        connection.request().await;
        connection.send(ok("x")).await;
        if connection.number == 1 {
            connection.request().await;
            return;
        }
        while connection.request().await.is_some() {
            connection.send(ok("x")).await;
        }
    })
    .await
}

#[tokio::test]
async fn an_idempotent_request_is_sent_once_more_when_its_kept_connection_ends_without_a_word() {
    let server = closes_on_the_second_request().await;
    let template = template(&client(), &server.url);
    fire(&template).await.unwrap();
    let again = fire(&template).await.unwrap();
    assert!(again.connect.is_some());
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn a_request_that_may_have_had_an_effect_is_not_sent_again() {
    let server = closes_on_the_second_request().await;
    let mut parts = get(&server.url);
    parts.method = "POST".to_owned();
    parts.body = Some("order".into());
    let template = client().prepare(&parts).unwrap();
    fire(&template).await.unwrap();
    assert_eq!(fire(&template).await.unwrap_err().kind(), "closed");
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn an_answer_that_has_begun_is_not_asked_for_again() {
    let server = server(|mut connection| async move {
        connection.request().await;
        connection.send(ok("x")).await;
        connection.request().await;
        connection.send("HTTP/1.1 2").await;
    })
    .await;
    let template = template(&client(), &server.url);
    fire(&template).await.unwrap();
    assert_eq!(fire(&template).await.unwrap_err().kind(), "closed");
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_fresh_connection_that_ends_without_a_word_is_not_tried_twice() {
    let server = server(|mut connection| async move {
        connection.request().await;
    })
    .await;
    let template = template(&client(), &server.url);
    assert_eq!(fire(&template).await.unwrap_err().kind(), "closed");
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn many_requests_at_once_have_a_connection_each_which_then_are_kept() {
    let server = always(ok("x")).await;
    let template = template(&client(), &server.url);
    for _ in 0..3 {
        let calls: Vec<_> = (0..200)
            .map(|_| {
                let template = template.clone();
                tokio::spawn(async move { fire(&template).await })
            })
            .collect();
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap().status, 200);
        }
    }
    assert_eq!(
        template.origin().count_kept(),
        usize::try_from(server.accepted()).unwrap()
    );
    assert!(server.accepted() <= 200);
}

#[tokio::test]
async fn no_more_connections_are_kept_than_allowed() {
    let server = always(ok("x")).await;
    for max_kept in [0, 2] {
        let client = with_options(Options {
            max_kept,
            ..Options::default()
        });
        let template = template(&client, &server.url);
        let calls = (0..10).map(|_| {
            let template = template.clone();
            tokio::spawn(async move { fire(&template).await })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap().unwrap();
        }
        assert!(template.origin().count_kept() <= max_kept);
    }
}

#[tokio::test]
async fn a_connection_that_nobody_took_for_too_long_is_closed_when_another_comes_back() {
    let server = always(ok("x")).await;
    let client = with_options(Options {
        max_idle: Duration::ZERO,
        ..Options::default()
    });
    let template = template(&client, &server.url);
    let (one, two) = tokio::join!(fire(&template), fire(&template));
    one.unwrap();
    two.unwrap();
    assert_eq!(template.origin().count_kept(), 1);
}

#[tokio::test]
async fn origins_that_no_template_needs_do_not_pile_up() {
    let client = client();
    let needed = template(&client, "http://127.0.0.1:1/");
    for port in 1..=2_000 {
        template(&client, format!("http://127.0.0.1:{port}/"));
    }
    assert!(
        client.count_origins() <= 256 + 1,
        "{}",
        client.count_origins()
    );
    drop(needed);
}

#[tokio::test]
async fn a_call_that_finds_a_kept_connection_takes_little_room() {
    let template = template(&client(), "http://127.0.0.1:1/");
    let call = template.fire(With::Prepared, Instant::now());
    let bytes = size_of_val(&call);
    // What makes a connection, with TLS, is several times as large.
    assert!(bytes <= 1 << 10, "{bytes} bytes");
}
