//! The shape of traces. What single spans hold has files of its own.

mod inside;
mod limits;
mod requests;

use assay_report::{
    event::{Event, ReasonKind},
    verdict::Verdict,
};

use super::*;
use crate::opentelemetry::{
    ids::TraceContext,
    protocol::flags,
    recording::{
        Recording, START_NS, STEP_NS, exchange, named, outcome, passed, status, told, traceparent,
    },
};

fn spans(events: &[Event]) -> Vec<Span> {
    spans_below(None, events)
}

/// All spans of a recorded run, ended or not.
fn spans_below(parent: Option<TraceContext>, events: &[Event]) -> Vec<Span> {
    let mut making = Spans::new(Clock::Recorded, parent);
    let mut spans: Vec<_> = events.iter().flat_map(|event| making.hear(event)).collect();
    spans.extend(making.finish());
    assert_eq!(making.left_out(), 0);
    spans
}

/// What is above a span, by name; empty for a root.
fn above<'a>(spans: &'a [Span], span: &Span) -> &'a str {
    let above = spans
        .iter()
        .find(|other| other.trace_id == span.trace_id && other.span_id == span.parent_span_id);
    match above {
        Some(above) => &above.name,
        None => "",
    }
}

fn one_case() -> Vec<Event> {
    let mut run = Recording::begin();
    run.case("a-job-ends", |run| {
        for span in [1, 2] {
            run.exchange("a-job-ends", exchange(Some(traceparent(7, span))));
        }
    });
    run.end_suite(Verdict::Passed).end_run(Verdict::Passed);
    run.events
}

#[test]
fn a_run_with_its_suites_and_cases_is_a_trace_and_each_attempt_is_another() {
    let spans = spans(&one_case());
    let tree: Vec<_> = spans
        .iter()
        .map(|span| (&*span.name, above(&spans, span)))
        .collect();
    assert_eq!(
        tree,
        [
            ("GET /jobs/{id}", "jobs/a-job-ends"),
            ("GET /jobs/{id}", "jobs/a-job-ends"),
            ("jobs/a-job-ends", ""),
            ("a-job-ends", "jobs"),
            ("jobs", "run"),
            ("run", ""),
        ]
    );
    let attempt = named(&spans, "jobs/a-job-ends");
    assert_ne!(attempt.trace_id, named(&spans, "run").trace_id);
}

#[test]
fn an_attempt_and_its_case_link_to_each_other() {
    let spans = spans(&one_case());
    let (attempt, case) = (
        named(&spans, "jobs/a-job-ends"),
        named(&spans, "a-job-ends"),
    );
    for (from, to) in [(attempt, case), (case, attempt)] {
        let [link] = &from.links[..] else {
            panic!("{:?}", from.links);
        };
        assert_eq!((&link.trace_id, &link.span_id), (&to.trace_id, &to.span_id));
    }
    let link = told(&case.links[0].attributes);
    assert_eq!(link["assay.attempt"], "1");
    assert_eq!(link["assay.verdict"], "passed");
}

#[test]
fn each_attempt_of_a_case_is_linked() {
    let mut run = Recording::begin();
    let failed = outcome(Verdict::Failed, ReasonKind::Check, "it is not");
    run.start("a-job-ends")
        .attempt("a-job-ends", 1)
        .end_attempt("a-job-ends", 1, &failed)
        .attempt("a-job-ends", 2)
        .end_attempt("a-job-ends", 2, &passed())
        .end_case(
            "a-job-ends",
            &outcome(Verdict::Flaky, ReasonKind::Check, "it is not"),
        );
    let spans = spans(&run.events);
    let case = named(&spans, "a-job-ends");
    let verdicts: Vec<_> = case
        .links
        .iter()
        .map(|link| told(&link.attributes)["assay.verdict"].clone())
        .collect();
    assert_eq!(verdicts, ["failed", "passed"]);
    assert_ne!(case.links[0].trace_id, case.links[1].trace_id);
    assert_eq!(status(case), "unset");
    assert_eq!(told(&case.attributes)["test.case.result.status"], "pass");
}

#[test]
fn a_setup_belongs_to_its_suite_and_is_no_case() {
    let mut run = Recording::begin();
    run.attempt("setup", 1).end_attempt("setup", 1, &passed());
    run.end_suite(Verdict::Passed);
    let spans = spans(&run.events);
    let (setup, suite) = (named(&spans, "jobs/setup"), named(&spans, "jobs"));
    assert_eq!(suite.links[0].span_id, setup.span_id);
    assert_eq!(setup.links[0].span_id, suite.span_id);
    let told = told(&setup.attributes);
    assert_eq!(told["assay.hook"], "setup");
    assert!(!told.contains_key("test.case.name"));
    assert!(!told.contains_key("test.case.result.status"));
}

#[test]
fn times_are_those_of_the_day() {
    let spans = spans(&one_case());
    let times = |name| {
        let span = named(&spans, name);
        let since = |time: u64| (time - START_NS) / STEP_NS;
        (
            since(span.start_time_unix_nano),
            since(span.end_time_unix_nano),
        )
    };
    assert_eq!(times("run"), (0, 8));
    assert_eq!(times("jobs"), (1, 7));
    assert_eq!(times("a-job-ends"), (1, 6));
    assert_eq!(times("jobs/a-job-ends"), (2, 5));
}

