//! What an agent runs now, and where each attempt hears what is said to it.

use std::collections::BTreeMap;

use crate::{
    message::{Command, Said},
    orders::{self, Intake, Orders},
    shard::ShardNumber,
    stop::{Stop, StopReason, Stopper},
};

/// Attempts that run. An agent runs a shard once at a time.
#[derive(Debug, Default)]
pub(super) struct Running(BTreeMap<ShardNumber, Attempt>);

#[derive(Debug)]
struct Attempt {
    ordinal: u32,
    stopper: Stopper,
    intake: Intake,
}

impl Running {
    /// An attempt runs from now on: its orders, and that it alone has to stop.
    pub(super) fn begin(&mut self, shard: ShardNumber, ordinal: u32) -> (Orders, Stop) {
        let (stopper, stop) = Stopper::new();
        let (intake, orders) = orders::pair();
        let attempt = Attempt {
            ordinal,
            stopper,
            intake,
        };
        self.0.insert(shard, attempt);
        (orders, stop)
    }

    /// It runs no longer.
    pub(super) fn end(&mut self, shard: ShardNumber) {
        self.0.remove(&shard);
    }

    /// Something is said to an attempt; whether it was taken.
    pub(super) fn hear(&mut self, said: Said) -> bool {
        let attempt = self.0.get_mut(&said.shard);
        let Some(attempt) = attempt.filter(|attempt| attempt.ordinal == said.attempt) else {
            return false;
        };
        match said.command {
            Command::Order { number, order } => attempt.intake.take(number, order),
            Command::Stop(reason) => {
                attempt.stopper.stop(StopReason::Aborted(reason));
                true
            }
        }
    }

    /// What runs, and which attempt at each it is.
    pub(super) fn list(&self) -> Vec<(ShardNumber, u32)> {
        let attempts = self.0.iter();
        attempts
            .map(|(shard, attempt)| (*shard, attempt.ordinal))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Command, Running, Said, ShardNumber, StopReason};

    fn said(attempt: u32, command: Command) -> Said {
        Said {
            shard: ShardNumber(0),
            attempt,
            command,
        }
    }

    #[tokio::test]
    async fn what_is_said_to_an_attempt_is_heard_by_no_other() {
        let order = || Command::Order {
            number: 0,
            order: json!(7),
        };
        let mut running = Running::default();
        assert!(!running.hear(said(1, order())), "it has not begun");
        let (mut orders, stop) = running.begin(ShardNumber(0), 2);
        assert!(!running.hear(said(1, order())), "it is an older one");
        assert!(running.hear(said(2, order())));
        assert_eq!(orders.next::<u32>().await.unwrap().unwrap(), 7);
        assert_eq!(stop.reason(), None);
        assert!(running.hear(said(2, Command::Stop("enough".to_owned()))));
        let reason = StopReason::Aborted("enough".to_owned());
        assert_eq!(stop.reason(), Some(reason));
        running.end(ShardNumber(0));
        assert!(!running.hear(said(2, order())), "it has ended");
    }
}
