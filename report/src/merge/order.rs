//! The events of all shards in one order: that of the clocks of their machines, and of one clock that of the shards' numbers.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    MergeError,
    follow::{Follow, Untold},
};
use crate::event::{Event, Shard};

/// What a log has next.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is an end for each log, and all else are events"
)]
pub(super) enum Turn {
    /// An event.
    Event(Event),
    /// Nothing more.
    End(Untold),
}

/// Logs that are read side by side, each one event ahead.
#[derive(Debug)]
pub(super) struct Ordered {
    logs: Vec<(Follow, Option<Event>)>,
    /// The time of the next event of each log that has not ended, and the log's place.
    order: BinaryHeap<Reverse<(u64, usize)>>,
}

impl Ordered {
    pub(super) fn new(shards: Vec<Follow>) -> Result<Self, MergeError> {
        let mut ordered = Self {
            logs: shards.into_iter().map(|follow| (follow, None)).collect(),
            order: BinaryHeap::new(),
        };
        for place in 0..ordered.logs.len() {
            ordered.read(place, 0)?;
        }
        Ok(ordered)
    }

    /// Reads the next event of a log. One that has ended has its turn once more, at the time of its last event.
    fn read(&mut self, place: usize, last_ns: u64) -> Result<(), MergeError> {
        let Some((follow, next)) = self.logs.get_mut(place) else {
            return Ok(());
        };
        *next = follow.next()?;
        // A log whose times go back stays in its own order.
        let at_ns = next
            .as_ref()
            .map_or(last_ns, |event| event.at_ns.max(last_ns));
        self.order.push(Reverse((at_ns, place)));
        Ok(())
    }

    /// What comes next of all of them, and of which shard; none at the end of the last one.
    pub(super) fn next(&mut self) -> Result<Option<(Shard, Turn)>, MergeError> {
        let Some(Reverse((at_ns, place))) = self.order.pop() else {
            return Ok(None);
        };
        let Some((follow, next)) = self.logs.get_mut(place) else {
            return Ok(None);
        };
        let shard = follow.shard;
        let Some(mut event) = next.take() else {
            return Ok(Some((shard, Turn::End(follow.untold()))));
        };
        event.at_ns = at_ns;
        self.read(place, at_ns)?;
        Ok(Some((shard, Turn::Event(event))))
    }
}
