//! A virtual user's place in a load: it asks for turns here, and tells how they ended.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::Model;
use super::arrivals::Arrivals;
use super::worker::Shared;
use crate::phase::Phase;
use crate::samples::Shard;
use crate::share::Starts;

/// Long enough for whatever is not told how long it takes.
const FAR: Duration = Duration::from_hours(24 * 365);

/// How an iteration ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending<'a> {
    /// Well.
    Passed,
    /// Not well, for a reason of few words: each is a kind that is counted.
    Failed(&'a str),
}

/// The end of an iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended<'a> {
    /// How it ended.
    pub ending: Ending<'a>,
    /// What the system under test was exposed to meanwhile.
    pub phase: Phase,
}

/// One iteration to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which one of this virtual user, from 0.
    pub iteration: u64,
    /// When it was to start, since the start of the load. In closed models, when it does.
    pub intended: Duration,
    /// Whether it is kept out of all statistics.
    pub warm_up: bool,
}

/// What a seat has for its virtual user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// A turn, now.
    Turn(Turn),
    /// Nothing before that moment. A later one is possible then, and an earlier one if the load begins or ends meanwhile.
    Wait(Instant),
    /// No turn any more.
    Over,
}

/// How often all who wait had been woken.
#[derive(Clone, Copy, Debug)]
pub struct Rings(u64);

/// An iteration under way.
#[derive(Clone, Copy, Debug)]
struct Under {
    /// From when its time counts, since the start of the load.
    from: Duration,
    warm_up: bool,
}

/// An arrival that this virtual user waits for, or has just found.
#[derive(Clone, Copy, Debug)]
struct Claim {
    place: u64,
    /// The virtual user was free before it was to start.
    free: bool,
}

/// What an open model has for a seat.
enum Arrival {
    At {
        intended: Duration,
        free: bool,
        warm_up: bool,
    },
    Later(Duration),
    None,
}

/// The arrival that was claimed before, or the next one that is not too late. `idle`: the virtual user was never busy. Times are since the start of
/// the load.
fn arrival(
    claimed: &mut Option<Claim>,
    idle: bool,
    starts: &Starts,
    arrivals: &Arrivals,
    allowed: Duration,
    elapsed: Duration,
) -> Arrival {
    loop {
        let claim = claimed.take().unwrap_or_else(|| Claim {
            place: arrivals.claim(),
            free: idle,
        });
        let Some(intended) = starts.start(claim.place) else {
            return Arrival::None;
        };
        if intended > elapsed {
            *claimed = Some(Claim {
                free: true,
                ..claim
            });
            return Arrival::Later(intended);
        }
        // Who waited for it is late because of the generator, which is told, and is no reason to drop it.
        if claim.free || elapsed.saturating_sub(intended) <= allowed {
            let warm_up = arrivals.is_warm_up(claim.place);
            return Arrival::At {
                intended,
                free: claim.free,
                warm_up,
            };
        }
        arrivals.drop(claim.place);
        arrivals.drop_before(starts.count_before(elapsed.saturating_sub(allowed)));
    }
}

/// A virtual user's place. It is in the load until it gets no turn any more or is dropped; an iteration that is under way then counts as
/// interrupted.
#[derive(Debug)]
pub struct Seat {
    shared: Arc<Shared>,
    vu: u32,
    iterations: u64,
    warm_ups: u64,
    under: Option<Under>,
    claim: Option<Claim>,
    /// These, too, are since the start of the load.
    last_start: Option<Duration>,
    last_end: Option<Duration>,
    present: bool,
    over: bool,
}

impl Seat {
    pub(super) fn new(shared: Arc<Shared>, vu: u32) -> Self {
        shared.turns.sit();
        Self {
            shared,
            vu,
            iterations: 0,
            warm_ups: 0,
            under: None,
            claim: None,
            last_start: None,
            last_end: None,
            present: false,
            over: false,
        }
    }

    /// The number of the virtual user.
    pub fn vu(&self) -> u32 {
        self.vu
    }

    /// Where the virtual user leaves its samples.
    pub fn shard(&self) -> &Arc<Shard> {
        &self.shared.shard
    }

    /// Whether an iteration is under way.
    pub fn is_busy(&self) -> bool {
        self.under.is_some()
    }

    /// Tells how the iteration under way ended, without asking for another one. Nothing happens if none is.
    pub fn finish(&mut self, ended: Ended<'_>) {
        self.finish_at(self.shared.turns.elapsed(), ended);
    }

    /// Tells how the iteration before ended, if there was one, and asks for the next one, without waiting.
    ///
    /// Costs about 50 ns in closed models with the sample of the iteration before. Open models also enter and leave a queue, unless an arrival is
    /// due already. Nothing is allocated in closed models. `now` is this moment: whoever asks needs it as well, and a second look at the clock would cost
    /// half as much again.
    pub fn try_next(&mut self, before: Option<Ended<'_>>, now: Instant) -> Next {
        if self.over {
            return Next::Over;
        }
        let Some(began) = self.shared.turns.inner.began.get().copied() else {
            return self.before_the_beginning();
        };
        let elapsed = now.saturating_duration_since(began);
        if let Some(ended) = before {
            self.finish_at(elapsed, ended);
        }
        let next = self.look(began, elapsed);
        match next {
            Next::Turn(turn) => self.start(elapsed, turn),
            Next::Wait(_) => {}
            Next::Over => self.leave(),
        }
        next
    }

    /// Tells how the iteration before ended, if there was one, and waits for the next one. None: the load is over for this virtual user.
    ///
    /// Dropping the future loses nothing: the seat can be asked again, without the iteration before.
    pub async fn next(&mut self, mut before: Option<Ended<'_>>) -> Option<Turn> {
        loop {
            let rings = self.rings();
            match self.try_next(before.take(), Instant::now()) {
                Next::Turn(turn) => return Some(turn),
                Next::Wait(moment) => self.wait(moment, rings).await,
                Next::Over => return None,
            }
        }
    }

