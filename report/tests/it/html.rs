//! The page for people: whole, without anything from elsewhere, and with nothing in it that another one wrote as HTML.

mod evidence;

use assay_report::{
    Form,
    event::{
        Event, EventKind, Fault, Level, LoadClock, LoadEnd, LoadInfo, LoadLoss, LoadMachine,
        LoadRefill, LoadTaker, OutputStream, ReasonKind,
    },
    exit::Exit,
    verdict::Verdict,
};

use super::{
    documents::text,
    recording::{Recording, check, outcome, passed, reason, source},
    situations,
};

fn page(events: &[Event]) -> String {
    text(Form::Html, events)
}

/// Elements that hold nothing and say so by their name alone.
const VOID: [&str; 2] = ["meta", "link"];

/// The names of the elements, in order. Every one that is opened is closed where it belongs.
pub(crate) fn elements(page: &str) -> Vec<String> {
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
            if !VOID.contains(&name.as_str()) && !tag.ends_with('/') {
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
        for needed in ["html", "head", "h1", "main"] {
            let number = elements.iter().filter(|element| *element == needed).count();
            assert_eq!(number, 1, "{name}: {needed}");
        }
        for forbidden in ["script", "link", "img", "iframe", "object", "form"] {
            assert!(
                !elements.iter().any(|element| element == forbidden),
                "{name}"
            );
        }
        for reference in ["src=", "url(h", "@import", "href=\"http", "href=\"//"] {
            assert!(!page.contains(reference), "{name}: {reference}");
        }
        for part in page.split("url(").skip(1) {
            assert!(part.starts_with('#'), "{name}: {}", &part[..20]);
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
    let label =
        "role=\"img\" aria-label=\"120 ms; at most 50 ms, critical at most 200 ms: critical\"";
    assert!(page.contains(label), "{page}");
    assert!(page.contains("<rect class=\"between\""), "{page}");
    let unjudged = self::page(&situations::trap());
    assert!(
        unjudged.contains("not judged") && !unjudged.contains("class=\"bullet\""),
        "{unjudged}"
    );
}

#[test]
fn what_failed_is_told_with_its_evidence_and_the_gravest_comes_first() {
    let page = page(&situations::failing_checks());
    for told in [
        "jobs/a-job-completes",
        "<dt>expected</dt>",
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
        reason(ReasonKind::Failed, &"<long> ".repeat(10_000)),
    );
    for name in &names {
        let source = source(name, 1);
        run.start(name, 1)
            .attempt(&source)
            .output(&source, OutputStream::Stderr, &"<&>\n".repeat(1_000))
            .end_attempt(&source, ending.clone())
            .end_case(name, ending.clone(), 1);
    }
    let page = page(&run.end(Exit::Failed));
    assert!(page.len() < 2 << 20, "{}", page.len());
    assert!(page.contains("there is no more room for it here"));
    assert!(page.contains("200 more are in the JSON report."));
}

#[test]
fn a_run_with_something_of_everything_has_every_part() {
    let page = page(&situations::rich());
    for part in [
        "why",
        "baselines",
        "timeline",
        "latency",
        "loads",
        "streams",
        "suites",
    ] {
        assert!(page.contains(&format!("id=\"{part}\"")), "{part}");
        assert!(page.contains(&format!("href=\"#{part}\"")), "{part}");
    }
    for told in [
        "F1: stop KILL on project",
        "first success after",
        "No answer",
        "Status from 500",
        "Requests of loads",
        "<figcaption>Percentiles of iterations</figcaption>",
        "<figcaption>Iterations by their time</figcaption>",
        "attempt 2: passed",
        "✗ connection reset",
        "503, 15 bytes",
        "the second episode is missing",
        "panicked at src/lib.rs",
        "counts::run",
        "during a fault",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
}

#[test]
fn a_run_without_any_of_it_has_no_empty_parts() {
    let page = page(&situations::environment_failed());
    for part in ["timeline", "latency", "loads", "streams", "before"] {
        assert!(!page.contains(&format!("id=\"{part}\"")), "{part}");
        assert!(!page.contains(&format!("href=\"#{part}\"")), "{part}");
    }
}

#[test]
fn every_plot_has_words_and_figures_beside_it() {
    let page = page(&situations::rich());
    let plots: Vec<_> = page.split("<figure class=\"plot\">").skip(1).collect();
    assert!(plots.len() >= 6, "{}", plots.len());
    for plot in plots {
        let plot = plot.split("</figure>").next().unwrap_or_default();
        let label = plot.split("role=\"img\" aria-label=\"").nth(1);
        assert!(label.is_some_and(|label| !label.starts_with('"')), "{plot}");
        assert!(plot.contains("<td"), "{plot}");
    }
}

#[test]
fn a_line_that_others_wrote_cannot_turn_around() {
    let ending = outcome(
        Verdict::Failed,
        reason(ReasonKind::Failed, "not \u{202e}dessap\u{2066}"),
    );
    let mut run = Recording::of(&["a"]);
    run.case("a", &ending, |_, _| {});
    let page = page(&run.end(Exit::Failed));
    assert!(!page.contains(['\u{202e}', '\u{2066}']));
    assert!(page.contains("not \\u{202e}dessap"), "{page}");
}

#[test]
fn what_is_beyond_a_limit_of_the_timeline_is_counted_and_the_bad_stays() {
    let names: Vec<_> = (0..62).map(|number| format!("case-{number}")).collect();
    let mut run = Recording::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for name in &names[..61] {
        run.pass(name);
    }
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Failed, "no"));
    run.case("case-61", &ending, |_, _| {});
    let page = page(&run.end(Exit::Failed));
    let lanes = page.matches("<li class=\"lane\">").count();
    assert_eq!(lanes, 60);
    assert!(page.contains("2 more cases, which were good or short"));
    assert!(page.contains("<span class=\"label\" title=\"case-61\">"));
}

#[test]
fn what_is_beyond_a_limit_of_faults_loads_or_streams_is_counted() {
    let mut run = Recording::of(&["a"]);
    run.case("a", &passed(), |run, source| {
        for id in 1..=101 {
            run.tell(EventKind::FaultInjected {
                source: source.clone(),
                fault: Fault {
                    id,
                    target: "project".into(),
                    action: "stop".into(),
                    value: None,
                    options: None,
                },
                confirmed_after_ns: 1,
            });
        }
        for load in 1..=17 {
            run.tell(EventKind::LoadStarted {
                source: source.clone(),
                load: LoadInfo {
                    load,
                    scenario: "browse".into(),
                    executor: "once".into(),
                    vus: 1,
                    isolated: false,
                    threads: 1,
                    planned_ns: None,
                    machines: Vec::new(),
                },
            });
        }
    });
    let page = page(&run.end(Exit::Success));
    assert_eq!(page.matches("<rect class=\"fault\"").count(), 100);
    assert_eq!(page.matches("1 more are in the JSON report").count(), 2);
    assert_eq!(page.matches(": browse</b>").count(), 16);
}

#[test]
fn a_load_names_the_machines_that_made_it_and_the_one_that_was_lost() {
    let clock = LoadClock {
        offset_ns: -1_500,
        uncertainty_ns: 250_000,
    };
    let machine = |name: &str, clock| LoadMachine {
        name: name.into(),
        weight: 2,
        vus: 3,
        clock,
    };
    let mut run = Recording::of(&["a"]);
    run.case("a", &passed(), |run, source| {
        run.tell(EventKind::LoadStarted {
            source: source.clone(),
            load: LoadInfo {
                load: 1,
                scenario: "browse".into(),
                executor: "once".into(),
                vus: 6,
                isolated: false,
                threads: 0,
                planned_ns: None,
                machines: vec![machine("here", None), machine("<there>", Some(clock))],
            },
        });
        run.tell(EventKind::LoadEnded {
            source: source.clone(),
            end: LoadEnd {
                load: 1,
                outcome: None,
                message: Some("the machine `<there>` was lost".into()),
                replaced: 0,
                failed_checks: Vec::new(),
                dropped_logs: 0,
                dropped_attachments: 0,
                saturated: vec!["here".into()],
                lost: Some(LoadLoss {
                    machine: "<there>".into(),
                    at_ns: Some(2_000_000_000),
                    vus: 3,
                    per_second: None,
                    reason: "silence".into(),
                }),
                refilled: vec![LoadRefill {
                    lost: LoadLoss {
                        machine: "<there>".into(),
                        at_ns: Some(2_000_000_000),
                        vus: 3,
                        per_second: Some(1.5),
                        reason: "silence".into(),
                    },
                    from_ns: 1_000_000_000,
                    under_way: 2,
                    dropped: 77,
                    missing_percent: 1.31,
                    by: vec![LoadTaker {
                        machine: "<here>".into(),
                        vus: 3,
                        per_second: Some(1.5),
                        begun_ns: Some(2_500_000_000),
                    }],
                }],
            },
        });
    });
    let page = page(&run.end(Exit::Success));
    for part in [
        "<summary>Machines</summary>",
        "± 250",
        "<dt>Machine lost</dt>",
        "<dt>Lost after</dt><dd>2.000 s</dd>",
        "the same",
        "<summary>Machines lost and made up for</summary>",
        "2.500 s",
        "1.500 s",
        ">77<",
        "1.3 %",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(
        !page.contains("<there>") && !page.contains("<here>"),
        "{page}"
    );
}
