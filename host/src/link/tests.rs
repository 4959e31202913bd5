//! A link between real sockets on the loopback interface.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

use super::{Link, MAX_CONNECTIONS};

mod faults;
mod forwarding;
mod fuzzed;
mod probes;
mod whole;

/// A link, and the target that it leads to.
struct Pair {
    link: Link,
    target: TcpListener,
}

impl Pair {
    async fn open() -> Self {
        Self::with_limit(MAX_CONNECTIONS).await
    }

    async fn with_limit(most: usize) -> Self {
        let target = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = target.local_addr().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let link = Link::with_limit(listener, address, most).unwrap();
        Self { link, target }
    }

    /// A connection through the link, both ends of it.
    async fn connect(&self) -> Ends {
        let address = self.link.address();
        let client = soon(TcpStream::connect(address)).await.unwrap();
        let (server, _) = soon(self.target.accept()).await.unwrap();
        Ends { client, server }
    }

    /// Whether a new connection is reset at once; otherwise it must work.
    async fn turns_away(&self) -> bool {
        tokio::select! {
            is_reset = is_reset_at_once(self.link.address()) => is_reset,
            accepted = soon(self.target.accept()) => { accepted.unwrap(); false }
        }
    }
}

/// Both ends of a connection.
struct Ends {
    client: TcpStream,
    server: TcpStream,
}

impl Ends {
    /// Proves that both ways work.
    async fn work(&mut self) {
        pass(&mut self.client, &mut self.server, b"question").await;
        pass(&mut self.server, &mut self.client, b"answer").await;
    }
}

async fn is_reset_at_once(address: SocketAddr) -> bool {
    match TcpStream::connect(address).await {
        Ok(mut client) => end_of(&mut client).await.1 == End::Reset,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

/// Sends `bytes`, and proves that they arrive.
async fn pass(from: &mut TcpStream, to: &mut TcpStream, bytes: &[u8]) {
    from.write_all(bytes).await.unwrap();
    arrives(to, bytes).await;
}

async fn arrives(to: &mut TcpStream, bytes: &[u8]) {
    let mut arrived = vec![0; bytes.len()];
    soon(to.read_exact(&mut arrived)).await.unwrap();
    assert!(arrived == bytes, "other bytes arrived");
}

/// Proves that nothing is there to be read, not even an end.
fn nothing_arrived(socket: &TcpStream) {
    let read = socket.try_read(&mut [0]).map_err(|error| error.kind());
    assert_eq!(read, Err(ErrorKind::WouldBlock));
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Closed,
    Reset,
}

/// All bytes up to the end, and how the end came.
async fn end_of(socket: &mut TcpStream) -> (Vec<u8>, End) {
    let mut bytes = Vec::new();
    let end = match soon(socket.read_to_end(&mut bytes)).await {
        Ok(_) => End::Closed,
        Err(error) if error.kind() == ErrorKind::ConnectionReset => End::Reset,
        Err(error) => panic!("{error}"),
    };
    (bytes, end)
}

/// Waits for what must come; on a busy machine it may take a while.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    let patience = Duration::from_secs(20);
    timeout(patience, future)
        .await
        .expect("it comes within 20 s")
}

/// Waits until the condition holds.
async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let waiting = async {
        while !condition() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    let waited = timeout(Duration::from_secs(20), waiting).await;
    assert!(waited.is_ok(), "not within 20 s: {what}");
}

fn random_bytes(length: usize, random: &mut fastrand::Rng) -> Vec<u8> {
    std::iter::repeat_with(|| random.u8(..))
        .take(length)
        .collect()
}

/// Ends the connection with a reset.
fn reset(socket: TcpStream) -> io::Result<()> {
    socket.set_zero_linger()?;
    drop(socket);
    Ok(())
}
