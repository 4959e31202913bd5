//! Those who look: what each gets, how many there may be, and what becomes of one that does not read.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use assay_dashboard::Limits;
use assay_report::{Reporter as _, event::Event};

use super::{
    FAST, IN_FAULT,
    client::{Answer, PATIENCE, Place},
    dashboard,
    scripted::until,
    tell,
};

/// What is told between two moments.
fn between(from: f64, to: f64) -> Vec<Event> {
    until(to).split_off(until(from).len())
}

#[test]
fn a_viewer_gets_all_parts_and_then_those_that_change() {
    let (mut dashboard, place) = dashboard(FAST, &until(20.0));
    let mut viewer = place.get("/events", "");
    assert!(viewer.head.contains("text/event-stream"), "{}", viewer.head);
    for name in [
        "verdict",
        "now",
        "why",
        "causes",
        "baselines",
        "timeline",
        "latency",
        "loads",
        "streams",
    ] {
        let event = viewer.event().unwrap();
        assert_eq!(event.name, name);
        assert!(!event.data.is_empty());
        assert_eq!(
            event.id.is_empty(),
            name != "streams",
            "the last one has the number of all"
        );
    }
    tell(&mut dashboard, &between(20.0, 31.0));
    let now = loop {
        let now = viewer.event_named("now");
        if now.data.contains("fault") && now.data.contains("F1") {
            break now;
        }
    };
    assert!(now.data.contains("1 fault is active"), "{}", now.data);
}

#[test]
fn a_viewer_that_comes_back_gets_what_it_has_not_seen() {
    let (mut dashboard, place) = dashboard(FAST, &until(20.0));
    let mut viewer = place.get("/events", "");
    let seen = viewer.event_named("streams").id;
    drop(viewer);
    tell(&mut dashboard, &between(20.0, 31.0));
    let mut again = place.get("/events", &format!("Last-Event-ID: {seen}\r\n"));
    let mut names = Vec::new();
    loop {
        let event = again.event().unwrap();
        let is_there = event.name == "now" && event.data.contains("F1");
        names.push(event.name);
        if is_there {
            break;
        }
    }
    assert!(
        !names.contains(&"why".to_owned()),
        "nothing has become bad: {names:?}"
    );
    for strange in ["18446744073709551615", "-1", "x"] {
        let mut viewer = place.get("/events", &format!("Last-Event-ID: {strange}\r\n"));
        assert_eq!(viewer.event().unwrap().name, "verdict", "{strange}");
    }
}

#[test]
fn the_viewer_beyond_the_limit_is_refused_until_another_one_has_gone() {
    let (_dashboard, place) = dashboard(FAST, &until(IN_FAULT));
    let first = place.get("/events", "");
    let second = place.get("/events", "");
    assert_eq!((first.status, second.status), (200, 200));
    let third = place.get("/events", "");
    assert_eq!(third.status, 503);
    assert!(third.text().contains("close one of them"));
    assert_eq!(place.get("/", "").status, 200, "the page itself is there");
    drop(first);
    assert!(is_let_in(&place));
}

