//! What agents tell, put together again: in order in each shard, each word once, whatever was sent twice.
//!
//! Words of cases are kept until their attempt has ended (`merge/kept.rs`), those of a load are given as they come. An attempt that was given anew
//! begins from nothing.

mod kept;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, io};

use serde::de::DeserializeOwned;
use thiserror::Error;

pub(crate) use self::kept::Words;
use self::kept::{Kept, Shelf};
use crate::{
    lines::{Lines, TooLong},
    message::chunk::Head,
    shard::{Kind, ShardNumber},
};

/// Why what an attempt told cannot be used.
#[derive(Debug, Error)]
pub(crate) enum Broken {
    /// Messages are missing.
    #[error("message {expected} is missing before message {found}")]
    Gap { expected: u64, found: u64 },
    /// A line is no word.
    #[error("a line is none that a worker tells: {0}")]
    NoWord(#[from] serde_json::Error),
    /// A line is too long.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// It ended in the middle of a line.
    #[error("its last line is not whole")]
    HalfALine,
    /// It told too much.
    #[error("it told more than {limit} bytes")]
    TooMuch { limit: u64 },
    /// All that has not ended told too much.
    #[error("it and others that have not ended told more than {limit} bytes")]
    AllTooMuch { limit: u64 },
    /// Too many attempts have not ended.
    #[error("more than {MAX_KEPT} others have not ended")]
    TooMany,
    /// What it told could not be kept on this machine.
    #[error("what it told cannot be kept on this machine: {0}")]
    NotKept(#[from] io::Error),
}

/// Attempts that have not ended, at most: each of cases has a file on this machine once it has told some.
pub(crate) const MAX_KEPT: usize = 10_000;

/// What has come of each attempt that has not ended.
#[derive(Debug)]
pub(crate) struct Merge {
    held_bytes: u64,
    all: Shelf,
    attempts: BTreeMap<ShardNumber, Attempt>,
}

#[derive(Debug)]
struct Attempt {
    /// Which one it is, from 1.
    ordinal: u32,
    /// The number of its next message.
    next: u64,
    lines: Lines,
    kept: Option<Kept>,
}

impl Merge {
    pub(crate) fn new(held_bytes: u64, all_held_bytes: u64) -> Self {
        Self {
            held_bytes,
            all: Shelf::new(all_held_bytes),
            attempts: BTreeMap::new(),
        }
    }

    /// Takes a message of an attempt that counts, and gives the words that are to be told now.
    pub(crate) fn take<W: DeserializeOwned>(
        &mut self,
        kind: Kind,
        head: &Head,
        lines: &[u8],
    ) -> Result<Words<W>, Broken> {
        if self.attempts.len() >= MAX_KEPT && !self.attempts.contains_key(&head.shard) {
            return Err(Broken::TooMany);
        }
        let (held_bytes, all) = (self.held_bytes, &self.all);
        let kept = || (kind == Kind::Cases).then(|| Kept::new(held_bytes, all));
        let attempt = self
            .attempts
            .entry(head.shard)
            .or_insert_with(|| Attempt::new(head, kept()));
        if attempt.ordinal != head.attempt {
            *attempt = Attempt::new(head, kept());
        }
        let words = attempt.take(head, lines)?;
        if head.last.is_none() {
            return Ok(words);
        }
        let attempt = self.attempts.remove(&head.shard);
        match attempt.and_then(|attempt| attempt.kept) {
            Some(kept) => Ok(kept.words()?),
            None => Ok(words),
        }
    }

    /// Nothing more is told of this shard.
    pub(crate) fn forget(&mut self, shard: ShardNumber) {
        self.attempts.remove(&shard);
    }
}

impl Attempt {
    fn new(head: &Head, kept: Option<Kept>) -> Self {
        Self {
            ordinal: head.attempt,
            next: 0,
            lines: Lines::default(),
            kept,
        }
    }

    fn take<W: DeserializeOwned>(&mut self, head: &Head, bytes: &[u8]) -> Result<Words<W>, Broken> {
        let mut words = Vec::new();
        if head.number < self.next {
            return Ok(Words::Now(words.into_iter()));
        }
        if head.number > self.next {
            let (expected, found) = (self.next, head.number);
            return Err(Broken::Gap { expected, found });
        }
        self.next += 1;
        let kept = &mut self.kept;
        self.lines.take(bytes, |line| {
            // Also what is held is read: so whoever told nonsense is known before anything of it is told.
            let word: W = serde_json::from_slice(line)?;
            if let Some(kept) = kept {
                return kept.keep(line);
            }
            words.push(word);
            Ok(())
        })?;
        if head.last.is_some() && !self.lines.is_empty() {
            return Err(Broken::HalfALine);
        }
        Ok(Words::Now(words.into_iter()))
    }
}
