//! What the generation service knows and does, apart from HTTP: it changes generations in one place, and tells who watches them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::select;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};
use uuid::Uuid;

use super::Pace;
use super::events::Event;
use super::job_table;
use super::model::{AcceptedJob, CanceledJob, Job, JobErrorCode, JobStatus, STEPS, StoredJob};
use super::requests::NewJob;
use super::save::{Save, SaveState};
use super::stream::{CountOfAllReaders, STREAMS};
use super::tally::Tally;
use crate::clients::cache::Cache;
use crate::clients::project_service::ProjectService;
use crate::clock;
use crate::defects::Defect;
use crate::log;
use crate::shutdown::Shutdown;
use crate::store::{Store, StoreError};
use crate::web::Shell;
use crate::web::envelope::Answer;
use crate::web::error::{ApiError, ErrorCode};
use crate::web::idempotency::{Claim, Idempotency, hexadecimal};

/// Generations that are made at once; more are queued.
const AT_ONCE: usize = 256;
/// Attempts to save that are under way at once; more wait.
const SAVED_AT_ONCE: usize = 32;
/// How long a cancellation waits for a save that was begun before it.
const CANCEL_PATIENCE: Duration = Duration::from_secs(10);
/// How long a finished generation stays in the cache.
const CACHED: Duration = Duration::from_hours(1);
/// How often old idempotency keys are forgotten.
const FORGET_EVERY: Duration = Duration::from_hours(1);
/// How long generations under way may take to notice that the service ends.
const DRAIN: Duration = Duration::from_secs(5);

/// What a service is made of.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) shell: Arc<Shell>,
    pub(super) store: Store,
    pub(super) cache: Arc<Cache>,
    pub(super) projects: ProjectService,
    pub(super) pace: Pace,
    pub(super) tally: Tally,
    pub(super) shutdown: Shutdown,
}

/// The service.
#[derive(Debug)]
pub(super) struct GenerationService {
    pub(super) parts: Parts,
    pub(super) idempotency: Idempotency,
    /// Places for generations that are being made.
    pub(super) places: Semaphore,
    /// Places for attempts to save.
    pub(super) saves: Semaphore,
    /// Only for D6.
    pub(super) all_readers: CountOfAllReaders,
    /// Only for D30: places for streams.
    pub(super) streams: Arc<Semaphore>,
    /// The newest event's number of each generation that is not finished.
    newest: Mutex<HashMap<String, watch::Sender<u64>>>,
    runners: Mutex<JoinSet<()>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl GenerationService {
    pub(super) async fn new(parts: Parts) -> Result<Arc<Self>, StoreError> {
        parts.store.write(job_table::prepare).await?;
        let tally = parts.tally.clone();
        parts
            .store
            .read(move |transaction| {
                job_table::each(transaction, |job| {
                    tally.add(&job);
                    true
                })
            })
            .await?;
        let idempotency = Idempotency::new(
            parts.store.clone(),
            Arc::clone(&parts.cache),
            parts.shell.defects,
        )
        .await?;
        Ok(Arc::new(Self {
            parts,
            idempotency,
            places: Semaphore::new(AT_ONCE),
            saves: Semaphore::new(SAVED_AT_ONCE),
            all_readers: CountOfAllReaders::default(),
            streams: Arc::new(Semaphore::new(STREAMS)),
            newest: Mutex::default(),
            runners: Mutex::default(),
        }))
    }

    pub(super) fn has(&self, defect: Defect) -> bool {
        self.parts.shell.defects.has(defect)
    }

    /// Goes on with what an earlier process left unfinished.
    pub(super) async fn resume(self: &Arc<Self>) -> Result<(), StoreError> {
        for job in self.parts.store.read(job_table::unfinished).await? {
            if self.has(Defect::UnfinishedForgotten) {
                self.announce(&job);
            } else {
                self.run(&job);
            }
        }
        Ok(())
    }

    /// Work beside the requests, until the end is asked for.
    pub(super) async fn keep_up(&self) {
        let mut shutdown = self.parts.shutdown.clone();
        let mut forget = interval(FORGET_EVERY);
        forget.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let result = select! {
                () = shutdown.requested() => return,
                _ = forget.tick() => self.idempotency.forget_old().await,
            };
            if let Err(error) = result {
                log::line(super::NAME, error);
            }
        }
    }

