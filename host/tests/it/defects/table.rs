//! The one table of defects (`plugins/defects.toml`): which cases of which suite must fail with which defect, in which environment.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde::Deserialize;

use crate::invocation::{Ids, repository};

/// Cases by their suite.
type Cases = BTreeMap<String, BTreeSet<String>>;

/// The table as it is written.
#[derive(Debug, Deserialize)]
pub(crate) struct Table {
    /// What each environment cannot show, with a defect or without.
    #[serde(rename = "skipped-on")]
    skipped: BTreeMap<String, Cases>,
    #[serde(flatten)]
    rows: BTreeMap<String, Row>,
}

/// What fails with one defect.
#[derive(Debug, Deserialize)]
struct Row {
    /// The causes that the analysis of a run may name for what fails: `KIND SUBJECT` each, and no other.
    cause: BTreeSet<String>,
    /// In one environment, and not in the others.
    #[serde(rename = "only-on", default)]
    somewhere: BTreeMap<String, Cases>,
    /// In one environment now and then, in the others never.
    #[serde(rename = "at-times-on", default)]
    at_times: BTreeMap<String, Cases>,
    #[serde(flatten)]
    everywhere: Cases,
}

impl Table {
    /// The one of this repository.
    pub(crate) fn of_repository() -> Self {
        let file = repository().join("plugins").join("defects.toml");
        let text = fs::read_to_string(&file).expect("plugins/defects.toml");
        Self::read(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The defects that have a row.
    pub(crate) fn defects(&self) -> BTreeSet<&str> {
        self.rows.keys().map(String::as_str).collect()
    }

    /// The defects with which a case of this suite must fail.
    pub(crate) fn defects_of(&self, suite: &str, environment: &str) -> BTreeSet<&str> {
        let own = format!("{suite}/");
        let caught = |defect: &&str| {
            let failing = self.fail(defect, environment);
            failing.iter().any(|id| id.starts_with(&own))
        };
        self.defects().into_iter().filter(caught).collect()
    }

    /// The cases that must fail with this defect: all of them, and no other.
    pub(crate) fn fail(&self, defect: &str, environment: &str) -> Ids {
        let Some(row) = self.rows.get(defect) else {
            panic!("no row of the table is for {defect}");
        };
        let mut failing = ids(&row.everywhere);
        failing.extend(row.somewhere.get(environment).into_iter().flat_map(ids));
        failing
    }

    /// The causes that are right for what fails with this defect.
    pub(crate) fn causes(&self, defect: &str) -> &BTreeSet<String> {
        match self.rows.get(defect) {
            Some(row) => &row.cause,
            None => panic!("no row of the table is for {defect}"),
        }
    }

    /// The cases that may fail with this defect, and need not: what catches it there is a matter of time.
    pub(crate) fn may_fail(&self, defect: &str, environment: &str) -> Ids {
        let at_times = self.rows.get(defect).map(|row| &row.at_times);
        let there = at_times.and_then(|at_times| at_times.get(environment));
        there.into_iter().flat_map(ids).collect()
    }

    /// The cases that must be skipped: all of them, and no other.
    pub(crate) fn skipped(&self, environment: &str) -> Ids {
        self.skipped
            .get(environment)
            .into_iter()
            .flat_map(ids)
            .collect()
    }

    /// Every case that is named anywhere.
    pub(crate) fn named(&self) -> Ids {
        let failing = self.rows.values().flat_map(|row| {
            let somewhere = row.somewhere.values().chain(row.at_times.values());
            std::iter::once(&row.everywhere).chain(somewhere)
        });
        failing.chain(self.skipped.values()).flat_map(ids).collect()
    }

    /// Every environment that is named anywhere.
    pub(crate) fn environments(&self) -> BTreeSet<&str> {
        let somewhere = self
            .rows
            .values()
            .flat_map(|row| row.somewhere.keys().chain(row.at_times.keys()));
        somewhere
            .chain(self.skipped.keys())
            .map(String::as_str)
            .collect()
    }
}

fn ids(cases: &Cases) -> Ids {
    let each = cases.iter();
    each.flat_map(|(suite, cases)| cases.iter().map(move |case| format!("{suite}/{case}")))
        .collect()
}

#[test]
fn what_fails_in_one_environment_only_is_added_there() {
    let table = Table::read(
        "[skipped-on.here]\nsuite = ['skipped']\n\
         [D1]\ncause = ['answer shop']\nsuite = ['a', 'b']\nother = ['c']\n[D1.only-on.there]\nother = ['d']\n\
         [D2]\ncause = ['late shop', 'status shop']\n[D2.only-on.here]\nsuite = ['a']\n[D2.at-times-on.there]\nother = ['e']",
    )
    .unwrap();
    let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Ids>();
    let everywhere = ["other/c", "suite/a", "suite/b"];
    assert_eq!(table.fail("D1", "here"), set(&everywhere));
    assert_eq!(
        table.fail("D1", "there"),
        &set(&everywhere) | &set(&["other/d"])
    );
    assert_eq!(table.fail("D2", "here"), set(&["suite/a"]));
    assert_eq!(table.fail("D2", "there"), Ids::new());
    assert_eq!(table.skipped("here"), set(&["suite/skipped"]));
    assert_eq!(table.skipped("there"), Ids::new());
    assert_eq!(table.environments(), BTreeSet::from(["here", "there"]));
    assert_eq!(table.may_fail("D2", "here"), Ids::new());
    assert_eq!(table.may_fail("D2", "there"), set(&["other/e"]));
    assert_eq!(table.named().len(), 6);
    assert_eq!(table.causes("D2"), &set(&["late shop", "status shop"]));
    assert_eq!(
        table.defects_of("suite", "here"),
        BTreeSet::from(["D1", "D2"])
    );
    assert_eq!(table.defects_of("suite", "there"), BTreeSet::from(["D1"]));
}

#[test]
fn a_table_of_another_shape_is_not_taken_for_an_empty_one() {
    for text in [
        "[D1]\ncause = ['x']\nsuite = ['a']",
        "skipped-on = {}\n[D1]\nsuite = ['a']",
        "skipped-on = {}\nD1 = ['suite/a']",
        "skipped-on = {}\n[D1]\ncause = ['x']\nsuite = 'a'",
        "skipped-on = {}\n[D1]\ncause = ['x']\n[D1.only-somewhere.there]\nsuite = ['a']",
    ] {
        assert!(Table::read(text).is_err(), "{text}");
    }
}
