//! What a plugin was refused is in each report, however its attempt ended, and is text of others in each of them.

use std::{ffi::OsString, fmt::Write as _};

use assay_report::{
    Form, GithubStep,
    event::{Event, EventKind, ReasonKind, Refusal},
    exit::Exit,
    html::live::{Live, Moment, Part},
    json::{
        Gatherer, MAX_EVIDENCE_BYTES, MAX_REFUSALS,
        document::{CutKind, RefusalReport, Report},
    },
    replay,
    verdict::Verdict,
};

use super::{
    console::rendered,
    documents::text,
    html::elements,
    recording::{Recording, check, outcome, passed, reason, source},
    situations::{self, attachment, host, refuse, setting},
};

fn report(events: &[Event]) -> Report {
    let mut gatherer = Gatherer::default();
    for event in events {
        gatherer.event(event);
    }
    gatherer.finish()
}

fn why_of_live(events: &[Event]) -> String {
    let mut live = Live::default();
    for event in events {
        live.event(event);
    }
    let fragments = live.fragments(Moment::Over).unwrap();
    let why = fragments.into_iter().find(|one| one.part == Part::Why);
    why.unwrap().html
}

fn annotations(events: &[Event]) -> String {
    let variable = |name: &str| (name == "GITHUB_ACTIONS").then(|| OsString::from("true"));
    let step = GithubStep::of_environment(variable, || "word".to_owned()).unwrap();
    let mut lines = Vec::new();
    assert!(step.finish(&report(events), &mut lines).is_empty());
    String::from_utf8(lines).unwrap()
}

/// A run whose only case passes after so many different refusals, each told so often.
fn flooded(different: usize, times: usize) -> Vec<Event> {
    let mut run = Recording::of(&["a"]);
    run.case("a", &passed(), |run, source| {
        for _ in 0..times {
            for number in 0..different {
                refuse(run, source, setting(&format!("shop.{number}")));
            }
        }
        run.check(source, check("it is so", true));
    });
    run.end(Exit::Success)
}

#[test]
fn the_console_tells_each_as_it_happens_and_where_the_attempt_failed() {
    let text = rendered(&situations::ungranted());
    let expected = r#"
     ready  project, generation after 0.812 s
   refused  jobs/setup: context `shop.currency`: the plugin `jobs` has no grant for this setting
            grant: [grants.jobs] settings = ["shop.currency"]
   refused  jobs/it-attaches: attachments `page.png`: the plugin `jobs` may not attach anything
            grant: [grants.jobs] attachments = true
    passed  jobs/it-attaches (0.123 s)
   refused  jobs/it-buys: http `api.example.com:443`: the plugin `jobs` has no grant for this host
            grant: [grants.jobs] hosts = ["api.example.com:443"]
   refused  jobs/it-buys: context `shop.token`: the plugin `jobs` has no grant for this setting
            grant: [grants.jobs] settings = ["shop.token"]
    failed  jobs/it-buys (0.123 s)
            check: it is bought
            refused
              http `api.example.com:443`: the plugin `jobs` has no grant for this host
                grant: [grants.jobs] hosts = ["api.example.com:443"]
              context `shop.token`: the plugin `jobs` has no grant for this setting
                grant: [grants.jobs] settings = ["shop.token"]

    failed  jobs/it-buys: it is bought
   refused  jobs 6 times
     cause  no grant: refused http `api.example.com:443`: the plugin `jobs` has no grant for this host (jobs/it-buys at 1.500 s)
            hint: grant it in `assay.toml`, if it may: [grants.jobs] hosts = ["api.example.com:443"]
"#;
    assert!(text.contains(expected), "{text}");
}

#[test]
fn the_console_tells_ten_different_ones_of_an_attempt_and_that_there_are_more() {
    let lines = |different| {
        let text = rendered(&flooded(different, 3));
        let lines = text.lines().filter(|line| line.contains("refused  jobs/a"));
        (lines.count(), text.contains("jobs/a: and more"))
    };
    assert_eq!(lines(10), (10, false));
    assert_eq!(lines(11), (11, true));
    assert_eq!(lines(50), (11, true));
}

