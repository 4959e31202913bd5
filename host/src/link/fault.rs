//! What can go wrong on a link, in the words of the contract (`wit/v0.1/chaos.wit`), and to which connections.

use assay_report::hint::Hinted;

/// Faults that can be active on a link at the same time.
pub const MAX_FAULTS: usize = 32;

/// Something that goes wrong on a link until it is healed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What goes wrong.
    pub action: Action,
    /// On which way. Actions that meet whole connections take [`Direction::Both`] only, see [`Action::is_directed`].
    pub direction: Direction,
    /// The share of the connections that meet it, 0 to 1, open ones too. Which ones they are follows from `seed` and the
    /// number of the connection (the first one that a link accepts is number 0) alone.
    pub share: f64,
    /// Chooses the connections that belong to the share, and the jitter.
    pub seed: u64,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Delay what is sent, also the end of a connection. Bytes keep their order. What waits is at most
    /// [`super::MAX_HELD_BYTES`], in at most 1,024 pieces, in each direction of a connection: a delay bounds the throughput
    /// as well. Several add up.
    Latency(Delay),
    /// At most so many bytes a second (at least 1), for all its connections together, in each direction on its own.
    Bandwidth(u64),
    /// Take everything, deliver nothing, not even the end of a connection. When it is healed, a connection that lost bytes
    /// is reset, for a stream must not go on with a hole in it; the others go on.
    Blackhole,
    /// Refuse new connections: they are accepted and reset at once, so that they can be counted and the port stays ours.
    /// Open ones go on.
    Refuse,
    /// Reset connections (RST), open ones too. What was under way is lost.
    Reset,
    /// Close a connection after so many bytes were delivered on the ways that the fault covers, counted together, and for
    /// an open connection from when the fault was applied. Exactly that many are delivered, then both sides get the end
    /// (FIN); one whose own bytes were still under way may see a reset after it.
    CutAfterBytes(u64),
    /// Close a connection so many milliseconds after it was accepted, an open one so many after the fault was applied.
    CutAfterMs(u32),
    /// Hold the end of a connection (FIN) back for so many milliseconds after its last byte. A reset is not held back.
    SlowClose(u32),
    /// Reset the next so many new connections as [`Action::Refuse`] does; the ones after them pass.
    DropFirst(u32),
    /// Do nothing, and count the connections that begin, and the open ones that carry bytes, as if they met it. They count for this
    /// alone and not for the link. What only looks does not take one of the [`MAX_FAULTS`] places.
    Observe,
}

/// Added time on the way, evenly spread over `milliseconds` plus or minus `jitter`, never below 0. It is drawn anew for
/// each piece that arrives at the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// The delay itself, in milliseconds.
    pub milliseconds: u32,
    /// The most that is added or taken away at random, in milliseconds.
    pub jitter: u32,
}

/// Which way of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    #[default]
    Both,
    /// From the one who connected to the target.
    Upstream,
    /// From the target to the one who connected.
    Downstream,
}

impl Direction {
    /// Whether a fault of this direction meets what flows in that direction.
    pub(super) fn covers(self, way: Self) -> bool {
        self == Self::Both || self == way
    }
}

impl Action {
    /// Whether it can be confined to one direction. The others meet a connection as a whole.
    pub fn is_directed(self) -> bool {
        match self {
            Self::Latency(_)
            | Self::Bandwidth(_)
            | Self::Blackhole
            | Self::CutAfterBytes(_)
            | Self::SlowClose(_)
            | Self::Observe => true,
            Self::Refuse | Self::Reset | Self::CutAfterMs(_) | Self::DropFirst(_) => false,
        }
    }

    /// Whether a connection that meets it is not answered at all.
    pub(super) fn silences(self) -> bool {
        match self {
            Self::Blackhole | Self::Refuse | Self::Reset | Self::DropFirst(1..) => true,
            Self::Latency(_)
            | Self::Bandwidth(_)
            | Self::CutAfterBytes(_)
            | Self::CutAfterMs(_)
            | Self::SlowClose(_)
            | Self::DropFirst(0)
            | Self::Observe => false,
        }
    }
}

impl From<Action> for Fault {
    /// The action on all connections and both ways.
    fn from(action: Action) -> Self {
        Self {
            action,
            direction: Direction::Both,
            share: 1.0,
            seed: 0,
        }
    }
}

