//! All faults of a run: what its attempts share, and the end of what each of them made.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use assay_report::event::Source;
use tokio::runtime::Handle as Runtime;

use super::{
    act::Order,
    addresses::Addresses,
    attempt::Attempt,
    error::ChaosError,
    fault::{Fault, Healing},
};
use crate::{
    capability::recorder::Recorder,
    environment::Environment,
    link::{self, Direction},
};

/// The faults of a run. Cheap to clone: all clones are the same.
#[derive(Clone, Debug)]
pub struct Faults {
    shared: Arc<Shared>,
    attempts: Arc<Mutex<BTreeMap<Source, Arc<Attempt>>>>,
}

/// What all faults of a run have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) environment: Arc<Environment>,
    pub(super) addresses: Arc<Addresses>,
    /// Where faults are made and healed: also by those who are being dropped.
    pub(super) runtime: Runtime,
    seed: u64,
    /// The services that have a fault: each has one at a time.
    claims: Mutex<BTreeMap<String, Arc<Fault>>>,
}

impl Faults {
    /// For the environment of a run; the seed chooses what belongs to a share. Needs a tokio runtime.
    pub fn new(environment: Arc<Environment>, seed: u64) -> Self {
        let shared = Shared {
            addresses: Arc::new(Addresses::of(&environment)),
            runtime: Runtime::current(),
            seed,
            claims: Mutex::default(),
            environment,
        };
        Self {
            shared: Arc::new(shared),
            attempts: Arc::default(),
        }
    }

    /// An attempt begins.
    pub fn attempt(&self, recorder: &Recorder) -> Arc<Attempt> {
        let attempt = Arc::new(Attempt::new(Arc::clone(&self.shared), recorder.clone()));
        let mut attempts = self.attempts();
        attempts.insert(recorder.source().clone(), Arc::clone(&attempt));
        attempt
    }

    /// An attempt is over: heals what it left, and answers what could not be healed. It waits at most as long as the services may
    /// take to start. Nothing can be made in that attempt any more.
    pub async fn settle(&self, source: &Source) -> Vec<ChaosError> {
        let attempt = self.attempts().remove(source);
        match attempt {
            Some(attempt) => attempt.settle().await,
            None => Vec::new(),
        }
    }

    /// Whether a service has a fault, or one that is being healed.
    pub fn is_on_service(&self, service: &str) -> bool {
        self.shared.claims().contains_key(service)
    }

    fn attempts(&self) -> MutexGuard<'_, BTreeMap<Source, Arc<Attempt>>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// The fault of a link as its proxy knows it.
    pub(super) fn link_fault(&self, order: &Order, action: link::Action) -> link::Fault {
        link::Fault {
            action,
            direction: order.options.direction,
            share: order.options.share,
            seed: self.seed,
        }
    }

    /// Takes a service for a fault. One whose fault is being healed is waited for.
    pub(super) async fn claim(&self, service: &str, fault: &Arc<Fault>) -> Result<(), ChaosError> {
        while let Some(healing) = self.try_claim(service, fault)? {
            // Whether that went well is told to those who own that fault.
            let _ = healing.await;
        }
        Ok(())
    }

    /// The heal to wait for, if there is one.
    fn try_claim(&self, service: &str, fault: &Arc<Fault>) -> Result<Option<Healing>, ChaosError> {
        match self.claims().entry(service.to_owned()) {
            Entry::Vacant(free) => {
                free.insert(Arc::clone(fault));
                Ok(None)
            }
            Entry::Occupied(taken) => match taken.get().healing() {
                Some(healing) => Ok(Some(healing)),
                None => Err(busy(&fault.order, taken.get())),
            },
        }
    }

    /// Whether a service has a fault with which it answers nobody, and that nobody heals yet.
    pub(super) fn is_silenced(&self, service: &str) -> bool {
        let claims = self.claims();
        let holder = claims.get(service);
        holder.is_some_and(|fault| fault.healing().is_none() && fault.order.act.silences())
    }

    /// Gives back what the fault has taken.
    pub(super) fn release(&self, fault: &Fault) {
        self.claims()
            .retain(|_, holder| !std::ptr::eq(&raw const **holder, fault));
    }

    fn claims(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Fault>>> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn busy(order: &Order, holder: &Fault) -> ChaosError {
    let Source { suite, entry, .. } = holder.recorder.source();
    ChaosError::Busy {
        order: order.to_string(),
        other: holder.order.to_string(),
        owner: format!("{suite}/{entry}"),
    }
}

/// A service is met as a whole, by actions for services; a link by actions for links.
pub(super) fn check(order: &Order) -> Result<(), ChaosError> {
    use super::act::{Act, Target};
    let named = || order.to_string();
    let meant = match (&order.target, &order.act) {
        (Target::Service(_), Act::OnLink(_)) => "links",
        (Target::Link(_), Act::OnLink(_) | Act::Disconnect) => return Ok(()),
        (Target::Link(_), _) => "services",
        (Target::Service(_), _) => {
            let options = order.options;
            #[expect(clippy::float_cmp, reason = "only the number 1 itself is the whole")]
            let is_whole = options.direction == Direction::Both && options.share == 1.0;
            return if is_whole {
                Ok(())
            } else {
                Err(ChaosError::Partial { order: named() })
            };
        }
    };
    Err(ChaosError::Unfit {
        order: named(),
        meant,
    })
}
