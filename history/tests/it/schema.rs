//! The published schemas: they are what the code gives, and real documents keep to them.

use std::{fs, path::PathBuf};

use assay_history::{
    case::CaseHistories,
    compare::compare,
    schema::{self, History, ResultOfRun},
    store::Occurrence,
};
use assay_report::verdict::Verdict;
use serde_json::Value;

use crate::made::{case, run};

/// `ASSAY_BLESS=1` writes the files instead.
fn assert_published(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("schema")
        .join(name);
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
        "history/schema/{name} is not what the code gives; run the tests again with ASSAY_BLESS=1 and look at the difference"
    );
}

fn assert_valid(schema: &str, document: &Value) {
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
}

#[test]
fn the_published_schemas_are_what_the_code_gives() {
    assert_published("history.schema.json", &schema::history());
    assert_published("comparison.schema.json", &schema::comparison());
}

#[test]
fn a_history_keeps_to_its_schema_and_something_else_does_not() {
    let record = run(0);
    let mut cases = CaseHistories::default();
    cases.hear(Occurrence {
        run: record.run.clone(),
        result: case("buys", Verdict::Failed),
    });
    let history = History {
        cases: cases.finish(),
        results: vec![ResultOfRun {
            run_id: record.run.run_id.clone(),
            started_at: record.run.started_at.clone(),
            result: case("buys", Verdict::Failed),
        }],
        runs: vec![record.run],
        ..History::default()
    };
    let mut document = serde_json::to_value(&history).unwrap();
    assert_valid(&schema::history(), &document);
    document["schema"] = "assay/history/0".into();
    let validator =
        jsonschema::validator_for(&serde_json::from_str(&schema::history()).unwrap()).unwrap();
    assert!(!validator.is_valid(&document));
}

#[test]
fn a_comparison_keeps_to_its_schema() {
    let mut before = run(0);
    before.judgements[0].value = None;
    before.run.verdict = None;
    before.cases.clear();
    let comparison = compare(&before, &run(1));
    assert_valid(
        &schema::comparison(),
        &serde_json::to_value(&comparison).unwrap(),
    );
}
