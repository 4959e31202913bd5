//! What the monitoring answers.

use serde::Serialize;
use utoipa::ToSchema;

use super::integrity::{Findings, LISTED_PROJECTS, Survey, share};
use crate::clock;
use crate::words::words;

words! {
    /// What is watched.
    pub(in super::super) enum RuleId {
        /// Creations that failed, of all that succeeded or failed.
        FailureRate = "episode-failure-rate",
        /// The P95 of the creations.
        CreationLatency = "episode-creation-latency",
        /// Creations that were conflicts, of all.
        ConflictRate = "episode-conflict-rate",
        /// Gaps and duplicates.
        Integrity = "episode-integrity",
    }
}

words! {
    /// How bad it is.
    pub(in super::super) enum Severity {
        /// To be looked at.
        Warning = "warning",
        /// To be looked at now.
        Critical = "critical",
    }
}

/// The numbers of a project.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ProjectIntegrity {
    /// The project.
    project_id: String,
    /// Whether there is neither a gap nor a duplicate.
    is_healthy: bool,
    /// How many episodes there are.
    total_episodes: u64,
    /// The highest number ever given; 0 before the first.
    last_number: u64,
    /// Numbers that no episode has and should; the first 1,000.
    #[schema(max_items = 1000)]
    gaps: Vec<u64>,
    /// How many they are.
    gap_count: u64,
    /// Numbers that more than one episode has; the first 1,000.
    #[schema(max_items = 1000)]
    duplicates: Vec<u64>,
    /// How many episodes have a number that an earlier one has.
    duplicate_count: u64,
    /// 100 − issues ÷ episodes × 100, at least 0.
    #[schema(minimum = 0, maximum = 100)]
    health_percentage: f64,
    /// The numbers of the episodes, in order; the first 1,000.
    #[schema(max_items = 1000)]
    actual_numbers: Vec<u64>,
    /// When it was looked at.
    #[schema(format = DateTime)]
    checked_at: String,
}

impl ProjectIntegrity {
    pub(super) fn of(project_id: String, findings: Findings) -> Self {
        Self {
            project_id,
            is_healthy: findings.is_healthy(),
            total_episodes: findings.episodes,
            last_number: findings.last,
            gap_count: findings.gap_count,
            duplicate_count: findings.duplicate_count,
            health_percentage: findings.health_percentage(),
            gaps: findings.gaps,
            duplicates: findings.duplicates,
            actual_numbers: findings.numbers,
            checked_at: clock::rfc3339(clock::now_ms()),
        }
    }
}

/// An unhealthy project.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ProjectIssues {
    /// The project.
    project_id: String,
    /// Numbers that no episode has and should; the first 1,000.
    #[schema(max_items = 1000)]
    gaps: Vec<u64>,
    /// Numbers that more than one episode has; the first 1,000.
    #[schema(max_items = 1000)]
    duplicates: Vec<u64>,
}

/// The numbers of all projects.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct IntegritySummary {
    /// How many projects were ever given a number.
    total_projects: u64,
    /// How many of them have neither a gap nor a duplicate.
    healthy_projects: u64,
    /// How many of them have.
    unhealthy_projects: u64,
    /// The share of the healthy ones; 100 without projects.
    #[schema(minimum = 0, maximum = 100)]
    health_percentage: f64,
    /// How many episodes they have.
    total_episodes: u64,
    /// How many numbers are missing.
    total_gaps: u64,
    /// How many episodes have a number that an earlier one has.
    total_duplicates: u64,
    /// The unhealthy ones, by id; the first 1,000.
    #[schema(max_items = 1000)]
    projects_with_issues: Vec<ProjectIssues>,
    /// When they were looked at.
    #[schema(format = DateTime)]
    checked_at: String,
}

impl From<&Survey> for IntegritySummary {
    fn from(survey: &Survey) -> Self {
        let healthy = survey.projects - survey.unhealthy;
        debug_assert!(survey.issues.len() <= LISTED_PROJECTS);
        let issues = survey.issues.iter().map(|(id, findings)| ProjectIssues {
            project_id: id.clone(),
            gaps: findings.gaps.clone(),
            duplicates: findings.duplicates.clone(),
        });
        Self {
            total_projects: survey.projects,
            healthy_projects: healthy,
            unhealthy_projects: survey.unhealthy,
            health_percentage: if survey.projects == 0 {
                100.0
            } else {
                share(healthy, survey.projects)
            },
            total_episodes: survey.episodes,
            total_gaps: survey.gaps,
            total_duplicates: survey.duplicates,
            projects_with_issues: issues.collect(),
            checked_at: clock::rfc3339(clock::now_ms()),
        }
    }
}

