//! All shares together are the load of one machine, whatever the plan and the weights: how random ones are made here.

mod dealing;
mod limits;
mod missing;
mod refilled;
mod together;

use std::time::Duration;

use super::*;
use crate::plan::{Draft, Stage, Steps};
use crate::schedule::Schedule;
use crate::threshold::{Figure, Measure, Threshold};

/// How many random plans, divisions or lots a property is tried with.
const TRIES: u64 = 300;

fn plan(executor: Executor, max_vus: u32) -> Plan {
    let threshold = Threshold::new("latency", "ms", Measure::Iterations(Figure::P95), false);
    let draft = Draft {
        max_vus,
        thresholds: vec![threshold.unwrap()],
        ..Draft::new("browse", executor)
    };
    Plan::new(draft).unwrap()
}

/// Of each kind: few equal shares, some unequal ones, many.
fn random_division(random: &mut fastrand::Rng) -> Division {
    let division = match random.u8(0..4) {
        0 => Division::even(1),
        1 => Division::even(random.usize(2..6)),
        2 => Division::weighted((0..random.usize(2..7)).map(|_| random.u32(1..40)).collect()),
        _ => Division::even(random.usize(6..60)),
    };
    division.unwrap()
}

fn random_stages(random: &mut fastrand::Rng, whole: bool) -> Vec<Stage> {
    let mut stages: Vec<_> = (0..random.usize(1..6))
        .map(|_| {
            let level = f64::from(random.u32(0..80));
            Stage {
                duration: Duration::from_millis(random.u64(0..4) * random.u64(1..1_500)),
                target: if whole { level } else { level / 3.0 },
            }
        })
        .collect();
    stages.push(Stage {
        duration: Duration::from_millis(random.u64(1..2_000)),
        target: f64::from(random.u32(1..100)),
    });
    stages
}

fn random_closed(random: &mut fastrand::Rng) -> Plan {
    let (vus, duration) = (random.u32(1..50), Duration::from_secs(1));
    let executor = match random.u8(0..4) {
        0 => Executor::SharedIterations {
            vus,
            iterations: u64::from(vus) + random.u64(0..1_000),
        },
        1 => Executor::PerVuIterations {
            vus,
            iterations: random.u64(1..50),
        },
        2 => Executor::ConstantVus { vus, duration },
        _ => Executor::RampingVus(random_stages(random, true)),
    };
    plan(executor, 0)
}

fn random_open(random: &mut fastrand::Rng) -> Plan {
    let executor = if random.bool() {
        Executor::ConstantArrivalRate {
            per_second: f64::from(random.u32(1..900)) / 7.0,
            duration: Duration::from_millis(random.u64(1..9_000)),
        }
    } else {
        Executor::RampingArrivalRate(random_stages(random, false))
    };
    let mut draft = Draft {
        max_vus: random.u32(1..200),
        ..Draft::new("browse", executor.clone())
    };
    draft.warm_up = Duration::from_millis(random.u64(0..900));
    // A load that begins at nothing has no warm-up.
    Plan::new(draft.clone()).unwrap_or_else(|_| {
        draft.warm_up = Duration::ZERO;
        Plan::new(draft).unwrap()
    })
}

fn random_plan(random: &mut fastrand::Rng) -> Plan {
    if random.bool() {
        random_closed(random)
    } else {
        random_open(random)
    }
}
