//! A suite that cannot fail proves nothing: each defect of the reference system is switched on, alone, and exactly the cases that
//! the suites' tables (`plugins/*/defects.toml`) name must fail. With none, every case passes.

use std::collections::{BTreeMap, BTreeSet};

use assay_host::verdict::Verdict;

use crate::invocation::{Answer, Invocation, repository, suite};

/// The suites that have a table.
const SUITES: [&str; 4] = [
    "core-flow",
    "final-system-verification",
    "monitoring-verification",
    "system-resilience",
];

/// What the embedded environment cannot show: there is no Prometheus in it.
const SKIPPED: [&str; 3] = [
    "monitoring-verification/a-rule-fires-and-ends",
    "monitoring-verification/prometheus-knows-what-its-rules-ask-for",
    "monitoring-verification/prometheus-watches-both-services",
];

/// `suite/case`.
type Ids = BTreeSet<String>;

/// What the tables say of one defect.
fn must_fail(defect: &str) -> Ids {
    let mut ids = Ids::new();
    for suite in SUITES {
        let file = repository()
            .join("plugins")
            .join(suite)
            .join("defects.toml");
        let text = std::fs::read_to_string(&file).expect("the suite's table of defects");
        let table: BTreeMap<String, Vec<String>> = toml::from_str(&text).expect("defect = [case]");
        let cases = table.get(defect).into_iter().flatten();
        ids.extend(cases.map(|case| format!("{suite}/{case}")));
    }
    ids
}

fn run_with(defect: Option<&str>) -> Answer {
    let plugins = SUITES.map(suite);
    let setting = format!("reference.defects={}", defect.unwrap_or_default());
    let mut invocation = Invocation::run(&plugins).with(&["--no-progress"]);
    if defect.is_some() {
        invocation = invocation.with(&["--set", &setting]);
    }
    invocation.answer()
}

fn with_verdict(answer: &Answer, wanted: impl Fn(Verdict) -> bool) -> Ids {
    let cases = answer.verdicts().into_iter();
    cases
        .filter_map(|(id, verdict)| wanted(verdict).then_some(id))
        .collect()
}

/// What neither failed nor passed, but for what has to be skipped.
fn unexplained(answer: &Answer, explained: &[Verdict]) -> Ids {
    let mut ids = with_verdict(answer, |verdict| !explained.contains(&verdict));
    ids.retain(|id| !SKIPPED.contains(&id.as_str()));
    ids
}

fn is_caught_in_exactly_its_cases(defect: &str) {
    let expected = must_fail(defect);
    assert!(!expected.is_empty(), "no table names {defect}");
    let answer = run_with(Some(defect));
    let failed = with_verdict(&answer, |verdict| verdict == Verdict::Failed);
    assert_eq!(failed, expected, "{}", answer.seen());
    let explained = [Verdict::Failed, Verdict::Passed, Verdict::Degraded];
    let otherwise = unexplained(&answer, &explained);
    assert_eq!(otherwise, Ids::new(), "{}", answer.seen());
    assert_eq!(answer.exit, Some(1), "{}", answer.seen());
}

#[test]
fn without_a_defect_every_case_passes() {
    let answer = run_with(None);
    // A slow machine may miss a target; it must not miss a critical level.
    let other = unexplained(&answer, &[Verdict::Passed, Verdict::Degraded]);
    assert_eq!(other, Ids::new(), "{}", answer.seen());
    assert_eq!(answer.exit, Some(0), "{}", answer.seen());
}

#[test]
fn every_defect_of_the_tables_is_tried_here() {
    let mut named = BTreeSet::new();
    for suite in SUITES {
        let file = repository()
            .join("plugins")
            .join(suite)
            .join("defects.toml");
        let text = std::fs::read_to_string(file).expect("the suite's table of defects");
        let table: BTreeMap<String, Vec<String>> = toml::from_str(&text).expect("defect = [case]");
        named.extend(table.into_keys());
    }
    let tried: BTreeSet<String> = TRIED.iter().map(|defect| (*defect).to_owned()).collect();
    assert_eq!(named, tried);
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
