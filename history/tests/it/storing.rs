//! What was kept comes back as it was; what is too much goes, and what is asked for is found.

use std::{
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use assay_history::{
    HistoryError, RunRecord, Store,
    case::CaseHistories,
    store::{Added, Keep, Name, Selection},
};
use assay_report::verdict::Verdict;
use tempfile::TempDir;

use crate::made::{case, ended, run, times};

/// 2026-11-30T00:00:00Z.
const MIDNIGHT: u64 = 1_795_996_800;

fn store(folder: &TempDir) -> Store {
    Store::open(&folder.path().join("below/history.db")).unwrap()
}

fn newest(last: u32) -> Selection {
    Selection {
        last,
        ..Selection::default()
    }
}

fn ids(store: &Store) -> Vec<String> {
    let runs = store.runs(&newest(100)).unwrap();
    runs.into_iter().map(|run| run.run_id).collect()
}

#[test]
fn a_run_comes_back_as_it_was() {
    let folder = TempDir::new().unwrap();
    let mut store = store(&folder);
    let record = run(0);
    assert_eq!(store.add(&record).unwrap(), Added::New);
    assert_eq!(store.record(&record.run.run_id).unwrap(), Some(record));
    assert_eq!(store.record("nothing").unwrap(), None);
}

#[test]
fn a_run_without_an_end_and_without_figures_comes_back_too() {
    let folder = TempDir::new().unwrap();
    let mut store = store(&folder);
    let mut record = run(0);
    record.run.verdict = None;
    record.run.exit_code = None;
    record.run.settings_digest = None;
    record.run.commit = None;
    record.judgements[0].value = None;
    record.judgements[0].target = None;
    record.run.duration_ns = 1 << 62;
    store.add(&record).unwrap();
    assert_eq!(store.record(&record.run.run_id).unwrap(), Some(record));
}

#[test]
fn the_same_run_again_replaces_what_is_known_of_it() {
    let folder = TempDir::new().unwrap();
    let mut store = store(&folder);
    store.add(&run(0)).unwrap();
    let mut again = run(0);
    again.cases.push(case("looks", Verdict::Failed));
    again.distributions.clear();
    assert_eq!(store.add(&again).unwrap(), Added::Replaced);
    let found = store.record(&again.run.run_id).unwrap().unwrap();
    assert_eq!((found.cases.len(), found.distributions.len()), (2, 0));
    assert_eq!(ids(&store).len(), 1);
}

#[test]
fn a_run_that_says_no_time_is_refused_and_nothing_of_it_is_kept() {
    let folder = TempDir::new().unwrap();
    let mut store = store(&folder);
    let mut record = run(0);
    record.run.started_at = "yesterday".to_owned();
    let refused = store.add(&record).unwrap_err();
    assert!(matches!(refused, HistoryError::NoTime { .. }), "{refused}");
    assert_eq!(ids(&store), Vec::<String>::new());
}

#[test]
fn the_newest_run_is_the_one_that_began_last_whenever_it_was_added() {
    let folder = TempDir::new().unwrap();
    let mut store = store(&folder);
    for minute in [5, 1, 9, 7] {
        store.add(&run(minute)).unwrap();
    }
    let name = |name: &str| store.find(&Name::of(name)).map(|run| run.run_id);
    assert_eq!(name("last").unwrap(), run(9).run.run_id);
    assert_eq!(name("previous").unwrap(), run(7).run.run_id);
    assert_eq!(name("20261130T0005").unwrap(), run(5).run.run_id);
    let ambiguous = name("20261130T000").unwrap_err().to_string();
    assert!(ambiguous.contains(&run(7).run.run_id), "{ambiguous}");
    assert!(matches!(name("2027"), Err(HistoryError::NoRun { .. })));
    assert!(matches!(name("%"), Err(HistoryError::NoRun { .. })));
}

#[test]
fn good_runs_of_the_same_kind_are_told_from_others() {
    let folder = TempDir::new().unwrap();
    let mut store = store(&folder);
    let verdicts = [
        Verdict::Passed,
        Verdict::Failed,
        Verdict::Degraded,
        Verdict::Flaky,
        Verdict::Skipped,
        Verdict::Errored,
    ];
    for (minute, verdict) in (0..).zip(verdicts) {
        store.add(&ended(minute, verdict)).unwrap();
    }
    let mut other = run(30);
    other.run.environment = "docker".to_owned();
    store.add(&other).unwrap();
    let selection = Selection {
        environment: Some("embedded".to_owned()),
        profile: Some("default".to_owned()),
        settings_digest: Some("d1".to_owned()),
        good: true,
        without: Some(run(3).run.run_id),
        last: 10,
    };
    let found = store.runs(&selection).unwrap();
    let found: Vec<_> = found.into_iter().map(|run| run.run_id).collect();
    assert_eq!(found, [run(2).run.run_id, run(0).run.run_id]);
}

#[test]
fn cases_are_told_over_the_newest_runs_the_oldest_first() {
    let folder = TempDir::new().unwrap();
    let mut store = store(&folder);
    for minute in 0..6 {
        let verdict = if minute % 2 == 0 {
            Verdict::Passed
        } else {
            Verdict::Failed
        };
        let mut record = ended(minute, verdict);
        record.cases.push(case("looks", Verdict::Passed));
        store.add(&record).unwrap();
    }
    let histories = |suite: Option<&str>, case: Option<&str>| {
        let mut cases = CaseHistories::default();
        store
            .occurrences(&newest(5), suite, case, |occurrence| cases.hear(occurrence))
            .unwrap();
        cases.finish()
    };
    let all = histories(None, None);
    let names: Vec<_> = all.iter().map(|case| case.case.as_str()).collect();
    assert_eq!(names, ["buys", "looks"]);
    let buys = &histories(Some("shop"), Some("buys"))[0];
    assert_eq!((buys.runs, buys.pairs, buys.flips), (5, 4, Some(1.0)));
    assert_eq!(buys.last_run, run(5).run.run_id);
    assert!(histories(Some("pub"), None).is_empty());
}

#[test]
fn the_newest_runs_stay_up_to_the_limit_and_what_only_others_had_goes_with_them() {
    let folder = TempDir::new().unwrap();
    let mut store = store(&folder);
    for minute in 0..5 {
        let mut record = run(minute);
        record
            .cases
            .push(case(&format!("of-{minute}"), Verdict::Passed));
        record
            .distributions
            .push(times(&format!("request {minute}"), &[5_000]));
        store.add(&record).unwrap();
    }
    let now = UNIX_EPOCH + Duration::from_secs(MIDNIGHT + 3_600);
    let keep = |runs| Keep {
        runs,
        ..Keep::default()
    };
    assert_eq!(store.retain(keep(5), now).unwrap(), 0);
    assert_eq!(store.retain(keep(4), now).unwrap(), 1);
    assert_eq!(ids(&store).last(), Some(&run(1).run.run_id));
    let mut cases = CaseHistories::default();
    store
        .occurrences(&newest(100), None, None, |occurrence| {
            cases.hear(occurrence);
        })
        .unwrap();
    assert_eq!(cases.finish().len(), 1 + 4);
    let connection = rusqlite::Connection::open(store.path()).unwrap();
    let count = |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    let rows = [
        "test_case",
        "metric",
        "case_result",
        "judgement",
        "distribution",
    ]
    .map(count);
    assert_eq!(rows, [5, 5, 8, 4, 8]);
}

#[test]
fn a_run_goes_when_it_is_a_second_too_old_and_the_newest_never_does() {
    let folder = TempDir::new().unwrap();
    let mut store = store(&folder);
    for minute in [0, 1, 2] {
        store.add(&run(minute)).unwrap();
    }
    let keep = Keep {
        runs: 100,
        age: Duration::from_hours(1),
    };
    let at = |seconds| UNIX_EPOCH + Duration::from_secs(MIDNIGHT + seconds);
    assert_eq!(store.retain(keep, at(3_600)).unwrap(), 0);
    assert_eq!(store.retain(keep, at(3_601)).unwrap(), 1);
    assert_eq!(store.retain(keep, at(30_000)).unwrap(), 1);
    assert_eq!(ids(&store), [run(2).run.run_id]);
    store.shrink().unwrap();
    assert_eq!(ids(&store).len(), 1);
}

#[test]
fn a_clock_before_1970_removes_nothing() {
    let folder = TempDir::new().unwrap();
    let mut store = store(&folder);
    store.add(&run(0)).unwrap();
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(10);
    assert_eq!(store.retain(Keep::default(), before).unwrap(), 0);
}

#[test]
fn hosts_that_write_at_once_wait_for_each_other_and_no_run_is_lost() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("history.db");
    thread::scope(|scope| {
        for host in 0..4_u32 {
            let path = &path;
            // Each opens it by itself, the first of all times among them.
            scope.spawn(move || {
                for place in 0..5 {
                    let mut store = Store::open(path).unwrap();
                    store.add(&run(host * 5 + place)).unwrap();
                    store.retain(Keep::default(), SystemTime::now()).unwrap();
                }
            });
        }
    });
    let store = Store::look(&path).unwrap().unwrap();
    assert_eq!(ids(&store).len(), 20);
    let whole = |id: &String| -> RunRecord { store.record(id).unwrap().unwrap() };
    assert!(
        ids(&store)
            .iter()
            .all(|id| whole(id).distributions.len() == 1)
    );
}
