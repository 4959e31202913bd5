//! HDR histogram logs, read back as the tools of the field read them.

use std::time::Duration;

use assay_load::encoded;
use assay_report::{
    Form,
    event::{EncodedHistogram, Event, EventKind, LoadInfo, Phase, Source},
    exit::Exit,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use hdrhistogram::{
    Histogram,
    serialization::{
        Deserializer,
        interval_log::{IntervalLogIterator, LogEntry},
    },
};

use super::{
    documents::made,
    recording::{Recording, STEP_NS, passed},
    situations,
};

const TIMES: &str = "times.hlog";
const FIGURES: &str = "figures.hlog";

/// A line of a log.
#[derive(Debug)]
struct Line {
    tag: String,
    start: Duration,
    length: Duration,
    max: f64,
    histogram: Histogram<u64>,
}

/// What the library's own reader finds in a log: its lines, and the times in its head.
fn read(log: &str) -> (Vec<Line>, Vec<(&'static str, Duration)>) {
    let mut lines = Vec::new();
    let mut times = Vec::new();
    for entry in IntervalLogIterator::new(log.as_bytes()) {
        match entry.unwrap() {
            LogEntry::StartTime(time) => times.push(("start", time)),
            LogEntry::BaseTime(time) => times.push(("base", time)),
            LogEntry::Interval(line) => {
                let bytes = BASE64_STANDARD.decode(line.encoded_histogram()).unwrap();
                lines.push(Line {
                    tag: line.tag().unwrap().as_str().to_owned(),
                    start: line.start_timestamp(),
                    length: line.duration(),
                    max: line.max(),
                    histogram: Deserializer::new().deserialize(&mut &*bytes).unwrap(),
                });
            }
        }
    }
    (lines, times)
}

fn log(events: &[Event], file: &str) -> String {
    made(Form::Hdr, events).remove(file).unwrap()
}

fn histogram(values: &[u64]) -> Histogram<u64> {
    let mut histogram = Histogram::new(3).unwrap();
    for value in values {
        histogram.record(*value).unwrap();
    }
    histogram
}

fn measured(metric: &str, unit: &str, steps_per_unit: u64, values: &[u64]) -> EncodedHistogram {
    EncodedHistogram {
        metric: metric.into(),
        unit: unit.into(),
        steps_per_unit,
        phase: Phase::Baseline,
        histogram: encoded::to_text(&histogram(values)).unwrap(),
    }
}

fn times(metric: &str, values: &[u64]) -> EncodedHistogram {
    measured(metric, "seconds", 1_000_000_000, values)
}

fn tell(run: &mut Recording, source: Option<&Source>, distributions: Vec<EncodedHistogram>) {
    run.tell(EventKind::Measured {
        suite: "jobs".into(),
        source: source.cloned(),
        scenario: source.map(|_| "browse".into()),
        distributions,
    });
}

fn load(number: u32) -> LoadInfo {
    LoadInfo {
        load: number,
        scenario: "browse".into(),
        executor: "once".into(),
        vus: 1,
        isolated: false,
        threads: 1,
        planned_ns: None,
        machines: Vec::new(),
    }
}

/// A run with a load, and a figure of the suite's own.
fn measuring() -> Vec<Event> {
    let mut run = Recording::of(&["it-is-fast"]);
    run.case("it-is-fast", &passed(), |run, source| {
        run.tell(EventKind::LoadStarted {
            source: source.clone(),
            load: load(1),
        });
        let broken = EncodedHistogram {
            histogram: "no histogram".into(),
            ..times("broken", &[])
        };
        tell(
            run,
            Some(source),
            vec![
                times("request list jobs", &[1_000_000, 2_000_000, 30_000_000]),
                broken,
            ],
        );
    });
    tell(
        &mut run,
        None,
        vec![measured("size", "bytes", 1_000_000, &[5_000_000])],
    );
    run.end(Exit::Success)
}

#[test]
fn a_distribution_is_a_line_with_its_tag_its_time_and_all_its_values() {
    let (lines, _) = read(&log(&measuring(), TIMES));
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line = &lines[0];
    assert_eq!(
        line.tag,
        "jobs/it-is-fast/1/browse/request%20list%20jobs/baseline"
    );
    let step = Duration::from_nanos(STEP_NS);
    assert_eq!((line.start, line.length), (step * 4, step));
    assert!((line.max - 30.0).abs() < 0.05, "{} ms", line.max);
    assert_eq!(
        line.histogram,
        histogram(&[1_000_000, 2_000_000, 30_000_000])
    );
}

#[test]
fn what_is_no_time_is_in_a_log_of_its_own_and_its_tag_names_the_unit() {
    let (lines, _) = read(&log(&measuring(), FIGURES));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0].tag, "jobs/size/baseline/bytes/1000000");
    assert_eq!(lines[0].histogram, histogram(&[5_000_000]));
    assert!((lines[0].max - 5.0).abs() < 0.01, "{}", lines[0].max);
}

#[test]
fn a_log_says_which_format_it_has_and_when_the_run_started() {
    for file in [TIMES, FIGURES] {
        let log = log(&measuring(), file);
        let first = log.lines().next();
        assert_eq!(first, Some("#[Histogram log format version 1.3]"));
        let started = Duration::from_secs(1_767_323_045);
        let (_, times) = read(&log);
        assert_eq!(times, [("start", started), ("base", started)]);
    }
}

#[test]
fn what_is_no_histogram_is_left_out_and_counted() {
    let log = log(&measuring(), TIMES);
    let told = "#left out: 1 distribution that could not be read\n";
    assert!(log.ends_with(told), "{log}");
}

#[test]
fn lines_are_in_the_order_of_their_start() {
    let mut run = Recording::of(&["a"]);
    run.case("a", &passed(), |run, source| {
        tell(run, None, vec![times("late", &[1])]);
        for number in 1..=2 {
            run.tell(EventKind::LoadStarted {
                source: source.clone(),
                load: load(number),
            });
            tell(run, Some(source), vec![times("load", &[number.into()])]);
        }
        tell(run, None, vec![times("own", &[1])]);
    });
    let (lines, _) = read(&log(&run.end(Exit::Success), TIMES));
    assert_eq!(lines.len(), 4);
    assert!(lines.is_sorted_by_key(|line| line.start), "{lines:?}");
    assert_eq!(lines[2].tag, lines[3].tag, "one scenario, twice");
}

#[test]
fn every_situation_has_two_logs_that_can_be_read() {
    for (name, events) in situations::all() {
        let files = made(Form::Hdr, &events);
        assert_eq!(files.keys().collect::<Vec<_>>(), [FIGURES, TIMES], "{name}");
        for log in files.values() {
            read(log);
        }
    }
}
