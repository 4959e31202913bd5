//! Servers for tests that do exactly what they are told, byte by byte: a real HTTP server would be too well-behaved.
//!
//! Only tests depend on this crate: where a test cannot go on, it panics.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on has failed"
)]

pub mod disk;
pub mod nats;
pub mod program;
pub mod registry;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// A server on a port of its own, which ends with the test's runtime.
#[derive(Debug)]
pub struct Server {
    /// `http://` and its address.
    pub url: String,
    accepted: Arc<AtomicU32>,
}

impl Server {
    /// How many connections were made to it.
    pub fn accepted(&self) -> u32 {
        self.accepted.load(Ordering::SeqCst)
    }
}

/// Serves every connection with `serve`.
pub async fn server<F, S>(serve: S) -> Server
where
    S: Fn(Connection) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepted = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let number = count.fetch_add(1, Ordering::SeqCst) + 1;
            tokio::spawn(serve(Connection {
                number,
                stream,
                buffer: Vec::new(),
            }));
        }
    });
    Server {
        url: format!("http://{address}"),
        accepted,
    }
}

/// Answers every request of every connection with the same bytes.
pub async fn always(answer: impl Into<String>) -> Server {
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

/// Sends this after the first request, and hangs up.
pub async fn hangs_up_after(answer: &'static str) -> Server {
    server(move |mut connection| async move {
        connection.request().await;
        connection.send(answer).await;
    })
    .await
}

/// Answers every request with itself.
pub async fn echo() -> Server {
    server(|mut connection| async move {
        while let Some(request) = connection.request().await {
            let length = request.len();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
            connection.send(head + &request).await;
        }
    })
    .await
}

/// An accepted connection.
#[derive(Debug)]
pub struct Connection {
    /// From 1, in the order in which the server accepted them.
    pub number: u32,
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// The next request with its body (by `Content-Length` or in chunks), as text; none when the client has hung up.
    pub async fn request(&mut self) -> Option<String> {
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

    /// Waits for this many bytes, and takes no more than a bufferful of others.
    pub async fn bytes(&mut self, count: usize) {
        while self.buffer.len() < count {
            if self.stream.read_buf(&mut self.buffer).await.unwrap() == 0 {
                return;
            }
        }
    }

    /// Forgets what was received; how much it was.
    pub fn drain(&mut self) -> usize {
        self.buffer.drain(..).len()
    }

    /// Writes; false when the client has hung up.
    pub async fn send(&mut self, text: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(text.as_ref()).await.is_ok()
    }

    /// Ends with a reset instead of an orderly end.
    pub fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    /// Waits until the client hangs up, whatever it sends.
    pub async fn ended(&mut self) {
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
