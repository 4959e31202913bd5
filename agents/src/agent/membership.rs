//! An agent in a run: it beats, hears how the run is, and stops when it has to.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_nats::{Message, Subscriber, client::Request};
use futures::StreamExt as _;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{puller, reply, running::Running};
use crate::{
    connection::Connection,
    error::{Cause, NatsError},
    identity::{AgentInfo, RunId},
    lease::Lease,
    message::{Beat, Offer, Pulse, decode, encode},
    names::{ANYBODY, Names},
    orders::Orders,
    settings::Times,
    shard::ShardNumber,
    stop::{Stop, StopReason, Stopper},
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
    joined: Instant,
    lease: Mutex<Lease>,
    running: Mutex<Running>,
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

/// That what runs has to stop, and that nobody hears of it any more. The second never comes before the first.
#[derive(Clone, Debug)]
pub(super) struct Stops {
    pub(super) stop: Stop,
    pub(super) gone: Stop,
}

impl<W: Worker> Membership<W> {
    pub(super) fn new(
        connection: &Connection,
        info: AgentInfo,
        offer: &Offer,
        worker: Arc<W>,
    ) -> Arc<Self> {
        Arc::new(Self {
            connection: connection.clone(),
            info,
            run: offer.run.clone(),
            names: Names::new(offer.run.clone()),
            times: offer.times,
            worker,
            joined: Instant::now(),
            lease: Mutex::new(Lease::new(offer.times, Duration::ZERO)),
            running: Mutex::default(),
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
    pub(super) async fn serve(self: Arc<Self>, mut ears: Ears, mut asked: Stop) -> StopReason {
        let (stopper, stop) = Stopper::new();
        let (leaver, gone) = Stopper::new();
        let stops = Stops { stop, gone };
        let mut pullers = JoinSet::new();
        for consumer in [ANYBODY, self.info.id.as_str()] {
            pullers.spawn(puller::pull(
                Arc::clone(&self),
                consumer.to_owned(),
                stops.clone(),
            ));
        }
        let mut beats = JoinSet::new();
        beats.spawn(Arc::clone(&self).beat_on(stopper.clone(), leaver.clone()));
        let mut left = stops.gone.clone();
        let reason = loop {
            tokio::select! {
                Some(said) = ears.said.next() => self.hear_said(&said).await,
                Some(pulse) = ears.pulses.next() => {
                    if let Ok(pulse) = decode(&pulse.payload) {
                        hear(&pulse, &stopper, &leaver);
                    }
                }
                reason = left.stopped() => break reason,
                reason = asked.stopped() => leaver.stop(reason),
            }
        };
        stopper.stop(reason.clone());
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

    /// An attempt runs from now on: its orders, and that it alone has to stop.
    pub(super) fn begin(&self, shard: ShardNumber, attempt: u32) -> (Orders, Stop) {
        lock(&self.running).begin(shard, attempt)
    }

    /// An attempt runs no longer.
    pub(super) fn end(&self, shard: ShardNumber) {
        lock(&self.running).end(shard);
    }

    async fn hear_said(&self, message: &Message) {
        if let Ok(said) = decode(&message.payload) {
            let is_taken = lock(&self.running).hear(said);
            reply(&self.connection, message, encode(&is_taken)).await;
        }
    }

    /// It cannot be told what happens. The first reason counts.
    pub(super) fn complain(&self, error: &NatsError) {
        lock(&self.trouble).get_or_insert_with(|| error.to_string());
    }

    /// Beats, and looks at the lease, until it is shut down.
    async fn beat_on(self: Arc<Self>, stopper: Stopper, leaver: Stopper) {
        let mut beat = JoinSet::new();
        loop {
            if beat.is_empty() {
                beat.spawn(Arc::clone(&self).beat());
            }
            tokio::select! {
                Some(answer) = beat.join_next() => {
                    if let Ok(Some(pulse)) = answer {
                        hear(&pulse, &stopper, &leaver);
                    }
                    sleep(self.times.beat).await;
                }
                () = sleep(self.times.beat) => {}
            }
            let mut lease = lock(&self.lease);
            lease.linked(self.connection.link.state().up);
            if let Some(reason) = lease.ended(self.joined.elapsed()) {
                leaver.stop(reason);
            }
        }
    }

    /// One beat and its answer.
    async fn beat(self: Arc<Self>) -> Option<Pulse> {
        let sent = self.joined.elapsed();
        let request = Request::new()
            .payload(self.message(false))
            .timeout(Some(self.times.beat * 4));
        match self
            .connection
            .client
            .send_request(self.names.beat(), request)
            .await
        {
            Ok(answer) => {
                let pulse = decode(&answer.payload).ok()?;
                lock(&self.lease).answered(sent);
                Some(pulse)
            }
            Err(error) => {
                if Cause::of(&error) == Cause::NoResponders {
                    lock(&self.lease).nobody(self.joined.elapsed());
                }
                None
            }
        }
    }

    /// Says that nothing of it runs any more, so that nobody waits for it.
    async fn say_goodbye(&self) {
        let sent = self
            .connection
            .client
            .publish(self.names.beat(), self.message(true))
            .await;
        if sent.is_ok() {
            // Whether it arrives or not, this agent goes.
            let _ = tokio::time::timeout(self.times.absence, self.connection.client.flush()).await;
        }
    }

    fn message(&self, leaving: bool) -> bytes::Bytes {
        encode(&Beat {
            agent: self.info.id.clone(),
            running: lock(&self.running).list(),
            given_back: Vec::new(),
            leaving,
            trouble: lock(&self.trouble).clone(),
        })
    }
}

/// Does what a pulse says.
fn hear(pulse: &Pulse, stopper: &Stopper, leaver: &Stopper) {
    match pulse {
        Pulse::Running => {}
        Pulse::Aborted(reason) => stopper.stop(StopReason::Aborted(reason.clone())),
        Pulse::Over => leaver.stop(StopReason::Over),
        Pulse::Unknown => leaver.stop(StopReason::GivenUp),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
