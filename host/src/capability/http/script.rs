//! Servers for tests that do exactly what they are told, byte by byte: a real HTTP server would be too well-behaved.

use std::future::Future;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Serves every connection with `serve`, on a port of its own; the base URL. Ends with the test's runtime.
pub(crate) async fn server<F, S>(serve: S) -> String
where
    S: Fn(Connection) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut number = 0;
        while let Ok((stream, _)) = listener.accept().await {
            number += 1;
            tokio::spawn(serve(Connection {
                number,
                stream,
                buffer: Vec::new(),
            }));
        }
    });
    format!("http://{address}")
}

/// Answers every request of every connection with the same bytes.
pub(crate) async fn always(answer: impl Into<String>) -> String {
    let answer = answer.into();
    server(move |mut connection| {
        let answer = answer.clone();
        async move {
            while connection.request().await.is_some() {
                connection.send(&answer).await;
            }
        }
    })
    .await
}

/// Answers every request with itself.
pub(crate) async fn echo() -> String {
    server(|mut connection| async move {
        while let Some(request) = connection.request().await {
            let length = request.len();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
            connection.send(&(head + &request)).await;
        }
    })
    .await
}

/// An accepted connection.
pub(crate) struct Connection {
    /// From 1, in the order in which the server accepted them.
    pub(crate) number: u32,
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// The next request with its body (by `Content-Length` or in chunks), as text; none when the client has hung up.
    pub(crate) async fn request(&mut self) -> Option<String> {
        loop {
            if let Some(length) = complete(&self.buffer) {
                let request = self.buffer.drain(..length).collect();
                return Some(String::from_utf8(request).expect("a request of a test is text"));
            }
            if self.stream.read_buf(&mut self.buffer).await.ok()? == 0 {
                return None;
            }
        }
    }

    /// Writes; a client that has hung up is no failure of the server.
    pub(crate) async fn send(&mut self, text: &str) {
        self.try_send(text).await;
    }

    /// Writes; false when the client has hung up.
    pub(crate) async fn try_send(&mut self, text: &str) -> bool {
        self.send_bytes(text.as_bytes()).await
    }

    /// The same for what is no text.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    /// Ends with a reset instead of an orderly end.
    pub(crate) fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    /// Waits until the client hangs up, whatever it sends.
    pub(crate) async fn ended(&mut self) {
        let mut sink = [0; 1024];
        while let Ok(1..) = self.stream.read(&mut sink).await {}
    }
}

/// How long the first request of the buffer is, once all of it is there.
fn complete(buffer: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(buffer);
    let head = text.find("\r\n\r\n")? + 4;
    let lower = text[..head].to_ascii_lowercase();
    if lower.contains("transfer-encoding: chunked") {
        return Some(head + text[head..].find("0\r\n\r\n")? + 5);
    }
    let length = lower
        .split_once("content-length: ")
        .and_then(|(_, rest)| rest.split_once("\r\n"))
        .map_or(0, |(length, _)| length.parse().unwrap());
    (buffer.len() >= head + length).then_some(head + length)
}
