//! One row of the table of defects, held against a run: what must fail fails, what must be skipped is, and all else passes.

use assay_host::verdict::Verdict;

use super::table::Table;
use crate::invocation::{Answer, Ids};

/// The setting that switches a defect on.
pub(crate) fn setting(defect: &str) -> String {
    format!("reference.defects={defect}")
}

/// Holds the run of all suites with this defect against its row of the table.
pub(crate) fn assert_caught(answer: &Answer, defect: &str, environment: &str) {
    let table = Table::of_repository();
    let failing = table.fail(defect, environment);
    assert!(!failing.is_empty(), "nothing fails with {defect}");
    assert_verdicts(answer, &failing, &table.skipped(environment));
    assert_eq!(answer.exit, Some(1), "{}", answer.seen());
}

/// Holds the run of all suites without a defect against the row that all tables have.
pub(crate) fn assert_green(answer: &Answer, environment: &str) {
    let skipped = Table::of_repository().skipped(environment);
    assert_verdicts(answer, &Ids::new(), &skipped);
    assert_eq!(answer.exit, Some(0), "{}", answer.seen());
}

/// Exactly these cases failed, exactly those were skipped, and the others passed.
fn assert_verdicts(answer: &Answer, failing: &Ids, skipped: &Ids) {
    let with = |wanted: fn(Verdict) -> bool| -> Ids {
        let cases = answer.verdicts().into_iter();
        cases
            .filter_map(|(id, verdict)| wanted(verdict).then_some(id))
            .collect()
    };
    let failed = with(|verdict| verdict == Verdict::Failed);
    assert_eq!(&failed, failing, "failed\n{}", answer.seen());
    let left_out = with(|verdict| verdict == Verdict::Skipped);
    assert_eq!(&left_out, skipped, "skipped\n{}", answer.seen());
    // A slow machine may miss a target; it must not miss a critical level.
    let otherwise = with(|verdict| matches!(verdict, Verdict::Errored | Verdict::Flaky));
    assert_eq!(otherwise, Ids::new(), "{}", answer.seen());
}
