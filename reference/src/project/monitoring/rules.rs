//! The alert rules: what they measure, and whether it is above their threshold.

use std::time::Duration;

use super::integrity::{Findings, Survey, share};
use super::model::{PerformanceStats, RuleId, RuleReading, Severity};
use crate::defects::{Defect, Defects};
use crate::words::Word;

/// What D16 takes for the rate of failures and of conflicts, in percent.
const CONSTANT_FAILURES: f64 = 5.0;
const CONSTANT_CONFLICTS: f64 = 7.0;

/// Above what an alert is raised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Percent of the creations that fail.
    pub failure_percent: f64,
    /// Percent of the creations that are conflicts.
    pub conflict_percent: f64,
    /// The P95 of the creations.
    pub latency: Duration,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    pub(super) rule: RuleId,
    /// None if it is about no project.
    pub(super) project_id: Option<String>,
    pub(super) value: f64,
    pub(super) threshold: f64,
    pub(super) description: String,
}

impl RuleId {
    pub(super) fn severity(self) -> Severity {
        match self {
            Self::FailureRate | Self::CreationLatency => Severity::Warning,
            Self::ConflictRate | Self::Integrity => Severity::Critical,
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::FailureRate => "creations of episodes fail",
            Self::CreationLatency => "creations of episodes are slow",
            Self::ConflictRate => "idempotency keys are used for other requests",
            Self::Integrity => "numbers of episodes are missing or repeated",
        }
    }
}

/// What every rule measures now, in the order of their declaration.
pub(super) fn read(
    stats: &PerformanceStats,
    survey: &Survey,
    thresholds: &Thresholds,
    defects: Defects,
) -> Vec<RuleReading> {
    let constant = defects.has(Defect::AlertValuesConstant);
    let attempts = stats.succeeded + stats.failed;
    let rate = |part, of| (of > 0).then(|| share(part, of));
    let failures = match rate(stats.failed, attempts) {
        Some(_) if constant => Some(CONSTANT_FAILURES),
        measured => measured,
    };
    let conflicts = if constant {
        Some(CONSTANT_CONFLICTS)
    } else {
        rate(stats.conflicts, stats.operations)
    };
    let reading = |rule_id: RuleId, value: Option<f64>, threshold: f64, operations| RuleReading {
        rule_id,
        severity: rule_id.severity(),
        value,
        threshold,
        operations,
        firing: value.is_some_and(|value| value > threshold),
    };
    let latency = thresholds.latency.as_secs_f64();
    let issues = survey.gaps + survey.duplicates;
    vec![
        reading(
            RuleId::FailureRate,
            failures,
            thresholds.failure_percent,
            attempts,
        ),
        reading(
            RuleId::CreationLatency,
            stats.p95_duration_seconds,
            latency,
            attempts,
        ),
        reading(
            RuleId::ConflictRate,
            conflicts,
            thresholds.conflict_percent,
            stats.operations,
        ),
        reading(
            RuleId::Integrity,
            Some(to_f64(issues)),
            0.0,
            survey.episodes,
        ),
    ]
}

/// The conditions that hold: one for each rule that fires, and for the integrity one for each project.
pub(super) fn conditions(readings: &[RuleReading], survey: &Survey) -> Vec<Condition> {
    let of_rates = readings
        .iter()
        .filter(|reading| reading.firing && reading.rule_id != RuleId::Integrity)
        .map(|reading| {
            let value = reading.value.unwrap_or_default();
            let (threshold, unit) = (reading.threshold, unit(reading.rule_id));
            Condition {
                rule: reading.rule_id,
                project_id: None,
                value,
                threshold,
                description: format!(
                    "{} is {value:.3}{unit} of {} operations in the window, above {threshold}{unit}",
                    reading.rule_id.word(),
                    reading.operations
                ),
            }
        });
    let of_projects = survey
        .issues
        .iter()
        .map(|(id, findings)| integrity(id, findings));
    of_rates.chain(of_projects).collect()
}

