//! `load` in a virtual user: its turns. A load within a load is refused.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use assay_load::transport::With;
use assay_load::turns::{self, Ended, Next, Seat};
use tokio::time::Instant;
use wasmtime::component::{Accessor, Resource};

use super::{State, User, http::Prepared};
use crate::{
    capability::http::Template,
    ledger::{Ledger, Mark},
    load::worker::Readiness,
    plugin::bindings::assay::suite::load::{
        Ending, Error, Host, HostWithStore, Opened, Outcome, Plan, Turn,
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
    /// The request with which each of its iterations begins, if one does.
    opening: Option<Prepared>,
    ledger: Ledger,
}

/// An iteration that begins, and the moment at which it does.
pub(super) type Begun = (Turn, Instant);

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
            opening: None,
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
        // Another instance prepares requests of its own.
        self.opening = None;
        std::mem::take(&mut self.has_had_turn)
    }

    /// It is `now`.
    fn try_next(&mut self, before: Option<&Ending>, now: Instant) -> Next {
        self.asks();
        let before = before.map(|ending| self.ended(ending));
        let next = self.seat.try_next(before, now);
        self.since = self.ledger.mark_at(now);
        self.has_had_turn |= matches!(next, Next::Turn(_));
        next
    }

    async fn next(&mut self) -> Option<Begun> {
        let turn = self.seat.next(None).await;
        let now = Instant::now();
        self.since = self.ledger.mark_at(now);
        self.has_had_turn |= turn.is_some();
        turn.map(|turn| (told(turn), now))
    }

    /// For one that is alone in its instance.
    async fn next_alone(&mut self, before: Option<&Ending>) -> Option<Begun> {
        let now = Instant::now();
        match self.try_next(before, now) {
            Next::Turn(turn) => Some((told(turn), now)),
            Next::Over => None,
            // In a box of its own: whoever need not wait would have the room for it moved about on its stack, at each turn.
            Next::Wait(_) => Box::pin(self.next()).await,
        }
    }

    /// Fails, and so traps, where there is none.
    pub(super) fn opening(&self) -> wasmtime::Result<Prepared> {
        self.opening.clone().ok_or_else(|| {
            wasmtime::Error::msg(
                "`load.next-opened` sends the request that `load.open-with` names, which was not called",
            )
        })
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

    /// The one that has the instance to itself. Fails, and so traps, where others share it.
    fn alone(&mut self, vu: u32) -> wasmtime::Result<&mut Place> {
        match self {
            Self::Alone(place) if place.vu() == vu => Ok(place),
            Self::Alone(_) => Err(no_such(vu)),
            Self::Many(_) => Err(wasmtime::Error::msg(
                "`load.next-now` stops the whole instance, which other virtual users share: use `load.next`",
            )),
        }
    }

    /// One of those that share the instance. Fails, and so traps, where one has it to itself.
    fn one_of_many(&self, vu: u32) -> wasmtime::Result<Arc<Mutex<Place>>> {
        match self {
            Self::Alone(_) => Err(wasmtime::Error::msg(
                "a virtual user that is alone in its instance asks `load.next-now`",
            )),
            Self::Many(places) => places.places.get(&vu).cloned().ok_or_else(|| no_such(vu)),
        }
    }

    fn open_with(&mut self, vu: u32, opening: Prepared) -> wasmtime::Result<()> {
        match self {
            Self::Alone(_) => self.alone(vu)?.opening = Some(opening),
            Self::Many(_) => {
                let place = self.one_of_many(vu)?;
                lock(&place).opening = Some(opening);
            }
        }
        Ok(())
    }
}

impl Host for State {
    async fn next_now(
        &mut self,
        vu: u32,
        before: Option<Ending>,
    ) -> wasmtime::Result<Option<Turn>> {
        let begun = self.users.alone(vu)?.next_alone(before.as_ref()).await;
        Ok(begun.map(|(turn, _)| turn))
    }

    fn parameter(&mut self) -> wasmtime::Result<String> {
        Ok(self.thread.common.parameter.clone())
    }

    fn open_with(&mut self, vu: u32, template: Resource<Template>) -> wasmtime::Result<()> {
        let opening = self.prepared(&template)?;
        self.users.open_with(vu, opening)
    }

    async fn next_opened_now(
        &mut self,
        vu: u32,
        before: Option<Ending>,
    ) -> wasmtime::Result<Option<Opened>> {
        let place = self.users.alone(vu)?;
        let opening = place.opening()?;
        let Some((turn, began)) = place.next_alone(before.as_ref()).await else {
            return Ok(None);
        };
        let answer = self.open_alone(opening, began).await?;
        Ok(Some(Opened { turn, answer }))
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
        let place = accessor.with(|mut access| access.get().users.one_of_many(vu))?;
        let begun = next_of_many(&place, before).await;
        Ok(begun.map(|(turn, _)| turn))
    }

    async fn next_opened(
        accessor: &Accessor<T, Self>,
        vu: u32,
        before: Option<Ending>,
    ) -> wasmtime::Result<Option<Opened>> {
        let (place, thread) = accessor.with(|mut access| {
            let state = access.get();
            Ok::<_, wasmtime::Error>((state.users.one_of_many(vu)?, state.thread.clone()))
        })?;
        let opening = lock(&place).opening()?;
        let Some((turn, began)) = next_of_many(&place, before).await else {
            return Ok(None);
        };
        let answer = thread.fire(&opening, With::Prepared, began).await;
        Ok(Some(Opened { turn, answer }))
    }
}

async fn next_of_many(place: &Mutex<Place>, mut before: Option<Ending>) -> Option<Begun> {
    loop {
        // Nothing is held while it waits: what each of thousands keeps meanwhile is what they cost.
        let now = try_next(place, before.take().as_ref());
        match now {
            Now::Turn(begun) => return Some(begun),
            Now::Over => return None,
            Now::Wait(wait) => wait.await,
        }
    }
}

/// What there is now for one of many.
enum Now<Wait> {
    Turn(Begun),
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
    let now = Instant::now();
    match place.try_next(before, now) {
        Next::Turn(turn) => Now::Turn((told(turn), now)),
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
