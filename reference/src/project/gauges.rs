//! What the project service counts besides requests.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::monitoring::{Outcome, RuleId, Severity};
use crate::defects::{Defect, Defects};
use crate::web::metrics::BUCKETS;
use crate::words::Word;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RuleLabels {
    rule: &'static str,
    severity: &'static str,
}

/// The numbers.
#[derive(Clone, Debug)]
pub(super) struct Gauges {
    /// D15 counts nothing.
    stuck: bool,
    projects: Gauge,
    episodes: Gauge,
    gaps: Gauge,
    duplicates: Gauge,
    alerts: Family<RuleLabels, Gauge>,
    projects_created: Counter,
    episodes_created: Counter,
    creations: Family<OutcomeLabels, Counter>,
    creations_active: Gauge,
    creation_duration: Histogram,
}

impl Default for Gauges {
    fn default() -> Self {
        Self {
            stuck: false,
            projects: Gauge::default(),
            episodes: Gauge::default(),
            gaps: Gauge::default(),
            duplicates: Gauge::default(),
            alerts: Family::default(),
            projects_created: Counter::default(),
            episodes_created: Counter::default(),
            creations: Family::default(),
            creations_active: Gauge::default(),
            creation_duration: Histogram::new(BUCKETS),
        }
    }
}

impl Gauges {
    pub(super) fn new(registry: &mut Registry, defects: Defects) -> Self {
        let gauges = Self {
            stuck: defects.has(Defect::CountersStuck),
            ..Self::default()
        };
        gauges.register_state(registry);
        gauges.register_creations(registry);
        gauges
    }

    /// What is there now.
    fn register_state(&self, registry: &mut Registry) {
        for (name, about, gauge) in [
            ("projects", "Projects stored", &self.projects),
            ("episodes", "Episodes stored", &self.episodes),
            (
                "episode_number_gaps",
                "Numbers that no episode has and should, in all projects",
                &self.gaps,
            ),
            (
                "episode_number_duplicates",
                "Episodes with a number that an earlier one has, in all projects",
                &self.duplicates,
            ),
        ] {
            registry.register(name, about, gauge.clone());
        }
        registry.register(
            "alerts_active",
            "Alerts that are active, by rule and severity",
            self.alerts.clone(),
        );
    }

    /// What was done since the start.
    fn register_creations(&self, registry: &mut Registry) {
        for (name, about, counter) in [
            (
                "projects_created",
                "Projects made since the start",
                &self.projects_created,
            ),
            (
                "episodes_created",
                "Episodes made since the start",
                &self.episodes_created,
            ),
        ] {
            registry.register(name, about, counter.clone());
        }
        for outcome in Outcome::ALL {
            // There from the start, so that the first failure is an increase.
            drop(self.creations.get_or_create(&labels(*outcome)));
        }
        registry.register(
            "episode_creations",
            "Creations of episodes that ended, by outcome",
            self.creations.clone(),
        );
        registry.register(
            "episode_creations_active",
            "Creations of episodes under way",
            self.creations_active.clone(),
        );
        registry.register_with_unit(
            "episode_creation_duration",
            "Time of a creation that succeeded or failed",
            Unit::Seconds,
            self.creation_duration.clone(),
        );
    }

    pub(super) fn project_created(&self) {
        if !self.stuck {
            self.projects_created.inc();
        }
    }

    pub(super) fn episode_created(&self) {
        if !self.stuck {
            self.episodes_created.inc();
        }
    }

    pub(super) fn creation_entered(&self) {
        self.creations_active.inc();
    }

    pub(super) fn creation_left(&self) {
        self.creations_active.dec();
    }

    pub(super) fn creation_ended(&self, outcome: Outcome, took: Duration) {
        if self.stuck {
            return;
        }
        self.creations.get_or_create(&labels(outcome)).inc();
        if outcome != Outcome::Conflict {
            self.creation_duration.observe(took.as_secs_f64());
        }
    }

    /// Notes how many there are.
    pub(super) fn stored(&self, projects: u64, episodes: u64) {
        set(&self.projects, projects);
        set(&self.episodes, episodes);
    }

    /// Notes how many numbers are missing and repeated.
    pub(super) fn numbers(&self, gaps: u64, duplicates: u64) {
        set(&self.gaps, gaps);
        set(&self.duplicates, duplicates);
    }

    /// Notes how many alerts a rule has.
    pub(super) fn alerts(&self, rule: RuleId, severity: Severity, count: usize) {
        let labels = RuleLabels {
            rule: rule.word(),
            severity: severity.word(),
        };
        set(&self.alerts.get_or_create(&labels), count as u64);
    }
}

fn labels(outcome: Outcome) -> OutcomeLabels {
    OutcomeLabels {
        outcome: outcome.word(),
    }
}

fn set(gauge: &Gauge, count: u64) {
    gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
}
