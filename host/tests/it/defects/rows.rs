//! Every row of the table of defects on the embedded environment: the suites that mostly wait, with one defect or with none.
//!
//! Each test runs all of them. They mostly wait for what a defect keeps from happening, so that `cargo xtask test` runs more of them at
//! once than there are processors.

use super::{ENVIRONMENT, SUITES, row};
use crate::invocation::{Invocation, suite};

/// Longer than in `assay.toml`: what sixty save at once waits in line, and many rows run at once. A save that is given up is tried
/// again, but not with every defect.
const PATIENCE: &str = "reference.dependency-timeout-ms=3000";

fn run() -> Invocation {
    Invocation::run(&SUITES.map(suite)).with(&["--no-progress", "--set", PATIENCE])
}

fn is_caught_in_exactly_its_cases(defect: &str) {
    let answer = run().with(&["--set", &row::setting(defect)]).answer();
    row::assert_caught(&answer, defect, ENVIRONMENT);
}

#[test]
fn without_a_defect_every_case_passes() {
    row::assert_green(&run().answer(), ENVIRONMENT);
}

row::tests_of_defects! {
    is_caught_in_exactly_its_cases;
    d01_completed_before_it_is_stored_is_caught: "D1",
    d02_a_failed_save_that_is_only_logged_is_caught: "D2",
    d03_an_idempotency_key_that_is_ignored_is_caught: "D3",
    d04_an_idempotency_key_that_ignores_the_body_is_caught: "D4",
    d05_a_stream_that_is_not_replayed_is_caught: "D5",
    d06_event_ids_that_differ_from_reader_to_reader_are_caught: "D6",
    d07_a_generation_that_a_restart_forgets_is_caught: "D7",
    d08_a_stream_without_heartbeat_and_retry_is_caught: "D8",
    d09_a_rate_limit_that_answers_500_is_caught: "D9",
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
    d27_memory_that_is_kept_is_left_to_load: "D27",
    d28_creations_that_become_slower_are_left_to_load: "D28",
    d29_a_crowd_that_waits_is_left_to_load: "D29",
    d30_streams_that_wait_for_others_are_left_to_load: "D30",
    d31_a_crowd_that_misses_events_is_left_to_load: "D31",
}
