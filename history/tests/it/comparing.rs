//! Two runs against each other: what changed is told, what did not is not, and what cannot be known is said to be so.

use assay_history::compare::{Comparison, Difference, DistributionChange, Finding, compare};
use assay_report::{event::Grade, verdict::Verdict};

use crate::made::{case, judged, run, steady, times};

/// Two runs in which one distribution is of these values.
fn compared(before: &[u64], after: &[u64]) -> Comparison {
    let (mut one, mut other) = (run(0), run(1));
    one.distributions = vec![times("request buy", before)];
    other.distributions = vec![times("request buy", after)];
    compare(&one, &other)
}

fn only(comparison: &Comparison) -> &DistributionChange {
    let [change] = comparison.distributions.as_slice() else {
        panic!("{:?}", comparison.distributions);
    };
    change
}

#[test]
fn the_same_twice_is_no_difference() {
    let comparison = compare(&run(0), &run(1));
    assert_eq!(comparison.differences, []);
    assert_eq!(comparison.cases, []);
    assert_eq!(only(&comparison).finding, Finding::Same);
}

#[test]
fn a_tenth_more_is_slower_and_by_how_much_is_told() {
    let comparison = compared(&steady(2_000, 10_000_000), &steady(2_000, 11_000_000));
    let change = only(&comparison);
    assert_eq!(change.finding, Finding::Slower);
    let test = change.test.unwrap();
    assert!(
        test.adjusted_probability < 1e-6 && test.superiority > 0.6,
        "{test:?}"
    );
    assert!((test.shift - 0.001).abs() < 0.0001, "{test:?}");
    let percentiles: Vec<_> = change
        .percentiles
        .iter()
        .map(|found| found.percentile)
        .collect();
    assert_eq!(percentiles, [50.0, 95.0, 99.0]);
    for found in &change.percentiles {
        assert!((found.change_percent - 10.0).abs() < 1.0, "{found:?}");
        assert!(
            found.low_percent < 10.0 && found.high_percent > 9.0,
            "{found:?}"
        );
    }
    let back = compared(&steady(2_000, 11_000_000), &steady(2_000, 10_000_000));
    assert_eq!(only(&back).finding, Finding::Faster);
}

#[test]
fn a_difference_in_the_tail_alone_is_in_the_percentiles() {
    let before = steady(2_000, 10_000_000);
    let mut after = before.clone();
    after.sort_unstable();
    after[1_950..].fill(50_000_000);
    let comparison = compared(&before, &after);
    let change = only(&comparison);
    assert_eq!(change.finding, Finding::Same);
    let p99 = change.percentiles[2];
    assert!(p99.low_percent > 100.0, "{p99:?}");
}

#[test]
fn a_difference_that_is_sure_and_negligible_is_none() {
    let comparison = compared(&steady(60_000, 10_000_000), &steady(60_000, 10_080_000));
    let change = only(&comparison);
    assert!(
        change.test.unwrap().adjusted_probability < 0.001,
        "{change:?}"
    );
    assert_eq!(change.finding, Finding::Same);
}

#[test]
fn with_too_few_samples_nothing_is_said() {
    let comparison = compared(&steady(19, 10_000_000), &steady(2_000, 90_000_000));
    let change = only(&comparison);
    assert_eq!(change.finding, Finding::NotEnoughSamples);
    assert_eq!((change.test, change.percentiles.len()), (None, 0));
    let comparison = compared(&steady(20, 10_000_000), &steady(2_000, 90_000_000));
    let change = only(&comparison);
    assert_eq!(
        (change.finding, change.percentiles.len()),
        (Finding::Slower, 1)
    );
}

#[test]
fn one_doubtful_difference_among_many_metrics_does_not_count() {
    let (mut one, mut other) = (run(0), run(1));
    let before = steady(60, 10_000_000);
    let after = steady(60, 10_900_000);
    one.distributions = vec![times("request odd", &before)];
    other.distributions = vec![times("request odd", &after)];
    assert_eq!(only(&compare(&one, &other)).finding, Finding::Slower);
    for place in 0..200 {
        let name = format!("request {place}");
        one.distributions.push(times(&name, &before));
        other.distributions.push(times(&name, &before));
    }
    let comparison = compare(&one, &other);
    let odd = comparison
        .distributions
        .iter()
        .find(|change| change.metric == "request odd");
    assert_eq!(odd.unwrap().finding, Finding::Same);
}

#[test]
fn what_is_no_time_is_greater_and_not_slower() {
    let (mut one, mut other) = (run(0), run(1));
    for (record, middle) in [(&mut one, 10_000_000), (&mut other, 20_000_000)] {
        let mut bytes = times("answer_bytes", &steady(100, middle));
        bytes.unit = "bytes".to_owned();
        record.distributions = vec![bytes];
    }
    assert_eq!(only(&compare(&one, &other)).finding, Finding::Greater);
}

#[test]
fn what_only_one_of_them_has_is_told() {
    let (mut one, mut other) = (run(0), run(1));
    one.distributions = vec![times("request old", &steady(100, 10_000_000))];
    other.distributions = vec![times("request new", &steady(100, 10_000_000))];
    one.cases = vec![case("old", Verdict::Passed), case("turns", Verdict::Passed)];
    other.cases = vec![case("new", Verdict::Passed), case("turns", Verdict::Failed)];
    let mut missed = judged(9.0);
    missed.grade = Grade::Missed;
    other.judgements.push(missed);
    other.run.settings_digest = None;
    other.run.commit = None;
    let comparison = compare(&one, &other);
    let findings: Vec<_> = comparison
        .distributions
        .iter()
        .map(|change| change.finding)
        .collect();
    assert_eq!(findings, [Finding::OnlyAfter, Finding::OnlyBefore]);
    let cases: Vec<_> = comparison
        .cases
        .iter()
        .map(|change| (change.case.as_str(), change.before, change.after))
        .collect();
    assert_eq!(
        cases,
        [
            ("new", None, Some(Verdict::Passed)),
            ("old", Some(Verdict::Passed), None),
            ("turns", Some(Verdict::Passed), Some(Verdict::Failed)),
        ]
    );
    // The worst of two judgements is the one that is compared.
    let after = comparison.baselines[0].after.as_ref().unwrap();
    assert_eq!(after.grade, Grade::Missed);
    assert_eq!(
        comparison.differences,
        [Difference::Settings, Difference::Commit]
    );
}
