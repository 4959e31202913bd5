//! What is done with episodes.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::sleep;
use uuid::Uuid;

use super::agreement::{Making, metadata};
use super::model::{DeletedEpisode, Script, StoredEpisode};
use super::monitoring::feed::{Change, OfEpisode};
use super::requests::{NewEpisode, RawEpisode, ScriptChange};
use super::service::ProjectService;
use super::{episode_table, numbering, retired_table};
use crate::clock;
use crate::defects::Defect;
use crate::web::envelope::Answer;
use crate::web::error::{ApiError, ErrorCode};
use crate::web::idempotency::Claim;

/// D29: so many creations may be under way before each further one waits.
const CLIFF: u64 = 48;
/// D29: how long it waits.
const CLIFF_WAIT: Duration = Duration::from_secs(6);

impl ProjectService {
    pub(super) async fn create_episode(
        &self,
        project_id: &str,
        new: NewEpisode,
        claim: Option<Claim>,
    ) -> Result<Bytes, ApiError> {
        if self.interference.meet().await {
            return Err(self.vector_store_down(&"a test asked for it to be down"));
        }
        if self.has(Defect::CreationCliff) && self.monitoring.creations.under_way() > CLIFF {
            sleep(CLIFF_WAIT).await;
        }
        let _held = if self.has(Defect::NumberingRace) {
            None
        } else {
            Some(self.hold(project_id).await?)
        };
        let project_name = self.name_for_episode(project_id).await?;
        let number = self.next_number(project_id).await?;
        let title = new
            .title
            .unwrap_or_else(|| format!("{project_name} - Ep. {number}"));
        let episode = StoredEpisode {
            id: Uuid::new_v4().to_string(),
            project_id: project_id.to_owned(),
            number,
            title,
            script: new.script.into(),
            prompt_snapshot: new.prompt_snapshot,
            created_at_ms: clock::now_ms(),
        };
        let body = Answer::created("the episode is made", episode.clone().answer()).body()?;
        let _making = Making::of(self, &episode.id);
        self.put_into_vectors(&episode).await?;
        let kept = body.clone();
        let defects = self.shell.defects;
        let made = episode.clone();
        let _between_evaluations = self.monitoring.change().await;
        let given = self
            .store
            .write(move |transaction| {
                if !numbering::give(transaction, &episode.project_id, episode.number, defects)? {
                    return Ok(false);
                }
                numbering::settle(transaction, &episode.id)?;
                episode_table::put(transaction, &episode)?;
                if let Some(claim) = claim {
                    claim.keep(transaction, &kept)?;
                }
                Ok(true)
            })
            .await?;
        if !given {
            return Err(ApiError::internal(
                "a number was given past the lock of its project",
            ));
        }
        self.shell.made();
        self.gauges.episode_created();
        let change = Change::EpisodeCreated(of(&made));
        self.monitoring.feed.publish(&change);
        Ok(body)
    }

    /// The name of the project that is to have an episode.
    async fn name_for_episode(&self, project_id: &str) -> Result<String, ApiError> {
        match self.stored_project(project_id).await {
            Ok(project) => Ok(project.name),
            Err(error)
                if error.code == ErrorCode::ProjectNotFound && self.has(Defect::OrphanEpisodes) =>
            {
                Ok(format!("Project {project_id}"))
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn next_number(&self, project_id: &str) -> Result<u64, ApiError> {
        let wanted = project_id.to_owned();
        let defects = self.shell.defects;
        Ok(self
            .store
            .read(move |transaction| numbering::next(transaction, &wanted, defects))
            .await?)
    }

    /// The episode, if there is such a project and it has it.
    pub(super) async fn episode(
        &self,
        project_id: &str,
        id: &str,
    ) -> Result<StoredEpisode, ApiError> {
        self.require_project(project_id).await?;
        let (project, wanted) = (project_id.to_owned(), id.to_owned());
        self.store
            .read(move |transaction| episode_table::get(transaction, &project, &wanted))
            .await?
            .ok_or_else(|| ApiError::episode_not_found(id))
    }

    pub(super) async fn change_script(
        &self,
        project_id: &str,
        id: &str,
        change: ScriptChange,
    ) -> Result<StoredEpisode, ApiError> {
        let _held = self.hold(project_id).await?;
        let mut episode = self.episode(project_id, id).await?;
        episode.script = change.script.into();
        if let Some(prompt) = change.prompt_snapshot {
            episode.prompt_snapshot = prompt;
        }
        self.vectors
            .put(metadata(&episode), &episode.script.markdown)
            .await
            .map_err(|error| self.vector_store_down(&error))?;
        let changed = episode.clone();
        let _between_evaluations = self.monitoring.change().await;
        self.store
            .write(move |transaction| episode_table::put(transaction, &changed))
            .await?;
        let change = Change::EpisodeChanged(of(&episode));
        self.monitoring.feed.publish(&change);
        Ok(episode)
    }

    pub(super) async fn delete_episode(
        &self,
        project_id: &str,
        id: &str,
    ) -> Result<DeletedEpisode, ApiError> {
        let _held = self.hold(project_id).await?;
        let episode = self.episode(project_id, id).await?;
        self.vectors
            .remove(id)
            .await
            .map_err(|error| self.vector_store_down(&error))?;
        let removed = episode.clone();
        let _between_evaluations = self.monitoring.change().await;
        self.store
            .write(move |transaction| {
                let (project_id, number) = (removed.project_id.as_str(), removed.number);
                episode_table::remove(transaction, &removed)?;
                if !episode_table::has_number(transaction, project_id, number)? {
                    retired_table::retire(transaction, project_id, (number, number))?;
                }
                Ok(())
            })
            .await?;
        let change = Change::EpisodeDeleted(of(&episode));
        self.monitoring.feed.publish(&change);
        Ok(DeletedEpisode {
            deleted: true,
            episode_id: id.to_owned(),
        })
    }

    /// An episode with a number of the caller's choice, past all rules; for tests of what detects broken numbering.
    pub(super) async fn insert_raw(
        &self,
        project_id: &str,
        raw: RawEpisode,
    ) -> Result<StoredEpisode, ApiError> {
        let _held = self.hold(project_id).await?;
        let project = self.stored_project(project_id).await?;
        let script: Script = raw.script.into();
        let episode = StoredEpisode {
            id: Uuid::new_v4().to_string(),
            project_id: project_id.to_owned(),
            number: raw.number,
            title: raw
                .title
                .unwrap_or_else(|| format!("{} - Ep. {}", project.name, raw.number)),
            script,
            prompt_snapshot: String::new(),
            created_at_ms: clock::now_ms(),
        };
        let _making = Making::of(self, &episode.id);
        self.put_into_vectors(&episode).await?;
        let stored = episode.clone();
        let _between_evaluations = self.monitoring.change().await;
        self.store
            .write(move |transaction| {
                numbering::raise(transaction, &stored.project_id, stored.number)?;
                numbering::settle(transaction, &stored.id)?;
                episode_table::put(transaction, &stored)
            })
            .await?;
        let change = Change::EpisodeInserted(of(&episode));
        self.monitoring.feed.publish(&change);
        Ok(episode)
    }
}

/// What the feed tells of an episode.
fn of(episode: &StoredEpisode) -> OfEpisode<'_> {
    OfEpisode {
        project_id: &episode.project_id,
        episode_id: &episode.id,
        number: episode.number,
    }
}
