//! What the coordinator's host says to the worker of one shard while that runs: in order, each once.

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::mpsc;

/// Orders of one shard, at most.
pub const MAX_ORDERS: usize = 10_000;
/// Bytes of one order as JSON, at most: it has to fit into a message of the server.
pub const MAX_ORDER_BYTES: usize = 512 << 10;
/// Bytes of all orders of one shard, at most.
pub const MAX_SHARD_ORDER_BYTES: usize = 4 << 20;
/// Bytes of the orders of all shards that are not settled, at most.
pub const MAX_ALL_ORDER_BYTES: usize = 64 << 20;

/// Hears the orders of one attempt: all that were given to its shard, from the first.
#[derive(Debug)]
pub struct Orders(mpsc::Receiver<Value>);

/// Takes them in at the agent.
#[derive(Debug)]
pub(crate) struct Intake {
    sender: mpsc::Sender<Value>,
    taken: usize,
}

/// Orders of one attempt, and where they come in.
pub(crate) fn pair() -> (Intake, Orders) {
    let (sender, receiver) = mpsc::channel(MAX_ORDERS);
    (Intake { sender, taken: 0 }, Orders(receiver))
}

impl Orders {
    /// The next one, however long it takes; none once no more can come, because the attempt is over. An order that is none that is expected is
    /// an error, and the next one can be asked for after it.
    pub async fn next<O: DeserializeOwned>(&mut self) -> Option<serde_json::Result<O>> {
        self.0.recv().await.map(O::deserialize)
    }
}

impl Intake {
    /// Takes an order by its number, from 0; whether it has been taken, now or before. One that comes before the one that precedes it is not, and comes
    /// again.
    pub(crate) fn take(&mut self, number: usize, order: Value) -> bool {
        if number == self.taken {
            // A worker that does not listen any more misses nothing.
            if let Err(mpsc::error::TrySendError::Full(_)) = self.sender.try_send(order) {
                return false;
            }
            self.taken += 1;
        }
        number < self.taken
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use serde_json::json;

    use super::{MAX_ORDERS, Orders, pair};

    fn heard(orders: &mut Orders) -> Vec<u64> {
        let next = || orders.next().now_or_never().flatten();
        std::iter::from_fn(next).map(Result::unwrap).collect()
    }

    #[tokio::test]
    async fn orders_are_heard_in_order_and_each_once_however_often_they_come() {
        let (mut intake, mut orders) = pair();
        for (number, is_taken) in [(1, false), (0, true), (0, true), (2, false), (1, true)] {
            assert_eq!(intake.take(number, json!(number)), is_taken, "{number}");
        }
        assert_eq!(heard(&mut orders), [0, 1]);
        drop(intake);
        assert!(orders.next::<u64>().await.is_none());
    }

    #[tokio::test]
    async fn an_order_that_is_not_what_is_expected_costs_no_other() {
        let (mut intake, mut orders) = pair();
        assert!(intake.take(0, json!("one")));
        assert!(intake.take(1, json!(2)));
        assert!(orders.next::<u64>().await.unwrap().is_err());
        assert_eq!(orders.next::<u64>().await.unwrap().unwrap(), 2);
    }

    #[test]
    fn who_does_not_listen_is_given_as_many_as_there_may_be() {
        let (mut intake, orders) = pair();
        for number in 0..MAX_ORDERS {
            assert!(intake.take(number, json!(null)));
        }
        assert!(!intake.take(MAX_ORDERS, json!(null)));
        drop(orders);
        assert!(intake.take(MAX_ORDERS, json!(null)), "nobody misses it");
    }
}
