//! What is wrong is refused with its own code, at every endpoint, and changes nothing.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::system::{Setup, System, wish};

/// Every operation that takes a body: client, method, path, a good body.
async fn with_body(system: &System) -> Vec<(bool, &'static str, String, Value)> {
    let project = system.project("P").await;
    let episode = system.episode(&project, "text").await.text("/data/id");
    let projects = "/api/v1/projects".to_owned();
    let one = format!("{projects}/{project}");
    vec![
        (
            true,
            "POST",
            projects,
            json!({"name": "A", "type": "drama"}),
        ),
        (true, "PUT", one.clone(), json!({"name": "A"})),
        (
            true,
            "POST",
            format!("{one}/episodes"),
            json!({"script": {"markdown": "m"}}),
        ),
        (
            true,
            "PUT",
            format!("{one}/episodes/{episode}/script"),
            json!({"script": {"markdown": "m"}}),
        ),
        (
            false,
            "POST",
            "/api/v1/generations".to_owned(),
            wish(&project, "A"),
        ),
    ]
}

#[tokio::test]
async fn a_body_that_is_no_json_or_too_large_or_of_another_type_is_refused() {
    let system = Setup::default().start().await;
    let json_type = [("content-type", "application/json")];
    for (of_projects, method, path, good) in with_body(&system).await {
        let client = if of_projects {
            &system.projects
        } else {
            &system.generations
        };
        for (headers, body, status, code) in [
            (
                &json_type[..],
                "{\"name\":".to_owned(),
                400,
                "MALFORMED_JSON",
            ),
            (&json_type, String::new(), 400, "MALFORMED_JSON"),
            (
                &json_type,
                " ".repeat((1 << 20) + 1),
                413,
                "PAYLOAD_TOO_LARGE",
            ),
            (
                &[("content-type", "text/plain")],
                good.to_string(),
                415,
                "UNSUPPORTED_MEDIA_TYPE",
            ),
            (&[], good.to_string(), 415, "UNSUPPORTED_MEDIA_TYPE"),
        ] {
            let reply = client.call(method, &path, headers, Some(body)).await;
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (status, code),
                "{method} {path}"
            );
        }
        let charset = [("content-type", "Application/JSON; charset=utf-8")];
        let reply = client
            .call(method, &path, &charset, Some(good.to_string()))
            .await;
        assert!(
            matches!(reply.status, 200 | 201),
            "{method} {path}: {}",
            reply.body
        );
    }
}

#[tokio::test]
async fn a_body_of_exactly_1_mib_is_taken() {
    let system = Setup::default().start().await;
    let project = system.project("P").await;
    let frame = json!({"script": {"markdown": ""}}).to_string().len();
    let reply = system
        .episode(&project, &"m".repeat((1 << 20) - frame))
        .await;
    assert_eq!(reply.status, 201);
}

#[tokio::test]
async fn unknown_ids_are_404() {
    let system = Setup::default().start().await;
    let one = "/api/v1/projects/proj_none";
    let script = json!({"script": {"markdown": "m"}});
    for (method, path, body) in [
        ("GET", one.to_owned(), None),
        ("PUT", one.to_owned(), Some(json!({"name": "A"}))),
        ("DELETE", one.to_owned(), None),
        ("PATCH", format!("{one}/progress?progress=1"), None),
        ("GET", format!("{one}/episodes"), None),
        ("POST", format!("{one}/episodes"), Some(script.clone())),
        ("GET", format!("{one}/episodes/_next-number"), None),
        ("GET", format!("{one}/episodes/_stats"), None),
        ("GET", format!("{one}/episodes/x"), None),
        ("DELETE", format!("{one}/episodes/x"), None),
        (
            "PUT",
            format!("{one}/episodes/x/script"),
            Some(script.clone()),
        ),
    ] {
        let headers = [("content-type", "application/json")];
        let reply = system
            .projects
            .call(method, &path, &headers, body.map(|body| body.to_string()))
            .await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (404, "PROJECT_NOT_FOUND"),
            "{method} {path}"
        );
    }
    let project = system.project("P").await;
    let path = format!("/api/v1/projects/{project}/episodes/x/script");
    assert_eq!(
        system.projects.json("PUT", &path, &script).await.code(),
        "EPISODE_NOT_FOUND"
    );
}

#[tokio::test]
async fn unknown_paths_are_404_and_other_methods_405_with_allow() {
    let system = Setup::default().start().await;
    for path in [
        "/",
        "/nothing",
        "/api/v1",
        "/api/v1/projects/a/b/c",
        "/api/v1/projects/%ff",
        "//",
    ] {
        let reply = system.projects.get(path).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (404, "ROUTE_NOT_FOUND"),
            "{path}"
        );
    }
    for (method, path, allow) in [
        ("DELETE", "/api/v1/projects", "GET,HEAD,POST"),
        ("POST", "/api/v1/projects/recent", "GET,HEAD"),
        ("GET", "/api/v1/projects/x/progress", "PATCH"),
        ("BREW", "/health", "GET,HEAD"),
    ] {
        let reply = system.projects.call(method, path, &[], None).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (405, "METHOD_NOT_ALLOWED")
        );
        assert_eq!(reply.header("allow"), Some(allow), "{method} {path}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_arrive_in_time_is_408_and_the_connection_ends() {
    let system = Setup {
        body_timeout_ms: 150,
        ..Setup::default()
    }
    .start()
    .await;
    for (client, path) in [
        (&system.projects, "/api/v1/projects"),
        (&system.generations, "/api/v1/generations"),
    ] {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(client.url.trim_start_matches("http://"))
            .await
            .unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{\"name\":"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let read = timeout(Duration::from_secs(5), stream.read_to_string(&mut answer)).await;
        read.unwrap().unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("REQUEST_TIMEOUT"), "{answer}");
        assert!(begun.elapsed() >= Duration::from_millis(150));
    }
}
