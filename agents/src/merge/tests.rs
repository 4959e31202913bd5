//! Messages as a server may bring them: twice, cut anywhere, of attempts that were lost, and wrong.

use serde::{Deserialize, Serialize};

use super::{Broken, MAX_KEPT, Merge, Words};
use crate::{
    identity::AgentId,
    message::chunk::Head,
    shard::{Ending, Kind, ShardNumber},
};

const HELD: u64 = 1 << 20;

#[derive(Debug, Serialize, Deserialize)]
struct Word {
    sequence: u64,
}

fn head(shard: u32, attempt: u32, number: u64) -> Head {
    Head {
        agent: "a".parse::<AgentId>().unwrap(),
        shard: ShardNumber(shard),
        attempt,
        number,
        last: None,
    }
}

fn last(shard: u32, attempt: u32, number: u64) -> Head {
    Head {
        last: Some(Ending::Finished),
        ..head(shard, attempt, number)
    }
}

fn lines(sequences: impl IntoIterator<Item = u64>) -> Vec<u8> {
    let line = |sequence| serde_json::to_string(&Word { sequence }).unwrap() + "\n";
    sequences
        .into_iter()
        .map(line)
        .collect::<String>()
        .into_bytes()
}

fn sequences(mut words: Words<Word>) -> Vec<u64> {
    std::iter::from_fn(|| words.next().unwrap())
        .map(|word| word.sequence)
        .collect()
}

#[test]
fn load_is_told_as_it_comes_and_each_word_once() {
    let mut merge = Merge::new(HELD, u64::MAX);
    let mut take =
        |head: Head, lines: Vec<u8>| sequences(merge.take(Kind::Load, &head, &lines).unwrap());
    assert_eq!(take(head(0, 1, 0), lines(0..3)), [0, 1, 2]);
    assert_eq!(take(head(0, 1, 0), lines(0..3)), [0; 0]);
    assert_eq!(take(head(0, 1, 1), lines(3..4)), [3]);
    assert_eq!(take(last(0, 1, 2), lines(4..5)), [4]);
}

#[test]
fn cases_are_told_when_they_have_ended_and_nothing_of_an_attempt_that_was_lost() {
    let mut merge = Merge::new(HELD, u64::MAX);
    let mut take =
        |head: Head, lines: Vec<u8>| sequences(merge.take(Kind::Cases, &head, &lines).unwrap());
    assert_eq!(take(head(0, 1, 0), lines(0..3)), [0; 0]);
    assert_eq!(take(head(1, 1, 0), lines(50..51)), [0; 0]);
    assert_eq!(take(head(0, 2, 0), lines(10..12)), [0; 0]);
    assert_eq!(take(head(0, 2, 0), lines(10..12)), [0; 0]);
    assert_eq!(take(last(0, 2, 1), lines(12..13)), [10, 11, 12]);
    assert_eq!(take(last(1, 1, 1), lines([])), [50]);
}

#[test]
fn a_line_may_be_cut_anywhere() {
    let whole = lines(0..2);
    for kind in [Kind::Load, Kind::Cases] {
        for cut in 0..=whole.len() {
            let mut merge = Merge::new(HELD, u64::MAX);
            let mut told = sequences(merge.take(kind, &head(0, 1, 0), &whole[..cut]).unwrap());
            told.extend(sequences(
                merge.take(kind, &last(0, 1, 1), &whole[cut..]).unwrap(),
            ));
            assert_eq!(told, [0, 1], "{kind:?} {cut}");
        }
    }
}

#[test]
fn bytes_that_are_no_text_in_a_field_that_nobody_reads_break_nothing_once_a_word_was_taken() {
    let line = b"{\"sequence\":3,\"other\":\"\xff\"}\n";
    for kind in [Kind::Load, Kind::Cases] {
        let mut merge = Merge::new(HELD, u64::MAX);
        let taken = merge.take(kind, &last(0, 1, 0), line);
        assert_eq!(sequences(taken.unwrap()), [3], "{kind:?}");
    }
}

