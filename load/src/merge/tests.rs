//! Loads that are measured by several at once and as one, by hand.

mod broken;
mod course;
mod exact;
mod refilled;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::advance;

use super::*;
use crate::delta::Deltas;
use crate::outcome::Generator;
use crate::phase::Phase;
use crate::plan::{Draft, Executor};
use crate::samples::{RequestSample, Shard, StreamSample};
use crate::share::Division;
use crate::turns::Turns;

const SECOND: Duration = Duration::from_secs(1);

fn plan() -> Plan {
    let executor = Executor::ConstantVus {
        vus: 5_000,
        duration: Duration::from_hours(24),
    };
    Plan::new(Draft::new("browse", executor)).unwrap()
}

fn merged_of(shares: usize) -> Merged {
    Merged::new(plan(), &Division::even(shares).unwrap()).unwrap()
}

/// One of the shares of a load, and what fills it.
struct Machine {
    shard: Arc<Shard>,
    deltas: Deltas,
}

fn machines(of: usize) -> Vec<Machine> {
    let parts = Division::even(of).unwrap().parts(&plan()).unwrap();
    let machine = |part| {
        let turns = Turns::of_part(part, Samples::new([]).unwrap());
        turns.begin();
        Machine {
            shard: turns.samples().shard(),
            deltas: Deltas::new(turns),
        }
    };
    parts.into_iter().map(machine).collect()
}

impl Machine {
    fn take(&mut self, over: bool) -> Vec<Delta> {
        self.deltas.take(&Generator::default(), over)
    }

    /// A second in which so many iterations of a microsecond ended.
    fn second(&mut self, iterations: u64) -> Delta {
        for _ in 0..iterations {
            self.shard.iteration(Phase::Baseline, None, 1_000);
        }
        self.take(false).remove(0)
    }
}

/// Something of all that can happen in a load, the same in each of the shards.
fn happen(random: &mut fastrand::Rng, shards: [&Shard; 2]) {
    let phase = random.choice(Phase::ALL).unwrap();
    let exponent = random.u32(1..14);
    let nanoseconds = random.u64(0..10_u64.pow(exponent));
    let kind = format!("status {}", random.u8(0..9));
    let name = format!("/episodes/{}", random.u8(0..5));
    let (kind_of, failed) = (random.u8(0..9), random.u8(0..4) == 0);
    for shard in shards {
        let failure = shard.failure(&kind);
        let stream = |sample| shard.stream(phase, nanoseconds, sample);
        match kind_of {
            0 => shard.iteration(phase, failed.then_some(failure), nanoseconds),
            1 => shard.late(nanoseconds),
            2 => shard.check(shard.check_id(&name), failed),
            3 => stream(StreamSample::Connected),
            4 => stream(StreamSample::FirstEvent),
            5 => stream(StreamSample::Gap),
            6 if failed => shard.lost(phase, nanoseconds % 1_000),
            6 => stream(StreamSample::Broken { failure }),
            7 if failed => stream(StreamSample::NotConnected { failure }),
            7 => stream(StreamSample::Stall),
            _ => shard.record(RequestSample {
                name: shard.name(&name),
                phase,
                failure: failed.then_some(failure),
                nanoseconds,
                received: nanoseconds % 10_000,
            }),
        }
    }
}
