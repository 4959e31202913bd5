//! The end of a generation: its script becomes an episode, and only then it is completed.

use std::time::Duration;

use tokio::select;
use tokio::time::{Instant, sleep};

use super::events::Event;
use super::job_table;
use super::model::{JobErrorCode, JobStatus, StoredJob};
use super::service::GenerationService;
use crate::clients::project_service::ProjectServiceError;
use crate::clock;
use crate::defects::Defect;
use crate::log;
use crate::project::model::{Episode, Script};
use crate::store::StoreError;

/// The first pause after a failed save; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// What a save takes longer with D1.
const LATE: Duration = Duration::from_millis(300);

impl GenerationService {
    /// Saves, then completes or fails.
    pub(super) async fn finish(&self, id: &str, script: Script) -> Result<(), StoreError> {
        if self.has(Defect::CompletedBeforeStored) {
            return self.complete_then_save(id, script).await;
        }
        let Some(job) = self.change(id, begin_saving).await? else {
            return Ok(());
        };
        let Some(saved) = self.save(&job, &script).await else {
            return Ok(());
        };
        let failed_save_is_ignored = self.has(Defect::FailedSaveIgnored);
        self.change(id, move |job| match saved {
            Ok(episode) => vec![complete(job, &script, Some(episode))],
            Err(error) if failed_save_is_ignored => {
                log::line(super::NAME, error);
                vec![complete(job, &script, None)]
            }
            Err(error) => vec![fail(job, &error)],
        })
        .await?;
        Ok(())
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
        if let Some(Ok(episode)) = self.save(&job, &script).await {
            job.episode_id = Some(episode.id);
            job.episode_number = Some(episode.number);
            self.parts
                .store
                .write(move |transaction| job_table::put(transaction, &job, &[]))
                .await?;
        }
        Ok(())
    }

    /// Stores the episode, again and again as long as the reason for failing may pass; none if the service ends meanwhile.
    ///
    /// The key is the generation's id: a save that was stored without being answered is not stored again.
    async fn save(
        &self,
        job: &StoredJob,
        script: &Script,
    ) -> Option<Result<Episode, ProjectServiceError>> {
        let mut shutdown = self.parts.shutdown.clone();
        let give_up = Instant::now() + self.parts.pace.save_patience;
        let mut pause = FIRST_PAUSE;
        loop {
            let saved = select! {
                saved = self.parts.projects.store_episode(
                    &job.project_id, &job.id, &job.title, &script.markdown, script.tokens, &job.description,
                ) => saved,
                () = shutdown.requested() => return None,
            };
            match saved {
                Err(error) if error.is_passing() && Instant::now() + pause < give_up => {}
                settled => return Some(settled),
            }
            select! {
                () = sleep(pause) => {}
                () = shutdown.requested() => return None,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

fn begin_saving(job: &mut StoredJob) -> Vec<Event> {
    job.saving = true;
    Vec::new()
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
