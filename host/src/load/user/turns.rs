//! `load` in a virtual user: its turns. A load within a load is refused.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use assay_load::turns::{self, Ended, Next, Seat};
use wasmtime::component::Accessor;

use super::{State, User};
use crate::{
    ledger::{Ledger, Mark},
    load::worker::Readiness,
    plugin::bindings::assay::suite::load::{
        Ending, Error, Host, HostWithStore, Outcome, Plan, Turn,
    },
};

/// Bytes of the reason why an iteration failed.
const MAX_REASON_BYTES: usize = 256;

/// A virtual user's place in the load, which outlives its instance.
#[derive(Debug)]
pub(in crate::load) struct Place {
    seat: Seat,
    /// Since the iteration under way began.
    since: Mark,
    /// Told once the virtual user asks for its first turn.
    readiness: Option<Arc<Readiness>>,
    /// Whether it had a turn in the instance in which it is.
    has_had_turn: bool,
    ledger: Ledger,
}

/// Those who run in one instance.
#[derive(Debug)]
pub(in crate::load) enum Users {
    /// One, which may stop its whole instance. Boxed: the store moves.
    Alone(Box<Place>),
    /// Many.
    Many(Places),
}

/// Virtual users that share an instance.
#[derive(Clone, Debug, Default)]
pub(in crate::load) struct Places {
    places: BTreeMap<u32, Arc<Mutex<Place>>>,
    /// Those who have not joined yet.
    waiting: VecDeque<u32>,
}

impl Place {
    pub(in crate::load) fn new(seat: Seat, ledger: &Ledger, readiness: &Arc<Readiness>) -> Self {
        Self {
            seat,
            since: ledger.mark(),
            readiness: Some(Arc::clone(readiness)),
            has_had_turn: false,
            ledger: ledger.clone(),
        }
    }

    /// The number of the virtual user.
    pub(in crate::load) fn vu(&self) -> u32 {
        self.seat.vu()
    }

    /// Its instance has trapped: the iteration under way, if there is one, ended so. False if it had no turn there: then another
    /// instance would not come further.
    fn broke(&mut self, reason: &str) -> bool {
        let ending = turns::Ending::Failed(cut(reason));
        let phase = self.ledger.phase_since(self.since);
        self.seat.finish(Ended { ending, phase });
        std::mem::take(&mut self.has_had_turn)
    }

    fn try_next(&mut self, before: Option<&Ending>) -> Next {
        self.asks();
        let before = before.map(|ending| self.ended(ending));
        let next = self.seat.try_next(before);
        self.since = self.ledger.mark();
        self.has_had_turn |= matches!(next, Next::Turn(_));
        next
    }

    async fn next(&mut self) -> Option<Turn> {
        let turn = self.seat.next(None).await;
        self.since = self.ledger.mark();
        self.has_had_turn |= turn.is_some();
        turn.map(told)
    }

    fn asks(&mut self) {
        if let Some(readiness) = self.readiness.take() {
            readiness.one();
        }
    }

    fn ended<'a>(&self, ending: &'a Ending) -> Ended<'a> {
        let ending = match ending {
            Ending::Passed => turns::Ending::Passed,
            Ending::Failed(reason) => turns::Ending::Failed(cut(reason)),
        };
        Ended {
            ending,
            phase: self.ledger.phase_since(self.since),
        }
    }
}

impl Places {
    /// All of them are yet to join.
    pub(in crate::load) fn new(places: impl IntoIterator<Item = Place>) -> Self {
        let places: BTreeMap<_, _> = places
            .into_iter()
            .map(|place| (place.vu(), Arc::new(Mutex::new(place))))
            .collect();
        Self {
            waiting: places.keys().copied().collect(),
            places,
        }
    }

    /// Their instance has trapped: the iterations that were under way there ended so, and all may join another one. False if none of them
    /// had a turn there.
    fn broke(&mut self, reason: &str) -> bool {
        let mut had_turns = false;
        for place in self.places.values() {
            had_turns |= lock(place).broke(reason);
        }
        self.waiting = self.places.keys().copied().collect();
        had_turns
    }
}

