//! A request that is written out once and sent many times.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONNECTION, HeaderValue};
use hyper::{Method, Request};
use tokio::time::Instant;
use url::Position;

use super::answer::{Body, Head, Response, Sample, Stream, Timings, nanoseconds};
use super::checks;
use super::error::Error;
use super::http1::{self, Exchange, Outgoing};
use super::http2;
use super::origin::Origin;
use super::request::{Checked, Parts, Payload, With};
use super::route::{self, Failed, Route};
use super::slots::Text;
use super::timer::Deadline;

/// Bytes of a body that are copied behind the head, so that both leave in one packet and one call.
const MAX_COPIED_BYTES: usize = 16 << 10;

/// A prepared request. Cheap to clone: all clones are the same request. Dropping it does not touch calls under way.
#[derive(Clone, Debug)]
pub struct Template {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    origin: Arc<Origin>,
    checked: Checked,
    /// Request line and headers as HTTP/1.1 writes them, up to what says how long the body is.
    head: Text,
    /// All of it, for a template without slots.
    whole: Option<Outgoing>,
    timeout: Duration,
    max_body: u64,
    /// The request itself asks for the end of its connection.
    closes: bool,
}

/// The head of an answer, the body to come, and when.
struct Answer {
    head: Head,
    body: Body,
    connect: Option<u64>,
    first_byte: u64,
}

impl Template {
    pub(super) fn new(origin: Arc<Origin>, checked: Checked, parts: &Parts) -> Result<Self, Error> {
        let mut inner = Inner {
            head: head(&checked),
            whole: None,
            timeout: parts.timeout,
            max_body: parts.max_body,
            closes: asks_to_close(parts),
            origin,
            checked,
        };
        if inner.checked.slots == 0 {
            inner.whole = Some(inner.outgoing(&[], inner.body(&[])?)?);
        }
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Bytes of its texts and its body.
    pub fn bytes(&self) -> usize {
        let inner = &self.inner;
        let body = inner.checked.body.as_ref().map_or(0, Payload::len);
        inner.head.len() + body + inner.checked.url.as_str().len()
    }

    /// Sends it, and throws the body of the answer away. Its times count from `start`. Dropping the call cancels the request.
    pub async fn fire(&self, with: With<'_>, start: Instant) -> Result<Sample, Error> {
        let answer = self.answer(with, false, start).await?;
        let deadline = Deadline::new(start, self.inner.timeout);
        let (received, end) = answer.body.drain(self.inner.max_body, deadline).await?;
        Ok(Sample {
            status: answer.head.status,
            received,
            connect: answer.connect,
            first_byte: answer.first_byte,
            total: nanoseconds(start, end),
        })
    }

    /// Sends it, and takes the whole answer. Redirects are answers. Its times count from `start`. Dropping the call cancels the request.
    pub async fn send(&self, with: With<'_>, start: Instant) -> Result<Response, Error> {
        let answer = self.answer(with, true, start).await?;
        let deadline = Deadline::new(start, self.inner.timeout);
        let (body, end) = answer.body.collect(self.inner.max_body, deadline).await?;
        let total = nanoseconds(start, end);
        Ok(Response {
            head: answer.head,
            body,
            timings: Timings {
                connect: answer.connect,
                first_byte: answer.first_byte,
                receive: total.saturating_sub(answer.first_byte),
                total,
            },
        })
    }

    /// Sends it, and leaves the body of the answer to the caller. The template's timeout ends with the head, and its `max_body` does
    /// not count: a stream may be endless.
    pub async fn open(&self, with: With<'_>) -> Result<Stream, Error> {
        let answer = self.answer(with, true, Instant::now()).await?;
        Ok(Stream {
            head: answer.head,
            body: answer.body,
            connect: answer.connect,
            first_byte: answer.first_byte,
        })
    }

    /// Where it goes.
    #[cfg(test)]
    pub(super) fn origin(&self) -> &Origin {
        &self.inner.origin
    }

    async fn answer(
        &self,
        with: With<'_>,
        with_headers: bool,
        start: Instant,
    ) -> Result<Answer, Error> {
        self.inner.allows(&with)?;
        let exchange = Exchange {
            deadline: Deadline::new(start, self.inner.timeout),
            is_head: self.inner.checked.method == Method::HEAD,
            with_headers,
        };
        let mut failed = None;
        loop {
            let kept = match failed {
                None => self.inner.origin.take(),
                Some(_) => None,
            };
            // What is rare has a box of its own: a call is moved several times before it begins, and would take all of that along.
            let route = if let Some(connection) = kept {
                Route::Http1 {
                    connection,
                    connect: None,
                }
            } else {
                let find = route::find(&self.inner.origin, exchange.deadline, failed);
                Box::pin(find).await?
            };
            let (attempt, connect) = match route {
                Route::Http1 {
                    connection,
                    connect,
                } => (
                    self.inner.over_http1(connection, &with, exchange).await,
                    connect,
                ),
                Route::Http2 { sender, connect } => {
                    let attempt = Box::pin(self.inner.over_http2(sender, &with, exchange));
                    (attempt.await, connect)
                }
            };
            match attempt {
                Ok((head, body, arrived)) => {
                    return Ok(Answer {
                        head,
                        body,
                        connect,
                        first_byte: nanoseconds(start, arrived),
                    });
                }
                // Once only, and only where the connection was there before: the server may have closed it just then.
                Err((_, Some(again))) if failed.is_none() && connect.is_none() => {
                    failed = Some(again);
                }
                Err((error, _)) => return Err(error),
            }
        }
    }
}

/// What may come of one attempt: the head, what follows, and when the head was there. With the second part of the error it may be tried again.
type Attempt = Result<(Head, Body, Instant), (Error, Option<Failed>)>;

impl Inner {
    fn allows(&self, with: &With<'_>) -> Result<(), Error> {
        let slots = self.checked.slots;
        let given = match with {
            With::Values(values) => values.len(),
            With::Body(body) => {
                checks::payload(body.len())?;
                0
            }
            With::Prepared => 0,
        };
        if given == slots {
            Ok(())
        } else {
            Err(Error::Invalid(format!(
                "{given} values for {slots} slots; give one for each"
            )))
        }
    }

