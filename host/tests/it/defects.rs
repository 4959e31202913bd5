//! A suite that cannot fail proves nothing: each defect of the reference system is switched on, alone, and exactly the cases that
//! the table of defects (`plugins/defects.toml`) names must fail. With none, every case passes. Here is what the table has to keep to.

pub(crate) mod performance;
pub(crate) mod row;
mod rows;
pub(crate) mod table;

use std::{collections::BTreeSet, fs};

use assay_report::event::PluginInfo;
use serde::Deserialize;

use crate::invocation::{Ids, host, repository, suite};
use table::Table;

/// The suites of this repository that mostly wait, so that many run beside each other.
pub(crate) const SUITES: [&str; 4] = [
    "core-flow",
    "final-system-verification",
    "monitoring-verification",
    "system-resilience",
];

/// Where the rows are tried; the suites on containers are in `docker/suites.rs`.
pub(crate) const ENVIRONMENT: &str = "embedded";

/// The one that makes load. What it measures would be what runs beside it, so that it runs by itself.
pub(crate) const LOAD: &str = "performance-benchmark";

#[test]
fn every_defect_of_the_reference_system_has_its_row_and_is_tried() {
    let readme = fs::read_to_string(repository().join("reference").join("README.md")).unwrap();
    let documented: BTreeSet<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .filter(|id| {
            let number = id.strip_prefix('D');
            number.is_some_and(|number| number.parse::<u8>().is_ok())
        })
        .collect();
    assert!(documented.len() >= 31, "{documented:?}");
    assert_eq!(Table::of_repository().defects(), documented);
    assert_eq!(
        rows::TRIED.iter().copied().collect::<BTreeSet<_>>(),
        documented
    );
}

#[test]
fn every_defect_of_the_load_is_tried_with_load() {
    let table = Table::of_repository();
    assert_eq!(
        performance::TRIED.iter().copied().collect::<BTreeSet<_>>(),
        table.defects_of(LOAD, ENVIRONMENT)
    );
}

#[test]
fn every_case_that_the_table_names_exists() {
    let table = Table::of_repository();
    let cases = cases();
    let unknown: Ids = table.named().difference(&cases).cloned().collect();
    assert_eq!(unknown, Ids::new());
}

#[test]
fn every_suite_catches_a_defect() {
    let named = Table::of_repository().named();
    for suite in SUITES.into_iter().chain([LOAD]) {
        let own = format!("{suite}/");
        assert!(named.iter().any(|id| id.starts_with(&own)), "{suite}");
    }
}

#[test]
fn every_environment_that_the_table_names_exists() {
    let config = fs::read_to_string(repository().join("assay.toml")).unwrap();
    let config: toml::Table = config.parse().unwrap();
    let environments = config["environments"].as_table().unwrap();
    for named in Table::of_repository().environments() {
        assert!(environments.contains_key(named), "{named}");
    }
}

/// What `host list` has of a plan.
#[derive(Deserialize)]
struct Listed {
    suites: Vec<PluginInfo>,
}

/// Every case of all suites.
fn cases() -> Ids {
    let mut list = host();
    list.args(["list", "--format", "json"])
        .args(SUITES.map(suite))
        .arg(suite(LOAD));
    let output = list.output().expect("the host starts");
    let listed: Listed = serde_json::from_slice(&output.stdout).expect("the plan as JSON");
    let suites = listed.suites.iter();
    suites
        .flat_map(|suite| {
            let cases = suite.cases.iter();
            cases.map(|case| format!("{}/{}", suite.suite, case.name))
        })
        .collect()
}
