//! What a client adds to the time of a request when there is no hurry: the same low rate by all that can keep one.

use serde_json::Value;

use super::contender::{Contender, POOL, PREPARED, Peer, Size};
use super::{Contest, take_turns};
use crate::bench::Bench;
use crate::bench::section::Table;
use crate::bench::server::Server;
use crate::bench::statistics::Spread;

/// What they do. wrk keeps the rate by a pause after each answer, and so sends a little less.
const RATE: u32 = 500;
const SIZE: Size = Size {
    connections: 1,
    seconds: 2,
    per_second: Some(RATE),
};

/// Beside which the others are seen.
const BASELINE: Contender = POOL;

/// What is written of it.
pub(super) struct Added {
    pub(super) text: String,
    pub(super) raw: Value,
}

pub(super) fn measure(bench: &Bench, server: &Server) -> Added {
    let contenders = [
        BASELINE,
        Contender::Native("fire"),
        Contender::Peer(Peer::Wrk),
        PREPARED,
        Contender::Host("sends-alone"),
        Contender::Host("fires"),
        Contender::Host("sends"),
    ];
    let mut contests = contenders.map(|contender| Contest::new(contender, bench, server, SIZE));
    take_turns(&mut contests, bench, server, SIZE);
    let raw = contests
        .iter()
        .map(|contest| (contest.contender.name().to_owned(), contest.raw()));
    Added {
        text: text(&contests),
        raw: raw.collect(),
    }
}

fn text(contests: &[Contest]) -> String {
    let mut table = Table::new(&[
        "Who",
        "Median latency, µs",
        "P99, µs",
        "Added to the median, µs",
    ]);
    let baseline = contests.first();
    for contest in contests {
        let write = |spread: Option<Spread>| {
            spread.map_or_else(
                || "–".to_owned(),
                |spread| spread.text(|value| format!("{value:.1}")),
            )
        };
        let added = baseline.and_then(|baseline| {
            contest.beside(baseline, |turn, baseline| turn.told.p50 - baseline.told.p50)
        });
        table.row(&[
            contest.contender.name().to_owned(),
            write(contest.spread(|turn| turn.told.p50)),
            write(contest.spread(|turn| turn.told.p99)),
            write(added),
        ]);
    }
    format!(
        "### Added latency\n\nThe same at {RATE} requests a second over one connection, {} s each. Added is the difference to the hyper pool in the same round.\n\n{}",
        SIZE.seconds,
        table.text()
    )
}
