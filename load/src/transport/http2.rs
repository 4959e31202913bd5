//! HTTP/2 (RFC 9113): one connection to an origin that all requests share. hyper speaks it; a task drives the connection.

use std::sync::atomic::{AtomicU8, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout_at;

use super::answer::Head;
use super::error::Error;
use super::stream::Stream;
use super::timer::Deadline;

/// What an origin speaks, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spoken {
    Unknown,
    Http1,
    Http2,
}

/// The shared connection of an origin.
#[derive(Debug)]
pub(super) struct Shared {
    spoken: AtomicU8,
    /// Whether plain connections speak HTTP/2 too.
    unasked: bool,
    connection: Mutex<Current>,
}

/// The shared connection that requests go over now.
#[derive(Debug, Default)]
pub(super) struct Current {
    sender: Option<Sender>,
    made: u64,
}

/// Sends over a shared connection. Its number is one more than that of the connection before.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    requests: SendRequest<Full<Bytes>>,
    pub(super) number: u64,
}

impl Shared {
    /// Before the first connection.
    pub(super) fn new(spoken: Spoken) -> Self {
        Self {
            spoken: AtomicU8::new(spoken as u8),
            unasked: spoken == Spoken::Http2,
            connection: Mutex::default(),
        }
    }

    pub(super) fn spoken(&self) -> Spoken {
        match self.spoken.load(Ordering::Relaxed) {
            1 => Spoken::Http1,
            2 => Spoken::Http2,
            _ => Spoken::Unknown,
        }
    }

    /// Whether this new connection speaks HTTP/2.
    pub(super) fn is_spoken_over(&self, stream: &Stream) -> bool {
        self.unasked || stream.agreed_on_http2()
    }

    /// The server wants HTTP/1.1.
    pub(super) fn is_not_spoken(&self) {
        self.spoken.store(Spoken::Http1 as u8, Ordering::Relaxed);
    }

    pub(super) async fn lock(&self) -> MutexGuard<'_, Current> {
        self.connection.lock().await
    }
}

impl Current {
    /// The connection there is, unless it is closed or the one that failed.
    pub(super) fn usable(&self, failed: Option<u64>) -> Option<Sender> {
        let sender = self.sender.as_ref()?;
        let is_usable = !sender.requests.is_closed() && Some(sender.number) != failed;
        is_usable.then(|| sender.clone())
    }

    /// Makes this the connection that requests go over. The one before ends with its last request.
    pub(super) async fn begin(&mut self, stream: Stream) -> Result<Sender, Error> {
        let (requests, connection) = Builder::new(TokioExecutor::new())
            // More than one waits for what the server allows: it refuses what is beyond that, and requests begin at once and in crowds.
            .initial_max_send_streams(1)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| Error::of_hyper(&error))?;
        // How it ends is told to the requests on it. It ends when nobody can send over it any more.
        tokio::spawn(async move {
            let _ = connection.await;
        });
        self.made += 1;
        let sender = Sender {
            requests,
            number: self.made,
        };
        self.sender = Some(sender.clone());
        Ok(sender)
    }
}

/// Why there is no head of an answer.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    /// The request was not begun.
    unsent: bool,
}

impl Failure {
    /// Whether a request on a shared connection that was there may be sent once more on a new one.
    pub(super) fn may_be_sent_again(&self, is_idempotent: bool) -> bool {
        self.unsent || (is_idempotent && matches!(self.error, Error::Closed(_)))
    }
}

impl Sender {
    /// Sends a request and waits for the head of the answer. Waits for its turn if the server allows no more requests at once.
    pub(super) async fn request(
        mut self,
        request: Request<Full<Bytes>>,
        deadline: Deadline,
    ) -> Result<Response<Incoming>, Failure> {
        let sending = async {
            self.requests.ready().await.map_err(|error| Failure {
                error: Error::of_hyper(&error),
                unsent: true,
            })?;
            let sent = self.requests.try_send_request(request).await;
            sent.map_err(|mut error| Failure {
                unsent: error.take_message().is_some(),
                error: Error::of_hyper(error.error()),
            })
        };
        timeout_at(deadline.at, sending).await.unwrap_or_else(|_| {
            Err(Failure {
                error: deadline.over("waiting for the head of the answer"),
                unsent: false,
            })
        })
    }
}

/// The head as the contract has it.
pub(super) fn head(response: &Response<Incoming>, with_headers: bool) -> Head {
    let headers = response.headers().iter().filter(|_| with_headers);
    Head {
        status: response.status().as_u16(),
        version: "HTTP/2",
        headers: headers
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes());
                (name.as_str().to_owned(), value.into_owned())
            })
            .collect(),
    }
}

/// A body that is yet to come.
#[derive(Debug)]
pub(super) struct Body {
    incoming: Incoming,
    announced: Option<u64>,
    /// What the caller was given.
    given: Bytes,
}

impl Body {
    pub(super) fn new(incoming: Incoming) -> Self {
        Self {
            announced: incoming.size_hint().exact(),
            incoming,
            given: Bytes::new(),
        }
    }

    /// How many bytes the server announced, if it did.
    pub(super) fn announced(&self) -> Option<u64> {
        self.announced
    }

    /// The next piece; none at the end.
    pub(super) async fn next(
        &mut self,
        deadline: Option<Deadline>,
    ) -> Result<Option<&[u8]>, Error> {
        loop {
            let frame = match deadline {
                None => self.incoming.frame().await,
                Some(deadline) => timeout_at(deadline.at, self.incoming.frame())
                    .await
                    .map_err(|_| deadline.over("reading the body"))?,
            };
            let Some(frame) = frame else {
                return Ok(None);
            };
            let frame = frame.map_err(|error| Error::of_hyper(&error))?;
            if let Ok(data) = frame.into_data()
                && !data.is_empty()
            {
                self.given = data;
                return Ok(Some(&self.given));
            }
        }
    }
}
