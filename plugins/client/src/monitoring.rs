//! The monitoring of episodes: their numbers, how their creation goes, the alerts, and what tests may do to all of it.

use assay_sdk::http::Response;
use assay_sdk::{Result, located};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer;
use crate::api::{Service, User};
use crate::episode::Episode;

/// The numbers of a project.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Integrity {
    /// The project.
    pub project_id: String,
    /// Whether there is neither a gap nor a duplicate.
    pub is_healthy: bool,
    /// How many episodes there are.
    pub total_episodes: u64,
    /// The highest number ever given.
    pub last_number: u64,
    /// Numbers that no episode has and should.
    pub gaps: Vec<u64>,
    /// How many they are.
    pub gap_count: u64,
    /// Numbers that more than one episode has.
    pub duplicates: Vec<u64>,
    /// How many episodes have a number that an earlier one has.
    pub duplicate_count: u64,
    /// 100 − issues ÷ episodes × 100, at least 0.
    pub health_percentage: f64,
    /// The numbers of the episodes, in order.
    pub actual_numbers: Vec<u64>,
}

/// An unhealthy project of a summary.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Issues {
    /// The project.
    pub project_id: String,
    /// Numbers that no episode has and should.
    pub gaps: Vec<u64>,
    /// Numbers that more than one episode has.
    pub duplicates: Vec<u64>,
}

/// The numbers of all projects.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct IntegritySummary {
    /// Projects that were ever given a number.
    pub total_projects: u64,
    /// Those of them without gap and duplicate.
    pub healthy_projects: u64,
    /// The others.
    pub unhealthy_projects: u64,
    /// The share of the healthy ones.
    pub health_percentage: f64,
    /// Their episodes.
    pub total_episodes: u64,
    /// Numbers that are missing.
    pub total_gaps: u64,
    /// Episodes with a number that an earlier one has.
    pub total_duplicates: u64,
    /// The unhealthy ones.
    pub projects_with_issues: Vec<Issues>,
}

impl IntegritySummary {
    /// What it says of a project; none if that is healthy.
    pub fn issues_of(&self, project: &str) -> Option<&Issues> {
        let mut issues = self.projects_with_issues.iter();
        issues.find(|issues| issues.project_id == project)
    }
}

/// What a check found and changed.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct IntegrityCheck {
    /// As it was asked for.
    pub deep: bool,
    /// How long it took.
    pub duration_ms: f64,
    /// What it found.
    pub summary: IntegritySummary,
    /// The alerts that it raised.
    pub raised: Vec<Alert>,
    /// The alerts whose condition is gone.
    pub resolved: Vec<Alert>,
    /// Each unhealthy project, if deep.
    pub projects: Vec<Integrity>,
}

/// A number that is given anew.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct NumberChange {
    /// The episode.
    pub episode_id: String,
    /// Its title.
    pub title: String,
    /// The number that it had.
    pub old_number: u64,
    /// The number that it gets.
    pub new_number: u64,
}

/// What a repair did, or would do.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Repair {
    /// Whether nothing was done.
    pub dry_run: bool,
    /// How many episodes get another number.
    pub changes_needed: u64,
    /// Which.
    pub changes: Vec<NumberChange>,
}

/// The creations of episodes, measured.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Performance {
    /// Under way now.
    pub active_operations: u64,
    /// How far back the figures look.
    pub window_seconds: f64,
    /// Ended in the window.
    pub operations: u64,
    /// Those of them that made an episode.
    pub succeeded: u64,
    /// Those that the service could not do.
    pub failed: u64,
    /// Those that were conflicts.
    pub conflicts: u64,
    /// None without an operation.
    pub average_duration_seconds: Option<f64>,
    /// None without an operation.
    pub p95_duration_seconds: Option<f64>,
    /// None without an operation.
    pub success_rate_percentage: Option<f64>,
    /// The day of the following count, in UTC.
    pub day: String,
    /// Ended on this day.
    pub total_operations_today: u64,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// The id to resolve it by.
    pub alert_id: String,
    /// `episode-failure-rate`, ...
    pub rule_id: String,
    /// `warning` or `critical`.
    pub severity: String,
    /// In a few words.
    pub title: String,
    /// With its figures.
    pub description: String,
    /// None if it is about no project.
    pub project_id: Option<String>,
    /// What was measured when it was raised.
    pub value: f64,
    /// What it is above.
    pub threshold: f64,
    /// When it was raised.
    pub raised_at: String,
    /// None while it is active.
    pub resolved_at: Option<String>,
}

#[derive(Deserialize)]
struct ActiveAlerts {
    alerts: Vec<Alert>,
}

/// What a rule measured.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct RuleReading {
    /// `episode-failure-rate`, ...
    pub rule_id: String,
    /// `warning` or `critical`.
    pub severity: String,
    /// None without an operation.
    pub value: Option<f64>,
    /// Above what it fires.
    pub threshold: f64,
    /// What the value rests on.
    pub operations: u64,
    /// Whether the value is above the threshold.
    pub firing: bool,
}

/// What an evaluation of the rules found and changed.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct AlertCheck {
    /// What each rule measured.
    pub rules: Vec<RuleReading>,
    /// The alerts that it raised.
    pub raised: Vec<Alert>,
    /// The alerts whose condition is gone.
    pub resolved: Vec<Alert>,
}

impl AlertCheck {
    /// What a rule measured.
    pub fn rule(&self, id: &str) -> Option<&RuleReading> {
        self.rules.iter().find(|reading| reading.rule_id == id)
    }

    /// The ids of the rules that fire.
    pub fn firing(&self) -> Vec<&str> {
        let firing = self.rules.iter().filter(|reading| reading.firing);
        firing.map(|reading| reading.rule_id.as_str()).collect()
    }
}

