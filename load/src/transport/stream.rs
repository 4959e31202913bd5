//! The bytes below HTTP: TCP, with or without TLS.
//!
//! What is sent and received on plain connections goes to the kernel without the C library. Its functions may be cancelled, for which they exchange the state of the
//! thread twice, atomically, in each call: a measurable part of a request that only sends and receives once.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};

use rustix::buffer::spare_capacity;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// One connection. What TLS needs is boxed, so that a plain connection does not pay for it.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Whether the other side has neither sent anything nor hung up, as far as the runtime knows. Does not wait, and costs a system
    /// call only if something did happen.
    pub(super) fn is_quiet(&mut self) -> bool {
        let mut byte = [0];
        match self {
            Self::Plain(stream) => {
                let read = stream.try_read(&mut byte);
                read.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
            }
            // TLS has messages of its own (session tickets), which are not for us.
            Self::Tls(stream) => {
                let mut context = Context::from_waker(Waker::noop());
                let mut byte = ReadBuf::new(&mut byte);
                Pin::new(stream.as_mut())
                    .poll_read(&mut context, &mut byte)
                    .is_pending()
            }
        }
    }

    /// Reads what is there into the room that `bytes` has, which is some, or waits for it; 0 at the end of the stream.
    pub(super) fn poll_fill(
        &mut self,
        context: &mut Context<'_>,
        bytes: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(stream) => poll_receive(stream, context, bytes),
            Self::Tls(stream) => pin!(stream.read_buf(bytes)).poll(context),
        }
    }

    /// Whether TLS has agreed on HTTP/2.
    pub(super) fn agreed_on_http2(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Tls(stream) => stream.get_ref().1.alpn_protocol() == Some(b"h2"),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => poll_send(stream, context, bytes),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(context),
        }
    }
}

fn poll_receive(
    stream: &TcpStream,
    context: &mut Context<'_>,
    bytes: &mut Vec<u8>,
) -> Poll<io::Result<usize>> {
    let room = bytes.capacity() - bytes.len();
    loop {
        ready!(stream.poll_read_ready(context))?;
        let received = call(stream, Interest::READABLE, room, || {
            let (_, count) = recv(stream, spare_capacity(bytes), RecvFlags::empty())?;
            Ok(count)
        });
        if !would_block(&received) {
            return Poll::Ready(received);
        }
    }
}

fn poll_send(
    stream: &TcpStream,
    context: &mut Context<'_>,
    bytes: &[u8],
) -> Poll<io::Result<usize>> {
    loop {
        ready!(stream.poll_write_ready(context))?;
        // Who no longer reads is told by the error, not by a signal.
        let sent = call(stream, Interest::WRITABLE, bytes.len(), || {
            send(stream, bytes, SendFlags::NOSIGNAL)
        });
        if !would_block(&sent) {
            return Poll::Ready(sent);
        }
    }
}

/// One call of the kernel. One that does less than it could has left nothing to do: the runtime is told so, which spares the call that would find it out.
fn call(
    stream: &TcpStream,
    interest: Interest,
    most: usize,
    call: impl FnOnce() -> rustix::io::Result<usize>,
) -> io::Result<usize> {
    let mut last = None;
    let done = stream.try_io(interest, || {
        let count = call()?;
        if (1..most).contains(&count) {
            last = Some(count);
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(count)
    });
    last.map_or(done, Ok)
}

fn would_block(done: &io::Result<usize>) -> bool {
    matches!(done, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpListener;

    use super::*;

    async fn connected() -> (Stream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap());
        let (stream, accepted) = tokio::join!(stream, listener.accept());
        (Stream::Plain(stream.unwrap()), accepted.unwrap().0)
    }

    #[tokio::test]
    async fn what_fills_the_room_is_followed_by_the_rest_and_by_the_end() {
        for room in [1, 4, 5, 10, 64] {
            let (mut stream, mut other) = connected().await;
            other.write_all(b"0123456789").await.unwrap();
            drop(other);
            let mut all = Vec::new();
            loop {
                let mut bytes = Vec::with_capacity(room);
                let count = poll_fn(|context| stream.poll_fill(context, &mut bytes));
                let count = count.await.unwrap();
                assert_eq!(count, bytes.len());
                if count == 0 {
                    break;
                }
                all.extend_from_slice(&bytes);
            }
            assert_eq!(all, b"0123456789", "{room}");
        }
    }

    #[tokio::test]
    async fn what_is_sent_in_parts_arrives_whole() {
        let (mut stream, mut other) = connected().await;
        let sent: Vec<u8> = (0..16 << 20)
            .map(|place: u32| place.to_le_bytes()[2])
            .collect();
        let mut received = Vec::with_capacity(sent.len());
        let sending = async {
            stream.write_all(&sent).await.unwrap();
            drop(stream);
        };
        let receiving = async { other.read_to_end(&mut received).await.unwrap() };
        tokio::join!(sending, receiving);
        assert!(received == sent, "{} bytes came", received.len());
    }

    #[tokio::test]
    async fn whoever_hung_up_is_an_error_and_no_signal() {
        let (mut stream, other) = connected().await;
        drop(other);
        let sending = async { while stream.write_all(b"more").await.is_ok() {} };
        tokio::time::timeout(std::time::Duration::from_secs(10), sending)
            .await
            .unwrap();
    }
}
