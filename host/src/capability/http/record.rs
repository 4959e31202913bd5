//! One line of evidence for each request, however it ends: answered, failed, or dropped half-way by the suite or a timeout.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use assay_report::event::{Exchange, ExchangeError};
use tokio::time::Instant;

use super::exchange::nanoseconds;
use super::failure;
use super::prepare::Prepared;
use crate::capability::recorder::{Recorder, cut};
use crate::capability::requests::UnderWay;
use crate::ledger::Mark;
use crate::plugin::bindings::assay::suite::http::Error;

/// Bytes of a method, a URL, a name or a message that are kept as evidence.
const MAX_TEXT_BYTES: usize = 2 << 10;

/// A request under way. Tells the recorder once: by [`Record::finish`], or as `cancelled` when it is dropped before.
#[derive(Debug)]
pub(crate) struct Record {
    recorder: Recorder,
    started: Instant,
    since: Mark,
    sent: Arc<AtomicU64>,
    under_way: Option<UnderWay>,
    exchange: Option<Exchange>,
}

impl Record {
    /// The request starts now.
    pub(crate) fn new(recorder: &Recorder, prepared: &Prepared) -> Self {
        Self {
            recorder: recorder.clone(),
            started: Instant::now(),
            since: recorder.mark(),
            sent: Arc::default(),
            under_way: Some(recorder.requests().begin(&prepared.url)),
            exchange: Some(Exchange {
                name: cut_text(&prepared.name),
                method: cut_text(prepared.method.as_str()),
                url: cut_text(prepared.url.as_str()),
                status: None,
                error: None,
                sent_bytes: 0,
                received_bytes: 0,
                first_byte_ns: None,
                duration_ns: 0,
            }),
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

    /// The head of the answer is there.
    pub(super) fn head(&mut self, status: u16, first_byte: u64) {
        if let Some(exchange) = &mut self.exchange {
            exchange.status = Some(status);
            exchange.first_byte_ns = Some(first_byte);
        }
    }

    /// So much of the body is there.
    pub(super) fn received(&mut self, bytes: u64) {
        if let Some(exchange) = &mut self.exchange {
            exchange.received_bytes = bytes;
        }
    }

    /// It is over.
    pub(crate) fn finish<T>(mut self, outcome: Result<T, Error>) -> Result<T, Error> {
        let error = outcome.as_ref().err().map(|error| ExchangeError {
            kind: failure::kind(error).to_owned(),
            message: cut_text(&failure::message(error)),
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

    fn tell(&mut self, error: Option<ExchangeError>) {
        if let Some(mut exchange) = self.exchange.take() {
            exchange.error = error;
            exchange.sent_bytes = self.sent.load(Ordering::Relaxed);
            exchange.duration_ns = nanoseconds(self.started.elapsed());
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
        self.tell(Some(ExchangeError {
            kind: "cancelled".to_owned(),
            message: "dropped before it was over".to_owned(),
        }));
    }
}

/// What a suite or a server wrote, as evidence keeps it.
pub(crate) fn cut_text(text: &str) -> String {
    cut(text, MAX_TEXT_BYTES).to_owned()
}