impl Users {
    /// Their instance has trapped: the iterations that were under way there ended so. False if nobody had a turn there: then another
    /// instance would not come further.
    pub(in crate::load) fn broke(&mut self, reason: &str) -> bool {
        match self {
            Self::Alone(place) => place.broke(reason),
            Self::Many(places) => places.broke(reason),
        }
    }

    /// Whether there is one, which may stop its whole instance.
    pub(super) fn is_alone(&self) -> bool {
        matches!(self, Self::Alone(_))
    }
}

impl Host for State {
    async fn next_now(
        &mut self,
        vu: u32,
        before: Option<Ending>,
    ) -> wasmtime::Result<Option<Turn>> {
        match &mut self.users {
            Users::Alone(place) if place.vu() == vu => match place.try_next(before.as_ref()) {
                Next::Turn(turn) => Ok(Some(told(turn))),
                Next::Over => Ok(None),
                // In a box of its own: whoever need not wait would have the room for it moved about on its stack, at each turn.
                Next::Wait(_) => Ok(Box::pin(place.next()).await),
            },
            Users::Alone(_) => Err(no_such(vu)),
            Users::Many(_) => Err(wasmtime::Error::msg(
                "`load.next-now` stops the whole instance, which other virtual users share: use `load.next`",
            )),
        }
    }

    fn parameter(&mut self) -> wasmtime::Result<String> {
        Ok(self.thread.common.parameter.clone())
    }
}

impl<T: Send> HostWithStore<T> for User {
    async fn run(
        _accessor: &Accessor<T, Self>,
        plan: Plan,
    ) -> wasmtime::Result<Result<Outcome, Error>> {
        Ok(Err(Error::Unsupported(format!(
            "a virtual user makes no load of its own, so `{}` was not run: make it in a case",
            plan.scenario
        ))))
    }

    async fn join(accessor: &Accessor<T, Self>) -> wasmtime::Result<Option<u32>> {
        Ok(accessor.with(|mut access| match &mut access.get().users {
            Users::Alone(_) => None,
            Users::Many(places) => places.waiting.pop_front(),
        }))
    }

    async fn next(
        accessor: &Accessor<T, Self>,
        vu: u32,
        before: Option<Ending>,
    ) -> wasmtime::Result<Option<Turn>> {
        let place = accessor.with(|mut access| match &mut access.get().users {
            Users::Alone(_) => Err(wasmtime::Error::msg(
                "a virtual user that is alone in its instance asks `load.next-now`",
            )),
            Users::Many(places) => places.places.get(&vu).cloned().ok_or_else(|| no_such(vu)),
        })?;
        let mut before = before;
        loop {
            // Nothing is held while it waits: what each of thousands keeps meanwhile is what they cost.
            let now = try_next(&place, before.take().as_ref());
            match now {
                Now::Turn(turn) => return Ok(Some(turn)),
                Now::Over => return Ok(None),
                Now::Wait(wait) => wait.await,
            }
        }
    }
}

/// What there is now for one of many.
enum Now<Wait> {
    Turn(Turn),
    Over,
    /// To be asked again after that.
    Wait(Wait),
}

fn try_next(
    place: &Mutex<Place>,
    before: Option<&Ending>,
) -> Now<impl Future<Output = ()> + use<>> {
    let mut place = lock(place);
    let rings = place.seat.rings();
    match place.try_next(before) {
        Next::Turn(turn) => Now::Turn(told(turn)),
        Next::Over => Now::Over,
        Next::Wait(moment) => Now::Wait(place.seat.wait(moment, rings)),
    }
}

/// A place is told of one thing after the other: a panic of another holder leaves it as it was before the one that it did not hear.
fn lock(place: &Mutex<Place>) -> MutexGuard<'_, Place> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

fn no_such(vu: u32) -> wasmtime::Error {
    wasmtime::Error::msg(format!("there is no virtual user {vu} in this instance"))
}

fn told(turn: turns::Turn) -> Turn {
    Turn {
        iteration: turn.iteration,
        intended: u64::try_from(turn.intended.as_nanos()).unwrap_or(u64::MAX),
        warm_up: turn.warm_up,
    }
}

fn cut(reason: &str) -> &str {
    crate::capability::recorder::cut(reason, MAX_REASON_BYTES)
}
