//! What shows why something is not good: causes, what was sent and what came, services, frames, regressions, and what was run. All of it is
//! others' text.

use assay_report::{
    event::{Event, EventKind, Exchange, ExchangeDetail, Message, MessageBody, ReasonKind},
    exit::Exit,
    texts::{Texts as _, Visit},
    verdict::Verdict,
};

use super::{elements, page};
use crate::{
    recording::{Recording, exchange, outcome, reason},
    situations,
};

fn assert_told(page: &str, told: &[&str]) {
    for told in told {
        assert!(page.contains(told), "{told}: {page}");
    }
}

#[test]
fn the_first_cause_in_time_is_on_the_first_screen() {
    let page = page(&situations::evidence());
    let header = page.split("</header>").next().unwrap();
    let first = header.split("<p class=\"first\">").nth(1).unwrap();
    assert!(first.contains("First cause"), "{first}");
    assert!(
        first.contains("connection: `127.0.0.1:8002` resets the connection"),
        "{first}"
    );
    let good = super::page(&situations::passed_run());
    assert!(!good.contains("First cause") && !good.contains("id=\"causes\""));
}

#[test]
fn failures_of_one_cause_are_together_and_lead_to_what_the_page_tells_of_them() {
    let page = page(&situations::evidence());
    let causes = page.split("<h2 id=\"causes\">").nth(1).unwrap();
    let causes = causes.split("</section>").next().unwrap();
    let groups: Vec<_> = causes.split("<article").skip(1).collect();
    assert_eq!(groups.len(), 3, "{causes}");
    assert!(groups[0].contains("2 failures, first at "), "{causes}");
    for name in ["it-stores", "it-streams"] {
        let link = format!("jobs/{name}</a>");
        assert!(groups[0].contains(&link), "{causes}");
    }
    assert!(groups[0].contains("<summary>What it rests on"), "{causes}");
    for group in groups {
        assert!(group.contains("To do: "), "{group}");
        assert!(!group.contains("<details open"), "{group}");
    }
}

#[test]
fn a_request_that_was_told_again_has_its_head_and_its_body() {
    let page = page(&situations::evidence());
    assert_told(
        &page,
        &[
            "<code>content-type</code></th><td><code>application/json</code>",
            "<code>authorization</code></th><td><code>[redacted]</code>",
            "<b>Request</b> <small>21 bytes</small>",
            "<b>Answer</b> <small>12000 bytes, of which the start is shown</small>",
            "aria-label=\"Body: Answer\">{&#34;error&#34;: &#34;the disk is full&#34;}",
            "<b>Answer</b> <small>6 bytes that are no text</small>",
            "<b>Request</b> <small>no body</small>",
            "traceparent 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "redirected to http://127.0.0.1:8001/elsewhere",
        ],
    );
    let details = page.split("<details class=\"recalled\"").skip(1);
    assert!(details.clone().count() >= 6, "{page}");
    assert!(
        details.into_iter().all(|one| one.starts_with('>')),
        "closed"
    );
}

#[test]
fn a_stream_that_was_told_again_has_its_last_events() {
    let page = page(&situations::evidence());
    assert_told(
        &page,
        &[
            "What was sent, and the last events <small>stream 1</small>",
            "<th scope=\"row\">progress</th><td>6</td><td class=\"number\">30.0 ms</td><td><code>{&#34;step&#34;: 3}</code>",
            "xxx... (cut)</code>",
            "✗ progress http://127.0.0.1:8002/jobs/1/events: 3 events",
        ],
    );
}

#[test]
fn services_have_what_they_wrote_and_how_they_were() {
    let page = page(&situations::evidence());
    assert_told(
        &page,
        &[
            "<summary>project <small>3 lines, 12 earlier ones left out</small></summary>",
            "aria-label=\"Lines of project\">a job comes\nno room: the disk is full\ngoing down</pre>",
            "<th scope=\"row\">project</th><td>starting</td><td>it answers 503</td>",
            "<th scope=\"row\">generation</th><td>running</td><td>none</td>",
        ],
    );
}

