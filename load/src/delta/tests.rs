//! Deltas of shares that are filled by hand.

mod limits;
mod taken;

use std::time::Duration;

use tokio::time::advance;

use super::*;
use crate::outcome::Generator;
use crate::plan::{Draft, Executor, Plan};
use crate::samples::{RequestSample, Samples, Shard};
use crate::share::Division;
use crate::turns::Turns;

/// A share of a load of some virtual users that goes on and on, and has begun.
fn share(number: usize, of: usize) -> Turns {
    let executor = Executor::ConstantVus {
        vus: 50,
        duration: Duration::from_hours(24),
    };
    let plan = Plan::new(Draft::new("browse", executor)).unwrap();
    let part = Division::even(of).unwrap().part(&plan, number).unwrap();
    let turns = Turns::of_part(part, Samples::new([]).unwrap());
    turns.begin();
    turns
}

fn request(shard: &Shard, name: &str, failure: Option<&str>, nanoseconds: u64) {
    shard.record(RequestSample {
        name: shard.name(name),
        phase: crate::Phase::Baseline,
        failure: failure.map(|kind| shard.failure(kind)),
        nanoseconds,
        received: 10,
    });
}

fn only(deltas: Vec<Delta>) -> Delta {
    let [delta]: [Delta; 1] = deltas.try_into().unwrap();
    delta
}
