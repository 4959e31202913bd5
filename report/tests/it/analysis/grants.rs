//! What an attempt was refused is why it is bad, before whatever follows from it.

use assay_report::{
    analysis::CauseKind,
    event::{EventKind, Reason, ReasonKind, Stage},
    verdict::Verdict,
};

use super::{analysed, bought, broken, failed, only, run, texts};
use crate::{
    recording::{check, outcome, passed, reason, source},
    situations::{host, refuse, setting},
};

#[test]
fn an_attempt_that_was_refused_something_has_that_cause() {
    let analysis = bought(&failed("the shop does not answer"), |run, source| {
        refuse(run, source, host());
        refuse(run, source, host());
        refuse(run, source, setting("shop.token"));
        run.exchange(source, broken(1, "connect", "refused", Stage::Connect))
            .check(source, check("it is bought", false));
    });
    let (kind, subject, failure) = only(&analysis);
    assert_eq!((kind, subject), (CauseKind::Grant, Some("jobs")));
    let advice = &analysis.causes[0].cause.advice;
    assert!(advice.contains("grant in `assay.toml`"), "{advice}");
    let told = [
        "refused http `api.example.com:443`: the plugin `jobs` has no grant for this host",
        "refused context `shop.token`: the plugin `jobs` has no grant for this setting",
    ];
    assert_eq!(texts(failure), told);
    assert_eq!(failure.summary, told[0]);
}

#[test]
fn a_plugin_that_broke_after_a_refusal_broke_of_it() {
    for kind in [
        ReasonKind::Panic,
        ReasonKind::Trap,
        ReasonKind::Plugin,
        ReasonKind::NoEvidence,
        ReasonKind::Timeout,
        ReasonKind::Baseline,
    ] {
        let ending = outcome(Verdict::Errored, reason(kind, "it broke"));
        let analysis = bought(&ending, |run, source| refuse(run, source, host()));
        assert_eq!(only(&analysis).0, CauseKind::Grant, "{kind:?}");
    }
}

#[test]
fn what_the_host_saw_to_be_otherwise_is_no_matter_of_grants() {
    for (kind, expected) in [
        (ReasonKind::Interrupted, CauseKind::Interrupted),
        (ReasonKind::Died, CauseKind::Died),
        (ReasonKind::Environment, CauseKind::Died),
    ] {
        let mut run = run(&["buy"]);
        run.tell(EventKind::ServiceDied {
            service: "shop".into(),
            message: "service `shop` ended".into(),
        });
        let ending = outcome(Verdict::Errored, reason(kind, "it is over"));
        run.case("buy", &ending, |run, source| refuse(run, source, host()));
        let analysis = analysed(run);
        let kinds: Vec<_> = analysis
            .causes
            .iter()
            .map(|group| group.cause.kind)
            .collect();
        assert!(kinds.contains(&expected), "{kind:?}: {kinds:?}");
        assert!(!kinds.contains(&CauseKind::Grant), "{kind:?}: {kinds:?}");
    }
}

#[test]
fn an_attempt_that_is_not_bad_needs_no_cause_and_a_degraded_one_keeps_its_own() {
    let analysis = bought(&passed(), |run, source| refuse(run, source, host()));
    assert!(analysis.causes.is_empty());
    let ending = outcome(
        Verdict::Degraded,
        reason(ReasonKind::Baseline, "short of its target"),
    );
    let analysis = bought(&ending, |run, source| refuse(run, source, host()));
    assert_eq!(only(&analysis).0, CauseKind::Baseline);
}

#[test]
fn what_the_same_line_would_grant_is_one_cause_and_another_line_another() {
    let mut run = run(&["a", "b", "c"]);
    for (case, refusal) in [("a", host()), ("b", setting("shop.token")), ("c", host())] {
        run.case(case, &failed("no"), |run, source| {
            refuse(run, source, refusal);
        });
    }
    let analysis = analysed(run);
    let counts: Vec<_> = analysis.causes.iter().map(|group| group.count).collect();
    assert_eq!(counts, [2, 1]);
}

#[test]
fn a_setup_that_failed_of_a_refusal_is_why_its_cases_did_not_run() {
    let setup = source("setup", 1);
    let mut run = run(&["buy"]);
    run.attempt(&setup);
    refuse(&mut run, &setup, host());
    run.end_attempt(&setup, failed("no shop"));
    let skipped = Reason {
        message: "the setup failed".into(),
        ..reason(ReasonKind::Setup, "")
    };
    run.end_case("buy", outcome(Verdict::Errored, skipped), 0);
    let analysis = analysed(run);
    let [group] = &analysis.causes[..] else {
        panic!("{analysis:#?}")
    };
    assert_eq!((group.cause.kind, group.count), (CauseKind::Grant, 2));
}
