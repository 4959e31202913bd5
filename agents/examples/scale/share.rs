//! What a share of the load measures: samples that follow from its number and the second, so that all of them can be made once more.

use std::time::Duration;

use assay_load::{
    Phase,
    plan::{Draft, Executor, Plan},
    samples::{RequestSample, Shard},
};

/// How long the load is, in seconds.
pub(crate) const SECONDS: u64 = 20;
/// Requests of each share in each second.
const REQUESTS: u64 = 1_000;
/// How many names they have.
const NAMES: u64 = 5;

pub(crate) fn described() -> String {
    format!(
        "{SECONDS} s; of each agent a delta a second, of {REQUESTS} requests of {NAMES} names; times are on a processor, but for delays"
    )
}

/// The load of so many shares.
pub(crate) fn plan(shares: usize) -> Plan {
    let executor = Executor::ConstantVus {
        vus: u32::try_from(shares).unwrap() * 10,
        duration: Duration::from_secs(SECONDS),
    };
    Plan::new(Draft::new("browse", executor)).unwrap()
}

/// Measures a second: requests that take 1 to 101 ms, one of a hundred of which fails.
pub(crate) fn fill(log: &Shard, number: usize, second: u64) {
    let names: Vec<_> = (0..NAMES)
        .map(|name| log.name(&format!("request {name}")))
        .collect();
    let failure = log.failure("status 503");
    let mut random = Random((number as u64) << 32 | second);
    for _ in 0..REQUESTS {
        let magnitude = 10_u64.pow(6 + u32::try_from(random.next() % 3).unwrap());
        let name = usize::try_from(random.next() % NAMES).unwrap();
        log.record(RequestSample {
            name: names[name],
            phase: Phase::Baseline,
            failure: random.next().is_multiple_of(100).then_some(failure),
            nanoseconds: 1_000_000 + random.next() % magnitude,
            received: 500,
        });
    }
}

/// Numbers that are the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 20
    }
}
