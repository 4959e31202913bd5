//! What goes in comes out, once, by name, phase and outcome, whichever worker it came from.

use super::*;
use crate::outcome::{CheckCount, Requests, Split};
use crate::phase::Phase;
use crate::threshold::Figure;

fn samples() -> Samples {
    Samples::new([]).unwrap()
}

fn outcome(samples: &Samples) -> Outcome {
    let mut outcome = Outcome::default();
    samples.tell(&mut outcome);
    outcome
}

/// A request that took so many milliseconds.
fn request(shard: &Shard, name: &str, phase: Phase, failure: Option<&str>, milliseconds: u64) {
    shard.record(RequestSample {
        name: shard.name(name),
        phase,
        failure: failure.map(|kind| shard.failure(kind)),
        nanoseconds: milliseconds * 1_000_000,
        received: 10,
    });
}

fn shape(split: &Split) -> (u64, u64, u64, u64) {
    let Split {
        succeeded, failed, ..
    } = split;
    (
        succeeded.count,
        succeeded.max / 1_000_000,
        failed.count,
        failed.max / 1_000_000,
    )
}

#[test]
fn requests_are_kept_by_name_outcome_and_phase() {
    let samples = samples();
    let shard = samples.shard();
    request(&shard, "list", Phase::Baseline, None, 5);
    request(&shard, "create", Phase::Baseline, None, 10);
    request(&shard, "create", Phase::Fault, None, 30);
    request(&shard, "create", Phase::Fault, Some("status 503"), 50);
    request(&shard, "create", Phase::Recovery, Some("timeout"), 70);
    request(&shard, "create", Phase::Recovery, Some("timeout"), 60);
    let requests: [Requests; 2] = outcome(&samples).requests.try_into().unwrap();
    let [list, create] = requests;
    assert_eq!(
        (list.name.as_str(), shape(&list.latency)),
        ("list", (1, 5, 0, 0))
    );
    assert!(list.by_phase.is_empty());
    assert_eq!(
        (create.name.as_str(), shape(&create.latency)),
        ("create", (2, 30, 3, 70))
    );
    assert_eq!(create.received, 50);
    let failures = create
        .latency
        .failures
        .iter()
        .map(|kind| (kind.name.as_str(), kind.count));
    assert_eq!(
        failures.collect::<Vec<_>>(),
        [("timeout", 2), ("status 503", 1)]
    );
    let phases: Vec<_> = create
        .by_phase
        .iter()
        .map(|(phase, split)| (*phase, shape(split)))
        .collect();
    assert_eq!(
        phases,
        [
            (Phase::Baseline, (1, 10, 0, 0)),
            (Phase::Fault, (1, 30, 1, 50)),
            (Phase::Recovery, (0, 0, 2, 70))
        ]
    );
}

#[test]
fn iterations_and_checks_are_counted_over_all_workers() {
    let samples = samples();
    let shards: Vec<_> = (0..4).map(|_| samples.shard()).collect();
    std::thread::scope(|scope| {
        for shard in &shards {
            scope.spawn(|| {
                let (check, failure) = (shard.check_id("is there"), shard.failure("wrong"));
                for step in 0..1_001 {
                    let failure = (step % 10 == 0).then_some(failure);
                    shard.iteration(Phase::Baseline, failure, step * 1_000_000);
                    shard.check(check, step % 7 != 0);
                }
            });
        }
    });
    let outcome = outcome(&samples);
    assert_eq!((outcome.iterations, outcome.failed), (4_004, 404));
    assert_eq!(outcome.latency.succeeded.count, 3_600);
    assert_eq!(outcome.latency.failures[0].count, 404);
    assert_eq!(outcome.latency.failed.max, 1_000_000_000);
    assert_eq!(
        outcome.checks,
        [CheckCount {
            name: "is there".into(),
            passed: 3_432,
            failed: 572
        }]
    );
    assert_eq!(samples.iterations(), 4_004);
}

#[test]
fn each_second_has_what_came_since_the_one_before() {
    let samples = samples();
    let shard = samples.shard();
    assert_eq!(samples.second(), Second::default());
    request(&shard, "create", Phase::Baseline, None, 100);
    request(&shard, "create", Phase::Baseline, Some("timeout"), 900);
    shard.iteration(Phase::Baseline, None, 1_000);
    shard.iteration(Phase::Baseline, Some(shard.failure("wrong")), 5_000);
    let second = samples.second();
    assert_eq!((second.requests, second.failed_requests), (2, 1));
    assert_eq!((second.iterations, second.failed_iterations), (2, 1));
    assert_eq!(
        (second.iteration_times.p50, second.iteration_times.p99),
        (1_000, 1_000)
    );
    assert_eq!(second.request_times.p95, 100_000_000);
    assert_eq!(samples.second(), Second::default());
    assert_eq!(outcome(&samples).iterations, 2);
}

#[test]
fn names_beyond_the_budget_are_gathered_under_one_that_says_so() {
    let watched = Measure::Requests("watched".into(), Figure::P95);
    let samples = Samples::new([&watched]).unwrap();
    let shard = samples.shard();
    for number in 0..3_000 {
        request(
            &shard,
            &format!("/episodes/{number}"),
            Phase::Baseline,
            None,
            1,
        );
    }
    // What a threshold asks for keeps its place, however late it comes.
    request(&shard, "watched", Phase::Baseline, None, 1);
    let requests = outcome(&samples).requests;
    assert_eq!(requests.len(), usize::from(NAME_BUDGET) + 1);
    let count = |name: &str| {
        let found = requests.iter().find(|requests| requests.name == name);
        found.map(|requests| requests.latency.succeeded.count)
    };
    assert_eq!((count("watched"), count(OTHER)), (Some(1), Some(2_001)));
    let all: u64 = requests
        .iter()
        .map(|requests| requests.latency.succeeded.count)
        .sum();
    assert_eq!(all, 3_001);
}

#[test]
fn kinds_of_failures_and_checks_have_budgets_too() {
    let samples = samples();
    let shard = samples.shard();
    for number in 0..2_000 {
        request(
            &shard,
            "create",
            Phase::Baseline,
            Some(&format!("at 0x{number}")),
            1,
        );
        shard.check(shard.check_id(&format!("episode {number}")), true);
    }
    let outcome = outcome(&samples);
    let failures = &outcome.requests[0].latency.failures;
    assert_eq!(failures.len(), usize::from(FAILURE_BUDGET) + 1);
    assert_eq!(
        (failures[0].name.as_str(), failures[0].count),
        (OTHER, 1_936)
    );
    assert_eq!(outcome.checks.len(), usize::from(CHECK_BUDGET) + 1);
    assert_eq!(outcome.checks.last().map(|check| check.passed), Some(1_000));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_began_in_the_warm_up_is_left_out_and_a_check_is_not() {
    let samples = samples();
    let shard = samples.shard();
    samples.measure_from(Instant::now() + Duration::from_millis(100));
    request(&shard, "create", Phase::Baseline, None, 0);
    shard.check(shard.check_id("is there"), false);
    tokio::time::advance(Duration::from_millis(150)).await;
    request(&shard, "create", Phase::Baseline, None, 51);
    request(&shard, "create", Phase::Baseline, None, 50);
    let outcome = outcome(&samples);
    assert_eq!(outcome.requests[0].latency.succeeded.count, 1);
    assert_eq!(outcome.checks[0].failed, 1);
}

#[test]
fn samples_do_not_outlive_their_load() {
    let samples = samples();
    let shard = Arc::downgrade(&samples.shard());
    drop(samples);
    assert!(shard.upgrade().is_none());
}
