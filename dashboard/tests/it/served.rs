//! Who may ask, and what the page says at each moment of a run.

use assay_dashboard::{Address, Dashboard, DashboardError};
use assay_report::{
    Reporter as _,
    event::{Event, EventKind, Refusal},
    hint::Hinted as _,
};

use super::{
    FAST, IN_FAULT, dashboard,
    scripted::{until, whole},
};

/// The page once it says something.
fn page_that_says(place: &super::client::Place, words: &str) -> String {
    for _ in 0..2_000 {
        let page = place.get("/", "").text();
        if page.contains(words) {
            return page;
        }
        std::thread::yield_now();
    }
    panic!("the page never says `{words}`");
}

#[test]
fn whoever_has_the_token_gets_the_page_and_nobody_else_does() {
    let (_dashboard, place) = dashboard(FAST, &until(IN_FAULT));
    let host = format!("Host: {}\r\n", place.address);
    let right = format!("/?token={}", place.token);
    assert_eq!(place.ask(&right, &host).status, 200);
    let wrong = "0".repeat(place.token.len());
    for target in [
        "/".to_owned(),
        "/?token=".to_owned(),
        format!("/?token={wrong}"),
        format!("/?token={}", &place.token[..63]),
        format!("/?token={wrong}&token={}", place.token),
        "/events".to_owned(),
        format!("/events?token={wrong}"),
        "/elsewhere".to_owned(),
    ] {
        let answer = place.ask(&target, &host);
        assert_eq!(answer.status, 403, "{target}");
        assert!(!answer.text().contains(&place.token));
    }
    let answer = place.get("/elsewhere", "");
    assert_eq!(answer.status, 404);
}

#[test]
fn a_page_that_is_asked_for_under_a_strange_name_is_not_given() {
    let (_dashboard, place) = dashboard(FAST, &until(IN_FAULT));
    let port = place.address.port();
    for (path, host, status) in [
        ("/", format!("Host: 127.0.0.1:{port}\r\n"), 200),
        ("/", format!("Host: localhost:{port}\r\n"), 200),
        ("/", format!("Host: evil.example:{port}\r\n"), 403),
        ("/events", format!("Host: evil.example:{port}\r\n"), 403),
        ("/", "Host: 127.0.0.1\r\n".to_owned(), 403),
        ("/", String::new(), 403),
    ] {
        let target = format!("{path}?token={}", place.token);
        assert_eq!(place.ask(&target, &host).status, status, "{host}");
    }
}

#[test]
fn every_answer_forbids_the_browser_what_the_page_does_not_need() {
    let (_dashboard, place) = dashboard(FAST, &until(IN_FAULT));
    for answer in [
        place.get("/", ""),
        place.get("/events", ""),
        place.get("/elsewhere", ""),
        place.ask("/", &format!("Host: {}\r\n", place.address)),
    ] {
        for line in [
            "x-content-type-options: nosniff",
            "x-frame-options: deny",
            "referrer-policy: no-referrer",
            "cross-origin-resource-policy: same-origin",
            "cross-origin-opener-policy: same-origin",
            "default-src 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(answer.head.contains(line), "{line}: {}", answer.head);
        }
        assert!(!answer.head.contains("unsafe"), "{}", answer.head);
        assert!(!answer.head.contains("set-cookie"), "{}", answer.head);
        let stores_nothing = answer.head.contains("cache-control: no-");
        assert!(stores_nothing, "{}", answer.head);
    }
}

#[test]
fn each_page_trusts_a_script_and_a_style_of_its_own_alone() {
    let (_dashboard, place) = dashboard(FAST, &until(IN_FAULT));
    let nonce = || {
        let answer = place.get("/", "");
        let (_, rest) = answer.head.split_once("script-src 'nonce-").unwrap();
        let (nonce, _) = rest.split_once('\'').unwrap();
        let nonce = nonce.to_owned();
        let page = answer.text();
        assert_eq!(page.matches("<script").count(), 1);
        assert_eq!(page.matches("<style").count(), 1);
        assert_eq!(page.matches(&format!("nonce=\"{nonce}\"")).count(), 2);
        for attribute in [" style=", " onload=", " onclick=", "href=\"http", "src="] {
            assert!(!page.contains(attribute), "{attribute}");
        }
        nonce
    };
    let (one, other) = (nonce(), nonce());
    assert_eq!(one.len(), 32);
    assert_ne!(one, other);
}

