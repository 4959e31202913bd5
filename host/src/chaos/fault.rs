//! One fault from its making to its heal. Both happen in tasks of their own, one after the other, and each at most once.

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use futures::{
    FutureExt as _,
    future::{BoxFuture, Shared as SharedFuture},
};
use tokio::{sync, time::Instant};

use super::{
    act::{Order, Target},
    error::ChaosError,
    faults::Shared,
    meter::Meter,
    on_link, on_service,
};
use crate::{
    capability::{recorder::Recorder, requests::Watcher},
    event::Check,
    link::FaultId,
};

/// A heal that goes on whoever waits for it, and answers all of them the same: the time from its beginning to the first healthy
/// answer.
pub(super) type Healing = SharedFuture<BoxFuture<'static, Result<Duration, ChaosError>>>;

/// A fault of an attempt.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) order: Order,
    pub(super) shared: Arc<Shared>,
    pub(super) recorder: Recorder,
    meter: Arc<Meter>,
    /// Held while the fault is made, and while it is healed.
    effect: sync::Mutex<Effect>,
    healing: OnceLock<Healing>,
    met: Mutex<Met>,
}

/// What there is to undo.
#[derive(Debug, Default)]
pub(super) enum Effect {
    /// Nothing.
    #[default]
    None,
    /// Nothing: the service was down for a while, and needed so long to be healthy again.
    Restarted(Duration),
    /// Whatever its state is: the service has to run and be healthy.
    Service,
    /// A fault in the table of the link.
    Link(FaultId),
}

/// How much met the fault.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Met {
    /// It is not made yet.
    #[default]
    Nothing,
    /// The link counts it.
    OnLink(FaultId),
    /// So many connections had come over links to the service before.
    Since(u64),
    /// It is healed.
    InAll(u64),
}

impl Fault {
    pub(super) fn new(order: Order, shared: Arc<Shared>, recorder: Recorder) -> Arc<Self> {
        let service = match &order.target {
            Target::Service(service) => Some(service.clone()),
            Target::Link(_) => None,
        };
        let meter = Arc::new(Meter::new(Arc::clone(&shared.addresses), service));
        Arc::new(Self {
            order,
            shared,
            recorder,
            meter,
            effect: sync::Mutex::default(),
            healing: OnceLock::new(),
            met: Mutex::default(),
        })
    }

    /// Makes it and confirms it from outside. What cannot be confirmed is undone before this returns.
    pub(super) async fn make(self: &Arc<Self>) -> Result<(), ChaosError> {
        let made = self.try_make().await;
        if let Err(error) = &made {
            if let ChaosError::NotConfirmed { seen, .. } = error {
                self.fail_check("is confirmed from outside", "it shows", seen);
            }
            // If that fails too, the end of the attempt tells of it.
            let _ = self.heal().await;
        }
        made
    }

    async fn try_make(self: &Arc<Self>) -> Result<(), ChaosError> {
        let mut effect = self.effect.lock().await;
        if self.healing.get().is_some() {
            let order = self.order.to_string();
            return Err(ChaosError::GivenUp { order });
        }
        match &self.order.target {
            Target::Service(service) => {
                on_service::check(self, service)?;
                self.shared.claim(service, self).await?;
                self.watch();
                on_service::make(self, service, &mut effect).await
            }
            Target::Link(link) => {
                self.watch();
                on_link::make(self, link, &mut effect).await
            }
        }
    }

    /// The heal, which begins with the first call.
    pub(super) fn heal(self: &Arc<Self>) -> Healing {
        let begin = || {
            let this = Arc::clone(self);
            let healing = self.shared.runtime.spawn(async move { this.undo().await });
            let order = self.order.to_string();
            let healed = healing.map(|healed| {
                healed.unwrap_or_else(|problem| {
                    let problem = problem.to_string();
                    Err(ChaosError::Broken { order, problem })
                })
            });
            healed.boxed().shared()
        };
        self.healing.get_or_init(begin).clone()
    }

    /// The heal, if it has begun.
    pub(super) fn healing(&self) -> Option<Healing> {
        self.healing.get().cloned()
    }

    /// Whether it is healed; one that could not be is not.
    pub(super) fn is_healed(&self) -> bool {
        let outcome = self.healing.get().and_then(SharedFuture::peek);
        outcome.is_some_and(Result::is_ok)
    }

    async fn undo(&self) -> Result<Duration, ChaosError> {
        let mut effect = self.effect.lock().await;
        let began = Instant::now();
        self.meter.heal(began);
        let undone = match (std::mem::take(&mut *effect), &self.order.target) {
            (Effect::None, _) => Ok(Duration::ZERO),
            (Effect::Restarted(start), Target::Service(service)) => {
                self.count(Met::InAll(on_service::met(self, service)));
                Ok(start)
            }
            (_, Target::Service(service)) => {
                self.count(Met::InAll(on_service::met(self, service)));
                let undone = on_service::undo(self, service).await;
                undone.map(|()| began.elapsed())
            }
            (Effect::Link(id), Target::Link(link)) => {
                let undone = on_link::undo(self, link, id).await;
                undone.map(|()| began.elapsed())
            }
            (Effect::Restarted(_) | Effect::Service, Target::Link(_)) => {
                unreachable!("links have faults of their own")
            }
        };
        self.shared.release(self);
        undone
    }

    /// What met it so far.
    pub(super) fn traffic(&self) -> u64 {
        let met = *self.met();
        match (met, &self.order.target) {
            (Met::Nothing, _) => 0,
            (Met::InAll(count), _) => count,
            (Met::OnLink(id), Target::Link(link)) => on_link::met(self, link, id),
            (_, target) => on_service::met(self, target.name()),
        }
    }

    pub(super) fn count(&self, met: Met) {
        *self.met() = met;
    }

    /// Of a service the requests of this attempt, and with `now` connections over links those that came since it was made.
    pub(super) fn met_service(&self, now: u64) -> u64 {
        let connections = match *self.met() {
            Met::Since(before) => now.saturating_sub(before),
            _ => 0,
        };
        self.meter.requests() + connections
    }

    pub(super) fn first_success(&self) -> Option<Duration> {
        self.meter.first_success()
    }

    /// A check of the host's own: what was not disturbed was not tested.
    pub(super) fn fail_check(&self, what: &str, expected: &str, actual: &str) {
        self.recorder.check(Check {
            name: format!("{} {what}", self.order),
            passed: false,
            expected: Some(expected.to_owned()),
            actual: Some(actual.to_owned()),
            location: None,
        });
    }

    fn watch(&self) {
        let watcher: Arc<dyn Watcher> = self.meter.clone();
        self.recorder.requests().watch(&watcher);
    }

    /// A number: nothing can be half-written.
    fn met(&self) -> MutexGuard<'_, Met> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
