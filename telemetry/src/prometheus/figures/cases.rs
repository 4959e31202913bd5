//! Suites, their cases, and the attempts of those.

use assay_report::{
    event::{AttemptCounts, Level, Refusal, Source},
    verdict::Verdict,
    words,
};

use super::{
    super::{
        catalogue::{
            ATTEMPTS, CASE_DURATION, CASE_LAST_DURATION, CASE_RESULT, CASES, CASES_RUNNING, CHECKS,
            LOG_LINES, REFUSALS, RETRIES, SUITE_DURATION,
        },
        histogram::as_f64,
        labels::Labels,
        registry::Registry,
    },
    seconds, suite_alone,
};

pub(super) fn started(registry: &mut Registry, suite: &str) {
    registry.add(&CASES_RUNNING, suite_alone(suite), 1.0);
}

/// `took` is none of a case that never began: it was left out, or its setup failed.
pub(super) fn finished(
    registry: &mut Registry,
    suite: &str,
    case: &str,
    verdict: Verdict,
    took: Option<u64>,
) {
    let verdict = verdict.word();
    let counted = [("suite", suite), ("verdict", verdict)];
    registry.add(&CASES, Labels::new(counted), 1.0);
    let named = [("suite", suite), ("case", case), ("verdict", verdict)];
    registry.set(&CASE_RESULT, Labels::new(named), 1.0);
    if let Some(took) = took.map(seconds) {
        registry.add(&CASES_RUNNING, suite_alone(suite), -1.0);
        registry.observe(&CASE_DURATION, suite_alone(suite), took, 1);
        let named = Labels::new([("suite", suite), ("case", case)]);
        registry.set(&CASE_LAST_DURATION, named, took);
    }
}

pub(super) fn attempt_started(registry: &mut Registry, source: &Source) {
    if source.attempt > 1 {
        registry.add(&RETRIES, suite_alone(&source.suite), 1.0);
    }
}

pub(super) fn attempt_finished(
    registry: &mut Registry,
    source: &Source,
    verdict: Verdict,
    counts: &AttemptCounts,
) {
    let suite = &*source.suite;
    let labels = [("suite", suite), ("verdict", verdict.word())];
    registry.add(&ATTEMPTS, Labels::new(labels), 1.0);
    for (result, count) in [
        ("passed", counts.checks_passed),
        ("failed", counts.checks_failed),
    ] {
        let labels = Labels::new([("suite", suite), ("result", result)]);
        registry.add(&CHECKS, labels, as_f64(count));
    }
}

pub(super) fn logged(registry: &mut Registry, source: &Source, level: Level) {
    let level = words::level(level);
    let labels = Labels::new([("suite", &*source.suite), ("level", level)]);
    registry.add(&LOG_LINES, labels, 1.0);
}

pub(super) fn refused(registry: &mut Registry, source: &Source, refusal: &Refusal) {
    let labels = [
        ("suite", &*source.suite),
        ("capability", &*refusal.capability),
    ];
    registry.add(&REFUSALS, Labels::new(labels), 1.0);
}

pub(super) fn suite_finished(registry: &mut Registry, suite: &str, duration_ns: u64) {
    registry.set(&SUITE_DURATION, suite_alone(suite), seconds(duration_ns));
}
