//! A report of a part of a plan says that it is one, so that nobody takes it for the whole.

use assay_report::{
    Form,
    event::{Event, EventKind},
    exit::Exit,
    json::Gatherer,
    verdict::Verdict,
};

use super::{console::rendered, documents::text, situations};

#[test]
fn each_report_says_which_shard_it_is_of() {
    let run = situations::shard();
    for (form, told) in [
        (Form::Json, "\"plan_cases\": 3"),
        (Form::Junit, "<property name=\"shard\" value=\"2/4\"/>"),
        (Form::Tap, "# shard 2/4 of a plan of 3 cases\n"),
        (Form::Markdown, "# Assay: passed (shard 2/4)\n"),
        (Form::Markdown, "| Shard | 2/4 of a plan of 3 cases |\n"),
        (
            Form::Html,
            "It is shard 2/4 of a plan of 3 cases, and says nothing of the others.",
        ),
    ] {
        let page = text(form, &run);
        assert!(page.contains(told), "{form:?}: {page}");
        let whole = text(form, &situations::passed_run());
        assert!(!whole.to_lowercase().contains("shard"), "{form:?}: {whole}");
    }
}

#[test]
fn the_console_says_it_at_the_beginning_and_at_the_end() {
    let page = rendered(&situations::shard());
    assert!(
        page.contains("2 cases of 1 suite, shard 2/4 of a plan of 3 cases, environment"),
        "{page}"
    );
    assert!(page.contains("summary  2 cases of shard 2/4 in "), "{page}");
}

#[test]
fn a_shard_names_no_baseline_that_others_judge() {
    let unjudged = |mut events: Vec<Event>| {
        events.retain(|event| !matches!(event.kind, EventKind::Judged { .. }));
        rendered(&events).contains("unjudged")
    };
    assert!(unjudged(situations::passed_run()));
    assert!(!unjudged(situations::shard()));
}

#[test]
fn an_empty_shard_is_good_and_has_tested_nothing() {
    let run = situations::empty_shard();
    let page = rendered(&run);
    assert!(page.contains("summary  0 cases of shard 3/4 in "), "{page}");
    assert!(!page.contains("passed"), "{page}");
    let mut gatherer = Gatherer::default();
    for event in &run {
        gatherer.event(event);
    }
    let run = gatherer.finish().run.unwrap();
    assert_eq!(run.exit_code, Some(Exit::Success.code()));
    assert_eq!(run.verdict, Some(Verdict::Skipped));
}
