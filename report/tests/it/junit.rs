//! JUnit XML, read back and held to the rules of those who read it.

mod schema;
mod xmllint;

use assay_report::{
    Form,
    event::{Event, Grade, Level, ReasonKind},
    exit::Exit,
    verdict::Verdict,
};

use self::schema::{Element, broken_rules, read};
use super::{
    documents::text,
    recording::{Recording, check, outcome, passed, reason, source},
    situations,
};

fn junit(events: &[Event]) -> Element {
    read(&text(Form::Junit, events))
}

fn case<'a>(root: &'a Element, name: &str) -> &'a Element {
    root.all("testcase")
        .into_iter()
        .find(|case| case.attribute("name") == name)
        .unwrap_or_else(|| panic!("`{name}` in {root:#?}"))
}

fn children(element: &Element) -> Vec<&str> {
    let names = element.children.iter().map(|child| child.name.as_str());
    names.collect()
}

#[test]
fn every_situation_keeps_to_the_rules() {
    for (name, events) in situations::all() {
        let broken = broken_rules(&junit(&events));
        assert!(broken.is_empty(), "{name}: {broken:#?}");
    }
}

#[test]
fn the_rules_refuse_what_is_no_junit() {
    for wrong in [
        "<suites/>",
        "<testsuites tests='1' failures='0' errors='0'/>",
        "<testsuites tests='0' failures='0' errors='0'><testsuite name='a' tests='0' failures='0' errors='0' skipped='0' disabled='0'/></testsuites>",
        "<testsuites tests='1' failures='0' errors='0'><testsuite name='a' tests='1' failures='0' errors='0' skipped='0'><testcase name='b'><failure/></testcase></testsuite></testsuites>",
        "<testsuites tests='1' failures='0' errors='0'><testsuite name='a' tests='1' failures='0' errors='0' skipped='0'><testcase name='b'><flakyFailure/></testcase></testsuite></testsuites>",
        "<testsuites tests='0' failures='0' errors='0' time='1s'/>",
    ] {
        assert!(!broken_rules(&read(wrong)).is_empty(), "{wrong}");
    }
}

#[test]
fn a_file_is_bad_exactly_if_the_run_is() {
    for (name, events) in situations::all() {
        let root = junit(&events);
        let is_bad = !root.all("failure").is_empty() || !root.all("error").is_empty();
        let exit = events.iter().rev().find_map(|event| match &event.kind {
            assay_report::event::EventKind::RunFinished { exit_code, .. } => Some(*exit_code),
            _ => None,
        });
        // A run that tested nothing is no good one either, and JUnit has a word of its own for what was skipped.
        let expected = ![Some(0), Some(7)].contains(&exit);
        assert_eq!(is_bad, expected, "{name}: {root:#?}");
    }
}

#[test]
fn each_case_and_each_baseline_is_a_test_case() {
    let root = junit(&situations::passed_run());
    let names: Vec<_> = root
        .all("testcase")
        .iter()
        .map(|case| (case.attribute("classname"), case.attribute("name")))
        .collect();
    assert_eq!(
        names,
        [
            ("jobs", "a-job-ends"),
            ("jobs", "a-job-is-told"),
            ("jobs.baselines", "event-latency"),
        ]
    );
    assert_eq!(case(&root, "a-job-ends").attribute("time"), "0.123");
    assert_eq!(root.attribute("time"), "3.204");
    let properties: Vec<_> = root
        .all("property")
        .iter()
        .map(|property| (property.attribute("name"), property.attribute("value")))
        .collect();
    assert!(properties.contains(&("run", "20260102-030405-abcd")));
    assert!(properties.contains(&("seed", "42")), "{properties:?}");
}

#[test]
fn a_failed_case_says_what_was_expected_and_what_was_there() {
    let root = junit(&situations::failing_checks());
    let case = case(&root, "a-job-completes");
    assert_eq!(children(case), ["failure", "system-out", "system-err"]);
    let failure = &case.children[0];
    assert_eq!(failure.attribute("type"), "check");
    assert!(
        failure
            .attribute("message")
            .starts_with("the job completes")
    );
    for told in ["expected: ", "actual: ", "failed check: "] {
        assert!(failure.text.contains(told), "{told}: {}", failure.text);
    }
    assert!(case.children[1].text.contains("the stream was slow"));
    assert!(
        case.children[1].text.contains("`failed`\\u{1b}[2J"),
        "{}",
        case.children[1].text
    );
    assert_eq!(case.children[2].text, "one\ntwo\n");
}

#[test]
fn a_flaky_case_is_a_good_one_that_names_its_bad_attempts() {
    let root = junit(&situations::flaky());
    let case = case(&root, "a-job-ends");
    assert_eq!(children(case), ["flakyFailure"]);
    assert_eq!(case.children[0].attribute("message"), "the job completes");
    assert_eq!(root.attribute("failures"), "0");
}

