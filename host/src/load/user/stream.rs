//! An event stream of a virtual user: asked for, read, and opened again when it breaks, with all of it counted.

use std::sync::Arc;
use std::time::Duration;

use assay_formats::sse::{Decoded, Decoder, MAX_DATA_BYTES, Undecodable};
use assay_load::{
    Phase,
    streams::{Exposure, StreamMeter},
    transport::{self, Body, With},
};
use bytes::Bytes;
use tokio::time::{Instant, sleep_until, timeout};

use super::Thread;
use crate::{
    capability::{http, sse::backoff},
    ledger::{Ledger, Mark},
    plugin::bindings::assay::suite::{
        http::{Error, Request},
        sse::{Comment, Event, Item, Options, Reconnection},
    },
};

/// How often a stream may be opened again.
const MAX_RECONNECTS: u32 = 100;
/// Bytes that are kept of an answer that is no stream.
const MAX_BODY_BYTES: usize = 64 << 10;
/// How long the body of an answer that is no stream may take.
const BODY_TIME: Duration = Duration::from_secs(5);
/// What is sent to go on after an event.
const LAST_EVENT_ID: &str = "last-event-id";

/// What was answered when the stream was asked for.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    /// Of an answer that is no stream.
    pub(super) body: Vec<u8>,
    /// Nanoseconds from asking.
    pub(super) opened_after: u64,
}

/// Reads one stream. A call of [`Reader::next`] that is dropped loses nothing.
#[derive(Debug)]
pub(super) struct Reader {
    thread: Arc<Thread>,
    request: Request,
    asked: Instant,
    state: State,
    decoder: Decoder,
    /// What was read and is not decoded yet.
    rest: Bytes,
    /// None once the stream is over.
    meter: Option<StreamMeter<Exposed>>,
    last_event_id: Option<String>,
    retry_ms: Option<u64>,
    left: u32,
    reconnects: u32,
}

#[derive(Debug)]
enum State {
    Open(Box<Body>),
    /// It broke, for that reason. At that moment it is tried again; so many tries in a row have failed.
    Broken {
        reason: String,
        again: Instant,
        failed_in_a_row: u32,
    },
    Over,
}

/// To which phase of the run the times of a stream belong.
#[derive(Debug)]
struct Exposed {
    ledger: Ledger,
    since: Mark,
}

impl Exposed {
    fn from_now(thread: &Thread) -> Self {
        let ledger = thread.common.ledger.clone();
        Self {
            since: ledger.mark(),
            ledger,
        }
    }
}

impl Exposure for Exposed {
    fn phase(&self) -> Phase {
        self.ledger.phase_since(self.since)
    }

    fn event(&mut self) {
        self.since = self.ledger.mark();
    }
}

/// What is to be sent to open a stream.
fn ask(request: &Request, last_event_id: Option<&str>) -> Request {
    let mut request = request.clone();
    let has = |request: &Request, wanted: &str| {
        let mut headers = request.headers.iter();
        headers.any(|(name, _)| name.eq_ignore_ascii_case(wanted))
    };
    if !has(&request, "accept") {
        let accept = ("accept".to_owned(), "text/event-stream".to_owned());
        request.headers.push(accept);
    }
    if let Some(id) = last_event_id {
        request
            .headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case(LAST_EVENT_ID));
        request
            .headers
            .push((LAST_EVENT_ID.to_owned(), id.to_owned()));
    }
    request
}

/// Asks for a stream and waits for the head of the answer, whatever it is.
pub(super) async fn open(
    thread: &Arc<Thread>,
    request: Request,
    options: &Options,
) -> Result<(Head, Reader), Error> {
    if options.max_reconnects > MAX_RECONNECTS {
        return Err(Error::Invalid(format!(
            "`max-reconnects` is {}, at most {MAX_RECONNECTS} are made",
            options.max_reconnects
        )));
    }
    let wanted = ask(&request, options.last_event_id.as_deref());
    let prepared = thread.prepare(wanted, Vec::new())?;
    let exposed = Exposed::from_now(thread);
    let mut meter = StreamMeter::ask(Arc::clone(&thread.shard), exposed, thread.common.stall);
    let asked = Instant::now();
    let answer = match prepared.template.open(With::Prepared).await {
        Ok(answer) => answer,
        Err(error) => {
            meter.not_opened(error.kind());
            return Err(error.into());
        }
    };
    let mut head = Head {
        status: answer.head.status,
        headers: answer.head.headers,
        body: Vec::new(),
        opened_after: answer.first_byte,
    };
    let (state, meter) = if is_event_stream(head.status, &head.headers) {
        meter.opened();
        (State::Open(Box::new(answer.body)), Some(meter))
    } else {
        meter.not_opened(&format!("status {}", head.status));
        head.body = beginning(answer.body).await;
        (State::Over, None)
    };
    let reader = Reader {
        thread: Arc::clone(thread),
        request,
        asked,
        state,
        decoder: Decoder::default(),
        rest: Bytes::new(),
        meter,
        last_event_id: options.last_event_id.clone(),
        retry_ms: None,
        left: options.max_reconnects,
        reconnects: 0,
    };
    Ok((head, reader))
}

impl Reader {
    /// What a reconnect would send: an empty id is none.
    pub(super) fn last_event_id(&self) -> Option<String> {
        self.last_event_id.clone().filter(|id| !id.is_empty())
    }

    /// The next item, however long it takes. After the end it is the end.
    pub(super) async fn next(&mut self) -> Result<Item, Error> {
        loop {
            if let Some(item) = self.decoded()? {
                return Ok(item);
            }
            match &mut self.state {
                State::Over => return Ok(Item::End),
                State::Open(body) => match body.chunk().await {
                    Ok(Some(chunk)) => self.rest = Bytes::copy_from_slice(chunk),
                    Ok(None) => {
                        self.end();
                        return Ok(Item::End);
                    }
                    Err(error) => self.broke(&error)?,
                },
                State::Broken { again, .. } => {
                    sleep_until(*again).await;
                    if let Some(item) = self.try_again().await? {
                        return Ok(item);
                    }
                }
            }
        }
    }