#[test]
fn a_trap_has_its_frames_and_the_run_its_commit_and_settings() {
    let page = page(&situations::evidence());
    assert_told(
        &page,
        &[
            "The plugin's frames, innermost first",
            "<li><code>jobs::divide</code></li>",
            "<dt>Commit</dt><dd>0123456789abcdef0123456789abcdef01234567-dirty</dd>",
            "<dt>Settings</dt><dd>ab12ab12ab12</dd>",
        ],
    );
}

#[test]
fn what_regressed_is_a_table_and_a_run_that_was_not_compared_says_why() {
    let regressed = page(&situations::regressed());
    assert_told(
        &regressed,
        &[
            "href=\"#regressions\"",
            "<th scope=\"row\">jobs/request start a job p95</th><td class=\"number\">12.3 ms</td><td class=\"number\">24.6 ms</td><td class=\"number problem\">100.0 %</td>",
            "1 more are not named.",
        ],
    );
    let not = page(&situations::not_compared());
    assert_told(&not, &["there is no former run to compare with"]);
    assert!(!page(&situations::passed_run()).contains("id=\"regressions\""));
}

/// Puts something behind every text.
struct Plant(&'static str);

impl Visit for Plant {
    fn name(&mut self, name: &mut String) {
        // What is called so is no case.
        if !matches!(name.as_str(), "setup" | "teardown") {
            name.push_str(self.0);
        }
    }

    fn text(&mut self, text: &mut String) {
        text.push_str(self.0);
    }

    fn lines(&mut self, lines: &mut Vec<String>) {
        for line in lines {
            line.push_str(self.0);
        }
    }

    fn header(&mut self, name: &mut String, value: &mut String) {
        name.push_str(self.0);
        value.push_str(self.0);
    }
}

fn planted(mut events: Vec<Event>, text: &'static str) -> Vec<Event> {
    for event in &mut events {
        event.texts(&mut Plant(text));
    }
    events
}

#[test]
fn text_of_others_is_text_wherever_it_is() {
    let evil = "</pre></code><script>alert(1)</script><img src=x onerror=\"a\"> '\"& \u{202e}\0";
    for (name, events) in situations::all() {
        let plain = elements(&page(&events));
        let page = page(&planted(events, evil));
        let found = elements(&page);
        for forbidden in ["script", "img"] {
            let is_forbidden = |element: &String| element == forbidden;
            assert!(!found.iter().any(is_forbidden), "{name}: {forbidden}");
        }
        assert!(!page.contains(['\0', '\u{202e}']), "{name}");
        let heads = |of: &[String]| of.iter().filter(|element| *element == "h2").count();
        assert_eq!(heads(&found), heads(&plain), "{name}");
    }
}

#[test]
fn a_page_stays_small_however_much_is_told_again() {
    let names: Vec<_> = (0..200).map(|number| format!("case-{number}")).collect();
    let mut run = Recording::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Failed, "no"));
    for name in &names {
        run.case(name, &ending, |run, source| {
            for number in 1..=12 {
                let exchange = Exchange {
                    number,
                    status: Some(500),
                    ..exchange("get", 1)
                };
                run.exchange(source, exchange.clone());
                run.tell(EventKind::ExchangeRecalled {
                    source: source.clone(),
                    exchange: Exchange {
                        detail: Some(Box::new(large())),
                        ..exchange
                    },
                });
            }
            run.tell(EventKind::ServiceWrote {
                source: source.clone(),
                service: "project".into(),
                lines: vec!["<line> ".repeat(50); 150],
                dropped_lines: 0,
            });
        });
    }
    let page = page(&run.end(Exit::Failed));
    assert!(page.len() < 2 << 20, "{}", page.len());
    assert_told(
        &page,
        &[
            "What was sent and came, and what services wrote, is in the JSON report",
            "What was sent and came of ",
        ],
    );
}

fn large() -> ExchangeDetail {
    let mut message = Message {
        body: MessageBody::new(&b"<>&".repeat(300), 900),
        ..Message::default()
    };
    for _ in 0..20 {
        message.header("x-long", &"'".repeat(50));
    }
    ExchangeDetail {
        request: message.clone(),
        response: Some(message),
        redirected_to: None,
    }
}