/// What tests do to the creation of episodes.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Interference {
    /// So many of the next creations fail.
    pub fail_next: u64,
    /// Each takes so much longer.
    pub delay_ms: u64,
}

impl User {
    /// The numbers of a project.
    #[track_caller]
    pub fn integrity(&self, project: &str) -> impl Future<Output = Result<Integrity>> {
        let path = format!("/integrity/projects/{project}");
        located(async move { answer::data(&self.watch("GET", &path, None, &[200]).await?) })
    }

    /// Whether the numbers of a project can be asked for: not if there is no such project.
    #[track_caller]
    pub fn has_integrity(&self, project: &str) -> impl Future<Output = Result<bool>> {
        let path = format!("/monitoring/episodes/integrity/projects/{project}");
        located(async move { self.exists(Service::Project, &path).await })
    }

    /// The numbers of all projects.
    #[track_caller]
    pub fn integrity_summary(&self) -> impl Future<Output = Result<IntegritySummary>> {
        located(async move {
            let path = "/integrity/summary";
            answer::data(&self.watch("GET", path, None, &[200]).await?)
        })
    }

    /// Has all numbers looked at.
    #[track_caller]
    pub fn run_integrity_check(&self, deep: bool) -> impl Future<Output = Result<IntegrityCheck>> {
        located(async move {
            let (path, body) = ("/integrity/run-check", json!({ "deep": deep }));
            answer::data(&self.watch("POST", path, Some(body), &[200]).await?)
        })
    }

    /// Has the episodes of a project numbered anew, or only hears what that would change.
    #[track_caller]
    pub fn fix_gaps(&self, project: &str, dry_run: bool) -> impl Future<Output = Result<Repair>> {
        let path = format!("/integrity/projects/{project}/fix-gaps");
        located(async move {
            let body = json!({ "dryRun": dry_run });
            answer::data(&self.watch("POST", &path, Some(body), &[200]).await?)
        })
    }

    /// How the creation of episodes goes.
    #[track_caller]
    pub fn performance(&self) -> impl Future<Output = Result<Performance>> {
        located(async move {
            let path = "/performance/stats";
            answer::data(&self.watch("GET", path, None, &[200]).await?)
        })
    }

    /// The active alerts, oldest first.
    #[track_caller]
    pub fn active_alerts(&self) -> impl Future<Output = Result<Vec<Alert>>> {
        located(async move {
            let answer = self.watch("GET", "/alerts/active", None, &[200]).await?;
            Ok(answer::data::<ActiveAlerts>(&answer)?.alerts)
        })
    }

    /// Has the alert rules evaluated.
    #[track_caller]
    pub fn check_alerts(&self) -> impl Future<Output = Result<AlertCheck>> {
        located(async move {
            let path = "/alerts/check";
            answer::data(&self.watch("POST", path, None, &[200]).await?)
        })
    }

    /// Resolves an alert; none if no active one has this id.
    #[track_caller]
    pub fn resolve_alert(&self, id: &str) -> impl Future<Output = Result<Option<Alert>>> {
        let path = format!("/alerts/{id}/resolve");
        located(async move {
            let answer = self.watch("POST", &path, None, &[200, 404]).await?;
            match answer.status() {
                200 => answer::data(&answer).map(Some),
                _ => Ok(None),
            }
        })
    }

    /// Inserts an episode with a number of the test's choice, past all rules.
    #[track_caller]
    pub fn insert_episode(
        &self,
        project: &str,
        number: u64,
    ) -> impl Future<Output = Result<Episode>> {
        let path = format!("/testing/projects/{project}/episodes");
        located(async move {
            let request = self.request("POST", Service::Project, &path);
            let request = request.json(&json!({ "number": number }));
            answer::data(&self.call(request, &[201]).await?)
        })
    }

    /// Makes creations of episodes fail or take longer; the default ends it.
    #[track_caller]
    pub fn interfere(&self, wanted: Interference) -> impl Future<Output = Result<()>> {
        located(async move {
            let request = self.request("PUT", Service::Project, "/testing/episode-creations");
            self.call(request.json(&wanted), &[200]).await.map(drop)
        })
    }

    /// Empties the window of the monitoring.
    #[track_caller]
    pub fn forget_operations(&self) -> impl Future<Output = Result<()>> {
        located(async move {
            let request = self.request("DELETE", Service::Project, "/testing/operations");
            self.call(request, &[200]).await.map(drop)
        })
    }

    async fn watch(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        allowed: &[u16],
    ) -> Result<Response> {
        let path = format!("/monitoring/episodes{path}");
        let request = self.request(method, Service::Project, &path);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        self.call(request, allowed).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issues_of_a_project_and_the_reading_of_a_rule_are_found() {
        let summary: IntegritySummary = serde_json::from_value(json!({
            "totalProjects": 2, "healthyProjects": 1, "unhealthyProjects": 1, "healthPercentage": 50.0,
            "totalEpisodes": 3, "totalGaps": 1, "totalDuplicates": 0, "checkedAt": "2026-01-01T00:00:00Z",
            "projectsWithIssues": [{"projectId": "p", "gaps": [2], "duplicates": []}],
        }))
        .unwrap();
        assert_eq!(summary.issues_of("p").unwrap().gaps, [2]);
        assert_eq!(summary.issues_of("q"), None);
        let rule = |id: &str, firing: bool| json!({"ruleId": id, "severity": "warning", "value": null, "threshold": 1.0, "operations": 0, "firing": firing});
        let rules = [rule("one", false), rule("other", true)];
        let check: AlertCheck =
            serde_json::from_value(json!({"rules": rules, "raised": [], "resolved": []})).unwrap();
        assert_eq!(check.firing(), ["other"]);
        assert_eq!(check.rule("one").unwrap().value, None);
    }
}
