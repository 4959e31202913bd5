//! What an agent runs now, and where each attempt hears what is said to it.

use std::collections::BTreeMap;

use assay_load::clock::Moment;

use crate::{
    message::{Command, Said},
    orders::{self, Intake, Orders},
    shard::ShardNumber,
    stop::{Stop, StopReason, Stopper},
};

/// Attempts that run. An agent runs a shard once at a time.
#[derive(Debug, Default)]
pub(super) struct Running {
    attempts: BTreeMap<ShardNumber, Attempt>,
    /// Attempts that were stopped without an end, as long as the coordinator has not heard so.
    given_back: Vec<(ShardNumber, u32)>,
}

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
        self.attempts.insert(shard, attempt);
        (orders, stop)
    }

    /// It runs no longer. Whoever gives it back has not told its end.
    pub(super) fn end(&mut self, shard: ShardNumber, ordinal: u32, is_given_back: bool) {
        let is_this = |attempt: &Attempt| attempt.ordinal == ordinal;
        // A later one may have begun meanwhile.
        if self.attempts.get(&shard).is_some_and(is_this) {
            self.attempts.remove(&shard);
        }
        if is_given_back {
            self.given_back.push((shard, ordinal));
        }
    }

    /// All that runs has to have stopped since then.
    pub(super) fn stop_all(&self, reason: &StopReason, since: Moment) {
        for attempt in self.attempts.values() {
            attempt.stopper.stop_since(reason.clone(), since);
        }
    }

    /// Whether nothing runs.
    pub(super) fn is_empty(&self) -> bool {
        self.attempts.is_empty()
    }

    /// What was given back, as far as the coordinator may not have heard so.
    pub(super) fn given_back(&self) -> &[(ShardNumber, u32)] {
        &self.given_back
    }

    /// The coordinator has heard that these were given back.
    pub(super) fn forget_given_back(&mut self, heard: &[(ShardNumber, u32)]) {
        self.given_back.retain(|attempt| !heard.contains(attempt));
    }

    /// Something is said to an attempt; whether it was taken.
    pub(super) fn hear(&mut self, said: Said) -> bool {
        let attempt = self.attempts.get_mut(&said.shard);
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
        let attempts = self.attempts.iter();
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
        running.end(ShardNumber(0), 1, false);
        assert_eq!(
            running.list(),
            [(ShardNumber(0), 2)],
            "an older one has ended"
        );
        running.end(ShardNumber(0), 2, false);
        assert!(!running.hear(said(2, order())), "it has ended");
    }

    #[test]
    fn what_is_given_back_is_said_until_it_was_heard() {
        let mut running = Running::default();
        for shard in 0..3 {
            let _ = running.begin(ShardNumber(shard), 1);
        }
        running.end(ShardNumber(0), 1, true);
        let heard = running.given_back().to_vec();
        running.end(ShardNumber(1), 1, true);
        running.end(ShardNumber(2), 1, false);
        running.forget_given_back(&heard);
        assert_eq!(heard, [(ShardNumber(0), 1)]);
        assert_eq!(running.given_back(), [(ShardNumber(1), 1)]);
        assert!(running.is_empty());
    }
}
