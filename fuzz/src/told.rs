//! What agents tell, as a server may bring it: read within bounds, and each word once, whatever is sent twice.

use assay_agents::{
    hearing::{Heard, Hearing, written_again},
    shard::Kind,
};
use serde::Deserialize;
use serde_json::Value;

use crate::pieces;

/// Bytes that shards may tell.
const HELD: u64 = 1 << 20;

/// Reads pieces of the bytes as messages, one after the other.
pub fn told(data: &[u8]) {
    for message in pieces::all(data) {
        for written in written_again(message) {
            let again = written_again(&written);
            assert!(again.contains(&written), "what is written is read the same");
        }
    }
    for kind in [Kind::Load, Kind::Cases] {
        let once = heard(kind, data, 1);
        let twice = heard(kind, data, 2);
        if once.iter().all(is_open) {
            assert_eq!(words(&once), words(&twice), "{kind:?}");
        }
    }
    let (load, cases) = (heard(Kind::Load, data, 1), heard(Kind::Cases, data, 1));
    assert_eq!(load.len(), cases.len());
    for (load, cases) in load.iter().zip(&cases) {
        assert_eq!(load.is_ok(), cases.is_ok(), "{load:?} {cases:?}");
        let is_early = |heard: &Heard<Word>| heard.ending.is_none() && !heard.words.is_empty();
        assert!(!cases.as_ref().is_ok_and(is_early), "{cases:?}");
    }
}

/// A word with fields that nobody reads.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Word {
    sequence: Value,
    text: Value,
}

type Result = std::result::Result<Heard<Word>, String>;

/// What comes of the messages if each is brought so many times.
fn heard(kind: Kind, data: &[u8], times: usize) -> Vec<Result> {
    let mut hearing = Hearing::new(kind, HELD);
    let mut all = Vec::new();
    for message in pieces::all(data) {
        for _ in 0..times {
            let heard = hearing.hear(message);
            if let Err(problem) = &heard {
                assert!(problem.len() < 1_500, "{problem}");
            }
            all.push(heard);
        }
    }
    all
}

/// Whether it is a message that is followed by others of its attempt: what comes after the end, or after what cannot be used, is for the ledger.
fn is_open(heard: &Result) -> bool {
    heard.as_ref().is_ok_and(|heard| heard.ending.is_none())
}

fn words(heard: &[Result]) -> Vec<(u32, &Word)> {
    let heard = heard.iter().flatten();
    heard
        .flat_map(|heard| heard.words.iter().map(|word| (heard.shard.0, word)))
        .collect()
}
