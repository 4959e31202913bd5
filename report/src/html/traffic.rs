//! The requests and the event streams of something that is not good: those that went wrong, and what was sent and came where that was
//! told again.

use super::recalled::Recalled;
use crate::{
    event::{Exchange, StreamSummary, StreamedEvent},
    json::document::Attempt,
    words::{clean, clip, headline, time},
};

/// Requests that are shown: the last ones that went wrong.
const MAX_EXCHANGES: usize = 12;
/// Event streams that are shown: the last ones.
const MAX_STREAMS: usize = 8;
/// Characters of a name or a URL.
const MAX_NAME: usize = 300;
/// Characters of the data of an event.
const MAX_DATA: usize = 1_000;
/// Bytes of what was sent and came, of all requests and streams of one attempt. What is beyond it is in `report.json`.
const MAX_RECALLED_BYTES: usize = 48 << 10;
/// Bytes that the page itself needs for an event.
const EVENT_BYTES: usize = 90;

/// The requests and streams of an attempt.
#[derive(Clone, Debug, Default)]
pub(super) struct Traffic {
    pub(super) exchanges: Vec<Failing>,
    /// Requests that are not shown, of those that are known one by one.
    pub(super) hidden_exchanges: usize,
    pub(super) streams: Vec<Stream>,
    /// How many were told again and have no room for it here.
    pub(super) hidden_recalled: usize,
}

/// A request that went wrong, or one of the last ones if none did.
#[derive(Clone, Debug)]
pub(super) struct Failing {
    pub(super) request: String,
    pub(super) answer: String,
    pub(super) is_bad: bool,
    pub(super) time: String,
    pub(super) number: u64,
    pub(super) recalled: Option<Recalled>,
}

/// A stream in one line, and its last events.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub(super) line: String,
    pub(super) is_bad: bool,
    pub(super) number: u64,
    pub(super) recalled: Option<Recalled>,
    pub(super) events: Vec<Came>,
}

/// An event of a stream.
#[derive(Clone, Debug)]
pub(super) struct Came {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) after: String,
    pub(super) data: String,
}

impl Traffic {
    pub(super) fn new(attempt: &Attempt) -> Self {
        let (exchanges, hidden_exchanges) = exchanges(attempt);
        let streams = attempt.streams.iter().rev().take(MAX_STREAMS).rev();
        let mut traffic = Self {
            exchanges,
            hidden_exchanges,
            streams: streams.map(Stream::new).collect(),
            hidden_recalled: 0,
        };
        traffic.fit(MAX_RECALLED_BYTES);
        traffic
    }

    /// Leaves out what was sent and came where there is no more room for it: the last ones are kept.
    fn fit(&mut self, mut room: usize) {
        for stream in self.streams.iter_mut().rev() {
            match room.checked_sub(stream.recalled_bytes()) {
                Some(left) => room = left,
                None => self.hidden_recalled += usize::from(stream.forget()),
            }
        }
        for failing in self.exchanges.iter_mut().rev() {
            match room.checked_sub(failing.recalled_bytes()) {
                Some(left) => room = left,
                None => self.hidden_recalled += usize::from(failing.recalled.take().is_some()),
            }
        }
    }

    /// Leaves out all that was sent and came.
    pub(super) fn forget_recalled(&mut self) {
        self.fit(0);
    }

    /// How many bytes of the page it takes.
    pub(super) fn bytes(&self) -> usize {
        let exchanges = self.exchanges.iter().map(|failing| {
            super::bytes_of(&failing.request)
                + super::bytes_of(&failing.answer)
                + failing.recalled_bytes()
        });
        let streams = self.streams.iter();
        let streams = streams.map(|stream| super::bytes_of(&stream.line) + stream.recalled_bytes());
        exchanges.chain(streams).sum()
    }
}

/// Those that went wrong; if none did, the last ones. In their order, and how many are not shown.
fn exchanges(attempt: &Attempt) -> (Vec<Failing>, usize) {
    let bad = attempt
        .exchanges
        .iter()
        .filter(|exchange| exchange.went_wrong());
    let bad: Vec<&Exchange> = bad.collect();
    let chosen = if bad.is_empty() {
        attempt.exchanges.iter().collect()
    } else {
        bad
    };
    let last = chosen.iter().rev().take(MAX_EXCHANGES).rev();
    let shown: Vec<Failing> = last.map(|exchange| Failing::new(exchange)).collect();
    let hidden = attempt.exchanges.len() - shown.len();
    (shown, hidden)
}

