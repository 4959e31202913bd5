//! The thread that sends: batch by batch, again where the receiver says so, and over soon after the run is.

use std::{sync::Arc, time::Duration};

use prost::Message as _;
use tokio::time::{Instant, sleep_until};

use super::{
    account::Account,
    conventions::SCHEMA_URL,
    delivery::{Answer, Receiver},
    protocol::{
        ExportTraceServiceRequest, InstrumentationScope, Resource, ResourceSpans, ScopeSpans,
    },
    queue::Queue,
    resource::{resource, scope},
    settings::Settings,
};

/// How often and how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// How long a span waits for others to go with.
    pub(super) patience: Duration,
    /// The first pause before a request is sent again; each further one is twice as long.
    pub(super) first_pause: Duration,
    /// No pause is longer, but for one that the receiver asks for.
    pub(super) longest_pause: Duration,
    /// How often a request is sent.
    pub(super) tries: u32,
    /// No pause that the receiver asks for is longer.
    pub(super) longest_asked: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(1),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
            tries: 6,
            longest_asked: Duration::from_mins(5),
        }
    }
}

/// Sends what a queue holds.
#[derive(Debug)]
pub(super) struct Sender {
    queue: Arc<Queue>,
    receiver: Receiver,
    resource: Resource,
    scope: InstrumentationScope,
    pace: Pace,
    /// How much time there is for what is left when the run is over.
    rest: Duration,
}

impl Sender {
    pub(super) fn new(
        queue: Arc<Queue>,
        receiver: Receiver,
        settings: &Settings,
        pace: Pace,
    ) -> Self {
        Self {
            queue,
            receiver,
            resource: resource(&settings.resource),
            scope: scope(),
            pace,
            rest: settings.timeout,
        }
    }

    /// Sends until nothing comes any more and all is sent, or the time for that is over.
    pub(super) async fn run(self) -> Account {
        let mut account = Account::default();
        let end = async {
            let closed = self.queue.closed().await;
            sleep_until(closed + self.rest).await;
        };
        tokio::select! {
            () = self.send_all(&mut account) => {}
            () = end => {}
        }
        let (taken, dropped) = self.queue.counts();
        account.close(taken, dropped);
        account
    }

    async fn send_all(&self, account: &mut Account) {
        while let Some(batch) = self.queue.batch(self.pace.patience).await {
            if !self.deliver(batch, account).await {
                return;
            }
        }
    }

    /// Sends a batch, as often as it may be. False if the receiver wants no more of the run in the time that is left.
    async fn deliver(&self, batch: Vec<Vec<u8>>, account: &mut Account) -> bool {
        let spans = batch.len() as u64;
        let body = self.encode(batch);
        let mut pause = self.pace.first_pause;
        for tried in 1..=self.pace.tries {
            let knew_the_end = self.queue.closed_at().is_some();
            let after = match self.receiver.send(body.clone()).await {
                Answer::Taken { rejected, why } => {
                    account.took(spans, rejected, &why);
                    return true;
                }
                Answer::Refused(failure) => {
                    account.refused(spans, failure);
                    return true;
                }
                Answer::NotNow { failure, after } => {
                    account.why_late = Some(failure);
                    after.map(|after| after.min(self.pace.longest_asked))
                }
            };
            if let Some(after) = after {
                // Whoever asks for a pause gets it, also before the next batch.
                if !self.wait(after).await {
                    return false;
                }
            } else if tried < self.pace.tries {
                self.rest_for(pause, knew_the_end).await;
            }
            pause = (pause * 2).min(self.pace.longest_pause);
        }
        true
    }

    fn encode(&self, spans: Vec<Vec<u8>>) -> Vec<u8> {
        let scope_spans = ScopeSpans {
            scope: Some(self.scope.clone()),
            spans,
            schema_url: SCHEMA_URL.to_owned(),
        };
        let resource_spans = ResourceSpans {
            resource: Some(self.resource.clone()),
            scope_spans: vec![scope_spans],
            schema_url: SCHEMA_URL.to_owned(),
        };
        let request = ExportTraceServiceRequest {
            resource_spans: vec![resource_spans],
        };
        request.encode_to_vec()
    }

    /// Waits as long as the receiver asks. False if there is no time for it any more: the run is over, and nobody waits for nothing.
    async fn wait(&self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        let closed = tokio::select! {
            () = sleep_until(until) => return true,
            closed = self.queue.closed() => closed,
        };
        let is_in_time = until < closed + self.rest;
        if is_in_time {
            sleep_until(until).await;
        }
        is_in_time
    }

    /// Waits for some time, so that many who send do not all do so at once: at least half of the pause. The end of the run ends it, for one
    /// more try: unless there was one since.
    async fn rest_for(&self, pause: Duration, knew_the_end: bool) {
        let until = Instant::now() + pause.mul_f64(0.5 + fastrand::f64() / 2.0);
        tokio::select! {
            () = sleep_until(until) => {}
            _ = self.queue.closed(), if !knew_the_end => {}
        }
    }
}

#[cfg(test)]
mod tests;
