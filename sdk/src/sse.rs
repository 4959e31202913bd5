//! Server-sent events.
//!
//! ```no_run
//! # use assay_sdk::prelude::*;
//! # async fn example() -> Result<()> {
//! #[derive(serde::Deserialize)]
//! struct Progress { percent: u8 }
//!
//! let mut stream = sse::get("http://127.0.0.1:8002/api/v1/generations/job_1/events").open().await?;
//! while let Some(event) = stream.next_event(Duration::from_secs(5)).await? {
//!     let progress: Progress = event.json()?;
//!     check!(progress.percent <= 100);
//! }
//! # Ok(()) }
//! ```

mod event;

use std::time::Duration;

use crate::bindings::sse as contract;
use crate::http::{self, Error, ErrorKind};
use crate::problem::Problem;
use crate::{host, show};

pub use event::{Comment, Event, Item, Reconnection};

/// How much of a body that is no stream a message shows, in bytes.
const SHOWN: usize = 300;

/// A stream that is about to be opened.
#[derive(Clone, Debug)]
#[must_use = "a stream is not asked for until it is opened"]
pub struct Request {
    opening: http::Request,
    last_event_id: Option<String>,
    reconnects: u32,
}

/// A stream over `GET`.
pub fn get(url: impl Into<String>) -> Request {
    request(http::get(url))
}

/// A stream over any request; its timeout bounds the time to the head, not the stream.
pub fn request(request: http::Request) -> Request {
    Request {
        opening: request,
        last_event_id: None,
        reconnects: 0,
    }
}

impl Request {
    /// Adds a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.opening = self.opening.header(name, value);
        self
    }

    /// Asks for what comes after that event.
    pub fn last_event_id(mut self, id: impl Into<String>) -> Self {
        self.last_event_id = Some(id.into());
        self
    }

    /// How often a stream that broke is opened again, at most 100; without it never.
    pub fn reconnects(mut self, most: u32) -> Self {
        self.reconnects = most;
        self
    }

    /// Opens it; an answer that is no stream ends the case.
    #[track_caller]
    pub fn open(self) -> impl Future<Output = Result<EventStream, Problem>> {
        let place = std::panic::Location::caller();
        async move {
            let opened = self.open_any().await.map_err(Problem::from);
            let stream = opened.and_then(|stream| match stream.refusal() {
                None => Ok(stream),
                Some(problem) => Err(problem),
            });
            stream.map_err(|problem| problem.at(format!("{}:{}", place.file(), place.line())))
        }
    }

    /// Opens it and answers whatever came: look at [`EventStream::status`] and [`EventStream::body`].
    pub async fn open_any(self) -> Result<EventStream, Error> {
        let label = self.opening.label();
        let options = contract::Options {
            last_event_id: self.last_event_id,
            max_reconnects: self.reconnects,
        };
        match transmit(self.opening.finish()?, options).await {
            Ok(inner) => Ok(EventStream { inner, label }),
            Err(error) => Err(Error::of(error, &label)),
        }
    }
}

#[cfg(target_family = "wasm")]
async fn transmit(
    request: contract::Request,
    options: contract::Options,
) -> Result<contract::EventStream, contract::Error> {
    contract::open(request, options).await
}

/// Without a host there is no network.
#[cfg(not(target_family = "wasm"))]
async fn transmit(
    _request: contract::Request,
    _options: contract::Options,
) -> Result<contract::EventStream, contract::Error> {
    std::future::ready(Err(contract::Error::Unsupported(
        "a native build of a suite has no host".to_owned(),
    )))
    .await
}

/// An open stream. Dropping it closes the connection at once.
#[derive(Debug)]
pub struct EventStream {
    inner: contract::EventStream,
    label: String,
}

impl EventStream {
    /// The status of the answer that opened it.
    pub fn status(&self) -> u16 {
        self.inner.status()
    }

    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<String> {
        self.inner.header(name)
    }

    /// The body of an answer that is no event stream, at most 64 KiB; empty for a stream.
    pub fn body(&self) -> Vec<u8> {
        self.inner.body()
    }

    /// From asking to the head of the answer.
    pub fn opened_after(&self) -> Duration {
        Duration::from_nanos(self.inner.opened_after())
    }

    /// The newest id that was seen, as a reconnect would send it.
    pub fn last_event_id(&self) -> Option<String> {
        self.inner.last_event_id()
    }

    /// The next item of any kind. An error of the kind `Timeout` leaves the stream as it is; after any other one, and after
    /// [`Item::End`], it answers `End`.
    pub async fn next(&mut self, timeout: Duration) -> Result<Item, Error> {
        match self.inner.next(http::milliseconds(timeout)).await {
            Ok(item) => Ok(Item::new(item, &self.label)),
            Err(error) => Err(Error::of(error, &self.label)),
        }
    }

    /// The next event; comments, `retry` fields and reconnections on the way are passed over. None at the orderly end of the stream.
    /// The timeout is for the whole wait.
    pub async fn next_event(&mut self, timeout: Duration) -> Result<Option<Event>, Error> {
        let deadline = host::now() + timeout;
        loop {
            let left = deadline.saturating_duration_since(host::now());
            match self.next(left).await? {
                Item::Event(event) => return Ok(Some(event)),
                Item::End => return Ok(None),
                Item::Comment(_) | Item::Retry(_) | Item::Reconnected(_) if left.is_zero() => {
                    return Err(self.no_event_within(timeout));
                }
                Item::Comment(_) | Item::Retry(_) | Item::Reconnected(_) => {}
            }
        }
    }

    fn no_event_within(&self, timeout: Duration) -> Error {
        Error::new(
            ErrorKind::Timeout,
            format!("no event within {timeout:?}"),
            &*self.label,
        )
    }

    /// Why the answer is no stream; none if it is one.
    fn refusal(&self) -> Option<Problem> {
        let media_type = self.header("content-type").unwrap_or_default();
        let is_stream = media_type
            .split(';')
            .next()
            .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("text/event-stream"));
        if self.status() == 200 && is_stream {
            return None;
        }
        let body = self.body();
        let actual = format!(
            "{} {media_type} {}",
            self.status(),
            show::cut(&String::from_utf8_lossy(&body), SHOWN)
        );
        Some(
            Problem::failed(format!("{} answers a stream of events", self.label))
                .with_values(Some("200 text/event-stream".to_owned()), Some(actual)),
        )
    }
}
