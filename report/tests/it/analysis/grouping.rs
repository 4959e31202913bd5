//! Failures of one cause are told together, and the first cause in time comes first.

use assay_report::{
    Form,
    analysis::{CauseKind, Failure},
    event::Stage,
};

use super::{analysed, answered, broken, failed, failed_with, run};
use crate::{documents::text, situations};

#[test]
fn failures_of_one_cause_are_one_group_whatever_their_words() {
    let mut run = run(&["a", "b", "c"]);
    run.case("a", &failed("no connection: refused"), |run, source| {
        run.exchange(source, broken(1, "connect", "refused", Stage::Connect));
    });
    run.case(
        "b",
        &failed_with("it is there", "200", "503"),
        |run, source| {
            run.exchange(source, answered(2, 503));
        },
    );
    run.case("c", &failed("again: refused"), |run, source| {
        run.exchange(source, broken(1, "connect", "refused", Stage::Connect));
    });
    let causes = analysed(run).causes;
    let told: Vec<_> = causes
        .iter()
        .map(|group| {
            let names = group.failures.iter().map(Failure::name);
            (group.cause.kind, names.collect::<Vec<_>>())
        })
        .collect();
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|&name| name.to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told,
        [
            (CauseKind::Connection, names(&["jobs/a", "jobs/c"])),
            (CauseKind::Status, names(&["jobs/b"])),
        ]
    );
    assert_eq!(causes[0].count, 2);
}

#[test]
fn what_differs_in_service_or_in_status_is_not_one_cause() {
    let mut run = run(&["a", "b", "c"]);
    for (case, port, status) in [("a", 1, 503), ("b", 2, 503), ("c", 1, 500)] {
        let ending = failed_with("it is there", "200", &status.to_string());
        run.case(case, &ending, |run, source| {
            run.exchange(source, answered(port, status));
        });
    }
    assert_eq!(analysed(run).causes.len(), 3);
}

#[test]
fn files_for_ci_systems_tell_the_cause_behind_the_reason() {
    for form in [Form::Junit, Form::Tap] {
        let file = text(form, &situations::failing_checks());
        for told in [
            "cause: unknown: the job completes",
            "evidence: failed check: ",
        ] {
            assert!(file.contains(told), "{form:?}: {told}: {file}");
        }
    }
}
