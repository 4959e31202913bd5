//! Tables for spreadsheets, read back.

use std::collections::BTreeMap;

use assay_load::{outcome, samples::Percentiles, series::Point};
use assay_report::{
    Form,
    event::{Event, EventKind, LoadEnd, LoadInfo},
    exit::Exit,
};

use super::{
    documents::made,
    recording::{Recording, exchange, passed},
    situations,
};

/// The rows of a table by the names of their columns. No cell of these tests needs quotes.
fn rows(events: &[Event], file: &str) -> Vec<BTreeMap<String, String>> {
    let text = made(Form::Csv, events).remove(file).unwrap();
    let mut lines = text.split_terminator("\r\n").map(|line| line.split(','));
    let head: Vec<_> = lines.next().unwrap().map(str::to_owned).collect();
    lines
        .map(|cells| {
            let cells: Vec<_> = cells.map(str::to_owned).collect();
            assert_eq!(cells.len(), head.len(), "{cells:?}");
            head.iter().cloned().zip(cells).collect()
        })
        .collect()
}

fn cells<'a>(row: &'a BTreeMap<String, String>, names: &[&str]) -> Vec<&'a str> {
    names.iter().map(|name| row[*name].as_str()).collect()
}

#[test]
fn each_table_has_its_columns_in_every_situation() {
    for (name, events) in situations::all() {
        let files = made(Form::Csv, &events);
        assert_eq!(
            files.keys().collect::<Vec<_>>(),
            ["baselines.csv", "loads.csv", "metrics.csv", "requests.csv"],
            "{name}"
        );
        for file in files.keys() {
            rows(&events, file);
        }
    }
}

#[test]
fn a_judgement_is_a_row_and_a_baseline_without_one_is_too() {
    let judged = rows(&situations::passed_run(), "baselines.csv");
    let names = [
        "suite", "baseline", "unit", "target", "critical", "case", "value", "samples", "grade",
    ];
    assert_eq!(
        cells(&judged[0], &names),
        [
            "jobs",
            "event-latency",
            "ms",
            "50",
            "200",
            "a-job-is-told",
            "12.5",
            "40",
            "target"
        ]
    );
    let unjudged = rows(&situations::trap(), "baselines.csv");
    assert_eq!(
        cells(&unjudged[0], &["baseline", "value", "grade"]),
        ["event-latency", "", ""]
    );
}

#[test]
fn requests_are_told_by_name_and_phase() {
    let names = ["request", "phase", "requests", "failed", "min_ms", "max_ms"];
    let calm = rows(&situations::passed_run(), "requests.csv");
    assert_eq!(
        cells(&calm[0], &names),
        ["get health", "baseline", "2", "0", "2", "8"]
    );
    let table = rows(&situations::faults(), "requests.csv");
    let told: Vec<_> = table.iter().map(|row| cells(row, &names)).collect();
    assert_eq!(
        told,
        [
            ["get health", "baseline", "1", "0", "2", "2"],
            ["get health", "fault", "2", "1", "102", "102"],
            ["get health", "recovery", "1", "0", "4", "4"],
        ]
    );
}

#[test]
fn a_load_is_a_row_for_each_second_and_its_requests_stand_beside_those_of_cases() {
    let mut run = Recording::of(&["a"]);
    run.case("a", &passed(), |run, source| {
        run.exchange(source, exchange("get health", 2));
        let source = source.clone();
        run.tell(EventKind::LoadStarted {
            source: source.clone(),
            load: load(),
        });
        for second in 0..3 {
            run.tell(EventKind::LoadWent {
                source: source.clone(),
                load: 1,
                point: point(second),
            });
        }
        run.tell(EventKind::LoadEnded { source, end: end() });
    });
    let events = run.end(Exit::Success);
    let course = rows(&events, "loads.csv");
    let names = [
        "scenario",
        "load",
        "at_ms",
        "virtual_users",
        "requests",
        "failed_requests",
        "request_p95_ms",
        "iteration_p95_ms",
    ];
    assert_eq!(course.len(), 3);
    assert_eq!(
        cells(&course[2], &names),
        ["browse", "1", "2000", "5", "10", "1", "1.5", ""]
    );

    let requests = rows(&events, "requests.csv");
    let names = [
        "case", "scenario", "request", "requests", "failed", "p50_ms",
    ];
    assert_eq!(
        cells(&requests[0], &names),
        ["", "", "get health", "1", "0", "2"]
    );
    assert_eq!(
        cells(&requests[1], &names),
        ["a", "browse", "get page", "8", "1", "0.5"]
    );
}

fn load() -> LoadInfo {
    LoadInfo {
        load: 1,
        scenario: "browse".into(),
        executor: "5 virtual users for 3s".into(),
        vus: 5,
        isolated: false,
        threads: 1,
        planned_ns: None,
        machines: Vec::new(),
    }
}

fn point(second: u64) -> Point {
    Point {
        at_ms: second * 1_000,
        length_ms: 1_000,
        requests: 10,
        failed_requests: 1,
        request_times: Percentiles {
            p50: 500_000,
            p95: 1_500_000,
            p99: 2_000_000,
        },
        vus: 5,
        ..Point::default()
    }
}

fn end() -> LoadEnd {
    let distribution = |count, p50| outcome::Distribution {
        count,
        p50,
        ..Default::default()
    };
    let latency = outcome::Split {
        succeeded: distribution(7, 500_000),
        failed: distribution(1, 900_000),
        failures: Vec::new(),
    };
    let requests = vec![outcome::Requests {
        name: "get page".into(),
        latency,
        received: 0,
        by_phase: BTreeMap::new(),
    }];
    LoadEnd {
        load: 1,
        outcome: Some(Box::new(outcome::Outcome {
            requests,
            ..Default::default()
        })),
        message: None,
        replaced: 0,
        failed_checks: Vec::new(),
        dropped_logs: 0,
        dropped_attachments: 0,
        saturated: Vec::new(),
        lost: None,
        refilled: Vec::new(),
    }
}

#[test]
fn figures_of_a_suite_are_told_as_a_whole_and_by_phase() {
    let table = rows(&situations::faults(), "metrics.csv");
    let names = ["metric", "labels", "phase", "kind", "value"];
    let told: Vec<_> = table.iter().map(|row| cells(row, &names)).collect();
    assert_eq!(
        told,
        [
            ["tries", "zone=a", "all", "counter", "2"],
            ["tries", "zone=a", "fault", "counter", "2"],
        ]
    );
}
