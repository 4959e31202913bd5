//! The published schemas: they are what the code gives, and real reports keep to them.

use std::{fs, path::PathBuf};

use assay_report::{json::Gatherer, schema};
use serde_json::Value;

use super::situations;

fn published(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("schema")
        .join(name)
}

/// `ASSAY_BLESS=1` writes the files instead.
fn assert_published(name: &str, text: &str) {
    let path = published(name);
    if std::env::var_os("ASSAY_BLESS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let file: Value = fs::read(&path)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let code: Value = serde_json::from_str(text).unwrap();
    assert!(
        file == code,
        "report/schema/{name} is not what the code gives; run the tests again with ASSAY_BLESS=1 and look at the difference"
    );
}

#[test]
fn the_published_schema_of_reports_is_what_the_code_gives() {
    assert_published("report.schema.json", &schema::report());
}

#[test]
fn the_published_schema_of_events_is_what_the_code_gives() {
    assert_published("event.schema.json", &schema::event());
}

#[test]
fn every_event_and_every_report_keeps_to_its_schema() {
    let of_events = validator(&schema::event());
    let of_reports = validator(&schema::report());
    for (name, events) in situations::all() {
        let mut gatherer = Gatherer::default();
        for event in &events {
            gatherer.event(event);
            assert_valid(&of_events, &serde_json::to_value(event).unwrap(), name);
        }
        let report = serde_json::to_value(gatherer.finish()).unwrap();
        assert_valid(&of_reports, &report, name);
    }
}

#[test]
fn the_schemas_refuse_what_is_no_report_and_no_event() {
    let of_events = validator(&schema::event());
    let of_reports = validator(&schema::report());
    let mut report = serde_json::to_value(Gatherer::default().finish()).unwrap();
    assert_valid(&of_reports, &report, "an empty report");
    report["schema"] = "assay/report/0".into();
    assert!(!of_reports.is_valid(&report));

    let mut event = serde_json::to_value(&situations::passed_run()[1]).unwrap();
    assert_valid(&of_events, &event, "an event");
    event["event"] = "something_else".into();
    assert!(!of_events.is_valid(&event));
}

fn validator(schema: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
}

fn assert_valid(validator: &jsonschema::Validator, value: &Value, name: &str) {
    let errors: Vec<_> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}\n{value:#}");
}
