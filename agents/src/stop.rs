//! That something has to stop, and why: told once, heard by any number.

use std::fmt;

use tokio::sync::watch;

/// Why something has to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The coordinator says so, for this reason.
    Aborted(String),
    /// The coordinator is gone.
    CoordinatorLost,
    /// The server was away for too long.
    NatsAway,
    /// The coordinator gave this agent up.
    GivenUp,
    /// The run's streams cannot be used any more, for this reason.
    NatsFailed(String),
    /// Whoever started it wants it to end.
    Asked,
    /// The run is over.
    Over,
}

impl fmt::Display for StopReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aborted(reason) => write!(formatter, "the run was stopped: {reason}"),
            Self::CoordinatorLost => formatter.write_str("the coordinator is gone"),
            Self::NatsAway => formatter.write_str("NATS was away for too long"),
            Self::GivenUp => formatter.write_str("the coordinator gave this agent up"),
            Self::NatsFailed(reason) => {
                write!(formatter, "the run cannot be followed any more: {reason}")
            }
            Self::Asked => formatter.write_str("the agent was asked to end"),
            Self::Over => formatter.write_str("the run is over"),
        }
    }
}

/// Tells that something has to stop.
#[derive(Clone, Debug)]
pub struct Stopper(watch::Sender<Option<StopReason>>);

/// Hears that something has to stop.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Option<StopReason>>);

impl Stopper {
    /// One that has told nothing, and one that hears it.
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(None);
        (Self(sender), Stop(receiver))
    }

    /// Tells it. Only the first reason counts.
    pub fn stop(&self, reason: StopReason) {
        self.0.send_if_modified(|told| {
            let first = told.is_none();
            if first {
                *told = Some(reason);
            }
            first
        });
    }
}

impl Stop {
    /// Why, if it was told.
    pub fn reason(&self) -> Option<StopReason> {
        self.0.borrow().clone()
    }

    /// Waits until it is told. A stopper that is gone without a word was [`StopReason::Asked`].
    pub async fn stopped(&mut self) -> StopReason {
        match self.0.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or(StopReason::Asked),
            Err(_) => StopReason::Asked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{StopReason, Stopper};

    #[tokio::test]
    async fn the_first_reason_counts_and_everybody_hears_it() {
        let (stopper, mut stop) = Stopper::new();
        assert_eq!(stop.reason(), None);
        stopper.stop(StopReason::CoordinatorLost);
        stopper.stop(StopReason::Over);
        assert_eq!(stop.stopped().await, StopReason::CoordinatorLost);
        assert_eq!(stop.clone().reason(), Some(StopReason::CoordinatorLost));
    }

    #[tokio::test]
    async fn who_waits_for_a_stopper_that_is_gone_stops() {
        let (stopper, mut stop) = Stopper::new();
        drop(stopper);
        assert_eq!(stop.stopped().await, StopReason::Asked);
    }
}
