//! One line of evidence for each request, however it ends: answered, failed, or dropped half-way by the suite or a timeout.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use assay_report::event::{Exchange, ExchangeDetail, ExchangeError, Stage};
use reqwest::Url;
use reqwest::header::HeaderMap;
use tokio::time::Instant;

use super::connecting::Stopwatch;
use super::draft::Draft;
use super::exchange::nanoseconds;
use super::prepare::{Body, Prepared};
use super::{Context, failure, trace};
use crate::capability::recorder::{Recorder, cut};
use crate::capability::requests::UnderWay;
use crate::ledger::Mark;
use crate::plugin::bindings::assay::suite::http::Error;
use crate::redact::Redactor;

/// Bytes of a method, a URL, a name or a message that are kept as evidence.
const MAX_TEXT_BYTES: usize = 2 << 10;

/// A request under way. Tells the recorder once: by [`Record::finish`], or as `cancelled` when it is dropped before.
#[derive(Debug)]
pub(crate) struct Record {
    recorder: Recorder,
    started: Instant,
    since: Mark,
    sent: Arc<AtomicU64>,
    connections: Arc<Stopwatch>,
    under_way: Option<UnderWay>,
    exchange: Option<Exchange>,
    draft: Draft,
    redactor: Redactor,
}

impl Record {
    /// The request starts now.
    pub(crate) fn new(context: &Context, prepared: &Prepared) -> Self {
        let recorder = context.recorder();
        let redactor = &context.inner.shared.redactor;
        let redactor = if context.access().is_limited() {
            redactor.wary()
        } else {
            redactor.clone()
        };
        redactor.learn_url(&prepared.url);
        learn(&redactor, &prepared.headers);
        Self {
            recorder: recorder.clone(),
            started: Instant::now(),
            since: recorder.mark(),
            sent: Arc::default(),
            connections: Arc::default(),
            under_way: Some(recorder.requests().begin(&prepared.url)),
            exchange: Some(Exchange {
                name: cut_text(&prepared.name),
                method: cut_text(prepared.method.as_str()),
                url: cut_text(prepared.url.as_str()),
                status: None,
                error: None,
                sent_bytes: 0,
                received_bytes: 0,
                connect_ns: None,
                first_byte_ns: None,
                duration_ns: 0,
                number: 0,
                traceparent: trace::traceparent(&prepared.headers, context.inner.trace)
                    .map(|text| cut_text(&text)),
                detail: None,
            }),
            draft: Draft::default(),
            redactor,
        }
    }

    /// When it started.
    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// The same, in the ledger of the run's faults.
    pub(crate) fn since(&self) -> Mark {
        self.since
    }

    /// Where the bytes of the body are counted as they go out.
    pub(super) fn sent(&self) -> &Arc<AtomicU64> {
        &self.sent
    }

    /// What it is sent with, to be found in the system's own traces.
    pub(crate) fn traceparent(&self) -> Option<&str> {
        self.exchange.as_ref()?.traceparent.as_deref()
    }

    /// What goes out first.
    pub(super) fn request(&mut self, headers: &HeaderMap, body: &Body) {
        let traceparent = self
            .exchange
            .as_ref()
            .and_then(|exchange| exchange.traceparent.as_deref());
        self.draft.request(headers, traceparent, body);
    }

    /// Where its connections are measured.
    pub(super) fn connections(&self) -> &Arc<Stopwatch> {
        &self.connections
    }

    /// The head of the answer is there.
    pub(super) fn head(&mut self, response: &reqwest::Response, first_byte: u64) {
        learn(&self.redactor, response.headers());
        self.draft.response(response.headers());
        if let Some(exchange) = &mut self.exchange {
            exchange.status = Some(response.status().as_u16());
            exchange.first_byte_ns = Some(first_byte);
        }
    }

    /// Redirects led there.
    pub(super) fn redirected_to(&mut self, url: &Url) {
        self.draft.redirected_to(cut_text(url.as_str()));
    }

    /// More of the body is there.
    pub(crate) fn received(&mut self, chunk: &[u8]) {
        self.draft.received(chunk);
        if let Some(exchange) = &mut self.exchange {
            exchange.received_bytes += chunk.len() as u64;
        }
    }

    /// What is known of it so far.
    pub(crate) fn detail(&mut self) -> ExchangeDetail {
        std::mem::take(&mut self.draft).end(self.sent.load(Ordering::Relaxed))
    }

    /// It is over.
    pub(crate) fn finish<T>(mut self, outcome: Result<T, Error>) -> Result<T, Error> {
        let error = outcome.as_ref().err().map(|error| ExchangeError {
            kind: failure::kind(error).to_owned(),
            message: cut_text(&failure::message(error)),
            stage: self.stage(error),
        });
        self.tell(error);
        outcome
    }

    /// It is no request any more: a stream tells of itself, and is under way until it is over.
    pub(crate) fn becomes_a_stream(mut self) -> Option<UnderWay> {
        let status = self.exchange.take().and_then(|exchange| exchange.status);
        let under_way = self.under_way.take();
        if let (Some(status), Some(under_way)) = (status, &under_way) {
            under_way.answered(status);
        }
        under_way
    }

    /// How far it has come; none of what was never sent.
    fn stage(&self, error: &Error) -> Option<Stage> {
        match error {
            Error::Denied(_) | Error::Invalid(_) | Error::Unsupported(_) => None,
            Error::Resolve(_) | Error::Connect(_) | Error::Tls(_) => Some(Stage::Connect),
            Error::Timeout(_) | Error::Closed(_) | Error::TooLarge(_) | Error::Protocol(_) => {
                Some(self.stage_now())
            }
        }
    }

    fn stage_now(&self) -> Stage {
        let exchange = self.exchange.as_ref();
        if exchange.is_some_and(|exchange| exchange.status.is_some()) {
            Stage::Body
        } else if self.connections.under_way() {
            Stage::Connect
        } else {
            Stage::Head
        }
    }

    fn tell(&mut self, error: Option<ExchangeError>) {
        if let Some(mut exchange) = self.exchange.take() {
            exchange.error = error;
            exchange.connect_ns = self.connections.connect();
            exchange.sent_bytes = self.sent.load(Ordering::Relaxed);
            exchange.duration_ns = nanoseconds(self.started.elapsed());
            exchange.detail = Some(Box::new(self.detail()));
            if let (Some(under_way), Some(status), None) =
                (&self.under_way, exchange.status, &exchange.error)
            {
                under_way.answered(status);
            }
            self.recorder.exchanged(self.since, exchange);
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let stage = Some(self.stage_now());
        self.tell(Some(ExchangeError {
            kind: "cancelled".to_owned(),
            message: "dropped before it was over".to_owned(),
            stage,
        }));
    }
}

fn learn(redactor: &Redactor, headers: &HeaderMap) {
    for (name, value) in headers {
        redactor.learn_header(name.as_str(), value.as_bytes());
    }
}

/// What a suite or a server wrote, as evidence keeps it.
pub(crate) fn cut_text(text: &str) -> String {
    cut(text, MAX_TEXT_BYTES).to_owned()
}
