//! An agent in a run: it beats, hears how the run is, and stops when it has to.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use async_nats::{Message, Subscriber, client::Request};
use futures::StreamExt as _;
use tokio::{task::JoinSet, time::sleep};

use super::{
    puller, reply,
    tenure::{Stops, Tenure},
};
use crate::{
    clock,
    connection::Connection,
    error::{Cause, NatsError},
    identity::{AgentInfo, MAX_ADDRESSED, RunId},
    message::{Beat, Offer, decode, encode},
    names::{ANYBODY, Names},
    settings::Times,
    shard::ShardNumber,
    stop::{Stop, StopReason},
    worker::Worker,
};

/// What the tasks of an agent share in one run.
#[derive(Debug)]
pub(super) struct Membership<W> {
    pub(super) connection: Connection,
    pub(super) info: AgentInfo,
    pub(super) run: RunId,
    pub(super) names: Names,
    pub(super) times: Times,
    pub(super) worker: Arc<W>,
    pub(super) tenure: Arc<Tenure>,
    trouble: Mutex<Option<String>>,
    nonces: AtomicU64,
}

/// Where an agent hears its coordinator.
#[derive(Debug)]
pub(super) struct Ears {
    /// How the run is.
    pulses: Subscriber,
    /// What is said to its shards.
    said: Subscriber,
}

impl<W: Worker> Membership<W> {
    pub(super) fn new(
        connection: &Connection,
        info: AgentInfo,
        offer: &Offer,
        worker: Arc<W>,
        tenure: Arc<Tenure>,
    ) -> Arc<Self> {
        Arc::new(Self {
            connection: connection.clone(),
            info,
            run: offer.run.clone(),
            names: Names::new(offer.run.clone()),
            times: offer.times,
            worker,
            tenure,
            trouble: Mutex::default(),
            nonces: AtomicU64::new(0),
        })
    }

    /// Listens to the coordinator from now on.
    pub(super) async fn listen(&self) -> Result<Ears, NatsError> {
        let (pulses, said) = (self.names.pulse(), self.names.said(&self.info.id));
        Ok(Ears {
            pulses: self.subscribe(pulses).await?,
            said: self.subscribe(said).await?,
        })
    }

    async fn subscribe(&self, subject: String) -> Result<Subscriber, NatsError> {
        let subscribed = self.connection.client.subscribe(subject).await;
        subscribed.map_err(|error| self.connection.told(&error, "to listen to the coordinator"))
    }

    /// Runs what it is given until the run is over for this agent, and says why.
    pub(super) async fn serve(
        self: Arc<Self>,
        mut ears: Ears,
        stops: Stops,
        mut asked: Stop,
    ) -> StopReason {
        let mut pullers = JoinSet::new();
        let slots = usize::try_from(self.info.slots).unwrap_or(1);
        // Those that are addressed wait for each other at several agents: one that found no slot would keep the others waiting.
        for (consumer, at_once) in [(ANYBODY, slots), (self.info.id.as_str(), MAX_ADDRESSED)] {
            pullers.spawn(puller::pull(
                Arc::clone(&self),
                consumer.to_owned(),
                at_once,
                stops.clone(),
            ));
        }
        let mut beats = JoinSet::new();
        beats.spawn(Arc::clone(&self).beat_on());
        let mut left = stops.gone.clone();
        let reason = loop {
            tokio::select! {
                Some(said) = ears.said.next() => self.hear_said(&said).await,
                Some(pulse) = ears.pulses.next() => {
                    if let Ok(pulse) = decode(&pulse.payload) {
                        self.tenure.hear(pulse);
                    }
                }
                reason = left.stopped() => break reason,
                reason = asked.stopped() => self.tenure.leave(reason),
            }
        };
        // Each attempt has its own limit for that.
        while pullers.join_next().await.is_some() {}
        beats.shutdown().await;
        if reason == StopReason::Asked {
            self.say_goodbye().await;
        }
        reason
    }

    /// A number that no other claim of this agent has.
    pub(super) fn nonce(&self) -> u64 {
        self.nonces.fetch_add(1, Ordering::Relaxed)
    }

    async fn hear_said(&self, message: &Message) {
        if let Ok(said) = decode(&message.payload) {
            let is_taken = self.tenure.hear_said(said);
            reply(&self.connection, message, encode(&is_taken)).await;
        }
    }

    /// It cannot be told what happens. The first reason counts.
    pub(super) fn complain(&self, error: &NatsError) {
        lock(&self.trouble).get_or_insert_with(|| error.to_string());
    }

    /// Beats, and looks at the lease, until it is shut down.
    async fn beat_on(self: Arc<Self>) {
        let mut beat = JoinSet::new();
        loop {
            if beat.is_empty() {
                // Before: what is answered to somebody who was frozen for too long changes nothing any more.
                self.tenure.look();
                beat.spawn(Arc::clone(&self).beat());
            }
            tokio::select! {
                Some(_) = beat.join_next() => sleep(self.times.beat).await,
                () = sleep(self.times.beat) => {}
            }
            self.tenure.look();
        }
    }

    /// One beat and its answer.
    async fn beat(self: Arc<Self>) {
        let [running, given_back] = self.tenure.attempts();
        let sent = clock::now();
        let request = Request::new()
            .payload(self.message(running, given_back.clone(), false))
            .timeout(Some(self.times.beat * 4));
        match self
            .connection
            .client
            .send_request(self.names.beat(), request)
            .await
        {
            Ok(answer) => {
                if let Ok(pulse) = decode(&answer.payload) {
                    self.tenure.answered(sent, &given_back);
                    self.tenure.hear(pulse);
                }
            }
            Err(error) => {
                if Cause::of(&error) == Cause::NoResponders {
                    self.tenure.nobody();
                }
            }
        }
    }

    /// Says that nothing of it runs any more, so that nobody waits for it.
    async fn say_goodbye(&self) {
        let sent = self
            .connection
            .client
            .publish(
                self.names.beat(),
                self.message(Vec::new(), Vec::new(), true),
            )
            .await;
        if sent.is_ok() {
            // Whether it arrives or not, this agent goes.
            let _ = tokio::time::timeout(self.times.absence, self.connection.client.flush()).await;
        }
    }

    fn message(&self, running: Attempts, given_back: Attempts, leaving: bool) -> bytes::Bytes {
        encode(&Beat {
            agent: self.info.id.clone(),
            running,
            given_back,
            leaving,
            trouble: lock(&self.trouble).clone(),
        })
    }
}

/// Shards, and which attempt at each it is.
type Attempts = Vec<(ShardNumber, u32)>;

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
