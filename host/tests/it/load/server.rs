//! Servers that do exactly what they are told, byte by byte.

use std::future::Future;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Serves every connection with `serve`, on a port of its own; the base URL. Ends with the test's runtime.
pub(super) async fn server<F, S>(serve: S) -> String
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

/// Answers every request with these bytes.
pub(super) async fn always(answer: &'static str) -> String {
    server(move |mut connection| async move {
        while connection.request().await.is_some() {
            connection.send(answer).await;
        }
    })
    .await
}

/// An accepted connection.
pub(super) struct Connection {
    /// From 1, in the order in which the server accepted them.
    pub(super) number: u32,
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// The next request, with a body of which it told the length; none when the client has hung up.
    pub(super) async fn request(&mut self) -> Option<String> {
        loop {
            if let Some(length) = complete(&self.buffer) {
                let request = self.buffer.drain(..length).collect();
                return Some(String::from_utf8(request).unwrap());
            }
            if self.stream.read_buf(&mut self.buffer).await.ok()? == 0 {
                return None;
            }
        }
    }

    /// Writes; a client that has hung up is no failure of the server.
    pub(super) async fn send(&mut self, text: &str) {
        let _ = self.stream.write_all(text.as_bytes()).await;
    }

    /// Ends with a reset instead of an orderly end.
    pub(super) fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }
}

/// How long the first request of the buffer is, once all of it is there.
fn complete(buffer: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(buffer);
    let head = text.find("\r\n\r\n")? + 4;
    let length = text[..head]
        .to_ascii_lowercase()
        .split_once("content-length: ")
        .and_then(|(_, rest)| rest.split_once("\r\n"))
        .map_or(0, |(length, _)| length.parse().unwrap());
    (buffer.len() >= head + length).then_some(head + length)
}
