//! What would grant a suite all that it was refused: each report for people tells it once, as a table that can be copied as it is.

use assay_report::{
    Form,
    event::{AgentProposal, Event, MAX_TABLE_BYTES, Proposal},
    exit::Exit,
};

use super::{
    console::rendered,
    documents::text,
    recording::Recording,
    refusals::{annotations, report},
    situations::{TABLE, host, refuse, refused_ending, ungranted},
};

/// A run with a suite that was refused something, and this proposal.
fn proposed(proposal: Proposal) -> Vec<Event> {
    let mut run = Recording::of(&["a"]);
    run.case("a", &refused_ending(&host()), |run, source| {
        refuse(run, source, host());
    });
    run.propose(proposal);
    run.end(Exit::Errored)
}

/// A table of this many bytes.
fn table_of(bytes: usize) -> String {
    let start = "[grants.jobs]\nservices = [\"";
    format!("{start}{}\"]", "s".repeat(bytes - start.len() - 2))
}

/// What each report for people has between its own words: what somebody would copy.
fn told(events: &[Event]) -> [(&'static str, String); 4] {
    let between = |text: &str, start: &str, end: &str| {
        let rest = text.split_once(start).map(|(_, rest)| rest.to_owned());
        let rest = rest.unwrap_or_else(|| panic!("{start} is not in {text}"));
        let (told, further) = rest.split_once(end).unwrap();
        assert!(!further.contains(start), "it is told once");
        told.to_owned()
    };
    let console = rendered(events);
    let html = text(Form::Html, events);
    let markdown = text(Form::Markdown, events);
    let github = annotations(events).replace("%0A", "\n");
    [
        (
            "console",
            between(&console, "of that name:\n", "     cause"),
        ),
        (
            "html",
            between(&html, "of that name:</p>\n<pre><code>", "</code>").replace("&#34;", "\""),
        ),
        ("markdown", between(&markdown, "```toml\n", "\n```\n")),
        ("github", between(&github, "of that name:\n", "\n::")),
    ]
}

#[test]
fn each_report_for_people_tells_the_whole_table_once_and_so_that_it_can_be_copied() {
    let lines =
        |text: &str| -> Vec<String> { text.lines().map(|line| line.trim().to_owned()).collect() };
    for (name, told) in told(&ungranted()) {
        assert_eq!(lines(&told), lines(TABLE), "{name}");
    }
    let document = report(&ungranted());
    let proposal = document.suites[0].proposal.as_ref().unwrap();
    assert_eq!(proposal.table, TABLE);
    // What is beside it is no part of a table, and what was refused is told without lines of its own.
    let console = rendered(&ungranted());
    assert!(!console.contains("grants.jobs."), "{console}");
}

#[test]
fn a_table_at_the_limit_of_a_report_is_whole_and_of_a_longer_one_it_is_said_where_it_is() {
    let page = |form: Form, bytes| {
        let page = text(form, &proposed(Proposal::new(table_of(bytes), false)));
        (
            page.contains("[grants.jobs]"),
            page.contains("is too long for here"),
        )
    };
    assert_eq!(page(Form::Markdown, MAX_TABLE_BYTES), (true, false));
    assert_eq!(page(Form::Html, MAX_TABLE_BYTES), (true, false));
    assert_eq!(page(Form::Html, MAX_TABLE_BYTES + 1), (false, true));
    let github = |bytes| {
        let told = annotations(&proposed(Proposal::new(table_of(bytes), false)));
        (
            told.contains("[grants.jobs]"),
            told.contains("is too long for here"),
        )
    };
    assert_eq!(github(3_900), (true, false));
    assert_eq!(github(4_100), (false, true));
}

#[test]
fn that_there_was_more_than_the_table_has_room_for_is_said() {
    let truncated = proposed(Proposal::new(TABLE.into(), true));
    let pages = [
        rendered(&truncated),
        text(Form::Html, &truncated),
        text(Form::Markdown, &truncated),
        annotations(&truncated),
    ];
    for page in pages {
        assert!(
            page.contains("[grants.jobs]") && page.contains("it was refused more"),
            "{page}"
        );
    }
}

#[test]
fn where_no_grant_would_do_none_is_proposed() {
    let mut run = Recording::of(&["a"]);
    run.case("a", &refused_ending(&host()), |run, source| {
        refuse(run, source, host());
    });
    let events = run.end(Exit::Errored);
    for page in [
        rendered(&events),
        text(Form::Html, &events),
        text(Form::Markdown, &events),
    ] {
        assert!(!page.contains("belongs into assay.toml"), "{page}");
    }
}

#[test]
fn what_only_an_agent_refused_is_told_with_its_name_and_is_no_table() {
    let grant = "grants.jobs.attachments = true";
    let agent = AgentProposal::new("one".into(), grant.into());
    let events = proposed(Proposal::new(String::new(), false).with_agents([agent]));
    for page in [
        rendered(&events),
        text(Form::Html, &events),
        text(Form::Markdown, &events).replace('\\', ""),
        annotations(&events),
    ] {
        let (_, told) = page.split_once("the agent `one` refused").unwrap();
        assert!(told.contains("the assay.toml of that agent"), "{page}");
        assert!(told.contains(grant), "{page}");
        for own in ["of that name:", "is too long for here"] {
            assert!(!page.contains(own), "{page}");
        }
    }
    assert_eq!(
        report(&events).suites[0]
            .proposal
            .as_ref()
            .unwrap()
            .at_agents[0]
            .grant,
        grant
    );
}
