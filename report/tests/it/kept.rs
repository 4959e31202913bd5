//! The runs that fuzzing tells with texts of its own are the situations of these tests.

use std::{fs, path::PathBuf};

use super::situations;

#[test]
fn the_runs_that_are_fuzzed_are_these_situations() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fuzz/recorded/runs.jsonl");
    let lines: Vec<String> = situations::all()
        .into_iter()
        .flat_map(|(_, events)| events)
        .map(|event| serde_json::to_string(&event).unwrap() + "\n")
        .collect();
    let runs = lines.concat();
    if std::env::var_os("ASSAY_BLESS").is_some() {
        fs::write(&path, &runs).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == runs,
        "fuzz/recorded/runs.jsonl is not what the situations give; run the tests again with ASSAY_BLESS=1 and look at the difference"
    );
}