fn unit(rule: RuleId) -> &'static str {
    match rule {
        RuleId::CreationLatency => " s",
        RuleId::FailureRate | RuleId::ConflictRate => " %",
        RuleId::Integrity => "",
    }
}

fn integrity(project_id: &str, findings: &Findings) -> Condition {
    Condition {
        rule: RuleId::Integrity,
        project_id: Some(project_id.to_owned()),
        value: to_f64(findings.issues()),
        threshold: 0.0,
        description: format!(
            "the project {project_id} misses {} numbers and has {} episodes with a number that another one has; \
             look at its integrity, and repair it with fix-gaps",
            findings.gap_count, findings.duplicate_count
        ),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of what one service holds are far below 2^52"
)]
fn to_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::monitoring::integrity::examine;

    const THRESHOLDS: Thresholds = Thresholds {
        failure_percent: 20.0,
        conflict_percent: 10.0,
        latency: Duration::from_millis(500),
    };

    fn stats(succeeded: u64, failed: u64, conflicts: u64, p95: Option<f64>) -> PerformanceStats {
        PerformanceStats {
            succeeded,
            failed,
            conflicts,
            operations: succeeded + failed + conflicts,
            p95_duration_seconds: p95,
            ..PerformanceStats::default()
        }
    }

    fn firing(stats: &PerformanceStats, survey: &Survey, defects: &str) -> Vec<&'static str> {
        let readings = read(stats, survey, &THRESHOLDS, defects.parse().unwrap());
        let conditions = conditions(&readings, survey);
        let mut rules: Vec<_> = readings
            .iter()
            .filter(|reading| reading.firing)
            .map(|reading| reading.rule_id.word())
            .collect();
        assert_eq!(rules.len(), conditions.len(), "{conditions:?}");
        rules.sort_unstable();
        rules
    }

    #[test]
    fn a_rule_fires_above_its_threshold_and_not_at_it() {
        let none = Survey::default();
        for (stats, wanted) in [
            (stats(0, 0, 0, None), &[][..]),
            (stats(8, 2, 0, Some(0.5)), &[]),
            (stats(8, 3, 0, Some(0.5)), &["episode-failure-rate"]),
            (stats(9, 0, 1, Some(0.1)), &[]),
            (stats(8, 0, 1, Some(0.1)), &["episode-conflict-rate"]),
            (stats(9, 0, 0, Some(0.501)), &["episode-creation-latency"]),
        ] {
            assert_eq!(firing(&stats, &none, ""), wanted, "{stats:?}");
        }
    }

    #[test]
    fn the_integrity_of_each_unhealthy_project_is_a_condition_of_its_own() {
        let survey = Survey {
            gaps: 1,
            duplicates: 1,
            issues: vec![
                ("a".to_owned(), examine(&[2], &[], 2)),
                ("b".to_owned(), examine(&[1, 1], &[], 1)),
            ],
            ..Survey::default()
        };
        let readings = read(
            &stats(0, 0, 0, None),
            &survey,
            &THRESHOLDS,
            Defects::default(),
        );
        let conditions = conditions(&readings, &survey);
        let projects: Vec<_> = conditions
            .iter()
            .map(|condition| condition.project_id.as_deref())
            .collect();
        assert_eq!(projects, [Some("a"), Some("b")]);
        assert!(
            conditions
                .iter()
                .all(|condition| condition.rule == RuleId::Integrity)
        );
    }

    #[test]
    fn d16_fires_on_healthy_data() {
        let (healthy, none) = (stats(9, 0, 0, Some(0.1)), Survey::default());
        let low = Thresholds {
            failure_percent: 1.0,
            conflict_percent: 5.0,
            ..THRESHOLDS
        };
        let readings = read(&healthy, &none, &low, "D16".parse().unwrap());
        let firing = readings.iter().filter(|reading| reading.firing).count();
        assert_eq!(firing, 2);
    }
}