impl Failing {
    fn new(exchange: &Exchange) -> Self {
        let answer = match (&exchange.error, exchange.status) {
            (Some(error), _) => format!("{}: {}", error.kind, headline(&error.message)),
            (None, Some(status)) => format!("{status}, {} bytes", exchange.received_bytes),
            (None, None) => "no answer".to_owned(),
        };
        let traceparent = exchange.traceparent.as_deref();
        let detail = exchange.detail.as_deref();
        Self {
            request: clip(
                &clean(&format!("{} {}", exchange.method, exchange.url)),
                MAX_NAME,
            ),
            answer: clip(&clean(&answer), MAX_NAME),
            is_bad: exchange.went_wrong(),
            time: time(exchange.duration_ns),
            number: exchange.number,
            recalled: detail.map(|detail| Recalled::new(detail, traceparent)),
        }
    }

    fn recalled_bytes(&self) -> usize {
        self.recalled.as_ref().map_or(0, Recalled::bytes)
    }
}

impl Stream {
    fn new(stream: &StreamSummary) -> Self {
        let first = stream.first_event_ns.map_or_else(
            || "no event".to_owned(),
            |first| format!("first event after {}", time(first)),
        );
        let again = match stream.reconnects {
            0 => String::new(),
            times => format!(", opened again {times} times"),
        };
        let line = format!(
            "{} {}: {} events, {first}{again}, {} after {}",
            stream.name,
            stream.url,
            stream.events,
            stream.end,
            time(stream.duration_ns)
        );
        let traceparent = stream.traceparent.as_deref();
        let detail = stream.detail.as_deref();
        Self {
            line: clip(&clean(&line), MAX_NAME),
            is_bad: stream.broke(),
            number: stream.number,
            recalled: detail.map(|detail| Recalled::new(detail, traceparent)),
            events: stream.last_events.iter().map(Came::new).collect(),
        }
    }

    pub(super) fn is_recalled(&self) -> bool {
        self.recalled.is_some() || !self.events.is_empty()
    }

    /// Leaves out what was told again; false if nothing was.
    fn forget(&mut self) -> bool {
        let was_recalled = self.is_recalled();
        self.recalled = None;
        self.events = Vec::new();
        was_recalled
    }

    fn recalled_bytes(&self) -> usize {
        let events = self.events.iter().map(|event| {
            let texts = [&event.name, &event.id, &event.data];
            EVENT_BYTES
                + texts
                    .into_iter()
                    .map(|text| super::bytes_of(text))
                    .sum::<usize>()
        });
        let recalled = self.recalled.as_ref().map_or(0, Recalled::bytes);
        recalled + events.sum::<usize>()
    }
}

impl Came {
    fn new(event: &StreamedEvent) -> Self {
        let short = |text: &str| clip(&clean(text), MAX_DATA);
        let cut = if event.truncated { " (cut)" } else { "" };
        Self {
            name: short(&event.name),
            id: event.id.as_deref().map(short).unwrap_or_default(),
            after: time(event.at_ns),
            data: short(&event.data) + cut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{ExchangeDetail, Message, MessageBody};

    fn recalled(body: usize) -> Failing {
        let message = Message {
            body: MessageBody::new(&vec![b'x'; body], body as u64),
            ..Message::default()
        };
        let detail = ExchangeDetail {
            request: message,
            response: None,
            redirected_to: None,
        };
        Failing {
            request: String::new(),
            answer: String::new(),
            is_bad: true,
            time: String::new(),
            number: 0,
            recalled: Some(Recalled::new(&detail, None)),
        }
    }

    #[test]
    fn at_the_limit_all_is_shown_and_beyond_it_the_last_ones_are() {
        let mut traffic = Traffic {
            exchanges: vec![recalled(10), recalled(20), recalled(30)],
            ..Traffic::default()
        };
        let all: usize = traffic.exchanges.iter().map(Failing::recalled_bytes).sum();
        traffic.fit(all);
        assert_eq!(traffic.hidden_recalled, 0);
        traffic.fit(all - 1);
        assert_eq!(traffic.hidden_recalled, 1);
        let kept = traffic.exchanges.iter();
        let kept: Vec<_> = kept.map(|failing| failing.recalled.is_some()).collect();
        assert_eq!(kept, [false, true, true]);
    }
}
