//! The course of a load that several machines make: each second of it is complete once all have told it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::milliseconds;
use crate::delta::Delta;
use crate::samples::{Template, Uncountable, Under};
use crate::series::Point;

/// So many seconds at most wait for shares that have not told them.
pub const MAX_WAITING: usize = 60;
/// How long one is, in milliseconds.
const SECOND_MS: u64 = 1_000;

/// Seconds that are not complete.
#[derive(Debug)]
pub(super) struct Seconds {
    template: Template,
    waiting: BTreeMap<u64, Gathered>,
    /// All before that one are told.
    next: u64,
    complete: Vec<Point>,
}

/// What came of a second.
#[derive(Debug, Default)]
struct Gathered {
    under: Under,
    from_ms: Option<u64>,
    until_ms: u64,
    /// The newest delta of each share: its number, virtual users and open streams.
    standings: BTreeMap<usize, (u64, u32, u32)>,
}

impl Seconds {
    pub(super) fn new() -> Result<Self, Uncountable> {
        Ok(Self {
            template: Template::new().map_err(Uncountable::new)?,
            waiting: BTreeMap::new(),
            next: 0,
            complete: Vec::new(),
        })
    }

    pub(super) fn add(&mut self, delta: &Delta) {
        let second = (milliseconds(delta.from()) / SECOND_MS).max(self.next);
        let gathered = self.waiting.entry(second).or_default();
        gathered.add(&self.template, delta);
        while self.waiting.len() > MAX_WAITING {
            self.tell_first();
        }
    }

    /// Those that all shares have told, as far as they have `reached`; all of them if none of them goes on.
    pub(super) fn complete(&mut self, reached: Option<Duration>) -> Vec<Point> {
        let before = reached.map_or(u64::MAX, |reached| milliseconds(reached) / SECOND_MS);
        while self
            .waiting
            .first_key_value()
            .is_some_and(|(second, _)| *second < before)
        {
            self.tell_first();
        }
        std::mem::take(&mut self.complete)
    }

    fn tell_first(&mut self) {
        if let Some((second, gathered)) = self.waiting.pop_first() {
            self.next = second + 1;
            self.complete.push(gathered.told());
        }
    }
}

impl Gathered {
    fn add(&mut self, template: &Template, delta: &Delta) {
        self.under.absorb(template, delta.contents());
        let from_ms = milliseconds(delta.from());
        self.from_ms = Some(
            self.from_ms
                .map_or(from_ms, |earliest| earliest.min(from_ms)),
        );
        self.until_ms = self.until_ms.max(milliseconds(delta.until()));
        let standing = delta.standing();
        let newest = (delta.number(), standing.vus, standing.open_streams);
        let known = self.standings.entry(delta.share()).or_insert(newest);
        *known = (*known).max(newest);
    }

    fn told(mut self) -> Point {
        let at = self.from_ms.unwrap_or_default();
        let mut second = self.under.take();
        let mut vus = 0_u32;
        for (_, busy, streams) in self.standings.into_values() {
            vus = vus.saturating_add(busy);
            second.open_streams = second.open_streams.saturating_add(streams);
        }
        let length = self.until_ms.saturating_sub(at);
        Point::new(
            Duration::from_millis(at),
            Duration::from_millis(length),
            &second,
            vus,
        )
    }
}
