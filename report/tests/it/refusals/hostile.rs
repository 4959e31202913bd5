//! What a plugin asked for may be anything: it is text of others in each report.

use std::fmt::Write as _;

use assay_report::{
    Form,
    event::{Event, Proposal, Refusal},
    exit::Exit,
};

use super::{annotations, why_of_live};
use crate::{
    console::rendered,
    documents::text,
    html::elements,
    recording::{Recording, source},
    situations::{cut_off, host, refuse, refused_ending},
};

const EVIL: &str = "</code></pre><script>alert(1)</script><img src=x onerror=\"a\"> ' & ]]></failure><testcase/> \
    [click](http://evil) | `tick` **bold** @all \u{1b}[2J\u{9b}2J \u{202e}dessap\u{2066} \u{ffff}\0\r\
    \nok 9 - forged # SKIP\n1..99\n# Heading\n::error::forged\n      ...\u{2028}";

/// A case that is errored, one that is cut off and a teardown, each refused something of which every text is this one.
fn hostile() -> Vec<Event> {
    let refusal = Refusal::new(EVIL, EVIL, EVIL, EVIL);
    let errored = refused_ending(&host());
    let teardown = source("teardown", 1);
    let mut run = Recording::of(&["bad", "good"]);
    for (case, ending) in [("bad", errored.clone()), ("good", cut_off())] {
        run.case(case, &ending, |run, source| {
            refuse(run, source, refusal.clone());
        });
    }
    run.attempt(&teardown);
    refuse(&mut run, &teardown, refusal.clone());
    run.end_attempt(&teardown, errored);
    // A name with a line of its own is written without one in a table.
    run.propose(Proposal::new(EVIL.replace('\n', " "), true));
    run.end(Exit::Interrupted)
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
    let mut block = None;
    for line in page.lines() {
        // A block ends with the same line of backticks that began it.
        let fence = line.trim_end_matches("toml");
        let is_fence = fence.len() >= 3 && fence.chars().all(|one| one == '`');
        match block {
            None if is_fence => block = Some(fence),
            Some(begun) if begun == line => block = None,
            _ => {}
        }
        if block.is_some() || is_fence {
            continue;
        }
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
