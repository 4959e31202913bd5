//! Virtual users' places in a load: what there is of them for as long as the load takes, whichever instance they run in.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use assay_load::turns::{self, Ended, Next, Seat};
use tokio::time::Instant;

use super::http::Prepared;
use crate::{
    capability::recorder,
    ledger::{Ledger, Mark},
    load::worker::Readiness,
    plugin::bindings::assay::suite::load::{Ending, Turn},
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

/// What there is now for a virtual user.
pub(super) enum Now<Wait> {
    Turn(Begun),
    Over,
    /// To be asked again after that.
    Wait(Wait),
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
#[derive(Debug, Default)]
pub(in crate::load) struct Places {
    places: BTreeMap<u32, Place>,
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

    /// Tells how the iteration before ended, and asks for the next one without waiting. Nothing is borrowed by what there may be to wait for: what each
    /// of thousands keeps meanwhile is what they cost.
    pub(super) fn ask(&mut self, before: Option<&Ending>) -> Now<impl Future<Output = ()> + use<>> {
        let rings = self.seat.rings();
        let now = Instant::now();
        match self.try_next(before, now) {
            Next::Turn(turn) => Now::Turn((told(turn), now)),
            Next::Over => Now::Over,
            Next::Wait(moment) => Now::Wait(self.seat.wait(moment, rings)),
        }
    }

    /// The same, and waits. None: the load is over for it.
    pub(super) async fn next(&mut self, before: Option<&Ending>) -> Option<Begun> {
        let now = Instant::now();
        match self.try_next(before, now) {
            Next::Turn(turn) => Some((told(turn), now)),
            Next::Over => None,
            // In a box of its own: whoever need not wait would have the room for it moved about on its stack, at each turn.
            Next::Wait(_) => Box::pin(self.wait()).await,
        }
    }

    /// From its next turn on iterations begin with this request.
    pub(super) fn open_with(&mut self, opening: Prepared) {
        self.opening = Some(opening);
    }

    /// The request with which iterations begin. Fails, and so traps, where there is none.
    pub(super) fn opening(&self) -> wasmtime::Result<&Prepared> {
        self.opening.as_ref().ok_or_else(|| {
            wasmtime::Error::msg(
                "`load.next-opened` sends the request that `load.open-with` names, which was not called",
            )
        })
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
        if let Some(readiness) = self.readiness.take() {
            readiness.one();
        }
        let before = before.map(|ending| self.ended(ending));
        let next = self.seat.try_next(before, now);
        self.since = self.ledger.mark_at(now);
        self.has_had_turn |= matches!(next, Next::Turn(_));
        next
    }

    async fn wait(&mut self) -> Option<Begun> {
        let turn = self.seat.next(None).await;
        let now = Instant::now();
        self.since = self.ledger.mark_at(now);
        self.has_had_turn |= turn.is_some();
        turn.map(|turn| (told(turn), now))
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
            .map(|place| (place.vu(), place))
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
        for place in self.places.values_mut() {
            had_turns |= place.broke(reason);
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

    /// The number of a further one that begins, where many share the instance.
    pub(super) fn join(&mut self) -> Option<u32> {
        match self {
            Self::Alone(_) => None,
            Self::Many(places) => places.waiting.pop_front(),
        }
    }

    /// The one of this number. Fails, and so traps, if none of them has it.
    pub(super) fn place(&mut self, vu: u32) -> wasmtime::Result<&mut Place> {
        let place = match self {
            Self::Alone(place) => Some(&mut **place).filter(|place| place.vu() == vu),
            Self::Many(places) => places.places.get_mut(&vu),
        };
        place.ok_or_else(|| {
            wasmtime::Error::msg(format!("there is no virtual user {vu} in this instance"))
        })
    }

    /// The same, for what stops the whole instance. Fails, and so traps, where others share it.
    pub(super) fn alone(&mut self, vu: u32) -> wasmtime::Result<&mut Place> {
        if !self.is_alone() {
            return Err(wasmtime::Error::msg(
                "`load.next-now` and `load.next-opened-now` stop the whole instance, which other virtual users share: use `load.next` or `load.next-opened`",
            ));
        }
        self.place(vu)
    }
}

fn told(turn: turns::Turn) -> Turn {
    Turn {
        iteration: turn.iteration,
        intended: u64::try_from(turn.intended.as_nanos()).unwrap_or(u64::MAX),
        warm_up: turn.warm_up,
    }
}

fn cut(reason: &str) -> &str {
    recorder::cut(reason, MAX_REASON_BYTES)
}