impl Fault {
    /// The same fault on one way only.
    #[must_use]
    pub fn on(self, direction: Direction) -> Self {
        Self { direction, ..self }
    }

    /// The same fault for a share of the connections, 0 to 1, chosen by `seed`.
    #[must_use]
    pub fn for_share(self, share: f64, seed: u64) -> Self {
        Self {
            share,
            seed,
            ..self
        }
    }

    /// Refuses what means nothing.
    pub(super) fn validate(&self) -> Result<(), FaultError> {
        if !(0.0..=1.0).contains(&self.share) {
            return Err(FaultError::Share(self.share));
        }
        if self.action == Action::Bandwidth(0) {
            return Err(FaultError::NoBandwidth);
        }
        if self.direction != Direction::Both && !self.action.is_directed() {
            return Err(FaultError::Undirected(self.action));
        }
        Ok(())
    }

    /// Whether the connection with this number belongs to the share. A probe, which has none, belongs to every share.
    pub(super) fn selects(&self, connection: Option<u64>) -> bool {
        match connection {
            Some(_) => self.random(connection).f64() < self.share,
            None => self.share > 0.0,
        }
    }

    /// Chance that depends on the seed and the number of a connection alone.
    pub(super) fn random(&self, connection: Option<u64>) -> fastrand::Rng {
        /// Spreads consecutive numbers over the whole range (2^64 divided by the golden ratio).
        const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
        let number = connection.map_or(0, |number| number + 1);
        fastrand::Rng::with_seed(self.seed ^ number.wrapping_mul(SPREAD))
    }
}

/// Why a fault cannot be applied.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum FaultError {
    /// The share is not a share.
    #[error("a share of {0} of the connections is not possible")]
    Share(f64),
    /// No bandwidth at all.
    #[error("a bandwidth of 0 bytes a second is not possible")]
    NoBandwidth,
    /// One way only, and the action meets whole connections.
    #[error("{0:?} meets a connection as a whole, not one direction of it")]
    Undirected(Action),
    /// There are too many already.
    #[error("the link has {MAX_FAULTS} faults already")]
    TooMany,
}

impl Hinted for FaultError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Share(_) => "give a number from 0 to 1".into(),
            Self::NoBandwidth => "use a blackhole, or give at least 1 byte a second".into(),
            Self::Undirected(_) => "give both directions".into(),
            Self::TooMany => "heal one of them first".into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_nothing_is_refused_and_the_limits_are_not() {
        let latency = Fault::from(Action::Latency(Delay {
            milliseconds: u32::MAX,
            jitter: u32::MAX,
        }));
        for (fault, expected) in [
            (latency, Ok(())),
            (latency.for_share(0.0, 1), Ok(())),
            (latency.for_share(1.01, 1), Err(FaultError::Share(1.01))),
            (latency.for_share(-0.1, 1), Err(FaultError::Share(-0.1))),
            (Action::Bandwidth(1).into(), Ok(())),
            (Action::Bandwidth(0).into(), Err(FaultError::NoBandwidth)),
            (
                Fault::from(Action::Reset).on(Direction::Upstream),
                Err(FaultError::Undirected(Action::Reset)),
            ),
            (
                Fault::from(Action::Blackhole).on(Direction::Upstream),
                Ok(()),
            ),
        ] {
            assert_eq!(fault.validate(), expected, "{fault:?}");
            if let Err(error) = expected {
                assert!(error.hint().is_some(), "{error}");
            }
        }
        assert!(latency.for_share(f64::NAN, 1).validate().is_err());
    }

    #[test]
    fn a_share_is_met_closely_and_a_seed_always_chooses_the_same() {
        let chosen = |share: f64, seed: u64| -> Vec<u64> {
            let fault = Fault::from(Action::Reset).for_share(share, seed);
            (0..10_000).filter(|n| fault.selects(Some(*n))).collect()
        };
        assert_eq!(chosen(0.0, 7).len(), 0);
        assert_eq!(chosen(1.0, 7).len(), 10_000);
        for seed in [0, 1, 7, u64::MAX] {
            let count = chosen(0.3, seed).len();
            assert!(
                (2_800..3_200).contains(&count),
                "seed {seed}: {count} of 10000"
            );
            assert_eq!(chosen(0.3, seed), chosen(0.3, seed));
        }
        assert_ne!(chosen(0.3, 1), chosen(0.3, 2));
    }
}
