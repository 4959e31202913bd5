//! One fault from its making to its heal. Both happen in tasks of their own, one after the other, and each at most once.

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use assay_report::event::{Check, FaultStage, HealedFault};
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
    on_link, on_service, told,
};
use crate::{
    capability::{http::nanoseconds, recorder::Recorder, requests::Watcher},
    journal::Note,
    ledger::ActiveFault,
    link::FaultId,
};

/// A heal that goes on whoever waits for it, and answers all of them the same: the time from its beginning to the first healthy
/// answer, none if that could not be seen.
pub(super) type Healing = SharedFuture<BoxFuture<'static, Result<Option<Duration>, ChaosError>>>;

/// A fault of an attempt.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) order: Order,
    pub(super) shared: Arc<Shared>,
    pub(super) recorder: Recorder,
    meter: Arc<Meter>,
    /// What the ledger of the run and its events know.
    life: Mutex<Life>,
    /// Held while the fault is made, and while it is healed.
    effect: sync::Mutex<Effect>,
    healing: OnceLock<Healing>,
    /// How another host undoes it if this one dies.
    note: Mutex<Option<Note>>,
    met: Mutex<Met>,
}

/// What is told of a fault.
#[derive(Debug, Default)]
struct Life {
    /// From just before it is made to the beginning of its heal.
    active: Option<ActiveFault>,
    /// Its number in the run, and when it began to be made.
    begun: Option<(u64, Instant)>,
    confirmed: Option<Instant>,
    /// It is healed, and not all may be known of it yet.
    untold: Option<HealedFault>,
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
#[derive(Clone, Debug, Default)]
pub(super) enum Met {
    /// It is not made yet.
    #[default]
    Nothing,
    /// The link counts it.
    OnLink(FaultId),
    /// The requests of the attempt, and what these links to the service observe.
    OnService(Vec<(Arc<str>, FaultId)>),
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
            life: Mutex::default(),
            effect: sync::Mutex::default(),
            healing: OnceLock::new(),
            note: Mutex::default(),
            met: Mutex::default(),
        })
    }

    /// Makes it and confirms it from outside. What cannot be confirmed is undone before this returns.
    pub(super) async fn make(self: &Arc<Self>) -> Result<(), ChaosError> {
        let made = self.try_make().await;
        match &made {
            Ok(()) => self.is_confirmed(),
            Err(error) => self.tell_failure(FaultStage::Injecting, error),
        }
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
                let note = self.shared.environment.note(service).await?;
                *self.note() = note;
                self.begins();
                on_service::make(self, service, &mut effect).await
            }
            Target::Link(link) => {
                self.begins();
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
        // Asked anew each time: nobody else may be waiting for it.
        let outcome = self.healing().and_then(futures::FutureExt::now_or_never);
        outcome.is_some_and(|healed| healed.is_ok())
    }

    async fn undo(&self) -> Result<Option<Duration>, ChaosError> {
        let mut effect = self.effect.lock().await;
        let began = Instant::now();
        let active = self.heals(began);
        let undone = match (std::mem::take(&mut *effect), &self.order.target) {
            (Effect::None, _) => {
                self.end_count();
                Ok(Some(Duration::ZERO))
            }
            (Effect::Restarted(start), Target::Service(_)) => {
                self.end_count();
                Ok(Some(start))
            }
            (_, Target::Service(service)) => {
                self.end_count();
                let undone = on_service::undo(self, service).await;
                undone.map(|()| Some(began.elapsed()))
            }
            (Effect::Link(id), Target::Link(link)) => {
                let undone = on_link::undo(self, link, id).await;
                undone.map(|is_healthy| is_healthy.then(|| began.elapsed()))
            }
            (Effect::Restarted(_) | Effect::Service, Target::Link(_)) => {
                unreachable!("links have faults of their own")
            }
        };
        let undone = self.strike(undone).await;
        self.shared.release(self);
        match &undone {
            Ok(healthy_after) => self.is_over(active, *healthy_after),
            Err(error) => self.tell_failure(FaultStage::Healing, error),
        }
        undone
    }

    /// What is undone is struck out of the journal.
    async fn strike<T>(&self, undone: Result<T, ChaosError>) -> Result<T, ChaosError> {
        let healthy_after = undone?;
        let note = self.note().take();
        if let Some(note) = note {
            note.strike().await?;
        }
        Ok(healthy_after)
    }

    /// From here on something may change.
    fn begins(&self) {
        let active = self.recorder.attempt().fault();
        let mut life = self.life();
        life.begun = Some((active.id(), Instant::now()));
        life.active = Some(active);
        let watcher: Arc<dyn Watcher> = self.meter.clone();
        self.recorder.requests().watch(&watcher);
    }

    /// It shows from outside.
    fn is_confirmed(&self) {
        let mut life = self.life();
        let now = Instant::now();
        life.confirmed = Some(now);
        if let Some((id, begun)) = life.begun {
            let told = told::fault(&self.order, id);
            self.recorder.fault_injected(told, nanoseconds(now - begun));
        }
    }

    /// It is about to be undone; answers how long it was active.
    fn heals(&self, at: Instant) -> Duration {
        self.meter.heal(at);
        let mut life = self.life();
        life.active = None;
        life.confirmed
            .map_or(Duration::ZERO, |confirmed| at - confirmed)
    }

    /// It is undone, and what it met is healthy again, as far as that could be seen.
    fn is_over(&self, active: Duration, healthy_after: Option<Duration>) {
        let mut life = self.life();
        if let (Some((id, _)), Some(_)) = (life.begun, life.confirmed) {
            life.untold = Some(HealedFault {
                id,
                active_ns: nanoseconds(active),
                healthy_after_ns: healthy_after.map(nanoseconds),
                first_success_after_ns: None,
                traffic: 0,
            });
        }
    }

    /// Tells that it is healed, with all that is known by now. Once.
    pub(super) fn tell_healed(&self) {
        let untold = self.life().untold.take();
        if let Some(healed) = untold {
            self.recorder.fault_healed(HealedFault {
                first_success_after_ns: self.first_success().map(nanoseconds),
                traffic: self.traffic(),
                ..healed
            });
        }
    }

    fn tell_failure(&self, stage: FaultStage, error: &ChaosError) {
        if let Some((id, _)) = self.life().begun {
            let told = told::fault(&self.order, id);
            self.recorder.fault_failed(told, stage, &error.told());
        }
    }

    /// What met it so far.
    pub(super) fn traffic(&self) -> u64 {
        match &*self.met() {
            Met::Nothing => 0,
            Met::InAll(count) => *count,
            Met::OnLink(id) => on_link::met(self, self.order.target.name(), *id),
            Met::OnService(observers) => {
                self.meter.requests() + on_service::observed(self, observers)
            }
        }
    }

    /// What was counted by now is all that met the service.
    fn end_count(&self) {
        let observers = match &mut *self.met() {
            Met::OnService(observers) => std::mem::take(observers),
            _ => return,
        };
        let connections = on_service::end_observing(self, &observers);
        self.count(Met::InAll(self.meter.requests() + connections));
    }

    pub(super) fn count(&self, met: Met) {
        *self.met() = met;
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

    /// It is replaced as a whole.
    fn note(&self) -> MutexGuard<'_, Option<Note>> {
        self.note.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Each change is whole.
    fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It is replaced as a whole: nothing can be half-written.
    fn met(&self) -> MutexGuard<'_, Met> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
