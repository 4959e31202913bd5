//! The faults that one connection faces, and what they do to it now. It alone reads [`Action`]; the ways only ask.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    Shared,
    active::Active,
    fault::{Action, Delay, Direction},
    traffic::add,
};

/// How a fault ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Both sides are closed in an orderly way.
    Close,
    /// Both sides are reset.
    Reset,
}

/// The faults that one connection faces.
#[derive(Debug)]
pub(super) struct Faced {
    shared: Arc<Shared>,
    /// None for a probe: what it meets is not counted.
    number: Option<u64>,
    accepted: Instant,
    faults: Vec<Facing>,
    met_any: bool,
}

#[derive(Debug)]
struct Facing {
    active: Arc<Active>,
    counted: bool,
    met: bool,
    /// Bytes until the cut, if the fault cuts after bytes.
    left: u64,
    random: fastrand::Rng,
}

impl Facing {
    fn new(active: Arc<Active>, connection: Option<u64>) -> Self {
        Self {
            counted: connection.is_some(),
            met: false,
            left: match active.fault.action {
                Action::CutAfterBytes(bytes) => bytes,
                _ => 0,
            },
            random: active.fault.random(connection),
            active,
        }
    }

    fn action(&self) -> Action {
        self.active.fault.action
    }

    fn covers(&self, way: Direction) -> bool {
        self.active.fault.direction.covers(way)
    }

    /// The fault does something to the connection, and to so many bytes of it.
    fn meet(&mut self, bytes: usize) {
        if !self.counted {
            return;
        }
        add(
            &self.active.met.connections,
            usize::from(!std::mem::replace(&mut self.met, true)),
        );
        add(&self.active.met.bytes, bytes);
    }
}

impl Faced {
    pub(super) fn new(shared: Arc<Shared>, number: Option<u64>, accepted: Instant) -> Self {
        Self {
            shared,
            number,
            accepted,
            faults: Vec::new(),
            met_any: false,
        }
    }

    /// Faces those that are active now; what it knows of the ones that stay, stays.
    pub(super) fn refresh(&mut self, active: &[Arc<Active>]) {
        self.faults
            .retain(|facing| active.iter().any(|a| a.id == facing.active.id));
        for active in active {
            let known = self.faults.iter().any(|f| f.active.id == active.id);
            if !known && active.fault.selects(self.number) {
                let mut facing = Facing::new(Arc::clone(active), self.number);
                if active.only_looks() && self.accepted >= active.since {
                    facing.meet(0);
                }
                self.faults.push(facing);
            }
        }
    }

    /// How the connection ends now because of a fault, if it does; `held` bytes are lost with it.
    pub(super) fn ending(&mut self, held: usize, now: Instant) -> Option<Ending> {
        let accepted = self.accepted;
        let (facing, ending) = self.faults.iter_mut().find_map(|facing| {
            let is_cut = match facing.action() {
                Action::Reset => return Some((facing, Ending::Reset)),
                Action::CutAfterBytes(_) => facing.left == 0,
                _ => cut_at(facing, accepted).is_some_and(|time| time <= now),
            };
            is_cut.then_some((facing, Ending::Close))
        })?;
        facing.meet(held);
        self.met(held);
        Some(ending)
    }

    /// When a fault ends the connection, if nothing else happens.
    pub(super) fn ends_at(&self) -> Option<Instant> {
        let cuts = self.faults.iter().filter_map(|f| cut_at(f, self.accepted));
        cuts.min()
    }

    /// Draws the delay for `bytes` that arrived now; none if nothing delays.
    pub(super) fn delay(&mut self, way: Direction, bytes: usize) -> Option<Duration> {
        let mut total = None;
        for facing in covering(&mut self.faults, way) {
            if let Action::Latency(delay) = facing.action() {
                let drawn = draw(delay, &mut facing.random);
                total = Some(total.unwrap_or_default() + drawn);
                facing.meet(bytes);
            }
        }
        if total.is_some() {
            self.met(0);
        }
        total
    }

    /// The longest delay that can be drawn now.
    pub(super) fn longest_delay(&self, way: Direction) -> Duration {
        let milliseconds = self.on(way).map(|action| match action {
            Action::Latency(delay) => u64::from(delay.milliseconds) + u64::from(delay.jitter),
            _ => 0,
        });
        Duration::from_millis(milliseconds.sum())
    }

    /// Whether everything is taken and nothing delivered.
    pub(super) fn swallows(&self, way: Direction) -> bool {
        self.on(way).any(|action| action == Action::Blackhole)
    }

