//! One load again of what its shares measured: their deltas, in whatever order they come, each once.
//!
//! What is merged are samples, so what comes of them (percentiles, thresholds, the outcome) is what one machine would have found. Only what
//! happened at one moment on several machines is known less exactly: the most virtual users, and the most streams, at once are the sum of
//! what each share had at most, which all may not have had together.
//!
//! A share whose machine is lost is given up, and others may make up for it ([`Merged::make_up_for`]): those are further shares of the load,
//! whose deltas are merged as any others are.

mod numbers;
mod outcome;
mod seconds;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::time::Duration;

use crate::delta::{BadDelta, Delta, Standing};
use crate::plan::Plan;
use crate::samples::{Samples, Uncountable};
use crate::series::Point;
use crate::share::Division;
use crate::threshold::Threshold;
use crate::turns::Arrived;

use numbers::Numbers;
use seconds::Seconds;

pub use numbers::MAX_GAPS;
pub use seconds::MAX_WAITING;

/// What became of a delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It was added.
    New,
    /// It had come before: nothing changed.
    Repeated,
    /// Its share was given up before: nothing changed.
    GivenUp,
}

/// The deltas of a share that have not come although later ones have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// From 0.
    pub share: usize,
    /// The numbers of the deltas.
    pub numbers: Range<u64>,
}

/// The shares of one load, merged as far as they have come.
#[derive(Debug)]
pub struct Merged {
    plan: Plan,
    samples: Samples,
    shares: Vec<Received>,
    seconds: Seconds,
}

/// What came of a share.
#[derive(Debug, Default)]
struct Received {
    numbers: Numbers,
    newest: Option<Newest>,
    /// Until when nothing is missing, in milliseconds since the start of the load.
    reached_ms: u64,
    given_up: bool,
    /// The share that it makes up for.
    makes_up_for: Option<usize>,
    /// It makes up for one that is lost, and has not begun to.
    is_awaited: bool,
}

#[derive(Debug)]
struct Newest {
    number: u64,
    until_ms: u64,
    /// Until when nothing is missing if all before it have come: a page that others follow has not the whole of its time.
    reaches_ms: u64,
    standing: Standing,
}

impl Received {
    fn is_over(&self) -> bool {
        let said = self
            .newest
            .as_ref()
            .is_some_and(|newest| newest.standing.over);
        self.given_up || (said && self.numbers.are_whole())
    }

    fn hear(&mut self, delta: &Delta) {
        let newer = |newest: &Newest| delta.number() > newest.number;
        if self.newest.as_ref().is_none_or(newer) {
            self.newest = Some(Newest {
                number: delta.number(),
                until_ms: milliseconds(delta.until()),
                reaches_ms: milliseconds(if delta.is_continued() {
                    delta.from()
                } else {
                    delta.until()
                }),
                standing: *delta.standing(),
            });
        }
        if let Some(newest) = self.newest.as_ref().filter(|_| self.numbers.are_whole()) {
            self.reached_ms = newest.reaches_ms;
        }
    }
}

impl Merged {
    /// Of a plan that is divided so. Nothing has come yet.
    pub fn new(plan: Plan, division: &Division) -> Result<Self, Uncountable> {
        let measures = plan.thresholds().iter().map(Threshold::measure);
        Ok(Self {
            samples: Samples::new(measures)?,
            seconds: Seconds::new()?,
            shares: (0..division.shares())
                .map(|_| Received::default())
                .collect(),
            plan,
        })
    }

    /// Adds a delta, if it is one that can be. After an error nothing was changed.
    ///
    /// Names beyond the budgets of one load are gathered as on one machine; which ones those are depends on what came first.
    pub fn add(&mut self, delta: &Delta) -> Result<Added, BadDelta> {
        let (share, of) = (delta.share(), self.shares.len());
        let received = self.shares.get_mut(share);
        let received = received.ok_or(BadDelta::NoSuchShare { share, of })?;
        delta.check()?;
        if received.given_up {
            return Ok(Added::GivenUp);
        }
        let is_new = received.numbers.add(delta.number());
        if !is_new.map_err(|_| BadDelta::Gaps(share))? {
            return Ok(Added::Repeated);
        }
        received.hear(delta);
        self.samples.absorb(delta.contents());
        self.seconds.add(delta);
        Ok(Added::New)
    }

    /// Waits no more for a share whose machine is lost. What came of it stays, and what still comes is left out: whoever makes up for it begins
    /// after what came ([`Merged::told_by`]).
    pub fn give_up(&mut self, share: usize) {
        if let Some(received) = self.shares.get_mut(share) {
            received.given_up = true;
        }
    }

