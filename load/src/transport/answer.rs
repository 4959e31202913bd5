//! What comes back: a sample for statistics, a whole answer, or a stream of pieces.

use tokio::time::Instant;

use super::error::Error;
use super::timer::Deadline;
use super::{http1, http2};

/// Bytes that are set aside for a body because its server announces it; more only as it arrives.
const MAX_BELIEVED_BYTES: u64 = 1 << 20;

/// What a fired template answers: enough for statistics, and cheap. Times are in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The status code. Any status is an answer and not an error.
    pub status: u16,
    /// Bytes of body received, and thrown away.
    pub received: u64,
    /// Making a connection, with TLS where it is used; none when a kept one was used.
    pub connect: Option<u64>,
    /// From the start to the head of the answer, `connect` included.
    pub first_byte: u64,
    /// From the start to the last byte.
    pub total: u64,
}

/// Nanoseconds. The parts follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// Making a connection, with TLS where it is used; none when a kept one was used.
    pub connect: Option<u64>,
    /// From the start to the head of the answer, `connect` included.
    pub first_byte: u64,
    /// From there to the last byte of the body.
    pub receive: u64,
    /// All of it.
    pub total: u64,
}

/// The head of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// `HTTP/1.0`, `HTTP/1.1`, `HTTP/2`.
    pub version: &'static str,
    /// In order, names in lower case, bytes that are not UTF-8 replaced.
    pub headers: Vec<(String, String)>,
}

/// An answer, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Status, version and headers.
    pub head: Head,
    /// All of it.
    pub body: Vec<u8>,
    /// How long it took.
    pub timings: Timings,
}

/// An answer whose body is yet to come.
#[derive(Debug)]
pub struct Stream {
    /// Status, version and headers.
    pub head: Head,
    /// What follows.
    pub body: Body,
    /// Making a connection, in nanoseconds; none when a kept one was used.
    pub connect: Option<u64>,
    /// From the start to the head of the answer, in nanoseconds.
    pub first_byte: u64,
}

/// The rest of an answer. Dropping it before its end closes the connection (HTTP/1.1) or resets the stream (HTTP/2).
#[derive(Debug)]
pub struct Body {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Http1(http1::Body),
    Http2(http2::Body),
}

impl Body {
    pub(super) fn of_http1(body: http1::Body) -> Self {
        Self {
            kind: Kind::Http1(body),
        }
    }

    pub(super) fn of_http2(body: http2::Body) -> Self {
        Self {
            kind: Kind::Http2(body),
        }
    }

    /// The next piece as it came; none at the end, after which the connection serves the next request. There is no deadline: whoever
    /// waits says how long, and may stop waiting and call again, nothing is lost.
    pub async fn chunk(&mut self) -> Result<Option<&[u8]>, Error> {
        self.next(None).await
    }

    async fn next(&mut self, deadline: Option<Deadline>) -> Result<Option<&[u8]>, Error> {
        match &mut self.kind {
            Kind::Http1(body) => body.next(deadline).await,
            Kind::Http2(body) => body.next(deadline).await,
        }
    }

    /// How many bytes the server announced, if it did.
    fn announced(&self) -> Option<u64> {
        match &self.kind {
            Kind::Http1(body) => body.announced(),
            Kind::Http2(body) => body.announced(),
        }
    }

    /// When its last byte was there.
    fn arrived(&self) -> Instant {
        match &self.kind {
            Kind::Http1(body) => body.arrived(),
            Kind::Http2(_) => Instant::now(),
        }
    }

    /// Reads to the end and throws away; how many bytes it was, and when the last one was there.
    pub(super) async fn drain(
        mut self,
        max: u64,
        deadline: Deadline,
    ) -> Result<(u64, Instant), Error> {
        let received = self.read(max, deadline, |_| {}).await?;
        Ok((received, self.arrived()))
    }

    /// Reads to the end; and when the last byte was there.
    pub(super) async fn collect(
        mut self,
        max: u64,
        deadline: Deadline,
    ) -> Result<(Vec<u8>, Instant), Error> {
        let announced = self.announced().unwrap_or(0).min(MAX_BELIEVED_BYTES);
        let mut all = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
        self.read(max, deadline, |piece| all.extend_from_slice(piece))
            .await?;
        Ok((all, self.arrived()))
    }

    async fn read(
        &mut self,
        max: u64,
        deadline: Deadline,
        mut take: impl FnMut(&[u8]) + Send,
    ) -> Result<u64, Error> {
        if self.announced().is_some_and(|announced| announced > max) {
            return Err(Error::TooLarge(max));
        }
        let mut received = 0;
        loop {
            let piece = match self.next(Some(deadline)).await {
                Ok(Some(piece)) => piece,
                Ok(None) => return Ok(received),
                Err(Error::Timeout(_)) => {
                    let part = format!("reading the body, after {received} bytes");
                    return Err(deadline.over(&part));
                }
                Err(error) => return Err(error),
            };
            received += piece.len() as u64;
            if received > max {
                return Err(Error::TooLarge(max));
            }
            take(piece);
        }
    }
}

/// Nanoseconds from one moment to another. 2^64 nanoseconds are 584 years.
pub(super) fn nanoseconds(start: Instant, end: Instant) -> u64 {
    u64::try_from(end.duration_since(start).as_nanos()).unwrap_or(u64::MAX)
}

/// Nanoseconds since then.
pub(super) fn nanoseconds_since(start: Instant) -> u64 {
    nanoseconds(start, Instant::now())
}