    /// So many bytes, or the end if none, were taken and will not be delivered.
    pub(super) fn swallowed(&mut self, way: Direction, bytes: usize) {
        let mut faults = self.faults.iter_mut();
        let hole = faults.find(|f| f.covers(way) && f.action() == Action::Blackhole);
        if let Some(hole) = hole {
            hole.meet(bytes);
            self.met(bytes);
        }
    }

    /// How many bytes may be delivered now, or when to ask again.
    pub(super) fn allowance(&self, way: Direction, now: Instant) -> Result<usize, Instant> {
        let mut least = usize::MAX;
        for facing in self.faults.iter().filter(|f| f.covers(way)) {
            least = least.min(facing.active.allowance(way, now)?);
            if let Action::CutAfterBytes(_) = facing.action() {
                least = least.min(usize::try_from(facing.left).unwrap_or(usize::MAX));
            }
        }
        Ok(least)
    }

    /// So many bytes were delivered, and some of them had been delayed.
    pub(super) fn delivered(&mut self, way: Direction, bytes: usize, delayed: usize, now: Instant) {
        let mut met = delayed;
        for facing in covering(&mut self.faults, way) {
            match facing.action() {
                Action::Bandwidth(_) => {
                    facing.active.spend(way, bytes, now);
                    facing.meet(bytes);
                    met = bytes;
                }
                Action::CutAfterBytes(_) => {
                    facing.left = facing.left.saturating_sub(bytes as u64);
                }
                Action::Observe if bytes > 0 => facing.meet(bytes),
                _ => {}
            }
        }
        if met > 0 {
            self.met(met);
        }
    }

    /// How long the end of this way is held back after its last byte.
    pub(super) fn hold(&mut self, way: Direction) -> Duration {
        let mut longest = None;
        for facing in covering(&mut self.faults, way) {
            if let Action::SlowClose(milliseconds) = facing.action() {
                longest = longest.max(Some(milliseconds));
                facing.meet(0);
            }
        }
        if longest.is_some() {
            self.met(0);
        }
        Duration::from_millis(longest.unwrap_or(0).into())
    }

    /// The actions that cover this way.
    fn on(&self, way: Direction) -> impl Iterator<Item = Action> {
        let covering = self.faults.iter().filter(move |f| f.covers(way));
        covering.map(Facing::action)
    }

    /// The connection met a fault, and so many bytes of it did.
    fn met(&mut self, bytes: usize) {
        if self.number.is_none() {
            return;
        }
        let met = &self.shared.counters.met;
        let first = !std::mem::replace(&mut self.met_any, true);
        add(&met.connections, usize::from(first));
        add(&met.bytes, bytes);
    }
}

fn covering(faults: &mut [Facing], way: Direction) -> impl Iterator<Item = &mut Facing> {
    faults.iter_mut().filter(move |f| f.covers(way))
}

/// When the fault cuts the connection by time.
fn cut_at(facing: &Facing, accepted: Instant) -> Option<Instant> {
    match facing.action() {
        Action::CutAfterMs(milliseconds) => {
            let from = accepted.max(facing.active.since);
            Some(from + Duration::from_millis(milliseconds.into()))
        }
        _ => None,
    }
}

/// A delay at random.
fn draw(delay: Delay, random: &mut fastrand::Rng) -> Duration {
    let [middle, jitter] =
        [delay.milliseconds, delay.jitter].map(|milliseconds| u64::from(milliseconds) * 1_000);
    let drawn = middle + random.u64(0..=2 * jitter);
    Duration::from_micros(drawn.saturating_sub(jitter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jitter_spreads_evenly_and_stays_within_its_limits() {
        let delay = Delay {
            milliseconds: 100,
            jitter: 40,
        };
        let mut random = fastrand::Rng::with_seed(3);
        let mut tenths = [0_u32; 10];
        for _ in 0..10_000 {
            let drawn = draw(delay, &mut random);
            assert!((60..=140).contains(&drawn.as_millis()), "{drawn:?}");
            tenths[((drawn.as_micros() - 60_000) / 8_001) as usize] += 1;
        }
        assert!(
            tenths.iter().all(|n| (850..1_150).contains(n)),
            "{tenths:?}"
        );
    }

    #[test]
    fn a_jitter_larger_than_the_delay_never_goes_below_nothing() {
        let delay = Delay {
            milliseconds: 1,
            jitter: u32::MAX,
        };
        let mut random = fastrand::Rng::with_seed(3);
        let shortest = (0..100).map(|_| draw(delay, &mut random)).min();
        assert_eq!(shortest, Some(Duration::ZERO));
    }
}
