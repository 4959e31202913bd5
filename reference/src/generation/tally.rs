//! How many generations there are of each status, kept as gauges so that `/metrics` and `_stats` tell the same; and the retry
//! queue in numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::model::{JobStats, JobStatus, StoredJob};
use super::save::{QueueStats, SaveState};
use crate::words::Word;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
}

/// The numbers.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    jobs: Family<StateLabel, Gauge>,
    streams: Gauge,
    queue: Family<StateLabel, Gauge>,
    /// Milliseconds that all completed ones took together.
    completed_ms: Arc<AtomicU64>,
}

impl Tally {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let tally = Self {
            jobs: Family::default(),
            streams: Gauge::default(),
            queue: Family::default(),
            completed_ms: Arc::default(),
        };
        for status in JobStatus::ALL {
            tally.gauge(*status).set(0);
        }
        registry.register(
            "generation_jobs",
            "Generations stored, by state",
            tally.jobs.clone(),
        );
        registry.register(
            "sse_streams_open",
            "Event streams open now",
            tally.streams.clone(),
        );
        registry.register(
            "retry_queue_jobs",
            "Generations in the retry queue, by state",
            tally.queue.clone(),
        );
        tally
    }

    /// Notes how the retry queue stands.
    pub(super) fn queue(&self, stats: QueueStats) {
        for (state, count) in [
            (SaveState::Pending, stats.pending),
            (SaveState::Processing, stats.processing),
            (SaveState::DeadLetter, stats.dead_letter),
        ] {
            let label = StateLabel {
                state: state.word(),
            };
            self.queue
                .get_or_create(&label)
                .set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }

    fn gauge(&self, status: JobStatus) -> Gauge {
        self.jobs
            .get_or_create(&StateLabel {
                state: status.word(),
            })
            .clone()
    }

    /// Counts a generation for the first time.
    pub(super) fn add(&self, job: &StoredJob) {
        self.gauge(job.status).inc();
        if let (JobStatus::Completed, Some(ended)) = (job.status, job.completed_at_ms) {
            let took = ended.saturating_sub(job.created_at_ms);
            self.completed_ms.fetch_add(took, Ordering::Relaxed);
        }
    }

    /// Counts it again under its new status.
    pub(super) fn change(&self, before: JobStatus, job: &StoredJob) {
        self.gauge(before).dec();
        self.add(job);
    }

    /// Counts a stream until this is dropped.
    pub(super) fn stream(&self) -> OpenStream {
        self.streams.inc();
        OpenStream(self.streams.clone())
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a mean of milliseconds needs no more than 52 bits"
    )]
    pub(super) fn stats(&self) -> JobStats {
        let of = |status| u64::try_from(self.gauge(status).get()).unwrap_or(0);
        let completed = of(JobStatus::Completed);
        let spent = self.completed_ms.load(Ordering::Relaxed);
        JobStats {
            total: JobStatus::ALL.iter().map(|status| of(*status)).sum(),
            queued: of(JobStatus::Queued),
            streaming: of(JobStatus::Streaming),
            saving: of(JobStatus::Saving),
            completed,
            failed: of(JobStatus::Failed),
            canceled: of(JobStatus::Canceled),
            average_duration_ms: if completed == 0 {
                0.0
            } else {
                spent as f64 / completed as f64
            },
        }
    }
}

/// An open stream.
#[derive(Debug)]
pub(super) struct OpenStream(Gauge);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.dec();
    }
}
