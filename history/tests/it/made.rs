//! Runs as the tests need them.

use assay_history::record::{CaseResult, Judged, Measured, MetricKey, Run, RunRecord};
use assay_load::encoded;
use assay_report::{
    event::{Direction, Grade, Phase, RunStats},
    verdict::Verdict,
};
use hdrhistogram::Histogram;

/// A good run that began in that minute of a day, with a case, a baseline and a distribution.
pub(crate) fn run(minute: u32) -> RunRecord {
    let (hours, minutes) = (minute / 60, minute % 60);
    RunRecord {
        run: Run {
            run_id: format!("20261130T{hours:02}{minutes:02}00Z-abcd"),
            started_at: format!("2026-11-30T{hours:02}:{minutes:02}:00Z"),
            duration_ns: 60_000_000_000,
            host_version: "0.1.0".to_owned(),
            environment: "embedded".to_owned(),
            profile: "default".to_owned(),
            settings_digest: Some("d1".to_owned()),
            commit: Some("c1".to_owned()),
            verdict: Some(Verdict::Passed),
            exit_code: Some(0),
            stats: RunStats {
                passed: 1,
                ..RunStats::default()
            },
            baselines: 1,
            baselines_missed: 0,
            left_out: 0,
        },
        cases: vec![case("buys", Verdict::Passed)],
        judgements: vec![judged(0.2)],
        distributions: vec![times("request buy", &steady(1_000, 10_000_000))],
    }
}

/// The same run, with another verdict.
pub(crate) fn ended(minute: u32, verdict: Verdict) -> RunRecord {
    let mut record = run(minute);
    record.run.verdict = Some(verdict);
    record.cases[0].verdict = verdict;
    record
}

pub(crate) fn case(name: &str, verdict: Verdict) -> CaseResult {
    CaseResult {
        suite: "shop".to_owned(),
        case: name.to_owned(),
        verdict,
        attempts: 1,
        duration_ns: 5_000_000,
        reason: verdict.is_bad().then(|| "check".to_owned()),
    }
}

pub(crate) fn judged(value: f64) -> Judged {
    Judged {
        suite: "shop".to_owned(),
        baseline: "buy-p95".to_owned(),
        entry: "buys".to_owned(),
        attempt: 1,
        unit: "s".to_owned(),
        direction: Direction::AtMost,
        target: Some(1.0),
        critical: Some(2.0),
        value: Some(value),
        samples: 1_000,
        grade: Grade::Target,
    }
}

/// Times in nanoseconds as a distribution of the suite `shop`.
pub(crate) fn times(metric: &str, nanoseconds: &[u64]) -> Measured {
    let mut histogram = Histogram::<u64>::new_with_bounds(1_024, 3_600_000_000_000, 3).unwrap();
    for time in nanoseconds {
        histogram.record(*time).unwrap();
    }
    Measured {
        key: MetricKey {
            suite: "shop".to_owned(),
            metric: metric.to_owned(),
            phase: Phase::Baseline,
        },
        unit: "seconds".to_owned(),
        steps_per_unit: 1_000_000_000,
        histogram: encoded::to_bytes(&histogram).unwrap(),
    }
}

/// So many times around a middle one, from three quarters of it to five quarters, in an order without a trend.
pub(crate) fn steady(count: u64, middle: u64) -> Vec<u64> {
    (0..count)
        .map(|place| middle * 3 / 4 + middle / 2 * ((place * 7_919) % count) / count)
        .collect()
}
