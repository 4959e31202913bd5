//! Which places of a sequence are a share's: a pattern that repeats, so that any of them is found without those before it.

/// The places of one share. The lots of all shares together have each place once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// After so many places the pattern begins anew.
    period: u64,
    /// Those that belong to it within a period, ascending.
    places: Box<[u32]>,
}

impl Lot {
    /// All places.
    pub fn whole() -> Self {
        Self::new(1, Box::new([0]))
    }

    /// No place at all.
    pub fn nothing() -> Self {
        Self::new(1, Box::new([]))
    }

    pub(super) fn new(period: u64, places: Box<[u32]>) -> Self {
        Self { period, places }
    }

    /// Whether no place is its own.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Which fraction of all places it has, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "weights are far below 2^53")]
    pub fn fraction(&self) -> f64 {
        self.places.len() as f64 / self.period as f64
    }

    /// The place of the one at that index of its own (both from 0); none if it has no place.
    ///
    /// Costs a comparison where all places are its own, and two divisions elsewhere.
    pub fn place(&self, index: u64) -> Option<u64> {
        if self.is_whole() {
            return Some(index);
        }
        let own = self.own();
        let round = index.checked_div(own)?;
        let within = usize::try_from(index % own).ok()?;
        let within = self.places.get(within)?;
        Some(round * self.period + u64::from(*within))
    }

    /// How many of the places before that one are its own.
    pub fn count_before(&self, place: u64) -> u64 {
        if self.is_whole() {
            return place;
        }
        let (rounds, within) = (place / self.period, place % self.period);
        let within = self.places.partition_point(|own| u64::from(*own) < within);
        rounds * self.own() + within as u64
    }

    fn is_whole(&self) -> bool {
        self.own() == self.period
    }

    /// After so many places its pattern begins anew.
    pub(super) fn period(&self) -> u64 {
        self.period
    }

    /// How many places of a pattern are its own.
    pub(super) fn own(&self) -> u64 {
        self.places.len() as u64
    }
}
