//! The end of a generation: its script becomes an episode, and only then it is completed. What cannot be stored now is tried
//! again, and every step of that is stored first, so that a killed process goes on with it.

use std::sync::Arc;
use std::time::Duration;

use tokio::select;
use tokio::time::sleep;
use uuid::Uuid;

use super::backoff::Backoff;
use super::events::Event;
use super::job_table;
use super::model::{JobErrorCode, JobStatus, StoredJob};
use super::save::{EndedAttempt, Save, SaveReport, SaveState};
use super::service::GenerationService;
use crate::clients::project_service::ProjectServiceError;
use crate::clock;
use crate::defects::{Defect, Defects};
use crate::log;
use crate::project::model::{Episode, Script};
use crate::store::StoreError;
use crate::web::error::ApiError;

/// What a save takes longer with D1.
const LATE: Duration = Duration::from_millis(300);

/// An attempt that ended.
struct Outcome {
    started_at_ms: u64,
    ended_at_ms: u64,
    saved: Result<Episode, ProjectServiceError>,
}

impl GenerationService {
    /// Saves until the episode is stored or no attempt is left, then completes or fails; or until the service ends.
    pub(super) async fn finish(
        &self,
        mut job: StoredJob,
        script: Script,
    ) -> Result<(), StoreError> {
        if self.has(Defect::CompletedBeforeStored) {
            return self.complete_then_save(&job.id, script).await;
        }
        let mut shutdown = self.parts.shutdown.clone();
        loop {
            let next = select! {
                next = self.attempt(&job, &script) => next?,
                () = shutdown.requested() => return Ok(()),
            };
            match next {
                Some(next) if next.save.state == SaveState::Pending => job = next,
                _ => return Ok(()),
            }
        }
    }

    /// Waits until it is time, and tries to save; answers how the generation is afterwards, none if it was finished meanwhile.
    ///
    /// The key is the generation's id: a save that was stored without being answered is not stored again.
    async fn attempt(
        &self,
        job: &StoredJob,
        script: &Script,
    ) -> Result<Option<StoredJob>, StoreError> {
        let backoff = self.parts.pace.backoff;
        sleep(time_until(job.save.next_attempt_at_ms(), backoff)).await;
        // The semaphore is never closed, so there always is a place in the end.
        let _place = self.saves.acquire().await;
        if self.change(&job.id, begin_attempt).await?.is_none() {
            return Ok(None);
        }
        let started_at_ms = clock::now_ms();
        let saved = self.store_episode(job, script).await;
        let outcome = Outcome {
            started_at_ms,
            ended_at_ms: clock::now_ms(),
            saved,
        };
        let (script, defects) = (script.clone(), self.parts.shell.defects);
        self.change(&job.id, move |job| {
            settle(job, &script, outcome, backoff, defects)
        })
        .await
    }

    async fn store_episode(
        &self,
        job: &StoredJob,
        script: &Script,
    ) -> Result<Episode, ProjectServiceError> {
        self.parts
            .projects
            .store_episode(
                &job.project_id,
                &job.id,
                &job.title,
                &script.markdown,
                script.tokens,
                &job.description,
            )
            .await
    }

    /// D1: who asks for the episode when `completed` comes does not find it.
    async fn complete_then_save(&self, id: &str, script: Script) -> Result<(), StoreError> {
        let text = script.clone();
        let completed = self
            .change(id, move |job| vec![complete(job, &text, None)])
            .await?;
        let Some(mut job) = completed else {
            return Ok(());
        };
        sleep(LATE).await;
        match self.store_episode(&job, &script).await {
            Ok(episode) => {
                job.episode_id = Some(episode.id);
                job.episode_number = Some(episode.number);
                self.parts
                    .store
                    .write(move |transaction| job_table::put(transaction, &job, &[]))
                    .await
            }
            Err(error) => {
                log::line(super::NAME, error);
                Ok(())
            }
        }
    }

    /// How the saving of a generation stands.
    pub(super) async fn save_report(&self, id: &str) -> Result<SaveReport, ApiError> {
        let job = self.stored(id).await?;
        Ok(SaveReport::of(job, self.parts.pace.backoff.attempts))
    }

