use std::{net::TcpListener, time::Duration};

use assay_report::{event::Exchange, hint::Hinted as _, verdict::Verdict};

use super::*;
use crate::opentelemetry::{
    collector::{Collector, Reply, settings, taken},
    protocol::Value,
    queue::MAX_BYTES_WITH_REQUESTS,
    recording::{Recording, exchange, traceparent},
};

fn quick() -> Pace {
    Pace {
        patience: Duration::from_millis(1),
        first_pause: Duration::from_millis(1),
        ..Pace::default()
    }
}

fn exporter(settings: &Settings) -> Exporter {
    Exporter::at_pace(settings, Clock::Recorded, quick()).unwrap()
}

fn run() -> Recording {
    let mut run = Recording::begin();
    run.case("a-job-ends", |run| {
        run.exchange("a-job-ends", exchange(Some(traceparent(7, 1))));
    });
    run.end_suite(Verdict::Passed).end_run(Verdict::Passed);
    run
}

fn tell(exporter: &mut Exporter, events: &[Event]) {
    for event in events {
        exporter.event(event).unwrap();
    }
}

#[test]
fn a_receiver_gets_the_spans_of_the_run_and_who_made_them() {
    let collector = Collector::start(taken);
    let mut settings = collector.settings();
    settings.headers.set("x-team", "shop").unwrap();
    let mut exporter = exporter(&settings);
    let events = run().events;
    tell(&mut exporter, &events);
    exporter.finish().unwrap();

    let mut making = Spans::new(Clock::Recorded, None);
    let made: Vec<_> = events.iter().flat_map(|event| making.hear(event)).collect();
    assert_eq!(collector.spans(), made);
    let request = &collector.requests()[0];
    assert!(request.head.starts_with("POST /v1/traces HTTP/1.1\r\n"));
    let head = request.head.to_ascii_lowercase();
    for line in [
        "content-type: application/x-protobuf",
        "x-team: shop",
        "user-agent: assay/",
    ] {
        assert!(head.contains(line), "{head}");
    }
    let sent = &request.body.resource_spans[0];
    let name = &sent.resource.as_ref().unwrap().attributes[0];
    let value = name.value.as_ref().and_then(|value| value.value.clone());
    assert_eq!(
        (&*name.key, value),
        ("service.name", Some(Value::Text("assay".into())))
    );
    assert_eq!(sent.scope_spans[0].scope.as_ref().unwrap().name, "assay");
    assert!(
        sent.schema_url
            .starts_with("https://opentelemetry.io/schemas/")
    );
}

#[test]
fn spans_that_are_over_are_sent_while_the_run_goes_on() {
    let collector = Collector::start(taken);
    let mut exporter = exporter(&collector.settings());
    let events = run().events;
    let (first, rest) = events.split_at(events.len() - 2);
    tell(&mut exporter, first);
    let names: Vec<_> = collector
        .await_spans(3)
        .into_iter()
        .map(|span| span.name)
        .collect();
    assert_eq!(names, ["GET /jobs/{id}", "jobs/a-job-ends", "a-job-ends"]);
    tell(&mut exporter, rest);
    exporter.finish().unwrap();
    assert_eq!(collector.spans().len(), 5);
}

#[test]
fn a_run_that_tells_no_end_is_sent_all_the_same() {
    let collector = Collector::start(taken);
    let mut exporter = exporter(&collector.settings());
    tell(&mut exporter, &run().events[..4]);
    exporter.finish().unwrap();
    assert_eq!(collector.spans().len(), 5);
}

#[test]
fn what_does_not_arrive_is_told_and_what_to_do() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://me:s3cret@{}", listener.local_addr().unwrap())
    };
    let mut settings = settings(&closed);
    settings.timeout = Duration::from_millis(50);
    let mut exporter = exporter(&settings);
    tell(&mut exporter, &run().events);
    let error = exporter.finish().unwrap_err();
    let told = error.to_string();
    let shown = closed.replace("me:s3cret@", "");
    assert!(
        told.starts_with(&format!(
            "5 of 5 spans did not reach `{shown}/v1/traces`: 5 not taken in time"
        )),
        "{told}"
    );
    assert!(!told.contains("s3cret"));
    assert!(error.hint().unwrap().contains("start the receiver"));
}

#[test]
fn a_receiver_that_hangs_does_not_hold_up_the_run_and_what_is_too_much_is_counted() {
    let collector = Collector::start(|_| Reply::Hang);
    let settings = Settings {
        timeout: Duration::from_millis(200),
        ..collector.settings()
    };
    let mut exporter = exporter(&settings);
    let mut run = Recording::begin();
    run.start("a-job-ends").attempt("a-job-ends", 1);
    let long = Exchange {
        url: format!("http://host/{}", "x".repeat(1_000)),
        ..exchange(Some(traceparent(7, 1)))
    };
    // More than the queue takes, and a batch that is under way.
    let count = MAX_BYTES_WITH_REQUESTS / 1_000 + 1_000;
    for _ in 0..count {
        run.exchange("a-job-ends", long.clone());
    }
    tell(&mut exporter, &run.events);
    let told = exporter.finish().unwrap_err().to_string();
    let all = count + 4;
    assert!(told.starts_with(&format!("{all} of {all} spans")), "{told}");
    assert!(told.contains("more than the queue holds"), "{told}");
}

#[test]
fn nothing_is_lost_where_a_receiver_takes_all_however_many_there_are() {
    let collector = Collector::start(taken);
    let mut exporter = exporter(&collector.settings());
    let mut run = Recording::begin();
    run.case("a-job-ends", |run| {
        for span in 0..3_000_u64 {
            let own = format!("00-{:032x}-{:016x}-01", 7, span + 1);
            run.exchange("a-job-ends", exchange(Some(own)));
        }
    });
    run.end_suite(Verdict::Passed).end_run(Verdict::Passed);
    tell(&mut exporter, &run.events);
    exporter.finish().unwrap();
    let mut ids: Vec<_> = collector
        .spans()
        .into_iter()
        .map(|span| span.span_id)
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3_004);
}

#[test]
fn spans_that_a_limit_left_out_are_told() {
    let collector = Collector::start(taken);
    let mut exporter = exporter(&collector.settings());
    let mut run = Recording::begin();
    for attempt in 0..=crate::opentelemetry::spans::MAX_OPEN {
        run.attempt("a-job-ends", u32::try_from(attempt).unwrap());
    }
    tell(&mut exporter, &run.events);
    let told = exporter.finish().unwrap_err().to_string();
    assert!(told.contains("1 more than can be open at once"), "{told}");
}

#[test]
fn one_that_nobody_finishes_ends_its_thread() {
    let collector = Collector::start(taken);
    let mut exporter = exporter(&collector.settings());
    let thread = exporter.thread.take().unwrap();
    tell(&mut exporter, &run().events);
    drop(exporter);
    // If it did not end, neither would this.
    assert_eq!(thread.join().unwrap().sent, 5);
}