    async fn over_http1(
        &self,
        mut connection: Box<http1::Connection>,
        with: &With<'_>,
        exchange: Exchange,
    ) -> Attempt {
        let outgoing = self.written(with).map_err(|error| (error, None))?;
        let mut parsed = connection
            .request(outgoing, exchange)
            .await
            .map_err(|failure| {
                let again = failure.may_be_sent_again(self.checked.is_idempotent());
                (failure.error, again.then_some(Failed::Kept))
            })?;
        let arrived = Instant::now();
        parsed.keeps &= !self.closes;
        let origin = Arc::clone(&self.origin);
        let body = http1::Body::new(connection, &mut parsed, origin, arrived);
        Ok((parsed.head, Body::of_http1(body), arrived))
    }

    async fn over_http2(
        &self,
        sender: http2::Sender,
        with: &With<'_>,
        exchange: Exchange,
    ) -> Attempt {
        let number = sender.number;
        let request = self.request(with).map_err(|error| (error, None))?;
        let response = sender
            .request(request, exchange.deadline)
            .await
            .map_err(|failure| {
                let again = failure.may_be_sent_again(self.checked.is_idempotent());
                (failure.error, again.then_some(Failed::Shared(number)))
            })?;
        let arrived = Instant::now();
        let head = http2::head(&response, exchange.with_headers);
        let body = http2::Body::new(response.into_body());
        Ok((head, Body::of_http2(body), arrived))
    }

