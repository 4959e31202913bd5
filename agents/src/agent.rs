//! The one that lends its machine: it answers calls, takes part in one run at a time, and runs the shards that it is given.

mod asked;
mod attempt;
mod claims;
mod joining;
mod membership;
mod outbox;
mod participation;
mod puller;
mod running;
mod teller;
mod tenure;

use std::sync::Arc;

use async_nats::{Message, Subscriber};
use futures::StreamExt as _;
use tokio::task::JoinSet;

pub use self::teller::{NotTold, Teller};
use self::{
    asked::Asked,
    participation::{Orphan, Participation},
};
use crate::{
    clock,
    connection::Connection,
    error::{AgentError, NatsError},
    identity::{AgentInfo, MAX_NAME_BYTES, MAX_PROCESSORS, MAX_SLOTS, RunId, checked_name},
    message::{Answer, Call, Hello, Offer, PROTOCOL, clock::Reading, decode, encode},
    names,
    plugin::{Policy, Refusal},
    stop::{Stop, StopReason, Stopper},
    worker::Worker,
};

/// What happens to an agent, for whoever shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It listens to calls.
    Ready,
    /// It takes part in a run.
    Joined(RunId),
    /// It does not take part in a run, for its own reason.
    Refused(RunId, Refusal),
    /// It takes part no longer.
    Left(RunId, StopReason),
}

/// An agent that serves one coordinator after the other.
pub struct Agent<W, P> {
    connection: Connection,
    info: AgentInfo,
    worker: Arc<W>,
    policy: Arc<P>,
    notice: Tell,
}

/// Whoever is told what happens.
type Tell = Arc<dyn Fn(Notice) + Send + Sync>;

impl<W: Worker, P: Policy> Agent<W, P> {
    /// An agent, which does nothing yet. `notice` is told what happens to it, and must not block.
    pub fn new(
        connection: Connection,
        mut info: AgentInfo,
        worker: W,
        policy: P,
        notice: impl Fn(Notice) + Send + Sync + 'static,
    ) -> Result<Self, AgentError> {
        if !(1..=MAX_SLOTS).contains(&info.slots) {
            return Err(AgentError::Slots(info.slots));
        }
        if !(1..=MAX_PROCESSORS).contains(&info.processors) {
            return Err(AgentError::Processors(info.processors));
        }
        checked_name(&info.name)?;
        for text in [&mut info.version, &mut info.contract] {
            text.truncate(text.floor_char_boundary(MAX_NAME_BYTES));
        }
        Ok(Self {
            connection,
            info,
            worker: Arc::new(worker),
            policy: Arc::new(policy),
            notice: Arc::new(notice),
        })
    }

    /// Serves until it is stopped. Then what it runs is stopped and undone, and given back.
    pub async fn serve(&self, mut stop: Stop) -> Result<(), AgentError> {
        let mut calls = self.listen(names::CALL.to_owned()).await?;
        let mut offers = self.listen(names::offer(&self.info.id)).await?;
        let mut clock = self.listen(names::clock(&self.info.id)).await?;
        let (stopper, run_stop) = Stopper::new();
        let mut current = Current::default();
        (self.notice)(Notice::Ready);
        loop {
            tokio::select! {
                Some(call) = calls.next() => self.answer_call(&call, current.busy()).await,
                Some(question) = clock.next() => self.answer_clock(&question).await,
                Some(offer) = offers.next() => self.answer_offer(&offer, &mut current, &run_stop).await,
                Some(()) = current.ended() => {}
                reason = stop.stopped() => {
                    stopper.stop(reason);
                    break;
                }
            }
        }
        current.ended().await;
        Ok(())
    }

    async fn listen(&self, subject: String) -> Result<Subscriber, NatsError> {
        let subscribed = self.connection.client.subscribe(subject).await;
        subscribed.map_err(|error| self.connection.told(&error, "to listen to coordinators"))
    }

    async fn answer_call(&self, call: &Message, busy: Option<&RunId>) {
        // A coordinator of another protocol is answered too: it says which agents it cannot use.
        if decode::<serde_json::Value>(&call.payload).is_err() {
            return;
        }
        let hello = Hello {
            protocol: PROTOCOL,
            agent: self.info.clone(),
            // A run that calls again is not another one.
            busy: busy
                .filter(|run| decode::<Call>(&call.payload).is_ok_and(|call| call.run != **run))
                .cloned(),
        };
        reply(&self.connection, call, encode(&hello)).await;
    }

    async fn answer_clock(&self, question: &Message) {
        let heard = clock::now();
        let reading = Reading {
            heard,
            answered: clock::now(),
        };
        reply(&self.connection, question, encode(&reading)).await;
    }

    async fn answer_offer(&self, message: &Message, current: &mut Current, stop: &Stop) {
        let Some(offer) = decode::<Offer>(&message.payload)
            .ok()
            .filter(|offer| offer.times.are_sane())
        else {
            return;
        };
        if let Some(run) = current.run.as_ref().filter(|run| run.id == offer.run) {
            return run.asked.again(&self.connection, message.clone()).await;
        }
        if let Some(run) = current.busy() {
            let busy = Answer::Busy(run.clone());
            return reply(&self.connection, message, encode(&busy)).await;
        }
        current.leave().await;
        let (stopper, own_stop) = Stopper::new();
        let (run, orphan) = (offer.run.clone(), Orphan::default());
        let asked = Asked::new(message.clone());
        current.run = Some(Run {
            id: run,
            asked: asked.clone(),
            orphan: orphan.clone(),
            stopper,
        });
        let participation = Participation {
            connection: self.connection.clone(),
            info: self.info.clone(),
            worker: Arc::clone(&self.worker),
            policy: Arc::clone(&self.policy),
            notice: Arc::clone(&self.notice),
            orphan,
        };
        let stop = own_stop.within(stop);
        current
            .task
            .spawn(participation.take_part(offer, asked, stop));
    }
}

async fn reply(connection: &Connection, message: &Message, answer: bytes::Bytes) {
    if let Some(reply) = &message.reply {
        // Whoever asked asks again, or gives this agent up.
        let _ = connection.client.publish(reply.clone(), answer).await;
    }
}

/// The run in which an agent takes part now.
#[derive(Default)]
struct Current {
    run: Option<Run>,
    task: JoinSet<()>,
}

struct Run {
    id: RunId,
    asked: Asked,
    orphan: Orphan,
    stopper: Stopper,
}

impl Current {
    /// The run that keeps this agent from another one: one whose coordinator is thought dead does not.
    fn busy(&self) -> Option<&RunId> {
        let run = self.run.as_ref().filter(|run| !run.orphan.is_one());
        run.map(|run| &run.id)
    }

    /// Leaves a run whose coordinator is thought dead, of which nothing runs any more.
    async fn leave(&mut self) {
        if let Some(run) = &self.run {
            run.stopper.stop(StopReason::CoordinatorLost);
            self.ended().await;
        }
    }

    /// Waits for its end; for nothing if there is none.
    async fn ended(&mut self) -> Option<()> {
        // What panicked was the worker's own code outside of a shard: the run goes on without this agent, and the next one is another matter.
        let _ = self.task.join_next().await?;
        self.run = None;
        Some(())
    }
}
