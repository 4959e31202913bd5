//! The body of an answer, read piece by piece from its connection, which goes back to be kept when all is read.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::time::Instant;

use super::super::error::Error;
use super::super::origin::Origin;
use super::super::timer::Deadline;
use super::chunked::Piece;
use super::head::{Framing, Parsed};
use super::{Connection, Outgoing};

/// A body that is yet to come.
#[derive(Debug)]
pub(in super::super) struct Body {
    /// None once it went back, or failed.
    connection: Option<Box<Connection>>,
    framing: Framing,
    announced: Option<u64>,
    keeps: bool,
    origin: Arc<Origin>,
    /// Bytes at the front of the buffer that the caller was given.
    given: usize,
    /// When the last byte that is known was there: looked at anew only where it is not the moment of the head.
    arrived: Instant,
    has_read: bool,
}

impl Body {
    /// What follows this head on this connection, which was there at that moment.
    pub(in super::super) fn new(
        connection: Box<Connection>,
        parsed: &mut Parsed,
        origin: Arc<Origin>,
        arrived: Instant,
    ) -> Self {
        let framing = std::mem::replace(&mut parsed.framing, Framing::Length(0));
        Self {
            connection: Some(connection),
            announced: match framing {
                Framing::Length(length) => Some(length),
                Framing::Chunked(_) | Framing::UntilClose => None,
            },
            framing,
            keeps: parsed.keeps,
            origin,
            given: 0,
            arrived,
            has_read: false,
        }
    }

    /// When the last byte was there, at its end.
    pub(in super::super) fn arrived(&self) -> Instant {
        self.arrived
    }

    /// How many bytes the server announced, if it did.
    pub(in super::super) fn announced(&self) -> Option<u64> {
        self.announced
    }

    /// The next piece; none at the end.
    pub(in super::super) async fn next(
        &mut self,
        deadline: Option<Deadline>,
    ) -> Result<Option<&[u8]>, Error> {
        let given = poll_fn(|context| {
            let piece = self.poll_piece(context);
            if let (Poll::Pending, Some(deadline), Some(connection)) =
                (&piece, deadline, &mut self.connection)
            {
                ready!(connection.timer.poll_over(context, deadline.at));
                return Poll::Ready(Err(deadline.over("reading the body")));
            }
            piece
        })
        .await;
        match given {
            Ok(0) => {
                self.end();
                Ok(None)
            }
            Ok(given) => {
                let connection = self.connection.as_ref();
                Ok(connection.and_then(|connection| connection.buffer.filled().get(..given)))
            }
            Err(error) => {
                self.connection = None;
                Err(error)
            }
        }
    }

    /// How many bytes of data are at the front of the buffer; 0 at the end.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Result<usize, Error>> {
        let Some(connection) = &mut self.connection else {
            return Poll::Ready(Ok(0));
        };
        if !connection.outgoing.is_sent() {
            connection
                .outgoing
                .poll_send(&mut connection.stream, context);
        }
        connection.buffer.consume(std::mem::take(&mut self.given));
        loop {
            let piece = self.framing.next(connection.buffer.filled())?;
            connection.buffer.consume(piece.framing);
            if piece.data > 0 {
                self.given = piece.data;
                return Poll::Ready(Ok(piece.data));
            }
            if self.framing.is_done() {
                return Poll::Ready(Ok(0));
            }
            self.has_read = true;
            match ready!(connection.poll_fill(context)) {
                Ok(0) => return Poll::Ready(self.framing.at_the_end_of_the_connection()),
                Ok(_) => {}
                Err(error) => return Poll::Ready(Err(Error::of_transfer(&error))),
            }
        }
    }

    /// Gives the connection back if it can serve another request. One on which more came than was asked for cannot.
    fn end(&mut self) {
        // A look at the clock is a measurable part of a request whose answer came whole.
        if std::mem::take(&mut self.has_read) {
            self.arrived = Instant::now();
        }
        if let Some(mut connection) = self.connection.take()
            && self.keeps
            && connection.outgoing.is_sent()
            && connection.buffer.filled().is_empty()
        {
            connection.outgoing = Outgoing::default();
            connection.buffer.relax();
            self.origin.put(connection, self.arrived);
        }
    }
}

impl Framing {
    /// Takes from the front of the input, up to the end of the first data in it.
    pub(super) fn next(&mut self, input: &[u8]) -> Result<Piece, Error> {
        match self {
            Self::Length(left) => {
                let here = input.len() as u64;
                let data = here.min(*left);
                *left -= data;
                Ok(Piece {
                    framing: 0,
                    data: usize::try_from(data).unwrap_or(usize::MAX),
                })
            }
            Self::Chunked(chunked) => chunked.next(input),
            Self::UntilClose => Ok(Piece {
                framing: 0,
                data: input.len(),
            }),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        match self {
            Self::Length(left) => *left == 0,
            Self::Chunked(chunked) => chunked.is_done(),
            Self::UntilClose => false,
        }
    }

    /// 0 if that is how the body ends.
    pub(super) fn at_the_end_of_the_connection(&self) -> Result<usize, Error> {
        match self {
            Self::UntilClose => Ok(0),
            Self::Length(left) => Err(Error::Closed(format!(
                "the connection ended {left} bytes before the body did"
            ))),
            Self::Chunked(_) => Err(Error::Closed(
                "the connection ended before the last chunk of the body".to_owned(),
            )),
        }
    }
}