    /// Counts what is not counted when it changes.
    pub(super) async fn refresh_gauges(&self) {
        match self.parts.store.read(job_table::queue_stats).await {
            Ok(stats) => self.parts.tally.queue(stats),
            Err(error) => log::line(super::NAME, error),
        }
    }

    /// Waits until every generation stands at a step that is stored.
    pub(super) async fn wait_for_runners(&self) {
        let mut runners = std::mem::take(&mut *lock(&self.runners));
        let _ = timeout(DRAIN, async {
            while runners.join_next().await.is_some() {}
        })
        .await;
    }

    /// Has a generation made, in a task of its own.
    pub(super) fn run(self: &Arc<Self>, job: &StoredJob) {
        self.announce(job);
        let service = Arc::clone(self);
        let id = job.id.clone();
        let mut runners = lock(&self.runners);
        while runners.try_join_next().is_some() {}
        runners.spawn(async move {
            if let Err(error) = service.generate(&id).await {
                // It stays unfinished, and goes on with the next start.
                log::line(super::NAME, format_args!("{id} stopped: {error}"));
            }
        });
    }

    /// Lets readers wait for what comes.
    fn announce(&self, job: &StoredJob) {
        let (sender, _) = watch::channel(job.last_event);
        lock(&self.newest).insert(job.id.clone(), sender);
    }

    /// Follows the number of the newest event; none if the generation is finished.
    pub(super) fn watch(&self, job_id: &str) -> Option<watch::Receiver<u64>> {
        lock(&self.newest).get(job_id).map(watch::Sender::subscribe)
    }

    /// How many follow a generation; 0 if it is finished.
    pub(super) fn followers(&self, job_id: &str) -> usize {
        let newest = lock(&self.newest);
        newest.get(job_id).map_or(0, watch::Sender::receiver_count)
    }

    /// Changes a generation that is not finished, adds the events to its log, and tells who watches; none if it is finished.
    pub(super) async fn change(
        &self,
        job_id: &str,
        change: impl FnOnce(&mut StoredJob) -> Vec<Event> + Send + 'static,
    ) -> Result<Option<StoredJob>, StoreError> {
        let is_open = |job: &StoredJob| !job.status.is_final();
        self.change_if(job_id, is_open, change).await
    }

    /// The same for a generation of which this is true; none if it is not.
    pub(super) async fn change_if(
        &self,
        job_id: &str,
        may_change: impl FnOnce(&StoredJob) -> bool + Send + 'static,
        change: impl FnOnce(&mut StoredJob) -> Vec<Event> + Send + 'static,
    ) -> Result<Option<StoredJob>, StoreError> {
        let id = job_id.to_owned();
        let changed = self
            .parts
            .store
            .write(move |transaction| {
                let found = job_table::get_for_change(transaction, &id)?;
                let Some(mut job) = found.filter(may_change) else {
                    return Ok(None);
                };
                let before = job.status;
                let events = change(&mut job);
                job_table::put(transaction, &job, &events)?;
                Ok(Some((before, job, events.len())))
            })
            .await?;
        let Some((before, job, events)) = changed else {
            return Ok(None);
        };
        if before != job.status {
            self.parts.tally.change(before, &job);
        }
        if self.has(Defect::EventIdsCountReaders) {
            self.all_readers.count(job_id, events);
        }
        let mut newest = lock(&self.newest);
        if job.status.is_final() {
            // Those who watch find the channel closed and the last event in the log.
            newest.remove(job_id);
        } else if let Some(sender) = newest.get(job_id) {
            sender.send_replace(job.last_event);
        }
        Ok(Some(job))
    }

