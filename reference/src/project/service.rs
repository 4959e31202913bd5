//! What the project service does, apart from HTTP: it keeps the store, the vector store and the cache in agreement.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::select;
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use super::model::{DeletedEpisode, DeletedProject, Project, Script, StoredEpisode, StoredProject};
use super::requests::{NewEpisode, NewProject, ProjectChange, RawEpisode, ScriptChange};
use super::{episode_table, numbering, project_table};
use crate::clients::cache::Cache;
use crate::clients::vectors::{Metadata, VectorError, Vectors};
use crate::clock;
use crate::defects::Defect;
use crate::log;
use crate::shutdown::Shutdown;
use crate::store::{Store, StoreError};
use crate::web::Shell;
use crate::web::envelope::Answer;
use crate::web::error::{ApiError, ErrorCode};
use crate::web::idempotency::{Claim, Idempotency};
use crate::web::locks::{Held, Locks};

/// How long a change waits for earlier changes of the same project.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a project stays in the cache.
const CACHED: Duration = Duration::from_mins(1);
/// In the place of a project that is gone, so that nobody fills the slot with what was read before.
const GONE: &str = "gone";
/// How often unsettled episodes are looked for.
const SETTLE_EVERY: Duration = Duration::from_secs(2);
/// How often old idempotency keys are forgotten.
const FORGET_EVERY: Duration = Duration::from_hours(1);

/// What the service counts besides requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Gauges {
    projects: Gauge,
    episodes: Gauge,
    projects_created: Counter,
    episodes_created: Counter,
}

impl Gauges {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let gauges = Self::default();
        registry.register("projects", "Projects stored", gauges.projects.clone());
        registry.register("episodes", "Episodes stored", gauges.episodes.clone());
        registry.register(
            "projects_created",
            "Projects made since the start",
            gauges.projects_created.clone(),
        );
        registry.register(
            "episodes_created",
            "Episodes made since the start",
            gauges.episodes_created.clone(),
        );
        gauges
    }
}

/// The service.
#[derive(Debug)]
pub(super) struct ProjectService {
    pub(super) shell: Arc<Shell>,
    pub(super) store: Store,
    pub(super) idempotency: Idempotency,
    cache: Arc<Cache>,
    vectors: Arc<Vectors>,
    gauges: Gauges,
    /// One change of a project at a time.
    changes: Locks,
    /// Episodes that are being made: unsettled, but not left behind.
    in_the_making: Mutex<HashSet<String>>,
}

impl ProjectService {
    pub(super) async fn new(
        shell: Arc<Shell>,
        store: Store,
        cache: Arc<Cache>,
        vectors: Arc<Vectors>,
        gauges: Gauges,
    ) -> Result<Self, StoreError> {
        store
            .write(|transaction| {
                project_table::prepare(transaction)?;
                episode_table::prepare(transaction)?;
                numbering::prepare(transaction)
            })
            .await?;
        let idempotency =
            Idempotency::new(store.clone(), Arc::clone(&cache), shell.defects).await?;
        Ok(Self {
            shell,
            store,
            idempotency,
            cache,
            vectors,
            gauges,
            changes: Locks::default(),
            in_the_making: Mutex::default(),
        })
    }

    pub(super) fn has(&self, defect: Defect) -> bool {
        self.shell.defects.has(defect)
    }

