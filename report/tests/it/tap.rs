//! TAP 14, read back line by line.

use assay_report::{Form, event::ReasonKind, exit::Exit, verdict::Verdict};

use super::{
    documents::text,
    recording::{Recording, outcome, reason},
    situations,
};

/// The test points: whether each is a good one, in a subtest or not, and its description.
fn points(tap: &str) -> Vec<(bool, bool, &str)> {
    tap.lines()
        .filter_map(|line| {
            let inner = line.strip_prefix("    ");
            let point = inner.unwrap_or(line);
            let (good, rest) = match point.strip_prefix("not ok ") {
                Some(rest) => (false, rest),
                None => (true, point.strip_prefix("ok ")?),
            };
            let (_, description) = rest.split_once(" - ")?;
            Some((good, inner.is_some(), description))
        })
        .collect()
}

#[test]
fn a_run_is_a_subtest_for_each_suite() {
    let tap = text(Form::Tap, &situations::passed_run());
    let expected = "TAP version 14\n\
        # run 20260102-030405-abcd\n\
        1..1\n\
        # Subtest: jobs\n    \
        1..3\n    \
        ok 1 - a-job-ends\n    \
        ok 2 - a-job-is-told\n    \
        ok 3 - baseline event-latency\n\
        ok 1 - jobs\n";
    assert_eq!(tap, expected);
}

#[test]
fn every_plan_holds_and_every_block_of_yaml_is_closed() {
    for (name, events) in situations::all() {
        let tap = text(Form::Tap, &events);
        let plan = |inner: bool| -> usize {
            let start = if inner { "    1.." } else { "1.." };
            let plans = tap.lines().filter_map(|line| line.strip_prefix(start));
            plans.map(|number| number.parse::<usize>().unwrap()).sum()
        };
        for inner in [false, true] {
            let number = points(&tap)
                .iter()
                .filter(|(_, is_inner, _)| *is_inner == inner)
                .count();
            assert_eq!(number, plan(inner), "{name}: {tap}");
        }
        let lines = |text: &str| tap.lines().filter(|line| *line == text).count();
        assert_eq!(lines("      ---"), lines("      ..."), "{name}: {tap}");
    }
}

#[test]
fn a_suite_with_a_bad_case_is_bad_and_the_case_says_why() {
    let tap = text(Form::Tap, &situations::failing_checks());
    assert!(
        points(&tap).contains(&(false, true, "a-job-completes")),
        "{tap}"
    );
    assert!(points(&tap).contains(&(false, false, "jobs")), "{tap}");
    assert!(
        tap.contains("      verdict: \"failed\"\n      reason: \"check\"\n"),
        "{tap}"
    );
}

#[test]
fn a_flaky_case_is_good_and_says_so_and_a_skipped_one_is_skipped() {
    let tap = text(Form::Tap, &situations::flaky());
    assert!(points(&tap).contains(&(true, true, "a-job-ends")), "{tap}");
    assert!(tap.contains("      verdict: \"flaky\"\n"), "{tap}");
    assert!(tap.contains("      attempts: \"2\"\n"), "{tap}");

    let tap = text(Form::Tap, &situations::skipped());
    assert!(
        tap.contains("ok 1 - alerts-fire # SKIP it needs the service"),
        "{tap}"
    );
}

#[test]
fn text_of_others_makes_no_line_of_its_own() {
    let evil = "no\nok 2 - forged # SKIP\n1..9\u{2028}";
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Failed, evil));
    let mut run = Recording::of(&["a"]);
    run.case("a", &ending, |_, _| {});
    let tap = text(Form::Tap, &run.end(Exit::Failed));
    let descriptions: Vec<_> = points(&tap).into_iter().map(|(.., text)| text).collect();
    assert_eq!(descriptions.len(), 3, "{tap}");
    assert!(
        !tap.lines()
            .any(|line| line.trim_start().starts_with("1..9")),
        "{tap}"
    );
}
