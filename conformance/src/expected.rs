//! What must be found in the report, as `suite.toml` has it. What it does not name is not looked at.

use std::collections::BTreeMap;

use assay_report::{
    event::{Direction, Grade, ReasonKind},
    verdict::Verdict,
};
use serde::Deserialize;

use crate::error::Error;

/// The suite that every SDK implements.
const CONFORMANCE: &str = include_str!("../suite.toml");

/// What a suite must come to.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Suite {
    /// Its name.
    pub suite: String,
    /// What the process must end with.
    pub exit_code: u8,
    /// How its setup ends; none if it has none.
    pub setup: Option<Verdict>,
    /// How its teardown ends; none if it has none.
    pub teardown: Option<Verdict>,
    /// The baselines that it declares, in order.
    #[serde(default)]
    pub baselines: Vec<Level>,
    /// Its own figures at its end.
    #[serde(default)]
    pub figures: Vec<Figure>,
    /// All of its cases, in any order.
    pub cases: Vec<Case>,
}

/// A baseline.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Level {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Which way is good.
    pub direction: Direction,
    /// In this unit.
    pub target: f64,
    /// In this unit.
    pub critical: f64,
}

/// A figure of the suite's own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Figure {
    /// Its name.
    pub name: String,
    /// All of its labels.
    pub labels: BTreeMap<String, String>,
    /// `counter`, `gauge` or `histogram`.
    pub kind: String,
    /// As reports show it; not looked at if there is none.
    pub unit: Option<String>,
    /// Its value; of a histogram how many values it has.
    pub value: f64,
}

/// A case, and what its report must hold.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// What it does, for whoever writes it.
    pub does: String,
    /// How it ends.
    pub verdict: Verdict,
    /// What sort of reason it has: one of these.
    #[serde(default)]
    pub kind: Vec<ReasonKind>,
    /// What the text of the reason contains.
    #[serde(default)]
    pub message: Vec<String>,
    /// What the reason says was expected.
    pub expected: Option<String>,
    /// What the reason says was there.
    pub actual: Option<String>,
    /// The names of the checks that pass, in order.
    pub passed: Option<Vec<String>>,
    /// The names of the checks that fail, in order.
    pub failed: Option<Vec<String>>,
    /// Texts that lines of the log contain, in order. None at all: there is no line.
    pub logs: Option<Vec<String>>,
    /// How many requests are told.
    pub requests: Option<u64>,
    /// How many event streams are told.
    pub streams: Option<u64>,
    /// Name and media type of what it attaches, in order.
    pub attachments: Option<Vec<(String, String)>>,
    /// Action and target of its faults, in order. Each is healed.
    pub faults: Option<Vec<(String, String)>>,
    /// Its loads, in order.
    pub loads: Option<Vec<Load>>,
    /// The baselines that it judges and their grades, in order.
    pub grades: Option<Vec<(String, Grade)>>,
}

/// A load.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Load {
    /// Its scenario.
    pub scenario: String,
    /// Whether each virtual user has an instance of its own.
    pub isolated: bool,
    /// How many iterations come to their end.
    pub iterations: u64,
    /// How many of them fail.
    pub failed: u64,
    /// Why, and how often.
    #[serde(default)]
    pub reasons: Vec<(String, u64)>,
}

impl Suite {
    /// The suite that every SDK implements, with what must come of it.
    pub fn conformance() -> Result<Self, Error> {
        Self::read(CONFORMANCE)
    }

    /// What is expected of any suite, from a text of the same shape.
    pub fn read(text: &str) -> Result<Self, Error> {
        Ok(toml::from_str(text)?)
    }
}
