//! The rows of the table of defects of the suite that makes load, on the embedded environment, smaller than a person would run it.
//!
//! `cargo xtask test` runs them one after the other: two loads beside each other measure each other.

use super::{ENVIRONMENT, LOAD, row};
use crate::invocation::{Invocation, suite};

/// Enough to tell each defect from chance, and no defect from none.
pub(crate) const SIZES: [&str; 11] = [
    "reference.paced-step-ms=200",
    "performance.load-s=0.6",
    "performance.warm-up-s=0.2",
    "performance.streams=[50]",
    "performance.memory-warm-up=500",
    "performance.memory-s=1.5",
    "performance.hour-s=1.5",
    "performance.slices=8",
    "performance.slice-s=0.3",
    "performance.continuous-per-second=40",
    "performance.slice-work=50",
];

fn run() -> Invocation {
    let sizes = SIZES.iter().flat_map(|size| ["--set", size]);
    let sizes: Vec<&str> = sizes.collect();
    Invocation::run(&[suite(LOAD)])
        .with(&["--no-progress"])
        .with(&sizes)
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
    d06_event_ids_that_differ_from_reader_to_reader_are_caught: "D6",
    d14_a_number_that_is_given_twice_is_caught: "D14",
    d21_a_stream_that_is_cut_on_a_kept_connection_is_caught: "D21",
    d27_memory_that_is_kept_is_caught: "D27",
    d28_creations_that_become_slower_are_caught: "D28",
    d29_a_crowd_that_waits_is_caught: "D29",
    d30_streams_that_wait_for_others_are_caught: "D30",
    d31_a_crowd_that_misses_events_is_caught: "D31",
}

/// What the table says of all other defects: none is seen under load.
#[test]
#[ignore = "it takes a quarter of an hour: cargo nextest run --workspace --run-ignored only -E 'test(no_other_defect_is_seen_under_load)'"]
fn no_other_defect_is_seen_under_load() {
    let table = super::Table::of_repository();
    let others = table.defects();
    for defect in others.iter().filter(|defect| !TRIED.contains(defect)) {
        is_caught_in_exactly_its_cases(defect);
    }
}
