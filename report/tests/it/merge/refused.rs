//! Logs that are not the shards of one run are refused, each with what differs and what to do.

use assay_report::{
    MergeError,
    event::{Event, EventKind, RunInfo},
    hint::Hinted as _,
    log::LogError,
};

use super::{
    super::situations,
    made::{CASES, Logs, good, mark, two},
};

fn changed(run: &[Event], change: impl FnOnce(&mut RunInfo)) -> Vec<Event> {
    let mut run = run.to_vec();
    if let EventKind::RunStarted(info) = &mut run[0].kind {
        change(info);
    }
    run
}

/// Why two shards are refused of which the second one is changed.
fn refused(change: impl FnOnce(&mut RunInfo)) -> MergeError {
    let [one, other] = two();
    let logs = Logs::of([one, changed(&other, change)]);
    let error = logs.merged().unwrap_err();
    assert!(error.hint().is_some_and(|hint| !hint.is_empty()), "{error}");
    error
}

#[test]
fn what_differs_between_shards_is_named() {
    type Change = fn(&mut RunInfo);
    let changes: [(&str, Change); 6] = [
        ("the version of the host", |info| {
            info.host_version = "9.0.0".into();
        }),
        ("the contract", |info| {
            info.contract = "assay:suite@9.0.0".into();
        }),
        ("the environment", |info| info.environment = "docker".into()),
        ("the profile", |info| info.profile = "full".into()),
        ("the commit", |info| {
            info.provenance.commit = Some("abc".into());
        }),
        ("the digest of the settings", |info| {
            info.provenance.settings_digest = Some("abc".into());
        }),
    ];
    for (named, change) in changes {
        let error = refused(change);
        assert!(
            matches!(&error, MergeError::Other { what, .. } if *what == named),
            "{named}: {error}"
        );
    }
}

#[test]
fn another_plugin_of_the_same_suite_is_refused() {
    let error = refused(|info| info.plugins[0].digest = "ef".repeat(32));
    assert!(
        matches!(&error, MergeError::OtherPlugin { suite, .. } if suite == "jobs"),
        "{error}"
    );
}

#[test]
fn a_plan_with_other_cases_is_refused() {
    let error = refused(|info| {
        if let Some(shard) = &mut info.shard {
            shard.plan_digest = "ef".repeat(32);
        }
    });
    assert!(matches!(error, MergeError::OtherPlan { .. }), "{error}");
}

#[test]
fn a_plan_that_was_split_differently_is_refused() {
    let logs = Logs::of([good(1, 2, &CASES[..2]), good(2, 3, &CASES[2..])]);
    let error = logs.merged().unwrap_err();
    assert!(matches!(error, MergeError::OtherSplit { .. }), "{error}");
}

#[test]
fn the_same_shard_twice_is_refused() {
    let [one, other] = two();
    let error = Logs::of([one.clone(), other, one]).merged().unwrap_err();
    assert!(matches!(error, MergeError::Twice { .. }), "{error}");
}

#[test]
fn a_case_that_is_in_two_shards_is_refused() {
    let error = Logs::of([good(1, 2, &CASES), good(2, 2, &CASES[3..])])
        .merged()
        .unwrap_err();
    assert!(matches!(error, MergeError::NotThePlan { .. }), "{error}");
}

#[test]
fn shards_that_are_all_there_and_not_the_plan_are_refused() {
    let error = Logs::of([good(1, 2, &CASES[..1]), good(2, 2, &CASES[2..])])
        .merged()
        .unwrap_err();
    assert!(
        matches!(
            error,
            MergeError::NotThePlan {
                found: 3,
                planned: 4
            }
        ),
        "{error}"
    );
}

#[test]
fn a_whole_run_stands_alone() {
    let whole = situations::passed_run();
    assert!(Logs::of([whole.clone()]).merged().is_ok());
    let [one, _] = two();
    let error = Logs::of([one, whole]).merged().unwrap_err();
    assert!(matches!(error, MergeError::NoShard { .. }), "{error}");
}

#[test]
fn a_merged_run_is_not_merged_again() {
    let logs = Logs::of(two());
    let (_, events) = logs.merged().unwrap();
    let error = Logs::of([events]).merged().unwrap_err();
    assert!(matches!(error, MergeError::NoShard { .. }), "{error}");
}

#[test]
fn a_number_of_shards_that_no_plan_has_is_refused_before_they_are_counted() {
    let mut run = good(1, 2, &CASES);
    mark(&mut run, 1, u32::MAX, CASES.len());
    let error = Logs::of([run]).merged().unwrap_err();
    assert!(matches!(error, MergeError::NoShard { .. }), "{error}");
}

#[test]
fn as_many_logs_as_a_plan_has_shards_are_taken_and_no_more() {
    let shards = |number: u32| (1..=number).map(|number| super::made::empty(number, 256));
    let missing_all = Logs::of(shards(256)).merged().unwrap_err();
    assert!(
        matches!(missing_all, MergeError::NotThePlan { found: 0, .. }),
        "{missing_all}"
    );
    let error = Logs::of(shards(256).chain([good(1, 2, &CASES)]))
        .merged()
        .unwrap_err();
    assert!(
        matches!(error, MergeError::TooMany { found: 257 }),
        "{error}"
    );
}

#[test]
fn a_start_that_is_no_time_is_refused() {
    let error = refused(|info| info.started_at = "yesterday".into());
    assert!(matches!(error, MergeError::NoTime { .. }), "{error}");
}

#[test]
fn a_log_that_tells_what_cannot_be_is_refused() {
    let [one, other] = two();
    let mut twice = other.clone();
    let last_case = twice
        .iter()
        .position(|event| matches!(event.kind, EventKind::CaseFinished { .. }))
        .unwrap();
    let again = twice[last_case].clone();
    twice.insert(last_case, again);
    let mut after_the_end = other;
    after_the_end.push(after_the_end[1].clone());
    for mut broken in [twice, after_the_end] {
        for (sequence, event) in (0..).zip(&mut broken) {
            event.sequence = sequence;
        }
        let error = Logs::of([one.clone(), broken]).merged().unwrap_err();
        assert!(matches!(error, MergeError::CannotBe { .. }), "{error}");
    }
}

#[test]
fn what_is_no_log_is_refused_as_everywhere() {
    let [one, _] = two();
    let logs = Logs::of([one, Vec::new()]);
    let error = logs.merged().unwrap_err();
    assert!(
        matches!(error, MergeError::Log(LogError::Empty { .. })),
        "{error}"
    );
}
