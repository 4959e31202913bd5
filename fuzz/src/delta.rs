//! What a share of a load measured, as another machine sends it: read within bounds, written and read the same, and merged once.

use std::time::Duration;

use assay_load::{
    delta::Delta,
    merge::{Added, Merged},
    outcome::Outcome,
    plan::{Draft, Executor, Plan},
    share::Division,
};

/// Shares of the load that it is merged into.
const SHARES: usize = 3;

/// Reads bytes as a delta, and merges it.
pub fn delta(data: &[u8]) {
    let delta = match Delta::from_bytes(data) {
        Ok(delta) => delta,
        Err(refused) => {
            assert!(refused.to_string().len() < 1_500, "{refused}");
            return;
        }
    };
    let again = delta.to_bytes().expect("it was read");
    assert_eq!(Delta::from_bytes(&again).as_ref(), Ok(&delta));
    let mut merged = nothing();
    let added = merged.add(&delta);
    assert_eq!(added.is_ok(), delta.share() < SHARES, "{added:?}");
    let once = merged.outcome(None, None);
    if added.is_err() {
        assert_eq!(once, nothing().outcome(None, None));
        return;
    }
    holds_together(&once);
    assert_eq!(merged.add(&delta), Ok(Added::Repeated));
    assert_eq!(merged.outcome(None, None), once);
    for share in 0..SHARES {
        merged.give_up(share);
    }
    let points = merged.points();
    let iterations: u64 = points.iter().map(|point| point.iterations).sum();
    assert_eq!(iterations, once.iterations);
}

fn nothing() -> Merged {
    let executor = Executor::ConstantArrivalRate {
        per_second: 10.0,
        duration: Duration::from_mins(1),
    };
    let draft = Draft {
        max_vus: 10,
        ..Draft::new("browse", executor)
    };
    let plan = Plan::new(draft).expect("it is one");
    let division = Division::even(SHARES).expect("it is one");
    Merged::new(plan, &division).expect("this machine counts")
}

fn holds_together(outcome: &Outcome) {
    let times = outcome.latency.succeeded;
    let quantiles = [times.p50, times.p90, times.p95, times.p99, times.p999];
    assert!(quantiles.is_sorted(), "{quantiles:?}");
    assert_eq!(outcome.failed, outcome.latency.failed.count);
    assert_eq!(outcome.iterations, times.count + outcome.failed);
}
