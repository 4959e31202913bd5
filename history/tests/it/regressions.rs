//! Whether a run is slower than former ones: beyond its bound it is, within it is not, and without enough to go by nothing is claimed.

use assay_history::{
    RunRecord,
    regression::{Bound, Percentile, judge},
};
use assay_report::event::{MAX_REGRESSIONS, Phase, RegressionCheck};

use crate::made::{run, steady, times};

const MILLISECOND: u64 = 1_000_000;

fn bound(pattern: &str, percentile: Percentile, percent: f64) -> Bound {
    Bound {
        pattern: pattern.to_owned(),
        percentile,
        percent,
    }
}

/// A run of that minute in which buying takes so many milliseconds in the middle.
fn taking(minute: u32, count: u64, milliseconds: u64) -> RunRecord {
    let mut record = run(minute);
    record.distributions = vec![times(
        "request buy",
        &steady(count, milliseconds * MILLISECOND),
    )];
    record
}

fn judged(now: &RunRecord, former: &[RunRecord], percent: f64) -> RegressionCheck {
    judge(now, former, &[bound("*", Percentile::P95, percent)])
}

#[test]
fn beyond_its_bound_a_percentile_has_regressed() {
    let check = judged(&taking(1, 2_000, 130), &[taking(0, 2_000, 100)], 10.0);
    assert_eq!(
        (check.judged, check.beyond, check.not_judged.as_deref()),
        (1, 1, None)
    );
    let found = &check.regressions[0];
    assert_eq!(
        (found.name().as_str(), found.against.as_str()),
        ("shop/request buy p95", run(0).run.run_id.as_str())
    );
    assert!((found.change_percent - 30.0).abs() < 1.0, "{found:?}");
    assert!(
        found.low_percent > 10.0 && found.adjusted_probability < 1e-6,
        "{found:?}"
    );
    assert!(
        found.words().contains("30.") && found.words().contains("10 % is the bound"),
        "{}",
        found.words()
    );
    assert!(
        check.words().contains("1 percentile, 1 beyond"),
        "{}",
        check.words()
    );
}

#[test]
fn within_its_bound_or_faster_it_has_not() {
    for milliseconds in [130, 100, 50] {
        let check = judged(
            &taking(1, 2_000, milliseconds),
            &[taking(0, 2_000, 100)],
            40.0,
        );
        assert_eq!((check.judged, check.beyond), (1, 0), "{milliseconds}");
        assert_eq!(check.not_judged, None);
    }
}

#[test]
fn a_little_beyond_the_bound_in_few_samples_is_chance() {
    let few = judged(&taking(1, 100, 111), &[taking(0, 100, 100)], 10.0);
    assert_eq!((few.judged, few.beyond), (1, 0));
    let many = judged(&taking(1, 100_000, 111), &[taking(0, 100_000, 100)], 10.0);
    assert_eq!((many.judged, many.beyond), (1, 1));
}

#[test]
fn without_a_former_run_nothing_is_judged_and_nothing_passes() {
    let check = judged(&taking(1, 2_000, 900), &[], 10.0);
    assert_eq!((check.judged, check.beyond), (0, 0));
    assert!(check.words().contains("no former run"), "{}", check.words());
}

#[test]
fn too_few_samples_are_told_and_neither_pass_nor_fail() {
    let check = judged(&taking(1, 2_000, 900), &[taking(0, 99, 100)], 10.0);
    assert_eq!(
        (check.judged, check.not_enough_samples, check.beyond),
        (0, 1, 0)
    );
    assert!(
        check.words().contains("too few samples"),
        "{}",
        check.words()
    );
    assert_eq!(
        judged(&taking(1, 100, 900), &[taking(0, 100, 100)], 10.0).beyond,
        1
    );
}

#[test]
fn a_metric_that_is_gone_was_not_judged() {
    let mut now = taking(1, 2_000, 100);
    now.distributions.clear();
    let check = judged(&now, &[taking(0, 2_000, 100)], 10.0);
    assert_eq!((check.judged, check.not_enough_samples), (0, 1));
    assert!(check.not_judged.is_some());
}

