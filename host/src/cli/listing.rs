//! What `host list` prints: the plan, for people or as JSON.

use std::fmt::{self, Display, Formatter};

use assay_report::{event::PluginInfo, words::count};
use serde::Serialize;

use crate::plan::{Plan, PlannedSuite};

/// A plan for people: each suite with its cases.
pub(super) struct Listing<'a>(pub(super) &'a Plan);

impl Display for Listing<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        for suite in &self.0.suites {
            write_suite(suite, out)?;
        }
        let cases: usize = self.0.suites.iter().map(|suite| suite.cases.len()).sum();
        let suites = self.0.suites.len();
        writeln!(
            out,
            "{} in {}",
            count(cases, "case"),
            count(suites, "suite")
        )
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
struct Document {
    suites: Vec<PluginInfo>,
}

/// The plan as JSON: `suites`, each as a run's first event has it.
pub(super) fn json(plan: &Plan) -> String {
    let document = Document {
        suites: plan.suites.iter().map(PlannedSuite::info).collect(),
    };
    // Plain data with text for keys always has a JSON form.
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{text}\n")
}
