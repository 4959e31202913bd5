//! That something has to stop, and why: told once, heard by any number.

use std::{fmt, sync::Arc};

use assay_load::clock::Moment;
use futures::future::select_all;
use tokio::sync::watch;

use crate::clock;

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
pub struct Stopper(watch::Sender<Option<Told>>);

/// Hears that something has to stop, by itself or with something that it is a part of.
#[derive(Clone, Debug)]
pub struct Stop {
    /// At least one.
    heard: Vec<watch::Receiver<Option<Told>>>,
    /// Finds out, before it is said that nothing was told, whether something has to be.
    look: Option<Look>,
}

#[derive(Clone)]
struct Look(Arc<dyn Fn() + Send + Sync>);

impl fmt::Debug for Look {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Look")
    }
}

/// That something has to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) reason: StopReason,
    /// Since when, on this process' clock.
    pub(crate) since: Moment,
}

impl Stopper {
    /// One that has told nothing, and one that hears it.
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(None);
        let heard = vec![receiver];
        (Self(sender), Stop { heard, look: None })
    }

    /// Tells it. Only the first reason counts.
    pub fn stop(&self, reason: StopReason) {
        self.stop_since(reason, clock::now());
    }

    /// Tells that it has to have stopped since then.
    pub(crate) fn stop_since(&self, reason: StopReason, since: Moment) {
        self.0.send_if_modified(|told| {
            let first = told.is_none();
            if first {
                *told = Some(Told { reason, since });
            }
            first
        });
    }
}

impl Stop {
    /// Why, if it was told.
    pub fn reason(&self) -> Option<StopReason> {
        self.told().map(|told| told.reason)
    }

    /// Waits until it is told. A stopper that is gone without a word was [`StopReason::Asked`].
    pub async fn stopped(&mut self) -> StopReason {
        self.told_to_stop().await.reason
    }

    /// The same with when it was told.
    pub(crate) async fn told_to_stop(&mut self) -> Told {
        let heard = self.heard.iter_mut().map(|heard| {
            Box::pin(async {
                // One whose stopper is gone has nothing more to hear.
                let _ = heard.wait_for(Option::is_some).await;
            })
        });
        select_all(heard).await;
        self.told().unwrap_or_else(|| Told {
            reason: StopReason::Asked,
            since: clock::now(),
        })
    }

    /// What was told first, if something was.
    pub(crate) fn told(&self) -> Option<Told> {
        if let Some(Look(look)) = &self.look {
            look();
        }
        let told = self.heard.iter().filter_map(|heard| heard.borrow().clone());
        told.min_by_key(|told| told.since)
    }

    /// One that hears also what stops something wider.
    #[must_use]
    pub(crate) fn within(mut self, wider: &Self) -> Self {
        self.heard.extend(wider.heard.iter().cloned());
        self.look = self.look.or_else(|| wider.look.clone());
        self
    }

    /// One that looks whether something has to be told before it says that nothing was.
    #[must_use]
    pub(crate) fn looking(self, look: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            look: Some(Look(Arc::new(look))),
            ..self
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

    #[tokio::test]
    async fn a_part_stops_by_itself_or_with_the_whole() {
        for stops_alone in [true, false] {
            let (whole_stopper, whole) = Stopper::new();
            let (stopper, part) = Stopper::new();
            let mut part = part.within(&whole);
            assert_eq!(part.reason(), None);
            if stops_alone {
                stopper.stop(StopReason::GivenUp);
                assert_eq!(part.stopped().await, StopReason::GivenUp);
                assert_eq!(whole.reason(), None);
            }
            whole_stopper.stop(StopReason::Over);
            let first = part.stopped().await;
            assert_eq!(first == StopReason::GivenUp, stops_alone);
        }
    }

    #[test]
    fn who_asks_finds_out_what_was_not_told_yet() {
        let (stopper, stop) = Stopper::new();
        let stop = stop.looking(move || stopper.stop(StopReason::NatsAway));
        let (_own, part) = Stopper::new();
        assert_eq!(part.within(&stop).reason(), Some(StopReason::NatsAway));
    }
}
