//! Sending a prepared request: redirects, the deadline over all of it, the limit on the body.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use reqwest::{Url, Version};
use tokio::time::{Instant, sleep, timeout_at};

use super::prepare::{self, Body, Prepared};
use super::record::Record;
use super::redirect::{self, Step};
use super::{Context, failure, trace};
use crate::access::to_port;
use crate::plugin::bindings::assay::suite::http::{Error, Response, Sample, Timings};

/// Bytes of the body of a redirect that are read to keep its connection; with more to come a new connection is cheaper.
const MAX_DRAINED_BYTES: usize = 64 << 10;

/// An answer whose head is there and whose body is yet to come.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) response: reqwest::Response,
    pub(crate) url: Url,
    pub(crate) redirects: u32,
    /// Nanoseconds; none if no connection was made.
    pub(crate) connect: Option<u64>,
    /// Nanoseconds from the start.
    pub(crate) first_byte: u64,
}

/// Sends and takes the whole answer.
pub(super) async fn send(context: &Context, prepared: &Prepared) -> Result<Response, Error> {
    let mut record = Record::new(context, prepared);
    let outcome = take(context, prepared, &mut record).await;
    record.finish(outcome)
}

async fn take(
    context: &Context,
    prepared: &Prepared,
    record: &mut Record,
) -> Result<Response, Error> {
    let answer = head(context, prepared, prepared.body.clone(), record).await?;
    let status = answer.response.status().as_u16();
    let version = version(answer.response.version());
    let headers = headers(answer.response.headers());
    let mut body = Vec::new();
    let keep = |chunk: Bytes| body.extend_from_slice(&chunk);
    read(answer.response, prepared, record, keep).await?;
    let total = nanoseconds(record.started().elapsed());
    Ok(Response {
        status,
        version,
        headers,
        body,
        url: answer.url.into(),
        redirects: answer.redirects,
        timings: Timings {
            connect: answer.connect,
            first_byte: answer.first_byte,
            receive: total.saturating_sub(answer.first_byte),
            total,
        },
    })
}

/// Sends with another body if there is one, and throws the answer's body away.
pub(super) async fn fire(
    context: &Context,
    prepared: &Prepared,
    body: Option<Bytes>,
) -> Result<Sample, Error> {
    let body = match body {
        Some(bytes) => prepare::whole(bytes)?,
        None => prepared.body.clone(),
    };
    let mut record = Record::new(context, prepared);
    let outcome = sample(context, prepared, body, &mut record).await;
    record.finish(outcome)
}

async fn sample(
    context: &Context,
    prepared: &Prepared,
    body: Body,
    record: &mut Record,
) -> Result<Sample, Error> {
    let answer = head(context, prepared, body, record).await?;
    let status = answer.response.status().as_u16();
    let received = read(answer.response, prepared, record, drop).await?;
    Ok(Sample {
        status,
        received,
        first_byte: answer.first_byte,
        total: nanoseconds(record.started().elapsed()),
    })
}

/// Sends and waits for the head of the answer that is no redirect to follow.
pub(crate) async fn head(
    context: &Context,
    prepared: &Prepared,
    body: Body,
    record: &mut Record,
) -> Result<Answer, Error> {
    let watch = Arc::clone(record.connections());
    record.request(&prepared.headers, &body);
    let mut first = Step::first(prepared, body);
    trace::set(&mut first.headers, record.traceparent());
    let following = watch.watch(follow(context, prepared, first, record.sent()));
    let (response, url, redirects) = timeout_at(deadline(prepared, record), following)
        .await
        .map_err(|_| {
            let part = if watch.under_way() {
                "making a connection"
            } else {
                "waiting for the head of the answer"
            };
            over(prepared.timeout, part)
        })??;
    let first_byte = nanoseconds(record.started().elapsed());
    record.head(&response, first_byte);
    if redirects > 0 {
        record.redirected_to(&url);
    }
    Ok(Answer {
        response,
        url,
        redirects,
        connect: watch.connect(),
        first_byte,
    })
}

