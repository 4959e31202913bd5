//! A suite that cannot fail proves nothing: each defect of the reference system is switched on, alone, and exactly the cases that
//! the table of defects (`plugins/defects.toml`) names must fail. With none, every case passes.

pub(crate) mod row;
pub(crate) mod table;

use std::{collections::BTreeSet, fs};

use assay_host::event::PluginInfo;
use serde::Deserialize;

use crate::invocation::{Ids, Invocation, host, repository, suite};
use table::Table;

/// All suites of this repository.
pub(crate) const SUITES: [&str; 4] = [
    "core-flow",
    "final-system-verification",
    "monitoring-verification",
    "system-resilience",
];

/// Where these rows are tried; `docker/suites.rs` tries some on containers.
const ENVIRONMENT: &str = "embedded";

fn run() -> Invocation {
    Invocation::run(&SUITES.map(suite)).with(&["--no-progress"])
}

fn is_caught_in_exactly_its_cases(defect: &str) {
    let answer = run().with(&["--set", &row::setting(defect)]).answer();
    row::assert_caught(&answer, defect, ENVIRONMENT);
}

#[test]
fn without_a_defect_every_case_passes() {
    row::assert_green(&run().answer(), ENVIRONMENT);
}

#[test]
fn every_defect_of_the_reference_system_has_its_row_and_is_tried_here() {
    let readme = fs::read_to_string(repository().join("reference").join("README.md")).unwrap();
    let documented: BTreeSet<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .filter(|id| {
            let number = id.strip_prefix('D');
            number.is_some_and(|number| number.parse::<u8>().is_ok())
        })
        .collect();
    assert!(documented.len() >= 26, "{documented:?}");
    assert_eq!(Table::of_repository().defects(), documented);
    assert_eq!(TRIED.iter().copied().collect::<BTreeSet<_>>(), documented);
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
    for suite in SUITES {
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
        .args(SUITES.map(suite));
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

macro_rules! defects {
    ($($test:ident: $defect:literal,)*) => {
        const TRIED: &[&str] = &[$($defect),*];
        $(
            #[test]
            fn $test() {
                is_caught_in_exactly_its_cases($defect);
            }
        )*
    };
}

defects! {
    d1_completed_before_it_is_stored_is_caught: "D1",
    d2_a_failed_save_that_is_only_logged_is_caught: "D2",
    d3_an_idempotency_key_that_is_ignored_is_caught: "D3",
    d4_an_idempotency_key_that_ignores_the_body_is_caught: "D4",
    d5_a_stream_that_is_not_replayed_is_caught: "D5",
    d6_event_ids_that_differ_from_reader_to_reader_are_caught: "D6",
    d7_a_generation_that_a_restart_forgets_is_caught: "D7",
    d8_a_stream_without_heartbeat_and_retry_is_caught: "D8",
    d9_a_rate_limit_that_answers_500_is_caught: "D9",
    d10_an_unknown_type_that_breaks_the_list_is_caught: "D10",
    d11_routes_that_are_taken_for_ids_are_caught: "D11",
    d12_episodes_without_a_project_are_caught: "D12",
    d13_a_number_that_is_given_again_is_caught: "D13",
    d14_a_number_that_is_given_twice_is_caught: "D14",
    d15_counters_that_never_move_are_caught: "D15",
    d16_alerts_on_healthy_data_are_caught: "D16",
    d17_performance_that_is_constant_is_caught: "D17",
    d18_alerts_that_their_own_id_does_not_resolve_are_caught: "D18",
    d19_health_that_is_always_good_is_caught: "D19",
    d20_a_redirect_that_is_not_followed_is_caught: "D20",
    d21_a_stream_that_is_cut_on_a_kept_connection_is_caught: "D21",
    d22_an_outage_that_is_answered_as_400_is_caught: "D22",
    d23_a_configured_store_that_is_ignored_is_caught: "D23",
    d24_metrics_that_no_alert_rule_asks_for_are_caught: "D24",
    d25_a_failed_save_that_is_not_queued_is_caught: "D25",
    d26_waits_that_are_twice_as_long_are_caught: "D26",
}
