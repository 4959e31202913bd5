//! What a plugin was refused is in each report, however its attempt ended, and is text of others in each of them.

mod hostile;

use std::ffi::OsString;

use assay_report::{
    Form, GithubStep,
    event::{Event, EventKind, Refusal},
    exit::Exit,
    html::live::{Live, Moment, Part},
    json::{
        Gatherer, MAX_EVIDENCE_BYTES, MAX_REFUSALS,
        document::{CutKind, RefusalReport, Report},
    },
    replay,
};

use super::{
    console::rendered,
    documents::text,
    recording::{Recording, check},
    situations::{self, attachment, host, refuse, refused_ending, setting},
};

pub(crate) fn report(events: &[Event]) -> Report {
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

pub(crate) fn annotations(events: &[Event]) -> String {
    let variable = |name: &str| (name == "GITHUB_ACTIONS").then(|| OsString::from("true"));
    let step = GithubStep::of_environment(variable, || "word".to_owned()).unwrap();
    let mut lines = Vec::new();
    assert!(step.finish(&report(events), &mut lines).is_empty());
    String::from_utf8(lines).unwrap()
}

/// A run whose only case is errored after so many different refusals, each told so often.
fn flooded(different: usize, times: usize) -> Vec<Event> {
    let mut run = Recording::of(&["a"]);
    run.case("a", &refused_ending(&setting("shop.0")), |run, source| {
        for _ in 0..times {
            for number in 0..different {
                refuse(run, source, setting(&format!("shop.{number}")));
            }
        }
        run.check(source, check("it is so", true));
    });
    run.end(Exit::Errored)
}

#[test]
fn the_console_tells_each_as_it_happens_and_once_at_the_end_what_would_grant_all_of_it() {
    let text = rendered(&situations::ungranted());
    let expected = r"
     ready  project, generation after 0.812 s
   refused  jobs/it-attaches: attachments `page.png`: the plugin `jobs` may not attach anything
   errored  jobs/it-attaches (0.123 s)
            plugin: it has no grant for the attachments `page.png`: the plugin `jobs` may not attach anything
   refused  jobs/it-buys: http `api.example.com:443`: the plugin `jobs` has no grant for this host
   refused  jobs/it-buys: context `shop.token`: the plugin `jobs` has no grant for this setting
   errored  jobs/it-buys (0.123 s)
            plugin: it has no grant for the http `api.example.com:443`: the plugin `jobs` has no grant for this host
            refused
              context `shop.token`: the plugin `jobs` has no grant for this setting
            check: it is bought
";
    assert!(text.contains(expected), "{text}");
    let expected = r#"
   refused  jobs 6 times
            if it may have that, this belongs into assay.toml, in place of a table of that name:
            [grants.jobs]
            hosts = ["api.example.com:443"]
            services = ["project"]
            settings = ["shop.token", "shop.currency"]
            attachments = true
     cause  no grant: refused attachments `page.png`: the plugin `jobs` may not attach anything (jobs/it-attaches at 0.400 s)
            hint: grant in `assay.toml` what the suite `jobs` asks for, if it may have that
"#;
    assert!(text.contains(expected), "{text}");
    assert_eq!(text.matches("api.example.com:443\"").count(), 1, "{text}");
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
fn the_document_counts_the_same_together_also_of_an_attempt_that_was_cut_off() {
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
    let cases = suite.cases.iter();
    let attempts = cases.map(|case| told(&case.attempts[0].refusals));
    assert_eq!(
        attempts.collect::<Vec<_>>(),
        [
            vec![refused(attachment(), 3)],
            vec![refused(host(), 1), refused(setting("shop.token"), 1)],
            vec![refused(setting("shop.currency"), 1)],
        ]
    );
    let first = &suite.cases[0].attempts[0].refusals[0];
    assert_eq!(first.first_at_ns, 400_000_000);
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
    run.case("a", &refused_ending(&large(0)), |run, source| {
        for number in [0, 1, 1] {
            refuse(run, source, large(number));
        }
    });
    let report = report(&run.end(Exit::Errored));
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
        "<li>http `api.example.com:443`: the plugin `jobs` has no grant for this host</li>",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    for page in [page, why_of_live(&events)] {
        for told in [
            "attachments <code>page.png</code><small>jobs/it-attaches, 3 times</small>",
            "context <code>shop.currency</code><small>jobs/it-waits, 1 time</small>",
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
    let ending = refused_ending(&host());
    let mut run = Recording::of(&names);
    for name in names {
        run.case(name, &ending, |run, source| {
            for number in 0..MAX_REFUSALS {
                let long = format!("{name}-{number}-{}", "<&>".repeat(1_400));
                refuse(run, source, Refusal::new("http", &long, &long, &long));
            }
        });
    }
    let events = run.end(Exit::Errored);
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
        "- Decide whether these may have what they were refused: `jobs`.",
    ] {
        assert!(page.lines().any(|line| line == told), "{told}: {page}");
    }
}

#[test]
fn the_same_in_several_cases_is_told_once_for_the_suite() {
    let mut run = Recording::of(&["a", "b", "c"]);
    for name in ["a", "b", "c"] {
        run.case(name, &refused_ending(&host()), |run, source| {
            refuse(run, source, host());
            refuse(run, source, host());
        });
    }
    let page = text(Form::Markdown, &run.end(Exit::Errored));
    assert_eq!(page.matches("- **http**").count(), 1, "{page}");
    let told = "In jobs/a and 2 more cases, 6 times.";
    assert!(page.contains(told), "{page}");
}

#[test]
fn files_for_other_programs_tell_them_of_good_and_of_bad_cases() {
    let events = situations::ungranted();
    let junit = text(Form::Junit, &events);
    let said = "<system-out>refused: context `shop.currency`: the plugin `jobs` has no grant for this setting\n  grant: grants.jobs.settings = [";
    assert!(junit.contains(said), "{junit}");
    let error = "may not attach anything\nrefused: attachments `page.png`: the plugin `jobs` may not attach anything (3 times)\n  grant: grants.jobs.attachments = true\n";
    assert!(junit.contains(error), "{junit}");

    let tap = text(Form::Tap, &events);
    let block = "ok 3 - it-waits # SKIP cut off by Ctrl-C\n      ---\n      verdict: \"skipped\"";
    assert!(tap.contains(block), "{tap}");
    assert!(
        tap.contains("      refused: \"refused: context `shop.currency`: "),
        "{tap}"
    );
    assert!(tap.contains("    not ok 2 - it-buys"), "{tap}");

    let lines = annotations(&events);
    for told in [
        "::warning title=jobs/it-waits%3A refused::refused: context `shop.currency`",
        "::error title=jobs/it-buys%3A errored::it has no grant for the http `api.example.com:443`: ",
    ] {
        assert!(lines.contains(told), "{told}: {lines}");
    }
}

#[test]
fn a_log_and_a_report_of_a_host_that_refused_nothing_are_read() {
    let refused = |event: &Event| matches!(event.kind, EventKind::Refused { .. });
    let mut events = situations::ungranted();
    assert_eq!(events.iter().filter(|event| refused(event)).count(), 6);
    events.retain(|event| !refused(event));
    for event in &mut events {
        if let EventKind::SuiteFinished { proposal, .. } = &mut event.kind {
            *proposal = None;
        }
    }
    for (sequence, event) in (0u64..).zip(&mut events) {
        event.sequence = sequence;
    }
    let document = report(&events);
    let written = serde_json::to_string(&document).unwrap();
    for newer in ["refusals", "proposal"] {
        assert!(!written.contains(newer), "as older hosts wrote it");
    }
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
