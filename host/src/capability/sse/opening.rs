//! Asking for a stream: what is added to the request, and what happens to an answer that is no stream.

use std::sync::Arc;

use assay_load::transport::checks;
use assay_report::event::StreamSummary;
use reqwest::header::{ACCEPT, HeaderValue};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};

use super::account::Account;
use super::queue::queue;
use super::reader::Reader;
use super::{Context, EventStream, LAST_EVENT_ID, MAX_OPEN_STREAMS, content_type, is_event_stream};
use crate::capability::http::{self, Prepared, Record};
use crate::plugin::bindings::assay::suite::http::{Error, Request};
use crate::plugin::bindings::assay::suite::sse::Options;

/// How often a stream may be opened again.
pub(super) const MAX_RECONNECTS: u32 = 100;
/// Bytes that are kept of an answer that is no stream.
pub(super) const MAX_BODY_BYTES: usize = 64 << 10;

/// Sends the request and waits for the head of the answer.
pub(super) async fn open(
    context: &Context,
    request: Request,
    options: Options,
) -> Result<EventStream, Error> {
    let prepared = prepare(request, &options)?;
    let permit = Arc::clone(&context.free).try_acquire_owned().map_err(|_| {
        Error::Invalid(format!(
            "{MAX_OPEN_STREAMS} streams are open, which is the most; drop one first"
        ))
    })?;
    let mut record = Record::new(&context.http, &prepared);
    let body = prepared.body.clone();
    let answer = match http::head(&context.http, &prepared, body, &mut record).await {
        Ok(answer) => answer,
        Err(error) => return record.finish(Err(error)),
    };
    let (status, headers) = (answer.response.status(), answer.response.headers().clone());
    let account = Arc::new(Account::new(
        record.started(),
        record.since(),
        context.recorder.clone(),
        summary(&prepared, &record, status.as_u16(), answer.first_byte),
        options.last_event_id,
    ));
    let (sender, items) = queue();
    let (body, reader) = if is_event_stream(&answer.response) {
        account.detail(record.detail());
        let reader = Reader {
            http: context.http.clone(),
            prepared,
            max_reconnects: options.max_reconnects,
            account: Arc::clone(&account),
            items: sender,
            retry_ms: None,
            tries: 0,
            reconnects: 0,
        };
        (Vec::new(), Some(tokio::spawn(reader.run(answer.response))))
    } else {
        let deadline = http::deadline(&prepared, &record);
        let (body, end) = take_body(answer.response, deadline).await;
        record.received(&body);
        account.detail(record.detail());
        account.end(&end);
        (body, None)
    };
    account.hold(record.becomes_a_stream());
    Ok(EventStream {
        status: status.as_u16(),
        headers,
        body,
        opened_after: answer.first_byte,
        account,
        items: Arc::new(Mutex::new(items)),
        reader,
        _open: permit,
    })
}

fn prepare(request: Request, options: &Options) -> Result<Prepared, Error> {
    if options.max_reconnects > MAX_RECONNECTS {
        return Err(Error::Invalid(format!(
            "`max-reconnects` is {}, at most {MAX_RECONNECTS} are made",
            options.max_reconnects
        )));
    }
    let mut prepared = Prepared::new(request)?;
    let accept = HeaderValue::from_static("text/event-stream");
    prepared.headers.entry(ACCEPT).or_insert(accept);
    if let Some(id) = &options.last_event_id {
        let (name, value) = checks::header(LAST_EVENT_ID.as_str(), id)?;
        prepared.headers.insert(name, value);
    }
    Ok(prepared)
}

fn summary(
    prepared: &Prepared,
    record: &Record,
    status: u16,
    opened_after_ns: u64,
) -> StreamSummary {
    StreamSummary {
        name: http::cut_text(&prepared.name),
        url: http::cut_text(prepared.url.as_str()),
        status,
        events: 0,
        comments: 0,
        reconnects: 0,
        opened_after_ns,
        first_event_ns: None,
        longest_gap_ns: None,
        duration_ns: 0,
        end: String::new(),
        number: 0,
        traceparent: record.traceparent().map(str::to_owned),
        detail: None,
        last_events: Vec::new(),
    }
}

/// The start of the body, and how that went: the status counts even if the body breaks off.
async fn take_body(mut response: reqwest::Response, deadline: Instant) -> (Vec<u8>, String) {
    let status = response.status().as_u16();
    let content_type = content_type(response.headers());
    let no_stream = format!("no event stream: the status is {status}, the type `{content_type}`");
    let mut body = Vec::new();
    while body.len() < MAX_BODY_BYTES {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                let room = MAX_BODY_BYTES - body.len();
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            }
            Ok(Ok(None)) => break,
            Ok(Err(error)) => {
                let why = http::message(&http::of_body(&error));
                return (body, format!("{no_stream}, and its body broke off: {why}"));
            }
            Err(_) => {
                let why = "and its body did not end within the time of the request";
                return (body, format!("{no_stream}, {why}"));
            }
        }
    }
    (body, no_stream)
}
