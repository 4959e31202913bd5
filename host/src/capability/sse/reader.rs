//! The task behind an open stream: reads, decodes, queues, and opens a stream that broke again.

use std::sync::Arc;

use assay_formats::sse::{Decoded, Decoder, MAX_DATA_BYTES, Undecodable};
use assay_report::event::StreamedEvent;
use reqwest::header::HeaderValue;
use tokio::time::sleep;

use super::account::Account;
use super::queue::Sender;
use super::{LAST_EVENT_ID, backoff, is_event_stream};
use crate::capability::http::{self, Prepared, Record};
use crate::plugin::bindings::assay::suite::http::Error;
use crate::plugin::bindings::assay::suite::sse::{Comment, Event, Item, Reconnection};

/// What the reader needs to go on by itself.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) http: http::Context,
    pub(super) prepared: Prepared,
    pub(super) max_reconnects: u32,
    pub(super) account: Arc<Account>,
    pub(super) items: Sender,
    /// The newest `retry` of the server, in milliseconds.
    pub(super) retry_ms: Option<u64>,
    /// Tries to open it again so far.
    pub(super) tries: u32,
    /// Tries that succeeded.
    pub(super) reconnects: u32,
}

/// Why reading stopped.
enum Stop {
    /// The server ended the stream in an orderly way.
    Ended,
    /// The connection broke, which a new one may mend.
    Broke(Error),
    /// What came cannot be read, and would not be better the next time.
    Unreadable(Error),
    /// Nobody takes the items any more.
    Unwanted,
}

impl Reader {
    /// Reads to the end of the stream and of its reconnects. The last item is `end` or a failure.
    pub(super) async fn run(mut self, mut response: reqwest::Response) {
        let stop = loop {
            match self.read(response).await {
                Stop::Broke(error) if self.max_reconnects > 0 => match self.reopen(error).await {
                    Ok(again) => response = again,
                    Err(stop) => break stop,
                },
                stop => break stop,
            }
        };
        let (last, reason) = match stop {
            Stop::Unwanted => return,
            Stop::Ended => (Ok(Item::End), "ended".to_owned()),
            Stop::Broke(error) | Stop::Unreadable(error) => {
                let reason = http::message(&error);
                (Err(error), reason)
            }
        };
        self.account.end(&reason);
        // Without a receiver the stream was dropped, and nobody waits for the end.
        let _ = self.items.send(last).await;
    }

    /// One connection, to its end.
    async fn read(&mut self, mut response: reqwest::Response) -> Stop {
        let mut decoder = Decoder::default();
        loop {
            let mut chunk = match response.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return Stop::Ended,
                Err(error) => return Stop::Broke(http::of_body(&error)),
            };
            let at = self.account.now();
            loop {
                let found = decoder.next(&mut chunk);
                self.retry_ms = decoder.reconnection_ms().or(self.retry_ms);
                if let Some(id) = decoder.last_event_id() {
                    self.account.set_last_event_id(id);
                }
                match found {
                    Ok(None) => break,
                    Err(undecodable) => return Stop::Unreadable(failure(undecodable)),
                    Ok(Some(found)) => {
                        let item = self.item(found, at);
                        if self.items.send(Ok(item)).await.is_err() {
                            return Stop::Unwanted;
                        }
                    }
                }
            }
        }
    }

    fn item(&self, found: Decoded, at: u64) -> Item {
        match found {
            Decoded::Event {
                id,
                name,
                data,
                retry_ms,
            } => {
                let told = StreamedEvent::new(id.as_deref(), &name, &data, at);
                self.account.event(told);
                Item::Event(Event {
                    id,
                    name,
                    data,
                    retry_ms,
                    at,
                })
            }
            Decoded::Comment(text) => {
                self.account.comment();
                Item::Comment(Comment { text, at })
            }
            Decoded::Retry(milliseconds) => Item::Retry(milliseconds),
        }
    }

    /// Tries until there is a stream again, the server wants no more (204), it leads where nothing is granted, or no try is left.
    async fn reopen(&mut self, broken: Error) -> Result<reqwest::Response, Stop> {
        let reason = http::message(&broken);
        let mut last = broken;
        let mut failed_in_a_row = 0;
        while self.tries < self.max_reconnects {
            self.tries += 1;
            sleep(backoff::delay(
                self.retry_ms,
                failed_in_a_row,
                fastrand::f64(),
            ))
            .await;
            let last_event_id = self.account.last_event_id();
            match self.open_again(last_event_id.as_deref()).await {
                Ok(response) if is_event_stream(&response) => {
                    self.tell_reconnected(last_event_id, reason).await?;
                    return Ok(response);
                }
                Ok(response) if response.status() == reqwest::StatusCode::NO_CONTENT => {
                    return Err(Stop::Ended);
                }
                Ok(response) => {
                    let status = response.status().as_u16();
                    last = Error::Closed(format!("{reason}; then {status} instead of a stream"));
                }
                // Where it leads now is not granted: that stays so, and is no break of the stream.
                Err(denied @ Error::Denied(_)) => return Err(Stop::Broke(denied)),
                Err(error) => {
                    last = Error::Closed(format!("{reason}; then {}", http::message(&error)));
                }
            }
            failed_in_a_row += 1;
        }
        Err(Stop::Broke(last))
    }

    async fn tell_reconnected(
        &mut self,
        last_event_id: Option<String>,
        reason: String,
    ) -> Result<(), Stop> {
        self.reconnects += 1;
        self.account.reconnected(self.reconnects);
        let reconnection = Reconnection {
            count: self.reconnects,
            last_event_id,
            reason,
        };
        let item = Ok(Item::Reconnected(reconnection));
        self.items.send(item).await.map_err(|_| Stop::Unwanted)
    }

    /// The same request again. One that brings no stream is evidence by itself.
    async fn open_again(&mut self, id: Option<&str>) -> Result<reqwest::Response, Error> {
        self.prepared.headers.remove(LAST_EVENT_ID);
        if let Some(id) = id {
            let value = HeaderValue::from_bytes(id.as_bytes()).map_err(|_| {
                Error::Protocol(format!("the id `{}` fits no header", id.escape_debug()))
            })?;
            self.prepared.headers.insert(LAST_EVENT_ID, value);
        }
        let mut record = Record::new(&self.http, &self.prepared);
        let body = self.prepared.body.clone();
        match http::head(&self.http, &self.prepared, body, &mut record).await {
            Ok(answer) if is_event_stream(&answer.response) => {
                self.account.hold(record.becomes_a_stream());
                Ok(answer.response)
            }
            outcome => record.finish(outcome).map(|answer| answer.response),
        }
    }
}

fn failure(undecodable: Undecodable) -> Error {
    match undecodable {
        Undecodable::NotUtf8 => Error::Protocol("a line of the stream is not UTF-8".to_owned()),
        Undecodable::TooLarge => Error::TooLarge(MAX_DATA_BYTES as u64),
    }
}
