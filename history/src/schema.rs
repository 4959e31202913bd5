//! The published JSON Schemas of what `host history` and `host compare` print: `history/schema/*.schema.json` are these texts.

use assay_report::schema::text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    case::CaseHistory,
    compare::Comparison,
    record::{CaseResult, Run},
};

/// What `host history --format json` prints.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct History {
    /// Which shape this document has.
    pub schema: HistoryVersion,
    /// The newest runs, the newest first.
    pub runs: Vec<Run>,
    /// The cases that were asked for, over these runs; empty if none were.
    pub cases: Vec<CaseHistory>,
    /// Each run of the one case that was asked for, the newest first; empty if none was.
    pub results: Vec<ResultOfRun>,
}

/// What came of a case in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResultOfRun {
    /// The run.
    pub run_id: String,
    /// When it began: UTC, RFC 3339.
    pub started_at: String,
    /// What came of the case.
    #[serde(flatten)]
    pub result: CaseResult,
}

/// The versions of the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HistoryVersion {
    /// The first one.
    #[default]
    #[serde(rename = "assay/history/1")]
    V1,
}

/// The schema of `host history --format json`, as the text of its file.
pub fn history() -> String {
    text::<History>()
}

/// The schema of `host compare --format json`, as the text of its file.
pub fn comparison() -> String {
    text::<Comparison>()
}