    /// The next item of what was read.
    fn decoded(&mut self) -> Result<Option<Item>, Error> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let found = self.decoder.next(&mut self.rest);
        self.retry_ms = self.decoder.reconnection_ms().or(self.retry_ms);
        if let Some(id) = self.decoder.last_event_id()
            && self.last_event_id.as_deref() != Some(id)
        {
            self.last_event_id = Some(id.to_owned());
        }
        match found {
            Ok(found) => Ok(found.map(|found| self.item(found))),
            Err(undecodable) => {
                let error = match undecodable {
                    Undecodable::NotUtf8 => {
                        Error::Protocol("a line of the stream is not UTF-8".to_owned())
                    }
                    Undecodable::TooLarge => Error::TooLarge(MAX_DATA_BYTES as u64),
                };
                if let Some(meter) = &mut self.meter {
                    meter.broke(http::kind(&error));
                }
                Err(self.cut_short(error))
            }
        }
    }

    fn item(&mut self, found: Decoded) -> Item {
        let at = u64::try_from(self.asked.elapsed().as_nanos()).unwrap_or(u64::MAX);
        match found {
            Decoded::Event {
                id,
                name,
                data,
                retry_ms,
            } => {
                if let Some(meter) = &mut self.meter {
                    meter.event(id.as_deref());
                }
                Item::Event(Event {
                    id,
                    name,
                    data,
                    retry_ms,
                    at,
                })
            }
            Decoded::Comment(text) => Item::Comment(Comment { text, at }),
            Decoded::Retry(milliseconds) => Item::Retry(milliseconds),
        }
    }

    /// Nothing more comes.
    fn end(&mut self) -> Option<StreamMeter<Exposed>> {
        self.state = State::Over;
        self.rest = Bytes::new();
        self.meter.take()
    }

    /// Nothing more comes, and that is not what the server said.
    fn cut_short(&mut self, error: Error) -> Error {
        if let Some(meter) = self.end() {
            meter.cut_short();
        }
        error
    }

    /// The connection broke: it is opened again later, or this is the end.
    fn broke(&mut self, error: &transport::Error) -> Result<(), Error> {
        if let Some(meter) = &mut self.meter {
            meter.broke(error.kind());
        }
        let last = error.clone().into();
        self.again(error.to_string(), last, 0)
    }

    /// To be tried again, or else this is the last error.
    fn again(&mut self, reason: String, last: Error, failed_in_a_row: u32) -> Result<(), Error> {
        let Some(left) = self.left.checked_sub(1) else {
            return Err(self.cut_short(last));
        };
        self.left = left;
        self.rest = Bytes::new();
        let wait = backoff::delay(self.retry_ms, failed_in_a_row, fastrand::f64());
        self.state = State::Broken {
            reason,
            again: Instant::now() + wait,
            failed_in_a_row,
        };
        Ok(())
    }

    /// One try. None if there is to be another one.
    async fn try_again(&mut self) -> Result<Option<Item>, Error> {
        let last_event_id = self.last_event_id();
        let wanted = ask(&self.request, last_event_id.as_deref());
        // An id that fits no header.
        let prepared = self.thread.prepare(wanted, Vec::new());
        let prepared = prepared.map_err(|error| self.cut_short(error))?;
        let answer = prepared.template.open(With::Prepared).await;
        let State::Broken {
            reason,
            failed_in_a_row,
            ..
        } = &self.state
        else {
            return Ok(None);
        };
        let (reason, failed) = (reason.clone(), failed_in_a_row + 1);
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                let last = Error::Closed(format!("{reason}; then {error}"));
                self.again(reason, last, failed)?;
                return Ok(None);
            }
        };
        match answer.head.status {
            status if is_event_stream(status, &answer.head.headers) => {}
            // The server wants no more (WHATWG HTML section 9.2.3).
            204 => {
                self.end();
                return Ok(Some(Item::End));
            }
            status => {
                let last = Error::Closed(format!("{reason}; then {status} instead of a stream"));
                self.again(reason, last, failed)?;
                return Ok(None);
            }
        }
        self.reconnects += 1;
        if let Some(meter) = &mut self.meter {
            meter.reconnected();
        }
        self.decoder = Decoder::default();
        self.state = State::Open(Box::new(answer.body));
        Ok(Some(Item::Reconnected(Reconnection {
            count: self.reconnects,
            last_event_id,
            reason,
        })))
    }
}

/// Whether an answer is a stream at all (WHATWG HTML section 9.2.3).
fn is_event_stream(status: u16, headers: &[(String, String)]) -> bool {
    let mut types = headers.iter().filter(|(name, _)| name == "content-type");
    let essence = types
        .next()
        .and_then(|(_, value)| value.split(';').next())
        .unwrap_or_default();
    status == 200 && essence.trim().eq_ignore_ascii_case("text/event-stream")
}

/// What comes of an answer that is no stream, as far as it is kept and in bounded time.
async fn beginning(mut body: Body) -> Vec<u8> {
    let mut kept = Vec::new();
    let read = async {
        while kept.len() < MAX_BODY_BYTES {
            match body.chunk().await {
                Ok(Some(chunk)) => {
                    let room = MAX_BODY_BYTES - kept.len();
                    kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
                }
                // What there is is shown, whole or not.
                Ok(None) | Err(_) => break,
            }
        }
    };
    // The same holds for what takes too long.
    let _ = timeout(BODY_TIME, read).await;
    kept
}
