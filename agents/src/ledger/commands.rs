//! Orders of shards that are not settled, and that shards are to be stopped: what of it each agent has still to hear.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    message::Command,
    orders::{MAX_ALL_ORDER_BYTES, MAX_ORDER_BYTES, MAX_ORDERS, MAX_SHARD_ORDER_BYTES},
    shard::ShardNumber,
};

/// What was said to shards.
#[derive(Debug, Default)]
pub(super) struct Commands {
    of: BTreeMap<ShardNumber, Said>,
    bytes: usize,
}

/// What was said to one shard.
#[derive(Debug, Default)]
struct Said {
    orders: Vec<Value>,
    bytes: usize,
    stop: Option<String>,
    /// Which attempt has heard what follows.
    attempt: u32,
    /// So many orders.
    heard: usize,
    /// And that it has to stop.
    stopped: bool,
}

/// Why there can be no more orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TooMuch {
    /// This one is too large.
    Large(usize),
    /// The shard has as many as there may be.
    OfShard,
    /// All shards together have as many.
    OfAll,
}

impl Commands {
    /// An order to a shard, which has so many bytes as JSON.
    pub(super) fn order(
        &mut self,
        shard: ShardNumber,
        order: Value,
        bytes: usize,
    ) -> Result<(), TooMuch> {
        if bytes > MAX_ORDER_BYTES {
            return Err(TooMuch::Large(bytes));
        }
        if self.bytes + bytes > MAX_ALL_ORDER_BYTES {
            return Err(TooMuch::OfAll);
        }
        let said = self.of.entry(shard).or_default();
        if said.orders.len() >= MAX_ORDERS || said.bytes + bytes > MAX_SHARD_ORDER_BYTES {
            return Err(TooMuch::OfShard);
        }
        said.orders.push(order);
        said.bytes += bytes;
        self.bytes += bytes;
        Ok(())
    }

    /// A shard has to stop. The first reason counts.
    pub(super) fn stop(&mut self, shard: ShardNumber, reason: &str) {
        let said = self.of.entry(shard).or_default();
        said.stop.get_or_insert_with(|| reason.to_owned());
    }

    /// Whether a shard was told to stop.
    pub(super) fn is_stopped(&self, shard: ShardNumber) -> bool {
        self.of.get(&shard).is_some_and(|said| said.stop.is_some())
    }

    /// Nothing more is said to this shard.
    pub(super) fn forget(&mut self, shard: ShardNumber) {
        if let Some(said) = self.of.remove(&shard) {
            self.bytes -= said.bytes;
        }
    }

    /// Shards to which something was said.
    pub(super) fn shards(&self) -> impl Iterator<Item = ShardNumber> + '_ {
        self.of.keys().copied()
    }

    /// What this attempt has to hear next. That it has to stop comes before all orders.
    pub(super) fn next(&self, shard: ShardNumber, attempt: u32) -> Option<Command> {
        let said = self.of.get(&shard)?;
        let (heard, stopped) = said.heard_by(attempt);
        if let Some(reason) = said.stop.as_ref().filter(|_| !stopped) {
            return Some(Command::Stop(reason.clone()));
        }
        let order = said.orders.get(heard)?.clone();
        Some(Command::Order {
            number: heard,
            order,
        })
    }

    /// An attempt has heard what was the next.
    pub(super) fn heard(&mut self, shard: ShardNumber, attempt: u32, command: &Command) {
        let Some(said) = self.of.get_mut(&shard) else {
            return;
        };
        if said.attempt < attempt {
            (said.attempt, said.heard, said.stopped) = (attempt, 0, false);
        }
        if said.attempt == attempt {
            match command {
                Command::Order { number, .. } => said.heard = said.heard.max(number + 1),
                Command::Stop(_) => said.stopped = true,
            }
        }
    }
}

impl Said {
    fn heard_by(&self, attempt: u32) -> (usize, bool) {
        if self.attempt == attempt {
            (self.heard, self.stopped)
        } else {
            (0, false)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Commands, TooMuch};
    use crate::{
        message::Command,
        orders::{MAX_ALL_ORDER_BYTES, MAX_ORDER_BYTES, MAX_ORDERS, MAX_SHARD_ORDER_BYTES},
        shard::ShardNumber,
    };

    const FIRST: ShardNumber = ShardNumber(0);

    fn order(number: usize) -> Command {
        Command::Order {
            number,
            order: json!(number),
        }
    }

    #[test]
    fn each_attempt_hears_all_orders_from_the_first_and_each_until_it_has_heard_it() {
        let mut commands = Commands::default();
        commands.order(FIRST, json!(0), 1).unwrap();
        commands.order(FIRST, json!(1), 1).unwrap();
        assert_eq!(commands.next(FIRST, 1), Some(order(0)));
        assert_eq!(commands.next(FIRST, 1), Some(order(0)), "not heard yet");
        commands.heard(FIRST, 1, &order(0));
        commands.heard(FIRST, 1, &order(0));
        assert_eq!(commands.next(FIRST, 1), Some(order(1)));
        assert_eq!(commands.next(FIRST, 2), Some(order(0)));
        commands.heard(FIRST, 2, &order(0));
        commands.heard(FIRST, 1, &order(1));
        assert_eq!(
            commands.next(FIRST, 2),
            Some(order(1)),
            "an older attempt is no other"
        );
        commands.heard(FIRST, 2, &order(1));
        assert_eq!(commands.next(FIRST, 2), None);
    }

    #[test]
    fn a_stop_comes_before_all_orders() {
        let mut commands = Commands::default();
        commands.order(FIRST, json!(0), 1).unwrap();
        commands.stop(FIRST, "enough");
        commands.stop(FIRST, "later");
        let stop = Command::Stop("enough".to_owned());
        assert_eq!(commands.next(FIRST, 1), Some(stop.clone()));
        commands.heard(FIRST, 1, &stop);
        assert_eq!(commands.next(FIRST, 1), Some(order(0)));
    }

    #[test]
    fn orders_have_a_number_and_a_size_at_the_most() {
        let mut commands = Commands::default();
        let mut give = |shard: u32, bytes| commands.order(ShardNumber(shard), Value::Null, bytes);
        let large = MAX_ORDER_BYTES + 1;
        assert_eq!(give(0, large), Err(TooMuch::Large(large)));
        for _ in 0..MAX_SHARD_ORDER_BYTES / MAX_ORDER_BYTES {
            assert_eq!(give(0, MAX_ORDER_BYTES), Ok(()));
        }
        assert_eq!(give(0, 1), Err(TooMuch::OfShard));
        for _ in 0..MAX_ORDERS {
            assert_eq!(give(1, 0), Ok(()));
        }
        assert_eq!(give(1, 0), Err(TooMuch::OfShard));
    }

    #[test]
    fn orders_of_all_shards_have_a_size_at_the_most_until_these_are_settled() {
        let mut commands = Commands::default();
        let shards = u32::try_from(MAX_ALL_ORDER_BYTES / MAX_ORDER_BYTES).unwrap();
        for shard in 0..shards {
            let given = commands.order(ShardNumber(shard), Value::Null, MAX_ORDER_BYTES);
            assert_eq!(given, Ok(()));
        }
        let next = ShardNumber(shards);
        assert_eq!(commands.order(next, Value::Null, 1), Err(TooMuch::OfAll));
        commands.forget(FIRST);
        assert_eq!(commands.order(next, Value::Null, 1), Ok(()));
    }
}
