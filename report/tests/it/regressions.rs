//! A run that is slower than former ones, and one that could not be compared: each report says so.

use assay_report::{Form, event::Event, json::Gatherer};

use super::{console::rendered, documents::text, situations};

fn shown(events: &[Event]) -> String {
    rendered(events)
}

#[test]
fn the_console_names_what_regressed_by_how_much_and_how_many_more() {
    let shown = shown(&situations::regressed());
    for line in [
        " regressed  jobs/request start a job p95",
        "            24.6 ms after 12.3 ms, 100.0 % more (95 % interval: 91.2 % to 108.5 %) where 12.5 % is the bound; 1234 values, 1200 before in run 20260101-030405-efgh",
        "            and 1 percentile more",
        "   history  compared with run 20260101-030405-efgh: 12 percentiles, 2 beyond the bound, 3 more with too few samples",
        "   summary  1 case in",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
}

#[test]
fn that_nothing_was_compared_is_said() {
    let shown = shown(&situations::not_compared());
    let line = "   history  no regression was looked for: there is no former run to compare with";
    assert!(shown.contains(line), "{shown}");
}

#[test]
fn a_file_for_a_ci_system_is_not_greener_than_the_run() {
    for (form, part) in [
        (
            Form::Junit,
            "jobs/request start a job p95 is not slower than before",
        ),
        (Form::Tap, "not ok"),
        (Form::Markdown, "2 beyond the bound"),
        (Form::Html, "jobs/request start a job p95"),
    ] {
        let text = text(form, &situations::regressed());
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn the_document_has_all_of_it() {
    let mut gatherer = Gatherer::default();
    let events = situations::regressed();
    for event in &events {
        gatherer.event(event);
    }
    let check = gatherer.finish().regressions.unwrap();
    assert_eq!((check.judged, check.beyond), (12, 2));
    assert_eq!(check.regressions[0].samples_before, 1_200);
}