    /// As HTTP/1.1 sends it.
    fn written(&self, with: &With<'_>) -> Result<Outgoing, Error> {
        match (with, &self.whole) {
            (With::Prepared, Some(whole)) => Ok(whole.clone()),
            (With::Body(body), _) => self.outgoing(&[], Some(body.clone())),
            (With::Values(values), _) => self.outgoing(values, self.body(values)?),
            (With::Prepared, None) => self.outgoing(&[], None),
        }
    }

    /// The body with these values.
    fn body(&self, values: &[String]) -> Result<Option<Bytes>, Error> {
        let body = self.checked.body.as_ref();
        body.map(|body| body.with(values)).transpose()
    }

    fn outgoing(&self, values: &[String], body: Option<Bytes>) -> Result<Outgoing, Error> {
        let copied = body.as_ref().map_or(0, Bytes::len);
        let copied = if copied > MAX_COPIED_BYTES { 0 } else { copied };
        let mut head = Vec::with_capacity(self.head.len() + 64 * (values.len() + 1) + copied);
        self.head.fill(values, &mut head)?;
        if body.is_some() || announces_nothing(&self.checked.method) {
            let length = body.as_ref().map_or(0, Bytes::len);
            head.extend_from_slice(format!("content-length: {length}\r\n").as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        match body {
            Some(body) if copied == 0 => Ok(Outgoing::new(head.into(), body)),
            Some(body) => {
                head.extend_from_slice(&body);
                Ok(Outgoing::new(head.into(), Bytes::new()))
            }
            None => Ok(Outgoing::new(head.into(), Bytes::new())),
        }
    }

    /// As HTTP/2 sends it.
    fn request(&self, with: &With<'_>) -> Result<Request<Full<Bytes>>, Error> {
        let (values, body): (&[String], _) = match with {
            With::Prepared => (&[], self.body(&[])?),
            With::Body(body) => (&[], Some(body.clone())),
            With::Values(values) => (values, self.body(values)?),
        };
        let checked = &self.checked;
        let mut target = checked.url[..Position::BeforeUsername].as_bytes().to_vec();
        target.extend_from_slice(checked.url[Position::BeforeHost..Position::AfterPort].as_bytes());
        checked.target.fill(values, &mut target)?;
        let mut request = Request::builder()
            .method(checked.method.clone())
            .uri(target.as_slice());
        for (name, value) in &checked.headers {
            let mut text = Vec::new();
            value.fill(values, &mut text)?;
            let value = HeaderValue::from_maybe_shared(Bytes::from(text)).map_err(|error| {
                Error::Invalid(format!("the header `{name}` cannot be sent: {error}"))
            })?;
            request = request.header(name, value);
        }
        request
            .body(Full::new(body.unwrap_or_default()))
            .map_err(|error| Error::Invalid(format!("the request cannot be sent: {error}")))
    }
}

fn head(checked: &Checked) -> Text {
    let url = &checked.url;
    let mut head = Text::literal(format!("{} ", checked.method));
    head.append(&checked.target);
    let authority = &url[Position::BeforeHost..Position::AfterPort];
    head.append(&Text::literal(format!(
        " HTTP/1.1\r\nhost: {authority}\r\n"
    )));
    for (name, value) in &checked.headers {
        head.append(&Text::literal(format!("{name}: ")));
        head.append(value);
        head.append(&Text::literal("\r\n"));
    }
    head
}

/// Methods that are expected to have a body say so when they have none (RFC 9110 section 8.6).
fn announces_nothing(method: &Method) -> bool {
    [Method::POST, Method::PUT, Method::PATCH].contains(method)
}

fn asks_to_close(parts: &Parts) -> bool {
    let mut headers = parts.headers.iter();
    headers.any(|(name, value)| {
        let mut options = value.split(',');
        name.eq_ignore_ascii_case(CONNECTION.as_str())
            && options.any(|option| option.trim().eq_ignore_ascii_case("close"))
    })
}
