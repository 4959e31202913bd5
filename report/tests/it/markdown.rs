//! The summary for those who decide.

use assay_report::{
    Form,
    event::{Event, EventKind, Grade, ReasonKind},
    exit::Exit,
    json::Gatherer,
    verdict::Verdict,
};

use super::{
    documents::text,
    recording::{Recording, outcome, reason},
    situations,
};

fn is_refusal(event: &Event) -> bool {
    matches!(event.kind, EventKind::Refused { .. })
}

#[test]
fn every_situation_has_each_section_in_order() {
    for (name, events) in situations::all() {
        let page = text(Form::Markdown, &events);
        let sections: Vec<_> = page
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .collect();
        let mut expected = vec![
            "Execution",
            "Summary",
            "Causes",
            "Refused",
            "Suite results",
            "Key metrics",
            "Recommendations",
        ];
        let mut gatherer = Gatherer::default();
        for event in &events {
            gatherer.event(event);
        }
        let report = gatherer.finish();
        // Where all cases are good there is none.
        if report.analysis.causes.is_empty() {
            expected.retain(|section| *section != "Causes");
        }
        if report.suites.is_empty() {
            expected.retain(|section| !["Suite results", "Key metrics"].contains(section));
        }
        if !events.iter().any(is_refusal) {
            expected.retain(|section| *section != "Refused");
        }
        assert_eq!(sections, expected, "{name}: {page}");
    }
}

#[test]
fn the_first_line_is_the_verdict() {
    for (events, verdict) in [
        (situations::passed_run(), "passed"),
        (situations::failing_checks(), "failed"),
        (situations::regressed(), "failed"),
        (situations::trap(), "errored"),
        (situations::flaky(), "flaky"),
        (situations::degraded(), "degraded"),
        (situations::skipped(), "skipped"),
        (situations::interrupted(), "interrupted"),
        (situations::stopped(), "stopped before its end"),
    ] {
        let page = text(Form::Markdown, &events);
        assert_eq!(page.lines().next(), Some(&*format!("# Assay: {verdict}")));
    }
}

#[test]
fn a_good_run_asks_for_nothing() {
    let page = text(Form::Markdown, &situations::passed_run());
    assert!(
        page.contains("None: nothing that was tested asks for anything."),
        "{page}"
    );
    assert!(page.contains("| 2 | 2 | 0 | 0 | 0 | 0 | 0 |"), "{page}");
    assert!(
        page.contains(
            "| `jobs/event-latency` | 12.5 ms | at most 50 ms | at most 200 ms | target |"
        ),
        "{page}"
    );
}

#[test]
fn each_recommendation_names_what_it_rests_on() {
    for (events, line) in [
        (
            situations::failing_checks(),
            "- Repair the system under test, or what these expect of it: `jobs/a-job-completes`.",
        ),
        (
            situations::trap(),
            "- Repair the suite or the environment; nothing is known about what these test: `jobs/a-job-divides`.",
        ),
        (
            situations::flaky(),
            "- Find out why these failed first and passed later: `jobs/a-job-ends`.",
        ),
        (
            situations::degraded(),
            "- Bring these figures to their target: `jobs/event-latency`.",
        ),
        (
            situations::environment_left(),
            "- Take down what is left: the compose project \\`shop\\` could not be taken down; \\`host heal\\` tries it again",
        ),
        (
            situations::environment_abandoned(),
            "- Have the engine free what it keeps: the engine keeps the network \\`shop\\_near\\`; restart the engine",
        ),
        (
            situations::service_died(),
            "- Find out why `project` died: service \\`project\\` ended with exit status: 3; run its \\`command\\` by hand",
        ),
        (
            situations::stopped(),
            "- Run it again: the host was stopped before the run ended.",
        ),
    ] {
        let page = text(Form::Markdown, &events);
        assert!(page.lines().any(|found| found == line), "{line}\n{page}");
    }
}

#[test]
fn the_worst_baseline_comes_first() {
    let mut run = Recording::of(&["a"]);
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Baseline, "missed"));
    run.case("a", &ending, |run, source| {
        run.judge(source, 900.0, 3, Grade::Missed);
    });
    let page = text(Form::Markdown, &run.end(Exit::Failed));
    assert!(
        page.contains("| 900 ms | at most 50 ms | at most 200 ms | missed |"),
        "{page}"
    );
    assert!(
        page.contains(
            "- Bring these figures back within their critical level: `jobs/event-latency`."
        )
    );
}

#[test]
fn text_of_others_formats_nothing() {
    let evil = "<script>alert(1)</script> | [click](http://evil) ![](x)\n# Heading @all";
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Failed, evil));
    let mut run = Recording::of(&["a"]);
    run.case("a", &ending, |_, _| {});
    let page = text(Form::Markdown, &run.end(Exit::Failed));
    let told = "- **failed** `a`: &lt;script&gt;alert(1)&lt;/script&gt; \\| \\[click\\](http\\://evil) !\\[\\](x)";
    assert!(page.lines().any(|line| line == told), "{page}");
}

#[test]
fn each_cause_is_told_with_its_failures_what_to_do_and_what_it_rests_on() {
    let page = text(Form::Markdown, &situations::failing_checks());
    let causes = page.split("## Causes").nth(1).unwrap();
    let causes = causes.split("## ").next().unwrap();
    for told in [
        "- **unknown** the job completes (and 1 more of 3 checks): 1 failure, first at 1.000 s.",
        "To do: look at the reason and at the log of the attempt",
        "  - in `jobs/a-job-completes`",
        "  - failed check: the job completes",
    ] {
        assert!(causes.contains(told), "{told}: {causes}");
    }
}
