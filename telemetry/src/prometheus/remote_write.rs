//! Prometheus' remote write, version 1.0: the state of the run, again and again, to whatever takes it.
//!
//! A thread of its own takes a snapshot at each interval and at the end, and puts it into a queue; what does not fit pushes out what is
//! oldest, and the last one all that waits, which later snapshots make up for: counters hold sums. So a remote that hangs costs the run
//! nothing. What may pass is tried again some times, what the remote refuses is not.
//!
//! Source of the rules: <https://prometheus.io/docs/specs/prw/remote_write_spec/>. One of them is not kept, on purpose: no stale markers are
//! sent at the end. Much is known at the end alone, such as verdicts and whole distributions of loads. A marker would follow that last state
//! at once, and no course that asks each few seconds would ever show it; without one Prometheus shows it for its lookback, five minutes.

mod message;
mod queue;
mod sender;
#[cfg(test)]
mod tests;
mod times;

use std::{sync::mpsc, thread, time::Duration};

use assay_report::{ReportError, Reporter, event::Event};
use tokio::{
    sync::oneshot,
    time::{MissedTickBehavior, interval, sleep},
};

use self::{
    message::Writing,
    queue::{Entry, Queue},
    sender::Sender,
    times::Times,
};
use super::{
    catalogue::REMOTE_WRITE_REQUESTS,
    client::{Client, Failure},
    error::PrometheusError,
    labels::Labels,
    settings::{Destination, RemoteWrite, Settings},
    shared::Shared,
};
use crate::worker::complete;

const WHAT: &str = "the remote write";

/// Writes while the run goes on.
#[derive(Debug)]
pub(crate) struct RemoteWriter {
    stop: Option<oneshot::Sender<()>>,
    /// What became of the last state.
    last: mpsc::Receiver<Option<Failure>>,
    /// How long the last state may take.
    patience: Duration,
    destination: Destination,
}

impl RemoteWriter {
    /// Begins.
    pub(crate) fn start(
        remote: &RemoteWrite,
        settings: &Settings,
        shared: Shared,
    ) -> Result<Self, PrometheusError> {
        let client = Client::new(&remote.destination, settings.timeout)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(PrometheusError::Thread)?;
        let (stop, stopped) = oneshot::channel();
        let (tell, last) = mpsc::channel();
        let patience = settings.timeout.saturating_mul(2);
        let work = Work {
            writing: Writing {
                histograms: remote.histograms,
                job: settings.job.clone(),
                instance: settings.instance.clone(),
            },
            shared,
            queue: Queue::default(),
            every: remote.interval,
            patience,
        };
        thread::Builder::new()
            .name("remote-write".to_owned())
            .spawn(move || {
                // The reporter may be gone: then nobody asks.
                drop(tell.send(complete(runtime, work.until(stopped, client))));
            })
            .map_err(PrometheusError::Thread)?;
        Ok(Self {
            stop: Some(stop),
            last,
            patience,
            destination: remote.destination.clone(),
        })
    }
}

impl Reporter for RemoteWriter {
    fn name(&self) -> &'static str {
        "remote write"
    }

    fn event(&mut self, _event: &Event) -> Result<(), ReportError> {
        Ok(())
    }

    /// Waits until the last state is written. That an earlier one was not is counted, and no error: the last one has its sums.
    fn finish(&mut self) -> Result<(), ReportError> {
        drop(self.stop.take());
        // The thread keeps to the same time; some more lets it say so.
        let patience = self.patience + Duration::from_secs(1);
        let last = self.last.recv_timeout(patience);
        let late = || Some(Failure::unanswered("its thread did not end"));
        match last.unwrap_or_else(|_| late()) {
            None => Ok(()),
            Some(failure) => Err(failure.at(WHAT, &self.destination).into()),
        }
    }
}

/// What the thread has.
struct Work {
    writing: Writing,
    shared: Shared,
    queue: Queue,
    every: Duration,
    patience: Duration,
}

impl Work {
    /// Writes until it is to stop, and the last state then. What became of that; none if it was written.
    async fn until(&self, stopped: oneshot::Receiver<()>, client: Client) -> Option<Failure> {
        let (over, is_over) = oneshot::channel::<()>();
        let snapshots = async {
            self.snapshots(stopped).await;
            drop(over);
        };
        let sender = Sender::new(client);
        let too_late = async {
            // Its other end is gone: nothing more is put in.
            drop(is_over.await);
            sleep(self.patience).await;
        };
        let late = || Failure::unanswered("the last state was not written in time");
        let sending = async {
            tokio::select! {
                last = self.send(&sender) => last,
                () = too_late => Some(late()),
            }
        };
        let ((), last) = tokio::join!(snapshots, sending);
        last
    }

    async fn snapshots(&self, mut stopped: oneshot::Receiver<()>) {
        let mut times = Times::default();
        let mut every = interval(self.every);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = every.tick() => self.snapshot(times.now(), false),
                // It is dropped, by the end of the run or by that of the reporter.
                _ = &mut stopped => break,
            }
        }
        self.snapshot(times.now(), true);
        self.queue.close();
    }

    fn snapshot(&self, at_ms: i64, last: bool) {
        if last {
            // It has their sums, and little time.
            for _ in 0..self.queue.clear() {
                self.count("dropped");
            }
        }
        let registry = self.shared.now();
        for body in self.writing.requests(&registry, at_ms) {
            if self.queue.push(Entry { body, last }) {
                self.count("dropped");
            }
        }
    }

    /// Until the queue is closed and empty: why the last state was not written, if it was not.
    async fn send(&self, sender: &Sender) -> Option<Failure> {
        let mut last = None;
        while let Some(entry) = self.queue.first().await {
            let sent = sender.send(&entry.body).await;
            self.queue.done();
            self.count(match &sent {
                Ok(()) => "written",
                Err(failure) if failure.may_pass() => "lost",
                Err(_) => "refused",
            });
            if let (true, Err(failure)) = (entry.last, sent) {
                last = Some(failure);
            }
        }
        last
    }

    fn count(&self, result: &'static str) {
        let labels = Labels::new([("result", result)]);
        let mut figures = self.shared.lock();
        figures
            .registry_mut()
            .add(&REMOTE_WRITE_REQUESTS, labels, 1.0);
    }
}