async fn follow(
    context: &Context,
    prepared: &Prepared,
    mut step: Step,
    sent: &Arc<AtomicU64>,
) -> Result<(reqwest::Response, Url, u32), Error> {
    let mut redirects = 0;
    loop {
        let access = context.access();
        // Each step of a redirect is a request of its own.
        access.ask(&step.url).map_err(Error::Denied)?;
        let port = step.url.port_or_known_default().unwrap_or_default();
        let response = to_port(port, request(context, &step, sent)?.send())
            .await
            .map_err(|error| match failure::denied(&error) {
                Some(denied) => Error::Denied(access.refused(denied)),
                None => failure::of_request(&error),
            })?;
        let location = redirect::location(response.status(), response.headers());
        let Some(location) = location.filter(|_| prepared.max_redirects > 0) else {
            return Ok((response, step.url, redirects));
        };
        if redirects == prepared.max_redirects {
            return Err(Error::Protocol(format!(
                "more redirects than the {redirects} allowed; {} would lead on to `{}`",
                step.url,
                location.escape_debug()
            )));
        }
        redirects += 1;
        step = step.next(response.status(), &location)?;
        drain(response).await;
    }
}

fn request(
    context: &Context,
    step: &Step,
    sent: &Arc<AtomicU64>,
) -> Result<reqwest::RequestBuilder, Error> {
    let request = context
        .client()?
        .request(step.method.clone(), step.url.clone())
        .headers(step.headers.clone());
    let sent = Arc::clone(sent);
    Ok(match &step.body {
        Body::None => request,
        Body::Whole(bytes) => {
            sent.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            request.body(bytes.clone())
        }
        Body::Paced { pieces, pause } => request.body(paced(pieces.clone(), *pause, sent)),
    })
}

/// Pieces with a pause before each but the first. Its length is not known beforehand, so that it is sent in chunks.
fn paced(pieces: Vec<Bytes>, pause: Duration, sent: Arc<AtomicU64>) -> reqwest::Body {
    let pieces = stream::unfold(
        (pieces.into_iter().enumerate(), sent),
        move |(mut pieces, sent)| async move {
            let (index, piece) = pieces.next()?;
            if index > 0 {
                sleep(pause).await;
            }
            sent.fetch_add(piece.len() as u64, Ordering::Relaxed);
            Some((Ok::<_, std::convert::Infallible>(piece), (pieces, sent)))
        },
    );
    reqwest::Body::wrap_stream(pieces)
}

/// A redirect whose body breaks has said what it had to say: only its connection is lost.
async fn drain(mut response: reqwest::Response) {
    let mut drained = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        drained += chunk.len();
        if drained > MAX_DRAINED_BYTES {
            return;
        }
    }
}

/// Reads a body to its end, piece by piece; how many bytes it had. Dropping it half-way closes the connection.
async fn read(
    mut response: reqwest::Response,
    prepared: &Prepared,
    record: &mut Record,
    mut take: impl FnMut(Bytes),
) -> Result<u64, Error> {
    let deadline = deadline(prepared, record);
    let mut received = 0;
    loop {
        let chunk = timeout_at(deadline, response.chunk())
            .await
            .map_err(|_| {
                let part = format!("reading the body, after {received} bytes");
                over(prepared.timeout, &part)
            })?
            .map_err(|error| failure::of_body(&error))?;
        let Some(chunk) = chunk else {
            return Ok(received);
        };
        received += chunk.len() as u64;
        record.received(&chunk);
        if received > prepared.max_body {
            return Err(Error::TooLarge(prepared.max_body));
        }
        take(chunk);
    }
}

/// When the time of a request is over.
pub(crate) fn deadline(prepared: &Prepared, record: &Record) -> Instant {
    record.started() + prepared.timeout
}

fn over(timeout: Duration, part: &str) -> Error {
    let milliseconds = timeout.as_millis();
    Error::Timeout(format!(
        "{milliseconds} ms were over while {part}; a longer `timeout-ms` would wait on"
    ))
}

/// Names in lower case; bytes that are not UTF-8 replaced.
fn headers(headers: &reqwest::header::HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str().to_owned(), value.into_owned())
        })
        .collect()
}

/// As the contract writes it: `HTTP/2`, without a minor version.
fn version(version: Version) -> String {
    match version {
        Version::HTTP_2 => "HTTP/2".to_owned(),
        Version::HTTP_3 => "HTTP/3".to_owned(),
        other => format!("{other:?}"),
    }
}

/// A duration as the contract counts it. 2^64 nanoseconds are 584 years.
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
