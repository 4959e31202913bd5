//! What is done with projects, and how the cache keeps up with it.

use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;

use super::model::{DeletedProject, Project, ProjectStatus, StoredProject};
use super::monitoring::feed::Change;
use super::requests::{NewProject, ProjectChange};
use super::service::{PATIENCE, ProjectService};
use super::{episode_table, numbering, project_table, retired_table};
use crate::clock;
use crate::defects::Defect;
use crate::web::envelope::Answer;
use crate::web::error::ApiError;
use crate::web::idempotency::Claim;
use crate::web::locks::Held;
use crate::words::Word;

/// How long a project stays in the cache.
const CACHED: Duration = Duration::from_mins(1);
/// In the place of a project that is gone, so that nobody fills the slot with what was read before.
const GONE: &str = "gone";

impl ProjectService {
    pub(super) async fn create_project(
        &self,
        new: NewProject,
        claim: Option<Claim>,
    ) -> Result<Bytes, ApiError> {
        let now = clock::now_ms();
        let mut project = StoredProject {
            id: format!("proj_{}", Uuid::new_v4()),
            sequence: 0,
            name: new.name,
            kind: new.kind,
            status: ProjectStatus::Planning,
            description: new.description,
            progress: 0,
            created_at_ms: now,
            updated_at_ms: now,
        };
        // Only D10 lets a type through that cannot be answered; then the project is stored and its maker gets a 500.
        let body = match project.answer() {
            Ok(answer) => Answer::created("the project is made", answer).body()?,
            Err(error) => {
                self.store
                    .write(move |transaction| project_table::add(transaction, &mut project))
                    .await?;
                return Err(ApiError::internal(error));
            }
        };
        let kept = body.clone();
        let id = project.id.clone();
        let _between_evaluations = self.monitoring.change().await;
        self.store
            .write(move |transaction| {
                project_table::add(transaction, &mut project)?;
                match claim {
                    Some(claim) => claim.keep(transaction, &kept),
                    None => Ok(()),
                }
            })
            .await?;
        self.gauges.project_created();
        let change = Change::ProjectCreated { project_id: &id };
        self.monitoring.feed.publish(&change);
        Ok(body)
    }

    /// Through the cache.
    pub(super) async fn project(&self, id: &str) -> Result<Project, ApiError> {
        let slot = self.cache.slot(&cache_key(id));
        if let Some(text) = self.cache.get(&slot).await {
            if text == GONE {
                return Err(ApiError::project_not_found(id));
            }
            if let Ok(project) = serde_json::from_str(&text) {
                return Ok(project);
            }
        }
        let project = self
            .stored_project(id)
            .await?
            .answer()
            .map_err(ApiError::internal)?;
        if let Ok(text) = serde_json::to_string(&project) {
            self.cache.fill(&slot, &text, CACHED).await;
        }
        Ok(project)
    }

    pub(super) async fn change_project(
        &self,
        id: &str,
        change: impl FnOnce(&mut StoredProject) + Send + 'static,
    ) -> Result<Project, ApiError> {
        let _held = self.hold_record(id).await?;
        let wanted = id.to_owned();
        let changed = self
            .store
            .write(move |transaction| {
                let found = project_table::get_for_change(transaction, &wanted)?;
                let Some(mut project) = found else {
                    return Ok(None);
                };
                change(&mut project);
                project.updated_at_ms = clock::now_ms().max(project.updated_at_ms);
                project_table::replace(transaction, &project)?;
                Ok(Some(project))
            })
            .await?
            .ok_or_else(|| ApiError::project_not_found(id))?;
        let project = changed.answer().map_err(ApiError::internal)?;
        let text = serde_json::to_string(&project).map_err(ApiError::internal)?;
        let slot = self.cache.slot(&cache_key(id));
        self.cache.put(&slot, &text, CACHED).await;
        Ok(project)
    }

    pub(super) async fn delete_project(&self, id: &str) -> Result<DeletedProject, ApiError> {
        let _held = self.hold(id).await?;
        self.stored_project(id).await?;
        let episodes_stay = self.has(Defect::OrphanEpisodes);
        if !episodes_stay {
            self.vectors
                .remove_project(id)
                .await
                .map_err(|error| self.vector_store_down(&error))?;
        }
        let _record = self.hold_record(id).await?;
        let unwanted = id.to_owned();
        let between_evaluations = self.monitoring.change().await;
        let deleted_episodes = self
            .store
            .write(move |transaction| {
                project_table::remove(transaction, &unwanted)?;
                if episodes_stay {
                    return Ok(0);
                }
                numbering::forget(transaction, &unwanted)?;
                retired_table::forget(transaction, &unwanted)?;
                episode_table::remove_of_project(transaction, &unwanted)
            })
            .await?;
        self.monitoring.feed.publish(&Change::ProjectDeleted {
            project_id: id,
            deleted_episodes,
        });
        drop(between_evaluations);
        let slot = self.cache.slot(&cache_key(id));
        self.cache.put(&slot, GONE, CACHED).await;
        Ok(DeletedProject {
            deleted: true,
            project_id: id.to_owned(),
            deleted_episodes,
        })
    }

    /// The order of changes in the store has to be their order in the cache.
    async fn hold_record(&self, id: &str) -> Result<Held, ApiError> {
        self.record_changes
            .hold(id, PATIENCE)
            .await
            .ok_or_else(|| ApiError::internal("an earlier change of the project does not end"))
    }
}

impl ProjectChange {
    /// Changes what is given and leaves the rest.
    pub(super) fn apply(self, project: &mut StoredProject) {
        if let Some(name) = self.name {
            project.name = name;
        }
        if let Some(kind) = self.kind {
            kind.word().clone_into(&mut project.kind);
        }
        if let Some(description) = self.description {
            project.description = description;
        }
        if let Some(status) = self.status {
            project.status = status;
        }
    }
}

fn cache_key(project_id: &str) -> String {
    format!("project:{project_id}")
}