    /// Puts a dead letter back into the queue, which begins to count anew; whether it was one, and how it stands now.
    pub(super) async fn save_again(
        self: &Arc<Self>,
        id: &str,
    ) -> Result<(bool, SaveReport), ApiError> {
        let is_dead = |job: &StoredJob| job.save.state == SaveState::DeadLetter;
        let put_back = self.change_if(id, is_dead, put_back).await?;
        if let Some(job) = &put_back {
            self.run(job);
        }
        let was_dead = put_back.is_some();
        let report = match put_back {
            Some(job) => SaveReport::of(job, self.parts.pace.backoff.attempts),
            None => self.save_report(id).await?,
        };
        Ok((was_dead, report))
    }
}

/// How long until then. A clock that was set back makes no wait longer than the longest one.
fn time_until(at_ms: Option<u64>, backoff: Backoff) -> Duration {
    let left = at_ms.unwrap_or(0).saturating_sub(clock::now_ms());
    Duration::from_millis(left).min(backoff.longest())
}

fn begin_attempt(job: &mut StoredJob) -> Vec<Event> {
    job.status = JobStatus::Saving;
    job.save.state = SaveState::Processing;
    Vec::new()
}

fn put_back(job: &mut StoredJob) -> Vec<Event> {
    job.status = JobStatus::Saving;
    job.completed_at_ms = None;
    job.error_code = None;
    job.error_message = None;
    job.save = Save::in_state(SaveState::Pending);
    Vec::new()
}

/// What an attempt leads to: completion, the next attempt, or failure.
fn settle(
    job: &mut StoredJob,
    script: &Script,
    outcome: Outcome,
    backoff: Backoff,
    defects: Defects,
) -> Vec<Event> {
    let mut ended = EndedAttempt {
        started_at_ms: outcome.started_at_ms,
        ended_at_ms: outcome.ended_at_ms,
        error: None,
        next_attempt_at_ms: None,
    };
    let error = match outcome.saved {
        Ok(episode) => {
            job.save.ended.push(ended);
            job.save.state = SaveState::Saved;
            return vec![complete(job, script, Some(episode))];
        }
        Err(error) => error,
    };
    if defects.has(Defect::FailedSaveIgnored) {
        log::line(super::NAME, error);
        job.save.state = SaveState::Nothing;
        return vec![complete(job, script, None)];
    }
    if error.is_passing() && defects.has(Defect::RetryNotQueued) {
        log::line(super::NAME, format_args!("{}: cannot enqueue", job.id));
        job.save.state = SaveState::Nothing;
        return Vec::new();
    }
    ended.error = Some(error.to_string());
    let failed = u32::try_from(job.save.ended.len())
        .unwrap_or(u32::MAX)
        .saturating_add(1);
    let state = if !error.is_passing() {
        SaveState::Refused
    } else if backoff.is_over(failed) {
        SaveState::DeadLetter
    } else {
        let counted = failed + u32::from(defects.has(Defect::RetryCountedEarly));
        let wait = backoff.wait(counted, Uuid::new_v4().as_bytes()[0]);
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        ended.next_attempt_at_ms = Some(ended.ended_at_ms.saturating_add(wait_ms));
        SaveState::Pending
    };
    job.save.state = state;
    job.save.ended.push(ended);
    if state == SaveState::Pending {
        Vec::new()
    } else {
        vec![fail(job, &error)]
    }
}

fn complete(job: &mut StoredJob, script: &Script, episode: Option<Episode>) -> Event {
    let now = clock::now_ms();
    job.status = JobStatus::Completed;
    job.completed_at_ms = Some(now);
    if let Some(episode) = episode {
        job.episode_id = Some(episode.id);
        job.episode_number = Some(episode.number);
    }
    Event::completed(job, script, now)
}

fn fail(job: &mut StoredJob, error: &ProjectServiceError) -> Event {
    let message = error.to_string();
    job.status = JobStatus::Failed;
    job.completed_at_ms = Some(clock::now_ms());
    job.error_code = Some(JobErrorCode::EpisodeSaveFailed);
    job.error_message = Some(message.clone());
    Event::failed(
        job,
        JobStatus::Failed,
        JobErrorCode::EpisodeSaveFailed,
        &message,
        error.is_passing(),
    )
}
