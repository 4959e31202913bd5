//! What goes out on the wire.

use assay_test_server::echo;

use super::*;

/// The request as the server saw it.
async fn seen(template: &Template, with: With<'_>) -> String {
    let answer = template.send(with, Instant::now()).await.unwrap();
    String::from_utf8(answer.body).unwrap()
}

#[tokio::test]
async fn a_request_goes_out_as_it_was_written() {
    let server = echo().await;
    let authority = server.url.trim_start_matches("http://");
    let template = client()
        .prepare(&Parts {
            method: "PATCH".to_owned(),
            headers: [
                ("X-Twice", "1"),
                ("x-other", "Zoë"),
                ("x-twice", "2"),
                ("Accept", "text/plain"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
            body: Some("body".into()),
            ..get(format!("{}/a%20b?c=d|e#not-sent", server.url))
        })
        .unwrap();
    let expected = format!(
        "PATCH /a%20b?c=d|e HTTP/1.1\r\nhost: {authority}\r\nx-twice: 1\r\nx-other: Zoë\r\nx-twice: 2\r\n\
         accept: text/plain\r\ncontent-length: 4\r\n\r\nbody"
    );
    assert_eq!(seen(&template, With::Prepared).await, expected);
}

#[tokio::test]
async fn a_request_without_a_body_says_so_where_one_is_expected() {
    let server = echo().await;
    for (method, says) in [
        ("GET", false),
        ("DELETE", false),
        ("POST", true),
        ("PUT", true),
    ] {
        let mut parts = get(&server.url);
        parts.method = method.to_owned();
        let template = client().prepare(&parts).unwrap();
        let seen = seen(&template, With::Prepared).await;
        assert_eq!(seen.contains("content-length: 0\r\n"), says, "{seen}");
        assert!(seen.contains("accept: */*\r\n"), "{seen}");
    }
}

#[tokio::test]
async fn the_user_of_a_url_is_sent_as_authorization() {
    let server = echo().await;
    let url = server.url.replace("http://", "http://us%40er:pa%3Ass@");
    let seen = seen(&template(&client(), url), With::Prepared).await;
    // `us@er:pa:ss`
    assert!(
        seen.contains("authorization: Basic dXNAZXI6cGE6c3M=\r\n"),
        "{seen}"
    );
    assert!(!seen.contains("pa%3Ass"), "{seen}");
}

#[tokio::test]
async fn slots_are_filled_anew_each_time() {
    let server = echo().await;
    let template = client()
        .prepare(&Parts {
            method: "POST".to_owned(),
            headers: vec![("x-id".to_owned(), "<{id}>".to_owned())],
            body: Some(r#"{"id": "{id}", "name": "{name}"}"#.into()),
            slots: vec!["id".to_owned(), "name".to_owned()],
            ..get(format!("{}/users/{{id}}?q={{name}}", server.url))
        })
        .unwrap();
    for (id, name, path, body) in [
        (
            "1",
            "a b",
            "/users/1?q=a%20b",
            r#"{"id": "1", "name": "a b"}"#,
        ),
        (
            "../2",
            "é",
            "/users/..%2F2?q=%C3%A9",
            r#"{"id": "../2", "name": "é"}"#,
        ),
        (
            "",
            "{id}",
            "/users/?q=%7Bid%7D",
            r#"{"id": "", "name": "{id}"}"#,
        ),
    ] {
        let values = [id.to_owned(), name.to_owned()];
        let seen = seen(&template, With::Values(&values)).await;
        assert!(
            seen.starts_with(&format!("POST {path} HTTP/1.1\r\n")),
            "{seen}"
        );
        assert!(seen.contains(&format!("x-id: <{id}>\r\n")), "{seen}");
        assert!(
            seen.contains(&format!("content-length: {}\r\n", body.len())),
            "{seen}"
        );
        assert!(seen.ends_with(&format!("\r\n\r\n{body}")), "{seen}");
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_wrong_number_of_values_is_invalid_and_nothing_is_sent() {
    let server = echo().await;
    let slots = |slots: &[&str], url: String| Parts {
        slots: slots.iter().map(|&slot| slot.to_owned()).collect(),
        ..get(url)
    };
    let values = |count: usize| vec!["v".to_owned(); count];
    let client = client();
    let with = client
        .prepare(&slots(&["a"], format!("{}/{{a}}", server.url)))
        .unwrap();
    let without = template(&client, &server.url);
    for (template, with) in [
        (&with, With::Prepared),
        (&with, With::Body("x".into())),
        (&with, With::Values(&values(0))),
        (&with, With::Values(&values(2))),
        (&without, With::Values(&values(1))),
    ] {
        assert_eq!(
            template
                .fire(with, Instant::now())
                .await
                .unwrap_err()
                .kind(),
            "invalid"
        );
    }
    assert!(
        without
            .fire(With::Values(&[]), Instant::now())
            .await
            .is_ok()
    );
    let control = ["a\r\nb: c".to_owned()];
    let mut parts = slots(&["a"], server.url.clone());
    parts.headers = vec![("x".to_owned(), "{a}".to_owned())];
    let in_a_header = client.prepare(&parts).unwrap();
    let refused = in_a_header
        .fire(With::Values(&control), Instant::now())
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), "invalid");
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn hosts_and_default_ports_are_named_as_the_url_names_them() {
    let server = echo().await;
    let port = server.url.rsplit_once(':').unwrap().1;
    let url = format!("http://localhost:{port}/");
    let seen = seen(&template(&client(), url), With::Prepared).await;
    assert!(
        seen.contains(&format!("host: localhost:{port}\r\n")),
        "{seen}"
    );
}