    /// Work beside the requests, until the end is asked for.
    pub(super) async fn keep_up(&self, mut shutdown: Shutdown) {
        let mut settle = interval(SETTLE_EVERY);
        let mut forget = interval(FORGET_EVERY);
        settle.set_missed_tick_behavior(MissedTickBehavior::Delay);
        forget.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let result = select! {
                () = shutdown.requested() => return,
                _ = settle.tick() => self.settle_left_behind().await,
                _ = forget.tick() => self.idempotency.forget_old().await,
            };
            if let Err(error) = result {
                log::line(super::NAME, error);
            }
        }
    }

    pub(super) async fn refresh_gauges(&self) {
        let counts = self
            .store
            .read(|transaction| {
                Ok((
                    project_table::count(transaction)?,
                    episode_table::count(transaction)?,
                ))
            })
            .await;
        if let Ok((projects, episodes)) = counts {
            self.gauges
                .projects
                .set(i64::try_from(projects).unwrap_or(i64::MAX));
            self.gauges
                .episodes
                .set(i64::try_from(episodes).unwrap_or(i64::MAX));
        }
    }

    async fn hold(&self, project_id: &str) -> Result<Held, ApiError> {
        self.changes
            .hold(project_id, PATIENCE)
            .await
            .ok_or_else(|| {
                self.vector_store_down(&"earlier changes of this project are still waiting for it")
            })
    }

    fn vector_store_down(&self, reason: &dyn std::fmt::Display) -> ApiError {
        ApiError::dependency_down(
            ErrorCode::VectorStoreUnavailable,
            &format!("the vector store is needed: {reason}"),
            self.shell.defects,
        )
    }

    // Projects

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
            status: super::model::ProjectStatus::Planning,
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
        self.store
            .write(move |transaction| {
                project_table::add(transaction, &mut project)?;
                match claim {
                    Some(claim) => claim.keep(transaction, &kept),
                    None => Ok(()),
                }
            })
            .await?;
        self.gauges.projects_created.inc();
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

    pub(super) async fn stored_project(&self, id: &str) -> Result<StoredProject, ApiError> {
        let wanted = id.to_owned();
        self.store
            .read(move |transaction| project_table::get(transaction, &wanted))
            .await?
            .ok_or_else(|| ApiError::project_not_found(id))
    }

    pub(super) async fn change_project(
        &self,
        id: &str,
        change: impl FnOnce(&mut StoredProject) + Send + 'static,
    ) -> Result<Project, ApiError> {
        let _held = self.hold(id).await?;
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
        let unwanted = id.to_owned();
        let deleted_episodes = self
            .store
            .write(move |transaction| {
                project_table::remove(transaction, &unwanted)?;
                if episodes_stay {
                    return Ok(0);
                }
                numbering::forget(transaction, &unwanted)?;
                episode_table::remove_of_project(transaction, &unwanted)
            })
            .await?;
        let slot = self.cache.slot(&cache_key(id));
        self.cache.put(&slot, GONE, CACHED).await;
        Ok(DeletedProject {
            deleted: true,
            project_id: id.to_owned(),
            deleted_episodes,
        })
    }

    // Episodes

    pub(super) async fn create_episode(
        &self,
        project_id: &str,
        new: NewEpisode,
        claim: Option<Claim>,
    ) -> Result<Bytes, ApiError> {
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
        self.store
            .write(move |transaction| {
                numbering::give(transaction, &episode.project_id, episode.number)?;
                numbering::settle(transaction, &episode.id)?;
                episode_table::put(transaction, &episode)?;
                match claim {
                    Some(claim) => claim.keep(transaction, &kept),
                    None => Ok(()),
                }
            })
            .await?;
        self.gauges.episodes_created.inc();
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

    /// Notes the episode as unsettled, then puts it into the vector store; if that fails, takes it out again.
    async fn put_into_vectors(&self, episode: &StoredEpisode) -> Result<(), ApiError> {
        let id = episode.id.clone();
        self.store
            .write(move |transaction| numbering::unsettle(transaction, &id))
            .await?;
        let put = self
            .vectors
            .put(metadata(episode), &episode.script.markdown)
            .await;
        if let Err(error) = put {
            // The vector store may have done it all the same; what cannot be taken out now is later.
            let _ = self.take_out_of_vectors(&episode.id).await;
            return Err(self.vector_store_down(&error));
        }
        Ok(())
    }

    async fn take_out_of_vectors(&self, episode_id: &str) -> Result<(), VectorError> {
        self.vectors.remove(episode_id).await?;
        let id = episode_id.to_owned();
        let settled = self
            .store
            .write(move |transaction| numbering::settle(transaction, &id))
            .await;
        if let Err(error) = settled {
            log::line(super::NAME, error);
        }
        Ok(())
    }

    /// Takes episodes out of the vector store whose making was broken off by a kill or an outage.
    async fn settle_left_behind(&self) -> Result<(), StoreError> {
        let unsettled = self.store.read(numbering::unsettled).await?;
        for id in unsettled {
            let left_behind = !self.making().contains(&id);
            // An outage is found by the first one; the others wait for the next round.
            if left_behind && self.take_out_of_vectors(&id).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    fn making(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.in_the_making
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
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

    /// 404 unless there is such a project; with D12, episodes live without one.
    pub(super) async fn require_project(&self, id: &str) -> Result<(), ApiError> {
        if self.has(Defect::OrphanEpisodes) {
            return Ok(());
        }
        self.stored_project(id).await.map(drop)
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
        self.store
            .write(move |transaction| episode_table::put(transaction, &changed))
            .await?;
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
        self.store
            .write(move |transaction| episode_table::remove(transaction, &episode))
            .await?;
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
        self.store
            .write(move |transaction| {
                numbering::give(transaction, &stored.project_id, stored.number)?;
                numbering::settle(transaction, &stored.id)?;
                episode_table::put(transaction, &stored)
            })
            .await?;
        Ok(episode)
    }
}

impl ProjectChange {
    /// Changes what is given and leaves the rest.
    pub(super) fn apply(self, project: &mut StoredProject) {
        use crate::words::Word;
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

/// An episode in the making; when this is dropped it is made, or left behind.
struct Making<'a> {
    service: &'a ProjectService,
    id: String,
}

impl<'a> Making<'a> {
    fn of(service: &'a ProjectService, id: &str) -> Self {
        service.making().insert(id.to_owned());
        Self {
            service,
            id: id.to_owned(),
        }
    }
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        self.service.making().remove(&self.id);
    }
}

fn metadata(episode: &StoredEpisode) -> Metadata {
    Metadata {
        project_id: episode.project_id.clone(),
        episode_id: episode.id.clone(),
        number: episode.number,
        title: episode.title.clone(),
    }
}

fn cache_key(project_id: &str) -> String {
    format!("project:{project_id}")
}
