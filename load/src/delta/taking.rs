//! Takes the deltas of a share, one after the other.

use std::time::Duration;

use super::contents::Contents;
use super::{Bounds, Delta, Standing, VERSION};
use crate::outcome::Generator;
use crate::samples;
use crate::turns::Turns;

impl Bounds {
    /// Those of all histograms of this version.
    pub(super) const HERE: Self = Self {
        least_ns: samples::LEAST_TIME,
        most_ns: samples::MOST_TIME,
        figures: samples::SIGNIFICANT_FIGURES,
    };
}

/// The deltas of one share of a load, for one to take.
///
/// What is taken is kept here no more: the samples and the outcome of the share's own [`Turns`] have only what came since, and whoever
/// merges the deltas has all.
#[derive(Debug)]
pub struct Deltas {
    turns: Turns,
    share: usize,
    number: u64,
    told_ms: u64,
}

impl Deltas {
    /// Of a share that begins.
    pub fn new(turns: Turns) -> Self {
        // Who takes over in the middle of a load has nothing to tell of the time before.
        let told_ms = match turns.part().makes_up_from() {
            Some(_) => milliseconds(turns.elapsed()),
            None => 0,
        };
        Self {
            share: turns.part().number(),
            turns,
            number: 0,
            told_ms,
        }
    }

    /// What came since this was last asked: one delta, or some if a very great many names were used. To be asked about once a second, with
    /// what is known of the machine now. `over`: every seat was dropped, and nothing comes any more.
    pub fn take(&mut self, generator: &Generator, over: bool) -> Vec<Delta> {
        let pages = self.turns.samples().take();
        let until_ms = milliseconds(self.turns.elapsed());
        let until = Duration::from_millis(until_ms);
        let standing = self.turns.standing(generator, until, over);
        let from_ms = std::mem::replace(&mut self.told_ms, until_ms);
        let last = pages.len() - 1;
        let deltas = pages.into_iter().enumerate().map(|(place, contents)| {
            let is_last = place == last;
            let over = over && is_last;
            let standing = Standing { over, ..standing };
            Delta {
                more: !is_last,
                ..self.delta(from_ms, until_ms, standing, contents)
            }
        });
        deltas.collect()
    }

    fn delta(
        &mut self,
        from_ms: u64,
        until_ms: u64,
        standing: Standing,
        contents: Contents,
    ) -> Delta {
        let number = self.number;
        self.number += 1;
        Delta {
            version: VERSION,
            bounds: Bounds::HERE,
            share: self.share,
            number,
            from_ms,
            until_ms,
            more: false,
            standing,
            contents,
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