    /// To be asked before [`try_next`](Self::try_next), for [`wait`](Self::wait).
    pub fn rings(&self) -> Rings {
        Rings(self.shared.alarm.rings())
    }

    /// Waits until it is worth asking again: until that moment, or until the load begins or ends, also if it has since there were so many
    /// `rings`. Does not borrow the seat, which may be behind a lock.
    pub fn wait(&self, moment: Instant, rings: Rings) -> impl Future<Output = ()> + use<> {
        self.shared.alarm.wait(moment, rings.0)
    }

    fn before_the_beginning(&mut self) -> Next {
        if self.shared.turns.is_stopped() {
            self.leave();
            return Next::Over;
        }
        Next::Wait(Instant::now() + FAR)
    }

    /// What there is now. A turn that is counted, and an arrival, are this seat's alone then.
    fn look(&mut self, began: Instant, elapsed: Duration) -> Next {
        let inner = &*self.shared.turns.inner;
        if self.shared.turns.is_stopped() {
            return Next::Over;
        }
        let warm_up = elapsed < inner.part.plan().warm_up();
        let turn = |intended, warm_up| {
            Next::Turn(Turn {
                iteration: self.iterations,
                intended,
                warm_up,
            })
        };
        let paced = self
            .last_start
            .map(|start| start + inner.part.plan().pace());
        let paced = paced.filter(|paced| *paced > elapsed);
        match &inner.model {
            Model::Open(starts, arrivals) => {
                let late = inner.part.plan().late();
                let idle = self.last_start.is_none();
                match arrival(&mut self.claim, idle, starts, arrivals, late, elapsed) {
                    Arrival::At {
                        intended,
                        free,
                        warm_up,
                    } => {
                        if free && !warm_up {
                            self.shared
                                .shard
                                .late(nanoseconds(elapsed.saturating_sub(intended)));
                        }
                        turn(intended, warm_up)
                    }
                    Arrival::Later(intended) => Next::Wait(began + intended),
                    Arrival::None => Next::Over,
                }
            }
            Model::Closed(schedule) => match (schedule.when_wanted(self.vu, elapsed), paced) {
                (None, _) => Next::Over,
                (Some(wanted), _) if wanted > elapsed => {
                    self.set_present(false);
                    Next::Wait(began + wanted)
                }
                (Some(_), None) => turn(elapsed, warm_up),
                // Not beyond the end, where there is nothing to wait for.
                (Some(_), Some(paced)) => Next::Wait(began + paced.min(schedule.total())),
            },
            Model::Shared { iterations, given } => match paced {
                // What is counted is not taken before it can be used.
                Some(paced) if given.load(Ordering::Relaxed) < *iterations => {
                    Next::Wait(began + paced)
                }
                None if warm_up || given.fetch_add(1, Ordering::Relaxed) < *iterations => {
                    turn(elapsed, warm_up)
                }
                Some(_) | None => Next::Over,
            },
            Model::PerVu { iterations } => {
                if !warm_up && self.iterations - self.warm_ups >= *iterations {
                    return Next::Over;
                }
                paced.map_or_else(|| turn(elapsed, warm_up), |paced| Next::Wait(began + paced))
            }
        }
    }

    fn start(&mut self, elapsed: Duration, turn: Turn) {
        let under = Under {
            from: turn.intended,
            warm_up: turn.warm_up,
        };
        // Whoever broke off the call that gave it a turn has never told how that ended.
        if let Some(broken_off) = self.under.replace(under) {
            self.interrupted(broken_off);
        }
        self.last_start = Some(elapsed);
        self.iterations += 1;
        self.warm_ups += u64::from(turn.warm_up);
        self.set_present(true);
    }

    fn finish_at(&mut self, elapsed: Duration, ended: Ended<'_>) {
        let Some(under) = self.under.take() else {
            return;
        };
        self.last_end = Some(elapsed);
        if !under.warm_up {
            let failure = match ended.ending {
                Ending::Passed => None,
                Ending::Failed(kind) => Some(self.shared.shard.failure(kind)),
            };
            let took = elapsed.saturating_sub(under.from);
            self.shared
                .shard
                .iteration(ended.phase, failure, nanoseconds(took));
        }
        if matches!(self.shared.turns.inner.model, Model::Open(..)) {
            self.set_present(false);
        }
    }

    fn set_present(&mut self, present: bool) {
        if self.present != present {
            self.present = present;
            let open = &self.shared.turns.inner.present;
            if present { open.enter() } else { open.leave() }
        }
    }

    fn interrupted(&self, under: Under) {
        let interrupted = &self.shared.turns.inner.interrupted;
        interrupted.fetch_add(u64::from(!under.warm_up), Ordering::AcqRel);
    }

    /// Counts what is left to count. Once.
    fn leave(&mut self) {
        if self.over {
            return;
        }
        self.over = true;
        self.set_present(false);
        let inner = &self.shared.turns.inner;
        if let Some(under) = self.under.take() {
            self.last_end = Some(self.shared.turns.elapsed());
            self.interrupted(under);
        }
        if let (Some(claim), Model::Open(starts, arrivals)) = (self.claim, &inner.model)
            && starts.start(claim.place) < self.shared.turns.end_of_load()
        {
            arrivals.drop(claim.place);
        }
        inner.warm_up.fetch_add(self.warm_ups, Ordering::AcqRel);
        if let Some(end) = self.last_end {
            inner.last_end.fetch_max(nanoseconds(end), Ordering::AcqRel);
        }
        self.shared.turns.stand_up();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.leave();
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
