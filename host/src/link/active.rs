//! A fault while it is active: what all connections of a link share of it.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use tokio::time::Instant;

use super::{
    fault::{Action, Direction, Fault},
    pace::Pace,
    traffic::MetCounters,
};

/// Names an active fault of one link. It is never used again for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FaultId(pub(super) u64);

/// An active fault.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) id: FaultId,
    pub(super) fault: Fault,
    pub(super) since: Instant,
    pub(super) met: MetCounters,
    /// For each direction, if the fault is a bandwidth.
    paces: Option<[Mutex<Pace>; 2]>,
    /// New connections that are still to be dropped, if the fault drops the first ones.
    to_drop: AtomicU32,
}

impl Active {
    pub(super) fn new(id: FaultId, fault: Fault) -> Self {
        let since = Instant::now();
        let paces = match fault.action {
            Action::Bandwidth(rate) => Some([(); 2].map(|()| Mutex::new(Pace::new(rate, since)))),
            _ => None,
        };
        let to_drop = match fault.action {
            Action::DropFirst(connections) => connections,
            _ => 0,
        };
        Self {
            id,
            fault,
            since,
            met: MetCounters::default(),
            paces,
            to_drop: AtomicU32::new(to_drop),
        }
    }

    /// Whether it does nothing to what it meets.
    pub(super) fn only_looks(&self) -> bool {
        self.fault.action == Action::Observe
    }

    /// Whether what it meets is not answered at all.
    pub(super) fn silences(&self) -> bool {
        self.fault.share > 0.0 && self.fault.action.silences()
    }

    /// Whether a new connection is reset at once. Each question counts as a connection, but for a probe, which has no number.
    pub(super) fn turns_away(&self, connection: Option<u64>) -> bool {
        self.fault.selects(connection)
            && match self.fault.action {
                Action::Refuse | Action::Reset => true,
                Action::DropFirst(_) if connection.is_none() => self.to_drop.load(Relaxed) > 0,
                Action::DropFirst(_) => self
                    .to_drop
                    .fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1))
                    .is_ok(),
                _ => false,
            }
    }

    /// How many bytes may pass now, or when to ask again.
    pub(super) fn allowance(&self, way: Direction, now: Instant) -> Result<usize, Instant> {
        self.with_pace(way, |pace| pace.allowance(now))
            .unwrap_or(Ok(usize::MAX))
    }

    /// So many bytes have passed.
    pub(super) fn spend(&self, way: Direction, bytes: usize, now: Instant) {
        self.with_pace(way, |pace| pace.spend(bytes, now));
    }

    fn with_pace<T>(&self, way: Direction, use_pace: impl FnOnce(&mut Pace) -> T) -> Option<T> {
        let pace = &self.paces.as_ref()?[usize::from(way == Direction::Downstream)];
        Some(use_pace(
            &mut pace.lock().unwrap_or_else(PoisonError::into_inner),
        ))
    }
}