/// Whether there is room for one more, now or soon.
fn is_let_in(place: &Place) -> bool {
    let begun = std::time::Instant::now();
    while begun.elapsed() < PATIENCE {
        if place.get("/events", "").status == 200 {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

#[test]
fn every_viewer_is_told_the_end_of_the_run_before_the_page_is_gone() {
    let (mut dashboard, place) = dashboard(FAST, &until(IN_FAULT));
    let mut viewers = [place.get("/events", ""), place.get("/events", "")];
    for viewer in &mut viewers {
        viewer.event_named("streams");
    }
    tell(&mut dashboard, &between(IN_FAULT, 70.0));
    dashboard.finish().unwrap();
    for mut viewer in viewers {
        let mut last = String::new();
        loop {
            let event = viewer.event().unwrap();
            match event.name.as_str() {
                "verdict" => last = event.data,
                "over" => break,
                _ => {}
            }
        }
        assert!(last.contains("<strong>failed</strong>"), "{last}");
        assert_eq!(viewer.event(), None);
    }
}

#[test]
fn a_run_that_is_dropped_without_its_end_is_told_to_be_over() {
    let (dashboard, place) = dashboard(FAST, &until(IN_FAULT));
    let mut viewer = place.get("/events", "");
    drop(dashboard);
    viewer.event_named("over");
    assert_eq!(viewer.event(), None);
}

/// A run with a part of three megabytes.
fn much() -> Vec<Event> {
    let text = "x".repeat(30_000);
    let baselines = (0..100).map(|number| {
        serde_json::json!({
            "name": format!("figure-{number}"), "summary": text, "unit": "ms", "direction": "at_most",
            "target": 1.0, "critical": 2.0,
        })
    });
    let mut events = until(0.8);
    let mut started = serde_json::to_value(&events[0]).unwrap();
    started["plugins"][0]["baselines"] = baselines.collect();
    events[0] = serde_json::from_value(started).unwrap();
    events
}

/// Another figure in it.
fn judged(number: u64) -> Event {
    serde_json::from_value(serde_json::json!({
        "sequence": number, "at_ns": 1_000_000_000 + number, "event": "judged",
        "source": {"suite": "jobs", "entry": "a-job-ends", "attempt": 1},
        "judgement": {
            "baseline": {"name": "figure-0", "summary": "", "unit": "ms", "direction": "at_most", "target": 1.0, "critical": 2.0},
            "value": number, "samples": 1, "grade": "target",
        },
    }))
    .unwrap()
}

#[test]
fn a_viewer_that_does_not_read_is_dropped_and_one_that_does_is_not() {
    let limits = Limits {
        patience: Duration::from_secs(2),
        ..FAST
    };
    let (mut dashboard, place) = dashboard(limits, &much());
    let mut reads = place.get("/events", "");
    let silent = Answer::to(
        TcpStream::connect(place.address).unwrap(),
        &format!("/events?token={}", place.token),
        &format!("Host: {}\r\n", place.address),
    );
    assert_eq!(silent.status, 200);
    assert_eq!(
        place.get("/events", "").status,
        503,
        "both have their place"
    );
    let begun = std::time::Instant::now();
    let mut number = 0;
    // What the silent one is sent fills what the system keeps for it, and then it is out.
    while place.get("/events", "").status != 200 {
        assert!(begun.elapsed() < PATIENCE, "it keeps its place");
        number += 1;
        tell(&mut dashboard, &[judged(number)]);
        reads.event_named("baselines");
    }
    tell(&mut dashboard, &[judged(number + 1)]);
    reads.event_named("baselines");
    let rest = silent.text_until_it_breaks();
    assert!(rest < 64 << 20, "{rest}");
}

#[test]
fn a_connection_that_asks_for_nothing_is_closed() {
    let limits = Limits {
        patience: Duration::from_millis(100),
        ..FAST
    };
    let (_dashboard, place) = dashboard(limits, &[]);
    let mut silent = TcpStream::connect(place.address).unwrap();
    silent.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    silent.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut rest = Vec::new();
    let ended = silent.read_to_end(&mut rest);
    // That nothing came in all that time is no end.
    let waited = |error: &io::Error| {
        matches!(
            error.kind(),
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
        )
    };
    assert!(!ended.as_ref().is_err_and(waited), "{ended:?}");
}

#[test]
fn a_viewer_hears_that_the_page_is_there_while_nothing_happens() {
    let limits = Limits {
        patience: Duration::from_millis(300),
        interval: Duration::from_mins(1),
        ..FAST
    };
    let (_dashboard, place) = dashboard(limits, &[]);
    let mut stream = TcpStream::connect(place.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "GET /events?token={} HTTP/1.0\r\nHost: {}\r\n\r\n",
        place.token, place.address
    )
    .unwrap();
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while text.matches("\n:").count() < 5 {
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "{text}");
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
}
