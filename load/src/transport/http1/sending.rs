//! The bytes of a request on their way.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use tokio::io::AsyncWrite as _;

use super::super::stream::Stream;

/// A head, which may have a small body with it, and a larger body. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Outgoing {
    head: Bytes,
    body: Bytes,
    is_flushed: bool,
    /// The server reads no more. It may have answered before, so that this alone is no failure.
    is_broken: bool,
}

impl Outgoing {
    /// A request, written out.
    pub(in super::super) fn new(head: Bytes, body: Bytes) -> Self {
        Self {
            head,
            body,
            is_flushed: false,
            is_broken: false,
        }
    }

    /// Bytes to go.
    pub(super) fn len(&self) -> usize {
        self.head.len() + self.body.len()
    }

    /// Whether all of it went out.
    pub(super) fn is_sent(&self) -> bool {
        self.is_flushed && !self.is_broken
    }

    /// Sends as much as the connection takes now; it is to be called again when the connection takes more.
    pub(super) fn poll_send(&mut self, stream: &mut Stream, context: &mut Context<'_>) {
        while !self.is_broken && !self.is_flushed {
            let (part, is_last) = if self.head.is_empty() {
                (&mut self.body, true)
            } else {
                (&mut self.head, false)
            };
            if is_last && part.is_empty() {
                return self.poll_flush(stream, context);
            }
            match Pin::new(&mut *stream).poll_write(context, part) {
                Poll::Ready(Ok(written @ 1..)) => part.advance(written),
                Poll::Ready(Ok(0) | Err(_)) => self.is_broken = true,
                Poll::Pending => return,
            }
        }
    }

    fn poll_flush(&mut self, stream: &mut Stream, context: &mut Context<'_>) {
        match Pin::new(stream).poll_flush(context) {
            Poll::Ready(Ok(())) => self.is_flushed = true,
            Poll::Ready(Err(_)) => self.is_broken = true,
            Poll::Pending => {}
        }
    }
}
