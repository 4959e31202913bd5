//! Watches over the episodes: whether their numbers are whole, how their creation goes, and what somebody should look at.
//!
//! The alert rules are evaluated periodically and on request, always between changes and never within one, so that an alert rests
//! on what the feed has told already.

mod alerts;
mod creations;
pub(super) mod feed;
mod integrity;
mod model;
mod repair;
mod routes;
mod rules;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{RwLock, RwLockReadGuard};

use super::gauges::Gauges;
use super::service::ProjectService;
use crate::defects::Defects;
use crate::shutdown::Shutdown;
use crate::store::StoreError;
use alerts::{Book, Changes};
use creations::Creations;
pub(super) use creations::Outcome;
use feed::{Change, Feed};
pub(super) use integrity::survey;
use model::{Alert, RuleReading};
pub(super) use model::{RuleId, Severity};
pub(super) use routes::router;
pub use rules::Thresholds;

/// How the monitoring is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How far back it looks.
    pub window: Duration,
    /// The time between two evaluations of the alert rules.
    pub period: Duration,
    /// Above what an alert is raised.
    pub thresholds: Thresholds,
}

/// The monitoring of a service.
#[derive(Debug)]
pub(super) struct Monitoring {
    pub(super) settings: Settings,
    pub(super) creations: Creations,
    pub(super) feed: Arc<Feed>,
    shutdown: Shutdown,
    alerts: Mutex<Book>,
    /// Held for reading from the commit of a change to its event, and for writing by an evaluation.
    changes: RwLock<()>,
}

impl Monitoring {
    pub(super) fn new(settings: Settings, shutdown: Shutdown) -> Self {
        Self {
            settings,
            creations: Creations::new(settings.window),
            feed: Arc::new(Feed::new()),
            shutdown,
            alerts: Mutex::default(),
            changes: RwLock::default(),
        }
    }

    /// To be held from the commit of a change until its event is published.
    pub(super) async fn change(&self) -> RwLockReadGuard<'_, ()> {
        self.changes.read().await
    }

    /// Brings the gauges up to date.
    pub(super) fn show(&self, survey: &integrity::Survey, gauges: &Gauges) {
        gauges.numbers(survey.gaps, survey.duplicates);
        for (rule, count) in self.alerts().counts() {
            gauges.alerts(rule, rule.severity(), count);
        }
    }

    fn alerts(&self) -> MutexGuard<'_, Book> {
        self.alerts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an evaluation of the rules found and changed.
struct Evaluation {
    survey: integrity::Survey,
    readings: Vec<RuleReading>,
    changes: Changes,
}

impl ProjectService {
    /// Evaluates the alert rules, because it is time.
    pub(super) async fn watch(&self) -> Result<(), StoreError> {
        self.evaluate().await.map(drop)
    }

    async fn evaluate(&self) -> Result<Evaluation, StoreError> {
        let monitoring = &self.monitoring;
        let _between_changes = monitoring.changes.write().await;
        let survey = self.store.read(survey).await?;
        let stats = monitoring.creations.stats();
        let thresholds = &monitoring.settings.thresholds;
        let readings = rules::read(&stats, &survey, thresholds, self.defects());
        let conditions = rules::conditions(&readings, &survey);
        let changes = monitoring.alerts().update(conditions);
        for alert in &changes.resolved {
            monitoring
                .feed
                .publish(&Change::AlertResolved(alert.into()));
        }
        for alert in &changes.raised {
            monitoring.feed.publish(&Change::AlertRaised(alert.into()));
        }
        Ok(Evaluation {
            survey,
            readings,
            changes,
        })
    }

    /// Resolves an alert by its id; none if no active one has it.
    async fn resolve_alert(&self, id: &str) -> Option<Alert> {
        let _between_evaluations = self.monitoring.change().await;
        let alert = self.monitoring.alerts().resolve(id, self.defects())?;
        let change = Change::AlertResolved((&alert).into());
        self.monitoring.feed.publish(&change);
        Some(alert)
    }

    fn defects(&self) -> Defects {
        self.shell.defects
    }
}
