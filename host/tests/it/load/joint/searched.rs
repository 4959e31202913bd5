//! A search that is led from where the samples are merged.

use assay_host::plugin::bindings::assay::suite::load::Search;

use super::*;

fn searching(baseline: &str) -> Plan {
    let steps = Search {
        first: 2.0,
        step: 2.0,
        last: 6.0,
        hold_ms: 300,
    };
    Plan {
        thresholds: vec![threshold(baseline, slowest())],
        parameter: "1".to_owned(),
        ..plan("waits", Executor::SearchingVus(steps))
    }
}

#[tokio::test]
async fn a_search_ends_with_its_last_step_or_with_the_first_that_misses_by_what_all_measured() {
    let held = made_on(&[1, 1], searching("iteration-p95")).await.outcome;
    assert_eq!((held.limit, held.most_vus), (Some(6.0), 6));
    let missed = made_on(&[1, 1], searching("impossible")).await.outcome;
    assert_eq!((missed.limit, &missed.aborted), (None, &None));
    assert!(missed.most_vus < 6, "{missed:?}");
}