#[test]
fn the_document_counts_the_same_together_also_of_an_attempt_that_passed() {
    let report = report(&situations::ungranted());
    let [suite] = &report.suites[..] else {
        panic!("{report:#?}")
    };
    let refused = |refusal: Refusal, times: u64| (refusal, times);
    let told = |reports: &[RefusalReport]| -> Vec<_> {
        let told = reports.iter();
        told.map(|report| (report.refusal.clone(), report.times))
            .collect()
    };
    let setup = suite.setup.as_ref().unwrap();
    assert_eq!(
        told(&setup.refusals),
        [refused(setting("shop.currency"), 1)]
    );
    let attempt = &suite.cases[0].attempts[0];
    assert_eq!(told(&attempt.refusals), [refused(attachment(), 3)]);
    assert_eq!(attempt.refusals[0].first_at_ns, 700_000_000);
    assert_eq!(
        told(&suite.cases[1].attempts[0].refusals),
        [refused(host(), 1), refused(setting("shop.token"), 1)]
    );
    assert!(report.cuts.is_empty());
}

#[test]
fn the_document_holds_a_hundred_different_ones_of_an_attempt_and_counts_the_rest() {
    let kept = |different| {
        let report = report(&flooded(different, 2));
        let kept = report.suites[0].cases[0].attempts[0].refusals.len();
        let cuts: Vec<_> = report
            .cuts
            .iter()
            .map(|cut| (cut.what, cut.count))
            .collect();
        (kept, cuts)
    };
    assert_eq!(kept(MAX_REFUSALS), (MAX_REFUSALS, vec![]));
    let beyond = (MAX_REFUSALS, vec![(CutKind::Refusals, 6)]);
    assert_eq!(kept(MAX_REFUSALS + 3), beyond);
}

#[test]
fn refusals_for_which_the_document_has_no_room_are_counted() {
    let large = |number: usize| Refusal {
        message: "x".repeat(MAX_EVIDENCE_BYTES / 2),
        ..setting(&number.to_string())
    };
    let mut run = Recording::of(&["a"]);
    run.case("a", &passed(), |run, source| {
        for number in [0, 1, 1] {
            refuse(run, source, large(number));
        }
    });
    let report = report(&run.end(Exit::Success));
    assert_eq!(report.suites[0].cases[0].attempts[0].refusals.len(), 1);
    assert_eq!(
        (report.cuts[0].what, report.cuts[0].count),
        (CutKind::Refusals, 2)
    );
}