#[test]
fn a_bound_that_fits_nothing_says_so() {
    let bounds = [bound("pub/*", Percentile::P95, 10.0)];
    let check = judge(&taking(1, 2_000, 900), &[taking(0, 2_000, 100)], &bounds);
    assert!(
        check.words().contains("no metric fits a bound"),
        "{}",
        check.words()
    );
}

#[test]
fn of_several_former_runs_the_one_in_the_middle_counts() {
    let former = [
        taking(0, 2_000, 40),
        taking(1, 2_000, 100),
        taking(2, 2_000, 300),
    ];
    assert_eq!(judged(&taking(3, 2_000, 105), &former, 10.0).beyond, 0);
    let slower = judged(&taking(3, 2_000, 130), &former, 10.0);
    assert_eq!(slower.regressions[0].against, run(1).run.run_id);
    assert!(
        slower.words().contains("the last 3 good runs"),
        "{}",
        slower.words()
    );
}

#[test]
fn each_percentile_has_its_own_bound_and_the_last_one_that_fits_counts() {
    let bounds = [
        bound("*", Percentile::P50, 10.0),
        bound("*", Percentile::P95, 10.0),
        bound("shop/request *", Percentile::P95, 50.0),
        bound("pub/*", Percentile::P99, 1.0),
    ];
    let check = judge(&taking(1, 2_000, 130), &[taking(0, 2_000, 100)], &bounds);
    let beyond: Vec<_> = check
        .regressions
        .iter()
        .map(|found| found.percentile)
        .collect();
    assert_eq!((check.judged, beyond), (2, vec![50.0]));
}

#[test]
fn times_under_a_fault_and_what_is_no_time_are_not_judged() {
    let changed = |record: RunRecord, change: fn(&mut RunRecord)| {
        let mut record = record;
        change(&mut record);
        record
    };
    for change in [
        (|record| record.distributions[0].key.phase = Phase::Fault) as fn(&mut RunRecord),
        |record| record.distributions[0].unit = "bytes".to_owned(),
    ] {
        let now = changed(taking(1, 2_000, 900), change);
        let before = changed(taking(0, 2_000, 100), change);
        assert_eq!(judged(&now, &[before], 10.0).judged, 0);
    }
}

/// Whatever had the same name was taken for it: bytes for seconds, thousandths for millionths.
#[test]
fn a_metric_of_the_same_name_in_another_unit_or_in_other_steps_is_another_one() {
    let mut now = taking(1, 2_000, 130);
    let mut bytes = times("request buy", &steady(2_000, 1));
    bytes.unit = "bytes".to_owned();
    now.distributions.insert(0, bytes);
    let former = taking(0, 2_000, 100);
    let check = judged(&now, std::slice::from_ref(&former), 10.0);
    assert_eq!((check.judged, check.beyond), (1, 1));
    assert!((check.regressions[0].change_percent - 30.0).abs() < 1.0);

    now.distributions[1].steps_per_unit /= 1_000;
    let check = judged(&now, &[former], 10.0);
    assert_eq!((check.judged, check.not_enough_samples), (0, 2));
}

#[test]
fn a_former_run_with_too_few_samples_is_not_the_one_in_the_middle() {
    let former = [
        taking(0, 99, 1_000),
        taking(1, 2_000, 100),
        taking(2, 99, 2_000),
        taking(3, 2_000, 300),
        taking(4, 2_000, 90),
    ];
    let check = judged(&taking(5, 2_000, 130), &former, 10.0);
    assert_eq!(check.regressions[0].against, run(1).run.run_id);
}

#[test]
fn at_most_so_many_are_named_the_gravest_first_and_all_are_counted() {
    let many = |minute, factor: fn(u64) -> u64| {
        let mut record = run(minute);
        let of = |place| {
            times(
                &format!("request {place}"),
                &steady(200, factor(place) * MILLISECOND),
            )
        };
        record.distributions = (0..=MAX_REGRESSIONS as u64).map(of).collect();
        record
    };
    let check = judged(&many(1, |place| 300 + place), &[many(0, |_| 100)], 10.0);
    assert_eq!(
        (check.beyond, check.regressions.len()),
        (MAX_REGRESSIONS as u64 + 1, MAX_REGRESSIONS)
    );
    let first = &check.regressions[0].metric;
    assert_eq!(*first, format!("request {MAX_REGRESSIONS}"));
}