#[test]
fn what_does_not_fit_into_memory_is_held_all_the_same() {
    let mut merge = Merge::new(u64::MAX, u64::MAX);
    for number in 0..50 {
        let start = number * 1_000;
        let told = merge.take(
            Kind::Cases,
            &head(0, 1, number),
            &lines(start..start + 1_000),
        );
        assert_eq!(sequences(told.unwrap()), [0; 0]);
    }
    let told = merge.take(Kind::Cases, &last(0, 1, 50), b"").unwrap();
    assert_eq!(sequences(told), (0..50_000).collect::<Vec<_>>());
}

#[test]
fn what_is_held_has_a_limit() {
    let some = lines(0..10);
    for (limit, fits) in [(some.len() as u64, true), (some.len() as u64 - 1, false)] {
        let told = Merge::new(limit, u64::MAX).take::<Word>(Kind::Cases, &last(0, 1, 0), &some);
        assert_eq!(told.is_ok(), fits);
        assert!(fits || matches!(told, Err(Broken::TooMuch { .. })));
    }
}

#[test]
fn what_is_held_of_all_attempts_has_a_limit_until_they_have_ended() {
    let some = lines(0..10);
    let mut merge = Merge::new(HELD, some.len() as u64 * 2);
    let mut take = |head: Head| merge.take::<Word>(Kind::Cases, &head, &some);
    take(head(0, 1, 0)).unwrap();
    take(head(1, 1, 0)).unwrap();
    let beyond = take(head(2, 1, 0)).unwrap_err();
    assert!(matches!(beyond, Broken::AllTooMuch { .. }), "{beyond}");
    merge.forget(ShardNumber(2));
    let ended = merge.take::<Word>(Kind::Cases, &last(0, 1, 1), b"");
    assert_eq!(sequences(ended.unwrap()), (0..10).collect::<Vec<_>>());
    merge
        .take::<Word>(Kind::Cases, &head(2, 1, 0), &some)
        .unwrap();
}

#[test]
fn attempts_that_have_not_ended_have_a_number_at_the_most() {
    let mut merge = Merge::new(HELD, u64::MAX);
    for shard in 0..u32::try_from(MAX_KEPT).unwrap() {
        merge
            .take::<Word>(Kind::Cases, &head(shard, 1, 0), b"")
            .unwrap();
    }
    let mut take = |head: Head| merge.take::<Word>(Kind::Cases, &head, b"").is_ok();
    let next = u32::try_from(MAX_KEPT).unwrap();
    assert!(!take(head(next, 1, 0)));
    assert!(take(last(0, 1, 1)));
    assert!(take(head(next, 1, 0)));
}

#[test]
fn what_cannot_be_used_is_told_by_its_cause() {
    let half = &lines(0..1)[..5];
    let table: [(Head, &[u8], &str); 3] = [
        (head(0, 1, 1), b"", "message 0 is missing before message 1"),
        (
            head(0, 1, 0),
            b"{}\n",
            "a line is none that a worker tells: missing field `sequence`",
        ),
        (last(0, 1, 0), half, "its last line is not whole"),
    ];
    for kind in [Kind::Load, Kind::Cases] {
        for (head, lines, expected) in &table {
            let broken = Merge::new(HELD, u64::MAX)
                .take::<Word>(kind, head, lines)
                .unwrap_err();
            assert!(broken.to_string().starts_with(expected), "{broken}");
        }
    }
}

#[test]
fn a_shard_that_was_lost_leaves_nothing() {
    let mut merge = Merge::new(HELD, u64::MAX);
    merge
        .take::<Word>(Kind::Cases, &head(0, 1, 0), &lines(0..1))
        .unwrap();
    merge.forget(ShardNumber(0));
    assert!(merge.attempts.is_empty());
}
