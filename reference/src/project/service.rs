//! The project service apart from HTTP: what it is made of, and its work beside the requests.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::select;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};

use super::gauges::Gauges;
use super::hooks::Interference;
use super::model::StoredProject;
use super::monitoring::{self, Monitoring};
use super::{episode_table, numbering, project_table, retired_table};
use crate::clients::cache::Cache;
use crate::clients::vectors::Vectors;
use crate::defects::Defect;
use crate::log;
use crate::shutdown::Shutdown;
use crate::store::{Store, StoreError};
use crate::web::Shell;
use crate::web::error::{ApiError, ErrorCode};
use crate::web::idempotency::Idempotency;
use crate::web::locks::{Held, Locks};

/// How long a change waits for earlier changes of the same project.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How often unsettled episodes are looked for.
const SETTLE_EVERY: Duration = Duration::from_secs(2);
/// How often old idempotency keys are forgotten.
const FORGET_EVERY: Duration = Duration::from_hours(1);

/// The service.
#[derive(Debug)]
pub(super) struct ProjectService {
    pub(super) shell: Arc<Shell>,
    pub(super) store: Store,
    pub(super) idempotency: Idempotency,
    pub(super) cache: Arc<Cache>,
    pub(super) vectors: Arc<Vectors>,
    pub(super) gauges: Gauges,
    pub(super) monitoring: Monitoring,
    /// What tests do to creations.
    pub(super) interference: Interference,
    /// One change of a project's episodes at a time.
    changes: Locks,
    /// One change of a project itself at a time; nothing else is waited for meanwhile.
    pub(super) record_changes: Locks,
    /// Episodes that are being made: unsettled, but not left behind.
    pub(super) in_the_making: Mutex<HashSet<String>>,
}

impl ProjectService {
    pub(super) async fn new(
        shell: Arc<Shell>,
        store: Store,
        cache: Arc<Cache>,
        vectors: Arc<Vectors>,
        gauges: Gauges,
        monitoring: Monitoring,
    ) -> Result<Self, StoreError> {
        store
            .write(|transaction| {
                project_table::prepare(transaction)?;
                episode_table::prepare(transaction)?;
                retired_table::prepare(transaction)?;
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
            monitoring,
            interference: Interference::default(),
            changes: Locks::default(),
            record_changes: Locks::default(),
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
        let period = self.monitoring.settings.period;
        let mut watch = interval_at(Instant::now() + period, period);
        watch.set_missed_tick_behavior(MissedTickBehavior::Delay);
        settle.set_missed_tick_behavior(MissedTickBehavior::Delay);
        forget.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let result = select! {
                () = shutdown.requested() => return,
                _ = watch.tick() => self.watch().await,
                _ = settle.tick() => self.settle_left_behind().await,
                _ = forget.tick() => self.idempotency.forget_old().await,
            };
            if let Err(error) = result {
                log::line(super::NAME, error);
            }
        }
    }

    pub(super) async fn refresh_gauges(&self) {
        let count_episodes = if self.has(Defect::CountersStuck) {
            numbering::count_unsettled
        } else {
            episode_table::count
        };
        let counts = self
            .store
            .read(move |transaction| {
                Ok((
                    project_table::count(transaction)?,
                    count_episodes(transaction)?,
                    monitoring::survey(transaction)?,
                ))
            })
            .await;
        match counts {
            Ok((projects, episodes, survey)) => {
                self.gauges.stored(projects, episodes);
                self.monitoring.show(&survey, &self.gauges);
            }
            Err(error) => log::line(super::NAME, error),
        }
    }

    /// Waits for earlier changes of the project's episodes.
    pub(super) async fn hold(&self, project_id: &str) -> Result<Held, ApiError> {
        self.changes
            .hold(project_id, PATIENCE)
            .await
            .ok_or_else(|| {
                self.vector_store_down(&"earlier changes of this project are still waiting for it")
            })
    }

    pub(super) fn vector_store_down(&self, reason: &dyn std::fmt::Display) -> ApiError {
        ApiError::dependency_down(
            ErrorCode::VectorStoreUnavailable,
            &format!("the vector store is needed: {reason}"),
            self.shell.defects,
        )
    }

    pub(super) async fn stored_project(&self, id: &str) -> Result<StoredProject, ApiError> {
        let wanted = id.to_owned();
        self.store
            .read(move |transaction| project_table::get(transaction, &wanted))
            .await?
            .ok_or_else(|| ApiError::project_not_found(id))
    }

    /// 404 unless there is such a project; with D12, episodes live without one.
    pub(super) async fn require_project(&self, id: &str) -> Result<(), ApiError> {
        if self.has(Defect::OrphanEpisodes) {
            return Ok(());
        }
        self.stored_project(id).await.map(drop)
    }
}
