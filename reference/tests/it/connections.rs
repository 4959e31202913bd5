//! Connections: kept alive, reused, and ended when a client goes away.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::system::{Setup, eventually};

#[tokio::test]
async fn requests_follow_one_another_on_one_connection() {
    let system = Setup::default().start().await;
    let address = system.projects.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n";
    let last = "GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream
        .write_all(format!("{request}{request}{last}").as_bytes())
        .await
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 3);
}

#[tokio::test]
async fn a_head_over_the_limit_is_431_or_a_closed_connection() {
    let system = Setup::default().start().await;
    let address = system.projects.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "GET /livez HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n",
        "x".repeat(128 << 10)
    );
    // The service may have closed before all of it was sent.
    let _ = stream.write_all(head.as_bytes()).await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8_lossy(&bytes);
    assert!(
        text.is_empty() || text.starts_with("HTTP/1.1 431 "),
        "{text}"
    );
    assert_eq!(system.projects.get("/livez").await.status, 200);
}

#[tokio::test]
async fn a_reader_that_goes_away_is_forgotten() {
    let setup = Setup {
        step_ms: 60_000,
        heartbeat_ms: 20,
        ..Setup::default()
    };
    let system = setup.start().await;
    let project = system.project("P").await;
    let id = system.generation(&project, "A").await;
    let open = |count: u8| {
        let generations = &system.generations;
        move || async move {
            let text = generations.get("/metrics").await.raw;
            text.contains(&format!("\nsse_streams_open {count}\n"))
        }
    };
    let mut stream = system.stream(&id, None).await;
    stream.comment_times(1).await;
    eventually("the stream is counted", open(1)).await;
    drop(stream);
    eventually("the stream is forgotten", open(0)).await;
}