#[test]
fn pages_have_a_section_of_them_and_the_evidence_of_what_went_bad_has_its_own() {
    let events = situations::ungranted();
    let page = text(Form::Html, &events);
    for told in [
        "href=\"#refused\"",
        "<h2 id=\"refused\">Refused</h2>",
        "<h4>Refused</h4>",
        "<li>http `api.example.com:443`: the plugin `jobs` has no grant for this host <small>grant: <code>[grants.jobs] hosts = ",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    for page in [page, why_of_live(&events)] {
        for told in [
            "attachments <code>page.png</code><small>jobs/it-attaches, 3 times</small>",
            "<td><code>[grants.jobs] attachments = true</code></td>",
            "context <code>shop.currency</code><small>jobs/setup, 1 time</small>",
        ] {
            assert!(page.contains(told), "{told}: {page}");
        }
    }
    let good = situations::passed_run();
    assert!(!text(Form::Html, &good).contains("Refused"));
    assert!(!why_of_live(&good).contains("Refused"));
}

#[test]
fn a_page_stays_small_however_much_was_refused() {
    let names: Vec<_> = (0..100).map(|number| format!("case-{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Failed, "no"));
    let mut run = Recording::of(&names);
    for name in names {
        run.case(name, &ending, |run, source| {
            for number in 0..MAX_REFUSALS {
                let long = format!("{name}-{number}-{}", "<&>".repeat(1_400));
                refuse(run, source, Refusal::new("http", &long, &long, &long));
            }
        });
    }
    let events = run.end(Exit::Failed);
    let page = text(Form::Html, &events);
    assert!(page.len() < 2 << 20, "{}", page.len());
    let section = page.split("<h2 id=\"refused\">").nth(1).unwrap();
    let section = section.split("</section>").next().unwrap();
    let shown = section.matches("<tr><th scope=\"row\">").count();
    let cases = report(&events).suites.remove(0).cases;
    let kept: usize = cases
        .iter()
        .map(|case| case.attempts[0].refusals.len())
        .sum();
    let hidden = format!("<p>{} more are in the JSON report.</p>", kept - shown);
    let said = section.split("</table>").nth(1).unwrap_or_default();
    assert!(shown > 0 && said.contains(&hidden), "{shown}: {said}");
}

#[test]
fn the_summary_lists_what_each_suite_was_refused_and_how_to_grant_it() {
    let page = text(Form::Markdown, &situations::ungranted());
    for told in [
        "## Refused",
        "- **attachments** `page.png`: the plugin \\`jobs\\` may not attach anything. In jobs/it-attaches, 3 times.",
        "  - To grant it: `[grants.jobs] attachments = true`",
        "- Decide whether these may have what they were refused: `jobs`.",
    ] {
        assert!(page.lines().any(|line| line == told), "{told}: {page}");
    }
}

#[test]
fn the_same_in_several_cases_is_told_once_for_the_suite() {
    let mut run = Recording::of(&["a", "b", "c"]);
    for name in ["a", "b", "c"] {
        run.case(name, &passed(), |run, source| {
            refuse(run, source, host());
            refuse(run, source, host());
        });
    }
    let page = text(Form::Markdown, &run.end(Exit::Success));
    assert_eq!(page.matches("- **http**").count(), 1, "{page}");
    let told = "In jobs/a and 2 more cases, 6 times.";
    assert!(page.contains(told), "{page}");
}

#[test]
fn files_for_other_programs_tell_them_of_good_and_of_bad_cases() {
    let events = situations::ungranted();
    let junit = text(Form::Junit, &events);
    let said = "<system-out>refused: attachments `page.png`: the plugin `jobs` may not attach anything (3 times)\n  grant: [grants.jobs] attachments = true\n</system-out>";
    assert!(junit.contains(said), "{junit}");
    let failure = "it is bought\nrefused: http `api.example.com:443`: the plugin `jobs` has no grant for this host\n  grant: [grants.jobs] hosts = [";
    assert!(junit.contains(failure), "{junit}");
    assert!(junit.contains("<testcase name=\"setup\""), "{junit}");

    let tap = text(Form::Tap, &events);
    let block = "ok 2 - it-attaches\n      ---\n      verdict: \"passed\"\n      refused: \"refused: attachments `page.png`: ";
    assert!(tap.contains(block), "{tap}");
    assert!(tap.contains("    not ok 3 - it-buys"), "{tap}");

    let lines = annotations(&events);
    for told in [
        "::warning title=jobs/setup%3A refused::refused: context `shop.currency`",
        "::warning title=jobs/it-attaches%3A refused::refused: attachments `page.png`",
        "::error title=jobs/it-buys%3A failed::it is bought%0Arefused: http `api.example.com:443`",
    ] {
        assert!(lines.contains(told), "{told}: {lines}");
    }
}

const EVIL: &str = "</code></pre><script>alert(1)</script><img src=x onerror=\"a\"> ' & ]]></failure><testcase/> \
    [click](http://evil) | `tick` **bold** @all \u{1b}[2J\u{9b}2J \u{202e}dessap\u{2066} \u{ffff}\0\r\
    \nok 9 - forged # SKIP\n1..99\n# Heading\n::error::forged\n      ...\u{2028}";

/// A case that passes and one that fails, both refused something of which every text is this one.
fn hostile() -> Vec<Event> {
    let refusal = Refusal::new(EVIL, EVIL, EVIL, EVIL);
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Failed, "no"));
    let setup = source("setup", 1);
    let mut run = Recording::of(&["good", "bad"]);
    run.attempt(&setup);
    refuse(&mut run, &setup, refusal.clone());
    run.end_attempt(&setup, passed());
    for (case, ending) in [("good", passed()), ("bad", ending)] {
        run.case(case, &ending, |run, source| {
            refuse(run, source, refusal.clone());
        });
    }
    run.end(Exit::Failed)
}

#[test]
fn what_was_asked_for_is_text_of_others_in_each_report() {
    let events = hostile();
    let reports = [
        ("console", rendered(&events)),
        ("html", text(Form::Html, &events)),
        ("live", why_of_live(&events)),
        ("markdown", text(Form::Markdown, &events)),
        ("junit", text(Form::Junit, &events)),
        ("tap", text(Form::Tap, &events)),
        ("github", annotations(&events)),
    ];
    for (name, report) in &reports {
        assert!(report.contains("alert(1)"), "{name}: it is told: {report}");
        let unseen = [
            '\0', '\u{1b}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{2028}', '\r',
        ];
        assert!(!report.contains(unseen), "{name}: {report}");
        for line in report.lines() {
            let forged = ["ok 9", "1..99", "# Heading", "::error::forged"];
            let forged = forged
                .into_iter()
                .find(|word| line.trim().starts_with(word));
            assert_eq!(forged, None, "{name}: {report}");
        }
    }
    let [_, html, live, markdown, junit, tap, _] = reports.map(|(_, report)| report);
    for page in [html, live] {
        let found = elements(&page);
        let forbidden =
            |element: &String| ["script", "img", "testcase"].contains(&element.as_str());
        assert!(!found.iter().any(forbidden), "{page}");
    }
    // What is escaped is text.
    let outside: String = without_code(&markdown)
        .replace("\\]", "")
        .replace("\\*", "");
    for meaning in ["<script", "](", "**bold", "@all |"] {
        assert!(!outside.contains(meaning), "{meaning}: {outside}");
    }
    assert!(!junit.contains("<script") && !junit.contains("<testcase/>"));
    assert_eq!(junit.matches("<testcase ").count(), 4, "{junit}");
    let closing = tap.lines().filter(|line| *line == "      ...").count();
    let opening = tap.lines().filter(|line| *line == "      ---").count();
    assert_eq!(closing, opening, "{tap}");
}

/// A page of Markdown without what stands between backticks, as many on the one side as on the other.
fn without_code(page: &str) -> String {
    let mut outside = String::new();
    for line in page.lines() {
        let mut rest = line;
        while let Some(start) = rest
            .find('`')
            .filter(|start| !rest[..*start].ends_with('\\'))
        {
            let run = rest[start..].chars().take_while(|one| *one == '`').count();
            let fence = &rest[start..start + run];
            outside.push_str(&rest[..start]);
            rest = &rest[start + run..];
            let ends = rest.match_indices(fence).find(|(at, _)| {
                let before = rest[..*at].ends_with('`');
                let after = rest[at + run..].starts_with('`');
                !before && !after
            });
            let end = ends.map_or(rest.len(), |(at, _)| at + run);
            rest = &rest[end..];
        }
        let _ = writeln!(outside, "{rest}");
    }
    outside
}

#[test]
fn a_log_and_a_report_of_a_host_that_refused_nothing_are_read() {
    let refused = |event: &Event| matches!(event.kind, EventKind::Refused { .. });
    let mut events = situations::ungranted();
    assert_eq!(events.iter().filter(|event| refused(event)).count(), 6);
    events.retain(|event| !refused(event));
    for (sequence, event) in (0u64..).zip(&mut events) {
        event.sequence = sequence;
    }
    let document = report(&events);
    let written = serde_json::to_string(&document).unwrap();
    assert!(!written.contains("refusals"), "as older hosts wrote it");
    assert_eq!(serde_json::from_str::<Report>(&written).unwrap(), document);

    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("events.jsonl");
    let lines: Vec<_> = events
        .iter()
        .map(|event| serde_json::to_string(event).unwrap() + "\n")
        .collect();
    std::fs::write(&path, lines.concat()).unwrap();
    let mut heard = Vec::new();
    replay(&path, |event| heard.push(event.clone())).unwrap();
    assert_eq!(heard, events);
}