    /// 404 unless there is such a project, 503 if nobody can tell.
    pub(super) async fn needs_project(&self, id: &str) -> Result<(), ApiError> {
        match self.parts.projects.has_project(id).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(ApiError::project_not_found(id)),
            Err(error) => Err(ApiError::dependency_down(
                ErrorCode::ProjectServiceUnavailable,
                &error.to_string(),
                self.parts.shell.defects,
            )),
        }
    }

    /// Queues a generation of a project that is there.
    pub(super) async fn create(
        self: &Arc<Self>,
        new: NewJob,
        claim: Option<Claim>,
    ) -> Result<Bytes, ApiError> {
        let mut job = queued(new);
        let body = Answer::created("the generation is queued", self.accepted(&job)).body()?;
        let kept = body.clone();
        let job = self
            .parts
            .store
            .write(move |transaction| {
                job_table::add(transaction, &mut job)?;
                if let Some(claim) = claim {
                    claim.keep(transaction, &kept)?;
                }
                Ok(job)
            })
            .await?;
        self.parts.shell.made();
        self.parts.tally.add(&job);
        self.run(&job);
        Ok(body)
    }

    fn accepted(&self, job: &StoredJob) -> AcceptedJob {
        let step_ms = u64::try_from(self.parts.pace.step.as_millis()).unwrap_or(u64::MAX);
        AcceptedJob {
            job_id: job.id.clone(),
            status: job.status,
            sse_url: format!("/api/v1/generations/{}/events", job.id),
            cancel_url: format!("/api/v1/generations/{}", job.id),
            project_id: job.project_id.clone(),
            title: job.title.clone(),
            estimated_duration_ms: step_ms.saturating_mul(STEPS.len() as u64),
        }
    }

    pub(super) async fn stored(&self, id: &str) -> Result<StoredJob, ApiError> {
        let wanted = id.to_owned();
        self.parts
            .store
            .read(move |transaction| job_table::get(transaction, &wanted))
            .await?
            .ok_or_else(|| ApiError::job_not_found(id))
    }

    /// Through the cache once nothing will change any more.
    pub(super) async fn job(&self, id: &str) -> Result<Job, ApiError> {
        let slot = self.parts.cache.slot(&format!("job:{id}"));
        if let Some(text) = self.parts.cache.get(&slot).await
            && let Ok(job) = serde_json::from_str(&text)
        {
            return Ok(job);
        }
        let stored = self.stored(id).await?;
        // A completed one without an episode is the doing of a defect, and may still get one; so may a dead letter.
        let settled = match stored.status {
            JobStatus::Completed => stored.episode_id.is_some(),
            status => status.is_final() && stored.save.state != SaveState::DeadLetter,
        };
        let job = stored.answer();
        if settled && let Ok(text) = serde_json::to_string(&job) {
            self.parts.cache.fill(&slot, &text, CACHED).await;
        }
        Ok(job)
    }

    /// Cancels a generation unless it is finished or its text is made; an attempt to save it that is under way is waited for.
    pub(super) async fn cancel(&self, id: &str) -> Result<CanceledJob, ApiError> {
        let job = self.stored(id).await?;
        let mut newest = self.watch(id);
        let may_cancel =
            |job: &StoredJob| matches!(job.status, JobStatus::Queued | JobStatus::Streaming);
        let canceled = self
            .change_if(id, may_cancel, |job| {
                let message = "the generation was canceled";
                job.status = JobStatus::Canceled;
                job.completed_at_ms = Some(clock::now_ms());
                job.error_code = Some(JobErrorCode::JobCanceled);
                job.error_message = Some(message.to_owned());
                let (status, code) = (JobStatus::Canceled, JobErrorCode::JobCanceled);
                vec![Event::failed(job, status, code, message, false)]
            })
            .await?;
        if canceled.is_none()
            && let Some(newest) = &mut newest
        {
            // Who asks learns how it ended, if that is only a matter of this attempt. Over time, it is told as it is.
            let _ = timeout(CANCEL_PATIENCE, self.attempt_ends(id, newest)).await;
        }
        Ok(CanceledJob {
            status: self.stored(id).await?.status,
            job_id: job.id,
        })
    }

    /// Waits until no attempt to save is under way.
    async fn attempt_ends(
        &self,
        id: &str,
        newest: &mut watch::Receiver<u64>,
    ) -> Result<(), ApiError> {
        while self.stored(id).await?.save.state == SaveState::Processing {
            if newest.changed().await.is_err() {
                // Closed means finished.
                break;
            }
        }
        Ok(())
    }
}

fn queued(new: NewJob) -> StoredJob {
    StoredJob {
        id: format!("job_{}", hexadecimal(&Uuid::new_v4().as_bytes()[..8])),
        sequence: 0,
        project_id: new.project_id,
        title: new.title,
        description: new.description,
        script_type: new.script_type,
        length_target: new.length_target,
        status: JobStatus::Queued,
        steps_done: 0,
        save: Save::default(),
        last_event: 0,
        created_at_ms: clock::now_ms(),
        started_at_ms: None,
        completed_at_ms: None,
        episode_id: None,
        episode_number: None,
        error_code: None,
        error_message: None,
    }
}