#[test]
fn a_log_that_is_told_again_gives_the_same_spans() {
    assert_eq!(spans(&one_case()), spans(&one_case()));
}

#[test]
fn a_run_is_below_whoever_started_it() {
    let parent = TraceContext::parse(&traceparent(9, 9)).unwrap();
    let spans = spans_below(Some(parent), &one_case());
    let run = named(&spans, "run");
    assert_eq!(run.trace_id, parent.trace.bytes());
    assert_eq!(run.parent_span_id, parent.span.bytes());
    assert_ne!(run.flags & flags::IS_REMOTE, 0);
    let case = named(&spans, "a-job-ends");
    assert_eq!(case.trace_id, run.trace_id);
    assert_eq!(case.flags & flags::IS_REMOTE, 0);
}

#[test]
fn a_run_says_of_what_it_is() {
    let spans = spans(&one_case());
    let run = told(&named(&spans, "run").attributes);
    for (name, value) in [
        ("assay.run.id", "20260102T030405Z-abcd"),
        ("deployment.environment.name", "embedded"),
        ("vcs.ref.head.revision", "0123abc"),
        ("assay.run.dirty", "true"),
        ("assay.run.seed", "42"),
        ("assay.verdict", "passed"),
        ("assay.run.exit_code", "0"),
    ] {
        assert_eq!(run[name], value, "{name}");
    }
    let suite = told(&named(&spans, "jobs").attributes);
    assert_eq!(suite["test.suite.name"], "jobs");
    assert_eq!(suite["test.suite.run.status"], "success");
    assert_eq!(suite["assay.suite.version"], "0.2.0");
    let case = told(&named(&spans, "a-job-ends").attributes);
    assert_eq!(case["test.case.name"], "jobs/a-job-ends");
}

#[test]
fn each_verdict_is_told_in_the_words_of_the_conventions() {
    for (verdict, result, run_status, told_status) in [
        (Verdict::Passed, "pass", "success", "ok"),
        (Verdict::Flaky, "pass", "success", "unset"),
        (Verdict::Degraded, "pass", "success", "unset"),
        (Verdict::Skipped, "skipped", "skipped", "unset"),
        (Verdict::Failed, "fail", "failure", "error: it is not"),
        (Verdict::Errored, "fail", "failure", "error: it is not"),
    ] {
        let ending = outcome(verdict, ReasonKind::Trap, "it is not\nat all");
        let mut run = Recording::begin();
        run.start("a-job-ends")
            .end_case("a-job-ends", &ending)
            .end_suite(verdict);
        let spans = spans(&run.events);
        let case = named(&spans, "a-job-ends");
        assert_eq!(status(case), told_status);
        let attributes = told(&case.attributes);
        assert_eq!(attributes["test.case.result.status"], result);
        assert_eq!(attributes["assay.verdict"], verdict.word());
        let kind = attributes.get("error.type").map(String::as_str);
        assert_eq!(kind, verdict.is_bad().then_some("trap"));
        let suite = told(&named(&spans, "jobs").attributes);
        assert_eq!(suite["test.suite.run.status"], run_status);
    }
}

#[test]
fn a_case_that_never_started_is_told_all_the_same() {
    let skipped = outcome(Verdict::Skipped, ReasonKind::Setup, "the setup failed");
    let mut run = Recording::begin();
    run.end_case("a-job-ends", &skipped)
        .end_suite(Verdict::Skipped);
    let spans = spans(&run.events);
    let case = named(&spans, "a-job-ends");
    assert_eq!(case.start_time_unix_nano, case.end_time_unix_nano);
    assert_eq!(above(&spans, case), "jobs");
}

#[test]
fn a_run_that_tells_no_end_leaves_no_span_open() {
    let mut run = Recording::begin();
    run.start("a-job-ends").attempt("a-job-ends", 1);
    run.exchange("a-job-ends", exchange(Some(traceparent(7, 1))));
    let spans = spans(&run.events);
    let told: Vec<_> = spans
        .iter()
        .map(|span| (&*span.name, status(span)))
        .collect();
    let broken = "error: the run ended before this did".to_owned();
    assert_eq!(
        told,
        [
            ("GET /jobs/{id}", "unset".to_owned()),
            ("jobs/a-job-ends", broken.clone()),
            ("a-job-ends", broken.clone()),
            ("jobs", broken.clone()),
            ("run", broken),
        ]
    );
    assert_eq!(named(&spans, "a-job-ends").links.len(), 1);
}

#[test]
fn a_suite_of_a_run_that_was_stopped_is_aborted() {
    let mut run = Recording::begin();
    run.case("a-job-ends", |_| ());
    run.tell(EventKind::Interrupted {
        reason: "Ctrl-C".into(),
    });
    run.end_suite(Verdict::Errored).end_run(Verdict::Errored);
    let spans = spans(&run.events);
    let suite = told(&named(&spans, "jobs").attributes);
    assert_eq!(suite["test.suite.run.status"], "aborted");
    let run = named(&spans, "run");
    assert_eq!(run.events[0].name, "interrupted");
    assert_eq!(status(run), "error: 0 failed, 0 errored");
}

#[test]
fn what_belongs_to_no_run_and_to_no_attempt_gives_nothing() {
    let mut events = one_case();
    events.remove(0);
    assert_eq!(spans(&events), []);
    let mut run = Recording::begin();
    run.exchange("never-begun", exchange(None));
    assert_eq!(spans(&run.events).len(), 1);
}
