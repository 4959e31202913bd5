//! An event log: what is read of any bytes is written and read the same, and whoever hears it bears it, whatever its figures are.

use std::io::Write as _;

use anstream::ColorChoice;
use assay_history::Gathering;
use assay_report::{
    Reporter,
    console::{Console, ConsoleOptions},
    event::Event,
    html::live::{Live, Moment},
    json::Gatherer,
    log::{self, LogError},
};
use assay_telemetry::{
    opentelemetry::{Clock, Spans},
    prometheus::Figures,
};

/// Reads bytes as an `events.jsonl`, and tells what was read to everybody.
pub fn event_log(data: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("there is room for a file");
    file.write_all(data).expect("there is room for a file");
    let mut events = Vec::new();
    for event in log::read(file.path()).expect("it is there") {
        match event {
            Ok(event) => events.push(event),
            Err(LogError::NotAnEvent { line, .. }) => assert_eq!(line, events.len() as u64 + 1),
            Err(_) => {}
        }
    }
    for event in &events {
        let line = serde_json::to_string(event).expect("an event is JSON");
        let again: Event =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(&again, event, "{line}");
    }
    told(&events);
}

/// To each reporter that needs neither a database nor a network.
fn told(events: &[Event]) {
    let mut console = Console::new(ConsoleOptions {
        writer: Box::new(std::io::sink()),
        color: ColorChoice::Never,
        width: 80,
        progress: false,
        reports: Vec::new(),
    });
    let mut gatherer = Gatherer::default();
    let mut gathering = Gathering::default();
    let mut live = Live::default();
    let mut figures = Figures::default();
    let mut spans = Spans::new(Clock::Recorded, None);
    for event in events {
        console.event(event).expect("nothing refuses to be written");
        gatherer.event(event);
        gathering.event(event);
        live.event(event);
        figures.event(event);
        spans.hear(event);
    }
    console.finish().expect("nothing refuses to be written");
    let _ = (gathering.record(), spans.finish());
    for moment in [Moment::Running(u64::MAX), Moment::Running(0), Moment::Over] {
        live.fragments(moment).expect("a page can be made");
    }
    let report = serde_json::to_value(gatherer.finish()).expect("a report is JSON");
    assert!(report.is_object());
}
