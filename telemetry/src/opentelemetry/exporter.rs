//! The reporter: it hears what happens, makes spans of it and hands them on, and at the end tells what did not arrive.

use std::{sync::Arc, thread};

use assay_report::{ReportError, Reporter, event::Event};

use super::{
    account::Account,
    clock::Clock,
    delivery::Receiver,
    endpoint::Endpoint,
    protocol::Span,
    queue::Queue,
    sender::{Pace, Sender},
    settings::Settings,
    spans::Spans,
};
use crate::worker::complete;

/// Sends a run as traces while it goes on.
///
/// Hearing an event never waits: what the receiver is too slow for is dropped and counted. The end of the run waits for what is left, at most
/// as long as the receiver may take for a request ([`Settings::timeout`]).
#[derive(Debug)]
pub struct Exporter {
    spans: Spans,
    queue: Arc<Queue>,
    endpoint: Endpoint,
    thread: Option<thread::JoinHandle<Account>>,
}

impl Exporter {
    /// Begins to wait for spans, in a thread of its own. Nothing is sent before there are some.
    pub fn start(settings: &Settings, clock: Clock) -> Result<Self, ReportError> {
        Self::at_pace(settings, clock, Pace::default())
    }

    pub(super) fn at_pace(
        settings: &Settings,
        clock: Clock,
        pace: Pace,
    ) -> Result<Self, ReportError> {
        let failed = |why: &dyn std::fmt::Display| ReportError::Telemetry {
            message: format!("traces cannot be sent to `{}`: {why}", settings.endpoint),
            hint: Some("`OTEL_SDK_DISABLED=true` runs without them".to_owned()),
        };
        let queue = Arc::new(Queue::default());
        let receiver = Receiver::new(settings).map_err(|why| failed(&why))?;
        let sender = Sender::new(Arc::clone(&queue), receiver, settings, pace);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(|why| failed(&why))?;
        let thread = thread::Builder::new()
            .name("opentelemetry".to_owned())
            .spawn(move || complete(runtime, sender.run()))
            .map_err(|why| failed(&why))?;
        Ok(Self {
            spans: Spans::new(clock, settings.parent),
            queue,
            endpoint: settings.endpoint.clone(),
            thread: Some(thread),
        })
    }

    fn push(&self, spans: &[Span]) {
        for span in spans {
            self.queue.push(span);
        }
    }
}

impl Reporter for Exporter {
    fn name(&self) -> &'static str {
        "opentelemetry"
    }

    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        let over = self.spans.hear(event);
        self.push(&over);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let over = self.spans.finish();
        self.push(&over);
        self.queue.close();
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        let Ok(mut account) = thread.join() else {
            return Err(ReportError::Telemetry {
                message: format!("what sends traces to `{}` broke", self.endpoint),
                hint: Some("report this as a defect of the host".to_owned()),
            });
        };
        account.left_out = self.spans.left_out();
        account.told(&self.endpoint)
    }
}

/// One that nobody finishes ends its thread all the same.
impl Drop for Exporter {
    fn drop(&mut self) {
        self.queue.close();
    }
}

#[cfg(test)]
mod tests;