/// What a check found and changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct IntegrityCheck {
    /// As it was asked for.
    pub(super) deep: bool,
    /// How long it took.
    #[schema(minimum = 0)]
    pub(super) duration_ms: f64,
    /// What it found.
    pub(super) summary: IntegritySummary,
    /// The alerts that it raised.
    pub(super) raised: Vec<Alert>,
    /// The alerts whose condition is gone.
    pub(super) resolved: Vec<Alert>,
    /// Each unhealthy project, by id, if deep; the first 1,000.
    #[schema(max_items = 1000)]
    pub(super) projects: Vec<ProjectIntegrity>,
}

/// A number that is given anew.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NumberChange {
    /// The episode.
    pub(super) episode_id: String,
    /// Its title, which stays.
    pub(super) title: String,
    /// The number that it has.
    pub(super) old_number: u64,
    /// The number that it gets.
    #[schema(minimum = 1)]
    pub(super) new_number: u64,
}

/// What a repair did, or would do.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Repair {
    /// Whether nothing was done.
    pub(super) dry_run: bool,
    /// How many episodes get another number.
    pub(super) changes_needed: u64,
    /// Which, in the order of their numbers.
    pub(super) changes: Vec<NumberChange>,
}

/// The creations of episodes, measured.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PerformanceStats {
    /// How many are under way now.
    pub(super) active_operations: u64,
    /// How far back the following figures look.
    pub(super) window_seconds: f64,
    /// How many ended in the window.
    pub(super) operations: u64,
    /// How many of them made an episode.
    pub(super) succeeded: u64,
    /// How many of them the service could not do.
    pub(super) failed: u64,
    /// How many of them were conflicts.
    pub(super) conflicts: u64,
    /// The mean time of those that succeeded or failed; null without any.
    #[schema(required, minimum = 0)]
    pub(super) average_duration_seconds: Option<f64>,
    /// The 95th percentile of their time, by nearest rank; null without any.
    #[schema(required, minimum = 0)]
    pub(super) p95_duration_seconds: Option<f64>,
    /// Succeeded ÷ (succeeded + failed); null without any.
    #[schema(required, minimum = 0, maximum = 100)]
    pub(super) success_rate_percentage: Option<f64>,
    /// The day of the following count, in UTC.
    #[schema(format = Date)]
    pub(super) day: String,
    /// How many ended on this day, or since the start if that was later.
    pub(super) total_operations_today: u64,
}

/// Something that is not as it should be.
#[expect(
    clippy::struct_field_names,
    reason = "the field is `alertId` on the wire"
)]
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Alert {
    /// `alert_<uuid>`; the id to resolve it by.
    #[schema(pattern = "^alert_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    pub(super) alert_id: String,
    /// The rule that raised it.
    pub(super) rule_id: RuleId,
    /// How bad it is.
    pub(super) severity: Severity,
    /// What it is, in a few words.
    pub(super) title: String,
    /// The same with its figures.
    pub(super) description: String,
    /// The project that it is about; null if it is about none.
    #[schema(required)]
    pub(super) project_id: Option<String>,
    /// What was measured when it was raised.
    pub(super) value: f64,
    /// What it is above.
    pub(super) threshold: f64,
    /// When it was raised.
    #[schema(format = DateTime)]
    pub(super) raised_at: String,
    /// When it was resolved; null while it is active.
    #[schema(required, format = DateTime)]
    pub(super) resolved_at: Option<String>,
}

/// The active alerts in numbers.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AlertCounts {
    total: u64,
    warning: u64,
    critical: u64,
}

/// The active alerts.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ActiveAlerts {
    /// All of them, oldest first.
    alerts: Vec<Alert>,
    /// How many there are.
    summary: AlertCounts,
}

impl From<Vec<Alert>> for ActiveAlerts {
    fn from(alerts: Vec<Alert>) -> Self {
        let of = |severity| {
            let those = alerts.iter().filter(|alert| alert.severity == severity);
            those.count() as u64
        };
        let summary = AlertCounts {
            total: alerts.len() as u64,
            warning: of(Severity::Warning),
            critical: of(Severity::Critical),
        };
        Self { alerts, summary }
    }
}

/// What a rule measured.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RuleReading {
    /// The rule.
    pub(super) rule_id: RuleId,
    /// How bad it is above the threshold.
    pub(super) severity: Severity,
    /// In percent, in seconds for the latency, in issues for the integrity; null without an operation.
    #[schema(required)]
    pub(super) value: Option<f64>,
    /// Above what it fires, in the same unit.
    pub(super) threshold: f64,
    /// What the value rests on: operations, or episodes for the integrity.
    pub(super) operations: u64,
    /// Whether the value is above the threshold.
    pub(super) firing: bool,
}

/// What an evaluation of the rules found and changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AlertCheck {
    /// What each rule measured.
    pub(super) rules: Vec<RuleReading>,
    /// The alerts that it raised.
    pub(super) raised: Vec<Alert>,
    /// The alerts whose condition is gone.
    pub(super) resolved: Vec<Alert>,
}
