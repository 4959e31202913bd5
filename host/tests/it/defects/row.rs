//! One row of the table of defects, held against a run: what must fail fails, what must be skipped is, and all else passes.

use std::collections::BTreeSet;

use assay_report::{json::document::Report, verdict::Verdict};

use super::{ENVIRONMENT, table::Table};
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
    let mut differences = differences(answer, &failing, &may_fail, &skipped);
    // What is late on containers need not be so here, and the other way round.
    if environment == ENVIRONMENT {
        differences.extend(wrong_causes(&answer.report(), table.causes(defect)));
    }
    differences
}

/// What failed and has another cause than these, or none.
fn wrong_causes(report: &Report, right: &BTreeSet<String>) -> Vec<String> {
    let mut failed: Ids = report
        .suites
        .iter()
        .flat_map(|suite| {
            let cases = suite.cases.iter();
            let failed = cases.filter(|case| case.verdict == Some(Verdict::Failed));
            failed.map(move |case| format!("{}/{}", suite.name, case.name))
        })
        .collect();
    let mut wrong = Vec::new();
    for group in &report.analysis.causes {
        let cause = &group.cause;
        let subject = cause.subject.as_deref().unwrap_or("nobody");
        let named = format!("{} {subject}", cause.kind.word());
        for failure in &group.failures {
            let id = failure.name();
            if failed.remove(&id) && !right.contains(&named) {
                wrong.push(format!(
                    "the cause of {id} is `{named}`: {}\n{:#?}",
                    failure.summary, failure.evidence
                ));
            }
        }
    }
    wrong.extend(failed.into_iter().map(|id| format!("{id} has no cause")));
    wrong
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

#[cfg(test)]
mod tests {
    use assay_report::{
        analysis::{Analysis, Cause, CauseGroup, CauseKind, Failure},
        event::{CaseInfo, Event, EventKind, Outcome, Phase, PluginInfo, RunInfo},
        json::Gatherer,
    };

    use super::*;

    /// The report of a run whose only case failed by this cause, or by none.
    fn report(cause: Option<(CauseKind, &str)>) -> Report {
        let mut gatherer = Gatherer::default();
        for (sequence, kind) in (0..).zip([started(), failed()]) {
            gatherer.event(&Event {
                sequence,
                at_ns: sequence,
                phase: Phase::Baseline,
                of_shard: None,
                kind,
            });
        }
        let group = |(kind, subject): (CauseKind, &str)| CauseGroup {
            cause: Cause {
                kind,
                subject: Some(subject.to_owned()),
                summary: String::new(),
                advice: String::new(),
            },
            first_at_ns: 0,
            count: 1,
            failures: vec![Failure {
                suite: Some("suite".to_owned()),
                entry: Some("case".to_owned()),
                attempt: Some(1),
                verdict: Verdict::Failed,
                at_ns: 0,
                summary: String::new(),
                during: Vec::new(),
                evidence: Vec::new(),
                time: None,
            }],
        };
        let mut report = gatherer.finish();
        report.analysis = Analysis {
            causes: cause.map(group).into_iter().collect(),
            unlisted: 0,
        };
        report
    }

    fn started() -> EventKind {
        let plugin = PluginInfo {
            file: String::new(),
            digest: String::new(),
            size: 0,
            suite: "suite".to_owned(),
            version: String::new(),
            summary: String::new(),
            cases: vec![CaseInfo {
                name: "case".to_owned(),
                summary: String::new(),
                tags: Vec::new(),
                location: None,
            }],
            baselines: Vec::new(),
        };
        EventKind::RunStarted(RunInfo {
            schema: assay_report::event::LogVersion::default(),
            run_id: String::new(),
            started_at: String::new(),
            host_version: String::new(),
            contract: String::new(),
            environment: String::new(),
            profile: String::new(),
            seed: 0,
            jobs: 1,
            plugins: vec![plugin],
            provenance: assay_report::event::Provenance::default(),
            shard: None,
            merged: Vec::new(),
            agents: Vec::new(),
        })
    }

    fn failed() -> EventKind {
        EventKind::CaseFinished {
            suite: "suite".to_owned(),
            case: "case".to_owned(),
            outcome: Outcome {
                verdict: Verdict::Failed,
                reason: None,
            },
            attempts: 1,
            duration_ns: 1,
        }
    }

    #[test]
    fn a_wrong_cause_an_unknown_one_and_none_at_all_are_differences() {
        let right = BTreeSet::from(["status shop".to_owned()]);
        let good = report(Some((CauseKind::Status, "shop")));
        assert_eq!(wrong_causes(&good, &right), Vec::<String>::new());
        for (cause, told) in [
            (Some((CauseKind::Answer, "shop")), "`answer shop`"),
            (Some((CauseKind::Status, "cache")), "`status cache`"),
            (Some((CauseKind::Unknown, "shop")), "`unknown shop`"),
            (None, "has no cause"),
        ] {
            let wrong = wrong_causes(&report(cause), &right);
            assert_eq!(wrong.len(), 1);
            assert!(wrong[0].contains(told), "{wrong:?}");
        }
    }
}
