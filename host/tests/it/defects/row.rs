//! One row of the table of defects, held against a run: what must fail fails, what must be skipped is, and all else passes.

use assay_report::verdict::Verdict;

use super::table::Table;
use crate::invocation::{Answer, Ids};

/// The setting that switches a defect on.
pub(crate) fn setting(defect: &str) -> String {
    format!("reference.defects={defect}")
}

/// A test for each row that is tried with a defect, and which defects those are.
macro_rules! tests_of_defects {
    ($is_caught:ident; $($test:ident: $defect:literal,)*) => {
        /// The defects that have a test here.
        pub(super) const TRIED: &[&str] = &[$($defect),*];
        $(
            #[test]
            fn $test() {
                $is_caught($defect);
            }
        )*
    };
}
pub(super) use tests_of_defects;

/// Holds a run with this defect against what its row of the table has of the suites that ran.
pub(crate) fn assert_caught(answer: &Answer, defect: &str, environment: &str) {
    let differences = caught(answer, defect, environment);
    assert!(
        differences.is_empty(),
        "{differences:#?}\n{}",
        answer.seen()
    );
}

/// In what a run with this defect differs from what its row of the table has of the suites that ran.
pub(crate) fn caught(answer: &Answer, defect: &str, environment: &str) -> Vec<String> {
    let table = Table::of_repository();
    let failing = table.fail(defect, environment);
    assert!(!failing.is_empty(), "nothing fails with {defect}");
    let failing = of_those_that_ran(answer, failing);
    let may_fail = table.may_fail(defect, environment);
    let skipped = of_those_that_ran(answer, table.skipped(environment));
    differences(answer, &failing, &may_fail, &skipped)
}

/// The cases whose suite ran.
fn of_those_that_ran(answer: &Answer, cases: Ids) -> Ids {
    let suite = |id: &str| id.split('/').next().unwrap_or_default().to_owned();
    let verdicts = answer.verdicts();
    let ran: Ids = verdicts.keys().map(|id| suite(id)).collect();
    let ran = |id: &String| ran.contains(&suite(id));
    cases.into_iter().filter(ran).collect()
}

/// Holds a run without a defect against the row that all tables have.
pub(crate) fn assert_green(answer: &Answer, environment: &str) {
    let skipped = of_those_that_ran(answer, Table::of_repository().skipped(environment));
    let none = Ids::new();
    let differences = differences(answer, &none, &none, &skipped);
    assert!(
        differences.is_empty(),
        "{differences:#?}\n{}",
        answer.seen()
    );
}

/// Nothing, if exactly these cases failed, apart from those that may, exactly those were skipped, and the others passed.
fn differences(answer: &Answer, failing: &Ids, may_fail: &Ids, skipped: &Ids) -> Vec<String> {
    let with = |wanted: fn(Verdict) -> bool| -> Ids {
        let cases = answer.verdicts().into_iter();
        cases
            .filter_map(|(id, verdict)| wanted(verdict).then_some(id))
            .collect()
    };
    let failed = with(|verdict| verdict == Verdict::Failed);
    let left_out = with(|verdict| verdict == Verdict::Skipped);
    // A slow machine may miss a target; it must not miss a critical level.
    let otherwise = with(|verdict| matches!(verdict, Verdict::Errored | Verdict::Flaky));
    let named = [
        ("failed, and must not", &(&failed - failing) - may_fail),
        ("must fail, and did not", failing - &failed),
        ("skipped, and must not be", &left_out - skipped),
        ("must be skipped, and was not", skipped - &left_out),
        ("errored or flaky", otherwise),
    ];
    let named = named.into_iter().filter(|(_, ids)| !ids.is_empty());
    let mut differences: Vec<_> = named
        .map(|(what, ids)| format!("{what}: {ids:?}"))
        .collect();
    let exit = i32::from(!failed.is_empty());
    if answer.exit != Some(exit) {
        differences.push(format!("exit {:?}, and not {exit}", answer.exit));
    }
    differences
}
