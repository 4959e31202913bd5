//! The page for people: whole, without anything from elsewhere, and with nothing in it that another one wrote as HTML.

use assay_report::{
    Form,
    event::{Event, Level, ReasonKind},
    exit::Exit,
    verdict::Verdict,
};

use super::{
    documents::text,
    recording::{Recording, check, outcome, reason, source},
    situations,
};

fn page(events: &[Event]) -> String {
    text(Form::Html, events)
}

/// Elements that hold nothing.
const VOID: [&str; 4] = ["meta", "link", "rect", "line"];

/// The names of the elements, in order. Every one that is opened is closed where it belongs.
fn elements(page: &str) -> Vec<String> {
    let body = page.replacen("<!DOCTYPE html>", "", 1);
    let mut open: Vec<String> = Vec::new();
    let mut names = Vec::new();
    for part in body.split('<').skip(1) {
        let (tag, _) = part.split_once('>').expect("every tag ends");
        let name = |tag: &str| tag.split([' ', '/']).next().unwrap_or_default().to_owned();
        if let Some(closing) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(closing));
        } else {
            let name = name(tag);
            names.push(name.clone());
            if !VOID.contains(&name.as_str()) {
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
    names
}

#[test]
fn every_situation_is_a_whole_page_that_needs_nothing_from_elsewhere() {
    for (name, events) in situations::all() {
        let page = page(&events);
        let elements = elements(&page);
        for needed in ["html", "title", "h1", "main"] {
            let number = elements.iter().filter(|element| *element == needed).count();
            assert_eq!(number, 1, "{name}: {needed}");
        }
        for forbidden in ["script", "link", "img", "iframe", "object", "form"] {
            assert!(
                !elements.iter().any(|element| element == forbidden),
                "{name}"
            );
        }
        for reference in ["src=", "url(", "@import", "href=\"http"] {
            assert!(!page.contains(reference), "{name}: {reference}");
        }
        assert!(page.contains("Content-Security-Policy"), "{name}");
        assert!(page.contains("<html lang=\"en\">"), "{name}");
    }
}

#[test]
fn the_first_heading_is_the_verdict() {
    for (events, verdict) in [
        (situations::passed_run(), "passed"),
        (situations::failing_checks(), "failed"),
        (situations::trap(), "errored"),
        (situations::degraded(), "degraded"),
        (situations::stopped(), "no end"),
    ] {
        let page = page(&events);
        let heading = format!("<h1>Assay: <strong>{verdict}</strong></h1>");
        assert!(page.contains(&heading), "{page}");
    }
}

#[test]
fn a_baseline_is_a_bar_that_also_says_in_words_how_it_stands() {
    let page = page(&situations::degraded());
    let label = "role=\"img\" aria-label=\"120 ms; at most 50 ms, critical 200 ms: critical\"";
    assert!(page.contains(label), "{page}");
    assert!(page.contains("<rect class=\"between\""), "{page}");
    let unjudged = self::page(&situations::trap());
    assert!(
        unjudged.contains("not judged") && !unjudged.contains("<svg"),
        "{unjudged}"
    );
}

#[test]
fn what_failed_is_told_with_its_evidence_and_the_gravest_comes_first() {
    let page = page(&situations::failing_checks());
    for told in [
        "jobs/a-job-completes",
        "expected: ",
        "the stream was slow",
        "Standard error",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let died = self::page(&situations::service_died());
    let place = |text: &str| died.find(text).unwrap_or_else(|| panic!("{text}: {died}"));
    assert!(place("stays alive") > place("What is not good"));
    assert!(self::page(&situations::passed_run()).contains("<p>Nothing.</p>"));
}

#[test]
fn what_the_engine_keeps_is_a_fact_of_a_good_run() {
    let page = page(&situations::environment_abandoned());
    assert!(page.contains("Exit code 0"), "{page}");
    let fact = "<dt>Abandoned</dt><dd>the engine keeps the network `shop_near`</dd>";
    assert!(page.contains(fact), "{page}");
}

#[test]
fn text_of_others_is_text() {
    let evil = "</pre><script>alert(1)</script><img src=x onerror=\"a\"> ' & \u{1b}[2J\0";
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Failed, evil));
    let mut run = Recording::of(&["a"]);
    run.case("a", &ending, |run, source| {
        run.check(source, check(evil, false))
            .log(source, Level::Error, evil);
    });
    let page = page(&run.end(Exit::Failed));
    let elements = elements(&page);
    assert!(
        !elements
            .iter()
            .any(|element| element == "script" || element == "img")
    );
    assert!(!page.contains(['\0', '\u{1b}']));
}

#[test]
fn a_page_stays_small_however_much_there_is_to_tell() {
    let names: Vec<_> = (0..400).map(|number| format!("case-{number}")).collect();
    let mut run = Recording::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let ending = outcome(
        Verdict::Failed,
        reason(ReasonKind::Failed, &"long ".repeat(10_000)),
    );
    for name in &names {
        let source = source(name, 1);
        run.start(name, 1)
            .attempt(&source)
            .end_attempt(&source, ending.clone())
            .end_case(name, ending.clone(), 1);
    }
    let page = page(&run.end(Exit::Failed));
    assert!(page.len() < 2 << 20, "{}", page.len());
    assert!(page.contains("there is no more room for it here"));
    assert!(page.contains("200 more are in the JSON report."));
}
