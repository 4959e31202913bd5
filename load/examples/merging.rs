//! What it costs to merge what many shares of a load measured in a second: `cargo run --release -p assay-load --example merging [SHARES]`.
//!
//! Each share tells some thousand samples of a few names a second, as deltas in bytes. Told is how long it takes to take one on the machine
//! that makes the share, and, where all come together, to read and to merge a second of all; and how many bytes it is. Times are those on a
//! processor, of one thread.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "an example that cannot go on has failed, and its table is what it is for"
)]

use std::time::Duration;

use assay_load::{
    Phase,
    delta::{Delta, Deltas},
    generator::thread_time,
    merge::Merged,
    outcome::Generator,
    plan::{Draft, Executor, Plan},
    samples::{RequestSample, Samples, Shard},
    share::Division,
    turns::Turns,
};

/// How many names requests have.
const NAMES: u64 = 10;
/// How many seconds are merged; the median is told.
const SECONDS: usize = 5;

fn main() {
    let shares = std::env::args()
        .nth(1)
        .map_or(1_000, |argument| argument.parse().unwrap());
    println!("{shares} shares, requests of {NAMES} names, {SECONDS} seconds; medians");
    println!("requests/share/s  take one  bytes of one  read all  merge all  points");
    for requests in [100, 1_000, 5_000] {
        measure(shares, requests);
    }
}

fn measure(shares: usize, requests: u64) {
    let executor = Executor::ConstantVus {
        vus: 100_000,
        duration: Duration::from_hours(1),
    };
    let plan = Plan::new(Draft::new("browse", executor)).unwrap();
    let division = Division::even(shares).unwrap();
    let mut merged = Merged::new(plan.clone(), &division).unwrap();
    let parts = division.parts(&plan).unwrap();
    let mut machines: Vec<_> = parts
        .into_iter()
        .map(|part| {
            let turns = Turns::of_part(part, Samples::new([]).unwrap());
            turns.begin();
            (turns.samples().shard(), Deltas::new(turns))
        })
        .collect();
    let mut random = Random(7);
    let [mut take, mut read, mut merge, mut points] = [const { Vec::new() }; 4];
    let mut bytes = 0;
    for _ in 0..SECONDS {
        let mut told = Vec::new();
        for (shard, deltas) in &mut machines {
            fill(shard, requests, &mut random);
            let began = thread_time();
            let delta = deltas.take(&Generator::default(), false).remove(0);
            told.push(delta.to_bytes().unwrap());
            take.push(thread_time().saturating_sub(began));
        }
        bytes = told.iter().map(Vec::len).sum::<usize>() / shares;
        let began = thread_time();
        let deltas: Vec<_> = told
            .iter()
            .map(|bytes| Delta::from_bytes(bytes).unwrap())
            .collect();
        read.push(thread_time().saturating_sub(began));
        let began = thread_time();
        for delta in &deltas {
            merged.add(delta).unwrap();
        }
        merge.push(thread_time().saturating_sub(began));
        let began = thread_time();
        merged.points();
        points.push(thread_time().saturating_sub(began));
    }
    let [take, read, merge, points] = [take, read, merge, points].map(median);
    println!(
        "{requests:>16}  {take:>8.1?}  {bytes:>12}  {read:>8.1?}  {merge:>9.1?}  {points:>6.1?}"
    );
}

/// A second of requests that take 1 to 100 ms, one of a hundred of which fails.
fn fill(shard: &Shard, requests: u64, random: &mut Random) {
    for _ in 0..requests {
        let nanoseconds =
            1_000_000 + random.next() % 10_u64.pow(6 + u32::try_from(random.next() % 3).unwrap());
        let failure = random
            .next()
            .is_multiple_of(100)
            .then(|| shard.failure("status 503"));
        shard.record(RequestSample {
            name: shard.name(&format!("request {}", random.next() % NAMES)),
            phase: Phase::Baseline,
            failure,
            nanoseconds,
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

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
