//! What comes out of a stream.

use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::bindings::sse as contract;
use crate::http::JsonError;
use crate::http::json;

/// What comes out of a stream, in order.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Item {
    /// An event.
    Event(Event),
    /// A comment, such as a heartbeat.
    Comment(Comment),
    /// A `retry` field without data.
    Retry(Duration),
    /// The stream broke and was opened again.
    Reconnected(Reconnection),
    /// The server ended the stream in an orderly way.
    End,
}

/// An event as it was dispatched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its own `id` field; none if it had none.
    pub id: Option<String>,
    /// The `event` field, `message` if there was none.
    pub name: String,
    /// The `data` lines, joined by line feeds.
    pub data: String,
    /// The `retry` field that came with it.
    pub retry: Option<Duration>,
    /// Since the stream was asked for.
    pub at: Duration,
    pub(crate) source: String,
}

/// A comment line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// What stands after the colon.
    pub text: String,
    /// Since the stream was asked for.
    pub at: Duration,
}

/// The stream was opened again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconnection {
    /// 1 for the first one.
    pub count: u32,
    /// What was sent as `Last-Event-ID`.
    pub last_event_id: Option<String>,
    /// Why the one before ended.
    pub reason: String,
}

impl Event {
    /// The data as JSON. The error names the place of the first mismatch and shows the start of the data.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        let id = self.id.as_deref().unwrap_or("without id");
        let source = format!("{} sent the event `{}` ({id})", self.source, self.name);
        json::parse(self.data.as_bytes(), &source)
    }

    /// An event that never came over a network, to test what reads it.
    #[doc(hidden)]
    pub fn for_tests(id: Option<&str>, name: &str, data: &str) -> Self {
        Self {
            id: id.map(str::to_owned),
            name: name.to_owned(),
            data: data.to_owned(),
            retry: None,
            at: Duration::ZERO,
            source: "GET http://test".to_owned(),
        }
    }
}

impl Item {
    pub(super) fn new(item: contract::Item, source: &str) -> Self {
        match item {
            contract::Item::Event(event) => Self::Event(Event {
                id: event.id,
                name: event.name,
                data: event.data,
                retry: event.retry_ms.map(Duration::from_millis),
                at: Duration::from_nanos(event.at),
                source: source.to_owned(),
            }),
            contract::Item::Comment(comment) => Self::Comment(Comment {
                text: comment.text,
                at: Duration::from_nanos(comment.at),
            }),
            contract::Item::Retry(milliseconds) => Self::Retry(Duration::from_millis(milliseconds)),
            contract::Item::Reconnected(reconnection) => Self::Reconnected(Reconnection {
                count: reconnection.count,
                last_event_id: reconnection.last_event_id,
                reason: reconnection.reason,
            }),
            contract::Item::End => Self::End,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mismatch_names_the_event() {
        let event = Event::for_tests(Some("job:2"), "progress", r#"{"percent": "ten"}"#);
        let error = event
            .json::<std::collections::BTreeMap<String, u8>>()
            .unwrap_err();
        let message = error.to_string();
        assert!(
            message.starts_with(
                "GET http://test sent the event `progress` (job:2), which is no `BTreeMap<"
            ),
            "{message}"
        );
        assert_eq!(error.path(), "percent");
    }
}