#[test]
fn the_page_says_what_happens_now_and_what_is_not_good_so_far() {
    let (_dashboard, place) = dashboard(FAST, &until(IN_FAULT));
    let page = page_that_says(&place, "F1: stop KILL on project");
    for told in [
        "<h1 id=\"verdict\">Assay: <strong>running</strong></h1>",
        "3 of 6 cases have their verdict; the gravest so far is failed.",
        "2 cases run, 1 load; 1 fault is active.",
        "shop/orders-hold: browse",
        "50 virtual users for 1min",
        "36 s of 1 min 0 s",
        "jobs/a-job-completes",
        "<code>completed</code>",
        "shop/order-latency",
        "not judged",
        "<figcaption>Times of iterations</figcaption>",
        "<figcaption>A second</figcaption>",
        "connection reset",
        "http-equiv=\"refresh\"",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    for part in [
        "now",
        "why",
        "causes",
        "baselines",
        "timeline",
        "latency",
        "loads",
        "streams",
    ] {
        assert!(page.contains(&format!("<h2 id=\"{part}\">")), "{part}");
        assert!(page.contains(&format!("href=\"#{part}\"")), "{part}");
    }
    for untrue in ["no end", "the host was stopped", "no outcome"] {
        assert!(!page.contains(untrue), "{untrue}: {page}");
    }
}

#[test]
fn a_page_that_is_opened_before_anything_has_happened_has_all_its_parts() {
    let (_dashboard, place) = dashboard(FAST, &[]);
    let page = place.get("/", "").text();
    assert!(page.contains("The run has not begun."), "{page}");
    assert_eq!(page.matches("<h2 id=").count(), 8, "{page}");
    assert!(page.contains("Nothing so far."), "{page}");
}

#[test]
fn a_page_of_a_run_that_has_ended_says_so_and_asks_for_nothing_more() {
    let (_dashboard, place) = dashboard(FAST, &whole());
    let page = page_that_says(&place, "The run is over.");
    assert!(page.contains("Assay: <strong>failed</strong>"), "{page}");
    assert!(page.contains("Exit code 1"), "{page}");
}

#[test]
fn text_of_others_is_text() {
    let evil = "</pre><script>alert(1)</script><img src=x onerror=\"a\"> ' & \u{1b}[2J\r\n\0";
    let mut events = until(IN_FAULT);
    for event in &mut events {
        let mut value = serde_json::to_value(&*event).unwrap();
        for name in ["message", "actual", "summary", "scenario"] {
            replace(&mut value, name, evil);
        }
        *event = serde_json::from_value(value).unwrap();
    }
    let (_dashboard, place) = dashboard(FAST, &events);
    let page = page_that_says(&place, "F1: stop KILL on project");
    assert_eq!(page.matches("<script").count(), 1, "{page}");
    assert!(!page.contains("<img") && !page.contains(['\0', '\u{1b}', '\r']));
}

#[test]
fn what_was_refused_is_told_with_what_is_not_good_and_is_text_of_others() {
    let evil = "</code><script>alert(1)</script><img src=x> \u{1b}[2J \u{202e}\0";
    let mut events = until(IN_FAULT);
    let begun = events
        .iter()
        .position(|event| matches!(event.kind, EventKind::AttemptStarted(_)));
    let begun = begun.unwrap();
    let EventKind::AttemptStarted(source) = events[begun].kind.clone() else {
        unreachable!("it was found as one")
    };
    let refused = Event {
        kind: EventKind::Refused {
            source,
            refusal: Refusal::new("http", evil, evil, "grants.shop.hosts = [\"a.test:443\"]"),
        },
        ..events[begun].clone()
    };
    events.insert(begun + 1, refused);
    let (_dashboard, place) = dashboard(FAST, &events);
    let page = page_that_says(&place, "<h3>Refused</h3>");
    let why = page.split("data-part=\"why\"").nth(1).unwrap();
    let why = why.split("data-part=").next().unwrap();
    assert!(why.contains("<h3>Refused</h3>"), "{why}");
    assert!(
        why.contains("http <code>&#60;/code&#62;&#60;script&#62;"),
        "{why}"
    );
    assert_eq!(page.matches("<script").count(), 1, "{page}");
    assert!(!page.contains("<img") && !page.contains(['\0', '\u{1b}', '\u{202e}']));
}

fn replace(value: &mut serde_json::Value, name: &str, text: &str) {
    match value {
        serde_json::Value::Object(fields) => {
            for (field, value) in fields {
                if field == name && value.is_string() {
                    *value = text.into();
                } else {
                    replace(value, name, text);
                }
            }
        }
        serde_json::Value::Array(values) => {
            for value in values {
                replace(value, name, text);
            }
        }
        _ => {}
    }
}

#[test]
fn an_address_that_is_taken_is_an_error_with_something_to_do() {
    let (_first, place) = dashboard(FAST, &[]);
    let address: Address = place.address.to_string().parse().unwrap();
    let error = Dashboard::serve(address).unwrap_err();
    assert!(matches!(error, DashboardError::Bind { .. }), "{error}");
    assert!(error.hint().unwrap().contains("another port"));
}

#[test]
fn the_page_is_gone_after_the_end_of_the_run() {
    let (mut dashboard, place) = dashboard(FAST, &whole());
    dashboard.finish().unwrap();
    assert!(std::net::TcpStream::connect(place.address).is_err());
}
