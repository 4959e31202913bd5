//! `/metrics` as a scraper sees it.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use assay_report::{
    event::{Event, EventKind, Phase},
    hint::Hinted as _,
};
use assay_telemetry::prometheus::{
    Listen, Listeners, MAX_CONNECTIONS, PrometheusError, Settings, listeners,
};

use super::{
    http::{ask, get},
    whole::whole,
};

/// Longer than any test takes, unless it fails.
const PATIENCE: Duration = Duration::from_mins(1);

fn settings(linger: Duration) -> Settings {
    Settings {
        listen: Some(Listen {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            linger,
        }),
        ..Settings::default()
    }
}

fn serving(linger: Duration) -> (Listeners, SocketAddr) {
    let listeners = listeners(&settings(linger)).unwrap();
    let address = listeners.listening.unwrap();
    (listeners, address)
}

fn finish(listeners: &mut Listeners) {
    for reporter in &mut listeners.reporters {
        reporter.finish().unwrap();
    }
}

#[test]
fn a_scraper_sees_the_run_while_it_goes_on() {
    let (mut listeners, address) = serving(Duration::ZERO);
    assert!(address.ip().is_loopback() && address.port() != 0);
    let whole = whole();
    for (events, finished) in [(&whole.first, 0), (&whole.second, 1)] {
        for event in events {
            for reporter in &mut listeners.reporters {
                reporter.event(event).unwrap();
            }
        }
        let text = get(address, "/metrics");
        let line = format!("assay_run_finished {finished}\n");
        assert!(text.contains(&line), "{text}");
        assert!(text.contains("\nprocess_resident_memory_bytes "), "{text}");
    }
    finish(&mut listeners);
    assert!(TcpStream::connect(address).is_err(), "it is over");
}

#[test]
fn the_answer_is_in_the_format_that_is_accepted() {
    let (mut listeners, address) = serving(Duration::ZERO);
    for (accept, kind, end) in [
        ("", "text/plain; version=0.0.4; charset=utf-8", false),
        (
            "Accept: application/openmetrics-text; version=1.0.0\r\n",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            true,
        ),
    ] {
        let (head, body) = ask(address, "GET /metrics", accept);
        assert!(head.contains(&format!("content-type: {kind}")), "{head}");
        assert_eq!(body.ends_with("# EOF\n"), end);
    }
    finish(&mut listeners);
}

#[test]
fn a_page_whose_name_is_made_to_lead_here_reads_nothing() {
    let (mut listeners, address) = serving(Duration::ZERO);
    for (host, status) in [
        ("evil.example:9464".to_owned(), " 403 "),
        (address.to_string(), " 200 "),
    ] {
        let (head, body) = ask(address, "GET /metrics", &format!("Host: {host}\r\n"));
        assert!(head.contains(status), "{host}: {head}");
        assert_eq!(body.contains("process_"), status == " 200 ", "{body}");
    }
    finish(&mut listeners);
}

#[test]
fn anything_else_is_refused_with_what_to_do() {
    let (mut listeners, address) = serving(Duration::ZERO);
    for (line, status, told) in [
        ("GET /", " 404 ", "/metrics"),
        ("POST /metrics", " 405 ", "GET"),
        ("HEAD /metrics", " 200 ", ""),
    ] {
        let (head, body) = ask(address, line, "");
        assert!(head.contains(status), "{line}: {head}");
        assert!(body.contains(told), "{line}: {body}");
    }
    finish(&mut listeners);
}

#[test]
fn the_end_waits_for_one_more_scrape_and_no_longer() {
    let (mut listeners, address) = serving(PATIENCE);
    get(address, "/metrics");
    let begun = Instant::now();
    let ending = thread::spawn(move || finish(&mut listeners));
    // Answered until the end has seen one of them, refused after it.
    let mut scrapes = 0;
    while !ending.is_finished() {
        if let Ok(mut stream) = TcpStream::connect(address) {
            let asked = stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n");
            let mut answer = String::new();
            let answered = asked.and_then(|()| stream.read_to_string(&mut answer));
            scrapes += u32::from(answered.is_ok_and(|bytes| bytes > 0));
        }
    }
    ending.join().unwrap();
    assert!(scrapes > 0);
    assert!(begun.elapsed() < PATIENCE, "it waited for nobody");
}

#[test]
fn without_a_scraper_the_end_comes_after_its_bound_and_one_who_reads_no_body_is_none() {
    let bound = Duration::from_millis(400);
    let (mut listeners, address) = serving(bound);
    let begun = Instant::now();
    let ending = thread::spawn(move || finish(&mut listeners));
    while !ending.is_finished() {
        if let Ok(mut stream) = TcpStream::connect(address) {
            let asked = stream.write_all(b"HEAD /metrics HTTP/1.0\r\n\r\n");
            // It may be over meanwhile.
            drop(asked.and_then(|()| stream.read_to_string(&mut String::new())));
        }
    }
    ending.join().unwrap();
    assert!(begun.elapsed() >= bound, "{:?}", begun.elapsed());
}

#[test]
fn a_run_that_was_asked_to_stop_waits_for_no_scraper() {
    let (mut listeners, _) = serving(PATIENCE);
    let interrupted = Event {
        sequence: 0,
        at_ns: 0,
        phase: Phase::Baseline,
        of_shard: None,
        kind: EventKind::Interrupted {
            reason: "SIGINT".into(),
        },
    };
    for reporter in &mut listeners.reporters {
        reporter.event(&interrupted).unwrap();
    }
    let begun = Instant::now();
    finish(&mut listeners);
    assert!(begun.elapsed() < PATIENCE);
}

#[test]
fn connections_that_say_nothing_have_a_limit_and_each_gives_its_place_back() {
    let (mut listeners, address) = serving(Duration::ZERO);
    let mut silent: Vec<_> = (0..MAX_CONNECTIONS)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    let mut next = TcpStream::connect(address).unwrap();
    next.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
    next.set_read_timeout(Some(Duration::from_millis(200)))
        .unwrap();
    assert!(next.read(&mut [0; 16]).is_err(), "it waits for a place");
    silent.pop();
    next.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut answer = String::new();
    next.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(" 200 "), "{answer}");
    drop(silent);
    finish(&mut listeners);
}

#[test]
fn a_port_that_another_has_is_told_before_the_run() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = Settings {
        listen: Some(Listen {
            address: other.local_addr().unwrap(),
            linger: Duration::ZERO,
        }),
        ..Settings::default()
    };
    let error = listeners(&settings).err().unwrap();
    assert!(matches!(error, PrometheusError::Listen { .. }), "{error}");
    assert!(error.hint().unwrap().contains("another port"));
}
