//! What broke beside the system under test: the environment, the plugin, the run itself.

use assay_report::{
    analysis::{Analysis, CauseKind, Failure},
    event::{EventKind, FaultStage, ReasonKind},
    verdict::Verdict,
};

use super::{analysed, analysis, bought, fault, only, run};
use crate::{
    recording::{outcome, reason},
    situations,
};

/// Each cause with its subject and how many failures it has.
fn told(analysis: &Analysis) -> Vec<(CauseKind, Option<&str>, u64)> {
    let causes = analysis.causes.iter();
    causes
        .map(|group| {
            (
                group.cause.kind,
                group.cause.subject.as_deref(),
                group.count,
            )
        })
        .collect()
}

#[test]
fn a_run_that_is_good_has_no_cause() {
    assert_eq!(told(&analysis(&situations::passed_run())), []);
}

#[test]
fn an_environment_that_is_missing_is_one_cause_with_all_its_cases() {
    let analysis = analysis(&situations::environment_failed());
    let [(CauseKind::Environment, Some("embedded"), count)] = told(&analysis)[..] else {
        panic!("{analysis:#?}");
    };
    assert!(count > 1, "itself and the cases that did not run");
}

#[test]
fn a_plugin_that_broke_is_told_by_how_it_did() {
    for (kind, verdict, expected) in [
        (ReasonKind::Panic, Verdict::Errored, CauseKind::Panic),
        (ReasonKind::Trap, Verdict::Errored, CauseKind::Trap),
        (ReasonKind::Limit, Verdict::Errored, CauseKind::Limit),
        (ReasonKind::Timeout, Verdict::Errored, CauseKind::Spinning),
        (ReasonKind::Plugin, Verdict::Errored, CauseKind::Plugin),
        (
            ReasonKind::NoEvidence,
            Verdict::Failed,
            CauseKind::NoEvidence,
        ),
    ] {
        let ending = outcome(verdict, reason(kind, "it broke"));
        let analysis = bought(&ending, |_, _| {});
        let (found, subject, failure) = only(&analysis);
        assert_eq!((found, subject), (expected, Some("jobs")));
        assert_eq!(failure.summary, "it broke");
    }
}

#[test]
fn each_situation_is_told_by_its_cause() {
    use CauseKind::{Baseline, Died, Environment, FaultFailed, Interrupted, NoEnd, Trap};
    for (name, events, first) in [
        ("trap", situations::trap(), Trap),
        ("degraded", situations::degraded(), Baseline),
        ("service died", situations::service_died(), Died),
        (
            "environment left",
            situations::environment_left(),
            Environment,
        ),
        ("interrupted", situations::interrupted(), Interrupted),
        ("stopped", situations::stopped(), NoEnd),
        ("faults", situations::faults(), FaultFailed),
    ] {
        let analysis = analysis(&events);
        let kinds: Vec<_> = told(&analysis).iter().map(|(kind, ..)| *kind).collect();
        assert!(kinds.contains(&first), "{name}: {analysis:#?}");
    }
}

/// The refused fault was taken for the cause, with the advice to run `host heal`.
#[test]
fn a_fault_that_could_not_be_made_is_not_why_the_environment_is_broken() {
    let ending = outcome(
        Verdict::Errored,
        reason(ReasonKind::Environment, "service `cache` ended"),
    );
    for (stage, expected) in [
        (FaultStage::Injecting, (CauseKind::Died, Some("cache"), 2)),
        (
            FaultStage::Healing,
            (CauseKind::FaultFailed, Some("stop on shop"), 1),
        ),
    ] {
        let mut run = run(&["buy"]);
        run.tell(EventKind::ServiceDied {
            service: "cache".into(),
            message: "service `cache` ended".into(),
        });
        run.case("buy", &ending, |run, source| {
            run.tell(EventKind::FaultFailed {
                source: source.clone(),
                fault: fault(1, "shop"),
                stage,
                message: "it is not as ordered".into(),
            });
        });
        let analysis = analysed(run);
        assert!(
            told(&analysis).contains(&expected),
            "{stage:?}: {analysis:#?}"
        );
    }
}

#[test]
fn cases_whose_setup_failed_have_the_cause_of_the_setup() {
    let analysis = analysis(&situations::setup_failed());
    let [group] = &analysis.causes[..] else {
        panic!("{analysis:#?}");
    };
    let names: Vec<_> = group.failures.iter().map(Failure::name).collect();
    assert!(names.contains(&"jobs/setup".to_owned()), "{names:?}");
    assert_eq!(usize::try_from(group.count), Ok(names.len()));
    assert!(group.count > 1, "the setup and its cases");
}
