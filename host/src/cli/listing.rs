//! What `host list` prints: the plan, for people or as JSON.

use std::fmt::{self, Display, Formatter};

use assay_report::{
    event::{PluginInfo, ShardInfo},
    words::count,
};
use serde::Serialize;

use crate::plan::{Plan, PlannedSuite};

/// A plan for people: each suite with its cases.
pub(super) struct Listing<'a>(pub(super) &'a Plan);

impl Display for Listing<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        for suite in &self.0.suites {
            write_suite(suite, out)?;
        }
        write!(
            out,
            "{} in {}",
            count(self.0.cases(), "case"),
            count(self.0.suites.len(), "suite")
        )?;
        if let Some(shard) = &self.0.shard {
            write!(out, ", shard {}", shard.words())?;
        }
        writeln!(out)
    }
}

fn write_suite(suite: &PlannedSuite, out: &mut Formatter<'_>) -> fmt::Result {
    writeln!(out, "{} {}: {}", suite.name, suite.version, suite.summary)?;
    let ids: Vec<String> = suite
        .cases
        .iter()
        .map(|case| format!("{}/{}", suite.name, case.name))
        .collect();
    let width = ids.iter().map(String::len).max().unwrap_or_default();
    for (id, case) in ids.iter().zip(&suite.cases) {
        write!(out, "  {id:width$}  {}", case.summary)?;
        if !case.tags.is_empty() {
            write!(out, " [{}]", case.tags.join(", "))?;
        }
        writeln!(out)?;
    }
    writeln!(out)
}

/// A plan for programs.
#[derive(Serialize)]
struct Document<'a> {
    suites: Vec<PluginInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<&'a ShardInfo>,
}

/// The plan as JSON: `suites`, each as a run's first event has it, and `shard` if it is a part of a larger one.
pub(super) fn json(plan: &Plan) -> String {
    let document = Document {
        suites: plan.suites.iter().map(PlannedSuite::info).collect(),
        shard: plan.shard.as_ref(),
    };
    // Plain data with text for keys always has a JSON form.
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{text}\n")
}