#[test]
fn a_case_that_stays_bad_has_its_last_attempt_first_and_the_others_as_reruns() {
    let bad = |verdict, kind, text| outcome(verdict, reason(kind, text));
    let first = bad(Verdict::Errored, ReasonKind::Trap, "it trapped");
    let second = bad(Verdict::Failed, ReasonKind::Check, "it is not there");
    let last = bad(Verdict::Failed, ReasonKind::Failed, "it gave up");
    let mut run = Recording::of(&["a"]);
    run.start("a", 3);
    for (number, ending) in (1..).zip([&first, &second, &last]) {
        let source = source("a", number);
        run.attempt(&source)
            .log(&source, Level::Info, "trying")
            .end_attempt(&source, ending.clone());
    }
    run.end_case("a", last, 3);
    let root = junit(&run.end(Exit::Failed));
    assert_eq!(broken_rules(&root), Vec::<String>::new());
    let case = case(&root, "a");
    let told: Vec<_> = case
        .children
        .iter()
        .map(|child| (child.name.as_str(), child.attribute("message")))
        .collect();
    assert_eq!(
        told,
        [
            ("failure", "it gave up"),
            ("rerunError", "it trapped"),
            ("rerunFailure", "it is not there"),
            ("system-out", ""),
        ]
    );
    let said = &case.children[3].text;
    assert!(
        said.contains("attempt 1\n") && said.contains("attempt 3\n"),
        "{said}"
    );
}

#[test]
fn errored_and_skipped_cases_are_told_as_such() {
    let trap = junit(&situations::trap());
    let error = &case(&trap, "a-job-divides").children[0];
    assert_eq!(
        (error.name.as_str(), error.attribute("type")),
        ("error", "trap")
    );
    assert!(error.text.contains("jobs::divide"), "{}", error.text);

    let skipped = junit(&situations::skipped());
    let skip = &case(&skipped, "alerts-fire").children[0];
    assert_eq!(skip.name, "skipped");
    assert!(skip.attribute("message").contains("`prometheus`"));
}

#[test]
fn a_baseline_stands_as_it_was_judged_last() {
    for (grades, expected) in [
        (vec![], Some("skipped")),
        (vec![Grade::Target], None),
        (vec![Grade::Critical], Some("system-out")),
        (vec![Grade::Missed], Some("failure")),
        (vec![Grade::Missed, Grade::Target], None),
        (vec![Grade::Target, Grade::Missed], Some("failure")),
    ] {
        let mut run = Recording::of(&["a"]);
        run.start("a", 2);
        for (number, grade) in (1..).zip(&grades) {
            let source = source("a", number);
            run.attempt(&source)
                .judge(&source, 120.0, 40, *grade)
                .end_attempt(&source, passed());
        }
        run.end_case("a", passed(), 1);
        let root = junit(&run.end(Exit::Success));
        let baseline = case(&root, "event-latency");
        assert_eq!(children(baseline).first().copied(), expected, "{grades:?}");
        if let Some(told) = baseline.children.first().filter(|_| grades.len() == 1) {
            let told = format!("{}{}", told.attribute("message"), told.text);
            assert!(told.contains("120 ms from 40 samples"), "{told}");
        }
    }
}

#[test]
fn what_broke_of_the_run_is_a_case_of_its_own() {
    for (events, name, said) in [
        (
            situations::environment_failed(),
            "the environment comes up",
            "did not start",
        ),
        (
            situations::service_died(),
            "`project` stays alive",
            "exit status: 3",
        ),
        (
            situations::environment_left(),
            "the environment is taken down",
            "`shop`",
        ),
        (situations::interrupted(), "it runs to its end", "Ctrl-C"),
        (
            situations::stopped(),
            "it runs to its end",
            "the host was stopped",
        ),
    ] {
        let root = junit(&events);
        let error = &case(&root, name).children[0];
        assert_eq!(error.name, "error", "{name}");
        assert!(
            error.attribute("message").contains(said),
            "{name}: {error:?}"
        );
    }
    let root = junit(&situations::environment_abandoned());
    assert_eq!(children(case(&root, "a-job-ends")), [""; 0]);
    assert_eq!(root.attribute("errors"), "0");
    let root = junit(&situations::teardown_failed());
    assert_eq!(children(case(&root, "teardown")), ["failure"]);
}

#[test]
fn a_case_that_told_no_end_is_an_error() {
    let root = junit(&situations::stopped());
    for name in ["a-job-is-told", "a-job-is-kept"] {
        let error = &case(&root, name).children[0];
        assert_eq!(
            (error.name.as_str(), error.attribute("type")),
            ("error", "no_end")
        );
    }
}

#[test]
fn text_of_others_cannot_leave_its_place() {
    let evil = "]]></failure><testcase name=\"x\"/> & \u{1b}[2J \0 \u{ffff}";
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Failed, evil));
    let mut run = Recording::of(&["a"]);
    run.case("a", &ending, |run, source| {
        run.log(source, Level::Error, evil)
            .check(source, check(evil, false));
    });
    let root = junit(&run.end(Exit::Failed));
    assert_eq!(broken_rules(&root), Vec::<String>::new());
    assert_eq!(root.all("testcase").len(), 2);
    let failure = &case(&root, "a").children[0];
    assert!(
        failure
            .text
            .contains("]]></failure><testcase name=\"x\"/> & "),
        "{}",
        failure.text
    );
    assert!(
        failure.text.contains("\\u{0} \\u{ffff}"),
        "what XML forbids is told: {}",
        failure.text
    );
}