    /// One more share, which makes up for one that was given up, and its number. No second waits for it before it has begun.
    pub fn make_up_for(&mut self, share: usize) -> usize {
        self.shares.push(Received {
            makes_up_for: Some(share),
            is_awaited: true,
            ..Received::default()
        });
        self.shares.len() - 1
    }

    /// A share that makes up for another one has begun to, at that time since the start of the load.
    pub fn begin(&mut self, share: usize, at: Duration) {
        if let Some(received) = self.shares.get_mut(share) {
            received.is_awaited = false;
            received.reached_ms = received.reached_ms.max(milliseconds(at));
        }
    }

    /// What has not come although something later has, of shares that were not given up.
    pub fn missing(&self) -> Vec<Missing> {
        let shares = self.shares.iter().enumerate();
        let waited_for = shares.filter(|(_, received)| !received.given_up);
        waited_for
            .flat_map(|(share, received)| {
                let gaps = received.numbers.gaps().iter().cloned();
                gaps.map(move |numbers| Missing { share, numbers })
            })
            .collect()
    }

    /// Until when nothing of a share is missing, since the start of the load.
    pub fn reached_by(&self, share: usize) -> Duration {
        let received = self.shares.get(share);
        received.map_or(Duration::ZERO, |received| {
            Duration::from_millis(received.reached_ms)
        })
    }

    /// Until when a share has told anything at all, since the start of the load: its standing is of that time. None if it has told nothing.
    pub fn told_by(&self, share: usize) -> Option<Duration> {
        let newest = self.shares.get(share)?.newest.as_ref()?;
        Some(Duration::from_millis(newest.until_ms))
    }

    /// Until when nothing is missing, since the start of the load: a step of a search that ended before can be judged. None if no share
    /// goes on.
    pub fn reached(&self) -> Option<Duration> {
        let going_on = self.shares.iter().filter(|received| !received.is_over());
        let going_on = going_on.filter(|received| !received.is_awaited);
        let reached = going_on.map(|received| received.reached_ms).min();
        reached.map(Duration::from_millis)
    }

    /// Whether the last delta of each share, and all before it, have come; but for shares that were given up.
    pub fn is_over(&self) -> bool {
        self.shares.iter().all(Received::is_over)
    }

    /// The seconds that are complete since this was last asked, in their order. One that waits for a share while the [`MAX_WAITING`] after
    /// it are begun is told as it is; what comes of it later is told with the next one.
    pub fn points(&mut self) -> Vec<Point> {
        self.seconds.complete(self.reached())
    }

    /// All samples, for a [`crate::threshold::Watch`].
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// How each share stands by its newest delta; none of one that has told nothing.
    pub fn standings(&self) -> impl Iterator<Item = Option<&Standing>> {
        let newest = self.shares.iter().map(|received| &received.newest);
        newest.map(|newest| newest.as_ref().map(|newest| &newest.standing))
    }

    /// What has been of the arrivals of all shares; none in closed models.
    pub fn arrived(&self) -> Option<Arrived> {
        self.plan.executor().is_open().then(|| Arrived {
            intended: self.sum(|standing| standing.intended.unwrap_or(0)),
            dropped: self.sum(|standing| standing.dropped) + self.waited_in_vain(),
        })
    }

    /// The arrivals for which nobody came on machines that were lost.
    fn waited_in_vain(&self) -> u64 {
        let lost = self.shares.iter().filter(|received| received.given_up);
        let newest = lost.filter_map(|received| received.newest.as_ref());
        newest.map(|newest| newest.standing.waiting).sum()
    }

    /// How much time of what is measured has passed, by the share that is furthest.
    pub fn measured(&self) -> Duration {
        Duration::from_nanos(self.most(|standing| standing.measured_ns))
    }

    fn heard(&self) -> impl Iterator<Item = &Standing> {
        self.standings().flatten()
    }

    /// The most that there was of something at once. A lost share and those that make up for it did not have theirs together.
    fn most_at_once(&self, of: impl Fn(&Standing) -> u32) -> u32 {
        let own = |received: &Received| {
            let newest = received.newest.as_ref();
            newest.map_or(0, |newest| of(&newest.standing))
        };
        let mut successors = vec![0_u32; self.shares.len()];
        let mut all = 0_u32;
        // Whoever makes up for a share has a greater number than that has.
        for (share, received) in self.shares.iter().enumerate().rev() {
            let most = own(received).max(successors[share]);
            match received
                .makes_up_for
                .and_then(|lost| successors.get_mut(lost))
            {
                Some(of_lost) => *of_lost = of_lost.saturating_add(most),
                None => all = all.saturating_add(most),
            }
        }
        all
    }

    fn sum(&self, of: impl Fn(&Standing) -> u64) -> u64 {
        self.heard().map(of).sum()
    }

    fn most(&self, of: impl Fn(&Standing) -> u64) -> u64 {
        self.heard().map(of).max().unwrap_or(0)
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
