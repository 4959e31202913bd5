//! One run at an agent, from the offer to the end.

use std::sync::{Arc, OnceLock, Weak};

use tokio::time::sleep;

use super::{
    Notice, Tell,
    asked::Asked,
    joining::{about_the_run, join},
    membership::Membership,
    tenure::Tenure,
};
use crate::{
    connection::Connection,
    identity::AgentInfo,
    message::{Answer, Offer},
    names::Names,
    plugin::Policy,
    stop::{Stop, StopReason},
    streams::leftovers,
    worker::Worker,
};

/// What an agent has for a run.
pub(super) struct Participation<W, P> {
    pub(super) connection: Connection,
    pub(super) info: AgentInfo,
    pub(super) worker: Arc<W>,
    pub(super) policy: Arc<P>,
    pub(super) notice: Tell,
    pub(super) orphan: Orphan,
}

/// Whether an agent waits for a coordinator that nobody answers for, with nothing to do meanwhile.
#[derive(Clone, Debug, Default)]
pub(super) struct Orphan(Arc<OnceLock<Weak<Tenure>>>);

impl Orphan {
    /// Looks at this from now on.
    fn watch(&self, tenure: &Arc<Tenure>) {
        self.0.get_or_init(|| Arc::downgrade(tenure));
    }

    pub(super) fn is_one(&self) -> bool {
        let tenure = self.0.get().and_then(Weak::upgrade);
        tenure.is_some_and(|tenure| tenure.is_orphan())
    }
}

impl<W: Worker, P: Policy> Participation<W, P> {
    /// Joins, answers the offer, and serves until the run is over for this agent.
    pub(super) async fn take_part(self, offer: Offer, asked: Asked, mut stop: Stop) {
        let run = offer.run.clone();
        let joined = tokio::select! {
            joined = join(&self.connection, &offer, &*self.worker, &*self.policy) => joined,
            reason = stop.stopped() => Err(about_the_run(reason.to_string())),
        };
        if let Err(refusal) = joined {
            let answer = Answer::Refused(refusal.clone());
            asked.answer(&self.connection, answer).await;
            // Some plugins may be ready already.
            self.worker.finish(&run).await;
            return (self.notice)(Notice::Refused(run, refusal));
        }
        let lost_after = offer.times.lost_after();
        let names = Names::new(run.clone());
        let (tenure, stops) = Tenure::new(self.connection.link.clone(), offer.times);
        self.orphan.watch(&tenure);
        let membership = Membership::new(
            &self.connection,
            self.info,
            &offer,
            Arc::clone(&self.worker),
            tenure,
        );
        let reason = match membership.listen().await {
            Ok(ears) => {
                asked.answer(&self.connection, Answer::Ready).await;
                (self.notice)(Notice::Joined(run.clone()));
                membership.serve(ears, stops, stop).await
            }
            Err(error) => StopReason::NatsFailed(error.to_string()),
        };
        self.worker.finish(&run).await;
        let is_orphan = matches!(reason, StopReason::CoordinatorLost | StopReason::NatsAway);
        (self.notice)(Notice::Left(run, reason));
        if is_orphan {
            // Not at once: a coordinator that was only out of reach still needs them.
            let connection = self.connection;
            tokio::spawn(async move {
                sleep(lost_after).await;
                // What cannot be removed now the next coordinator removes.
                let _ = leftovers::remove_dead(&connection, &names).await;
            });
        }
    }
}
