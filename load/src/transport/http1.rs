//! HTTP/1.1 (RFC 9112) from the client's side, one request at a time, driven by whoever waits for the answer.
//!
//! A connection has no task of its own. It is taken, written to, read from and given back by one call; a call that is dropped or
//! fails takes its connection with it, so that a half-read answer can never be taken for the next one.

mod body;
mod buffer;
mod chunked;
mod head;
mod sending;
mod whole;

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll, ready};

use super::error::Error;
use super::stream::Stream;
use super::timer::{Deadline, Timer};
use buffer::Buffer;
use head::{Parsed, Wanted};

pub(super) use body::Body;
pub(super) use sending::Outgoing;
pub use whole::{Whole, whole};

/// Bytes of the head of an answer, all interim answers before it included.
pub(super) const MAX_HEAD_BYTES: usize = 64 << 10;

/// A connection between two requests, or in one.
#[derive(Debug)]
pub(super) struct Connection {
    stream: Stream,
    buffer: Buffer,
    timer: Timer,
    /// What of the request is still to be sent: the server may be answering while it reads.
    outgoing: Outgoing,
}

/// Why there is no head of an answer, and how far the exchange had come.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    /// The connection ended without a byte of an answer: it may have been closed before the request was there.
    ended_unanswered: bool,
    /// No byte of the request was taken by the system.
    unsent: bool,
}

impl Failure {
    /// Whether a request on a kept connection may be sent once more on another one (RFC 9112 section 9.3.1).
    pub(super) fn may_be_sent_again(&self, is_idempotent: bool) -> bool {
        self.ended_unanswered && (is_idempotent || self.unsent)
    }
}

/// One request on its way, and what is wanted of its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exchange {
    pub(super) deadline: Deadline,
    /// The answer to `HEAD` has no body, whatever its head says.
    pub(super) is_head: bool,
    /// Whether the headers are wanted, or only what they mean.
    pub(super) with_headers: bool,
}

impl Exchange {
    fn wanted(self) -> Wanted {
        Wanted {
            is_head: self.is_head,
            with_headers: self.with_headers,
        }
    }
}

impl Connection {
    /// Over a stream that nothing was sent on.
    pub(super) fn new(stream: Stream, read_buffer: usize) -> Self {
        Self {
            stream,
            buffer: Buffer::new(read_buffer),
            timer: Timer::default(),
            outgoing: Outgoing::default(),
        }
    }

    /// Whether the server has neither sent anything nor hung up while nobody asked.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.stream.is_quiet()
    }

    /// Bytes that the read buffer holds.
    #[cfg(test)]
    pub(super) fn buffered(&self) -> usize {
        self.buffer.capacity()
    }

    /// Sends a request and reads the head of the answer. What is not sent by then is sent while its body is read.
    pub(super) async fn request(
        &mut self,
        outgoing: Outgoing,
        exchange: Exchange,
    ) -> Result<Parsed, Failure> {
        let whole = outgoing.len();
        self.outgoing = outgoing;
        let mut interim = 0;
        let answered = poll_fn(|context| {
            let answered = self.poll_request(context, exchange, &mut interim);
            if answered.is_ready() {
                return answered;
            }
            ready!(self.timer.poll_over(context, exchange.deadline.at));
            let part = "waiting for the head of the answer";
            Poll::Ready(Err(Ended::Otherwise(exchange.deadline.over(part))))
        })
        .await;
        answered.map_err(|ended| {
            let (error, ended) = match ended {
                Ended::Connection(error) => (error, true),
                Ended::Otherwise(error) => (error, false),
            };
            Failure {
                error,
                ended_unanswered: ended && interim == 0 && self.buffer.filled().is_empty(),
                unsent: self.outgoing.len() == whole,
            }
        })
    }

    fn poll_request(
        &mut self,
        context: &mut Context<'_>,
        exchange: Exchange,
        interim: &mut usize,
    ) -> Poll<Result<Parsed, Ended>> {
        self.outgoing.poll_send(&mut self.stream, context);
        loop {
            if let Some(head) = self
                .buffer
                .head(exchange.wanted(), interim)
                .map_err(Ended::Otherwise)?
            {
                return Poll::Ready(Ok(head));
            }
            match ready!(self.poll_fill(context)) {
                Ok(0) => {
                    let error = self.buffer.cut_off_head(exchange.wanted());
                    return Poll::Ready(Err(Ended::Connection(error)));
                }
                Ok(_) => {}
                Err(error) => {
                    return Poll::Ready(Err(Ended::Connection(Error::of_head(&error))));
                }
            }
        }
    }

    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.buffer.poll_fill(&mut self.stream, context)
    }
}

/// How an exchange ended without a head.
enum Ended {
    /// By its connection.
    Connection(Error),
    Otherwise(Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_sent_again_only_if_nobody_can_have_acted_on_it_or_acting_twice_does_no_harm() {
        for (ended_unanswered, unsent, is_idempotent, expected) in [
            (true, true, true, true),
            (true, true, false, true),
            (true, false, true, true),
            (true, false, false, false),
            (false, true, true, false),
            (false, false, true, false),
        ] {
            let failure = Failure {
                error: Error::Closed(String::new()),
                ended_unanswered,
                unsent,
            };
            assert_eq!(failure.may_be_sent_again(is_idempotent), expected);
        }
    }
}
