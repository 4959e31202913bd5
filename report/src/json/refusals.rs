//! What an attempt was refused: the same thing once, with how often, and different things up to a limit. Whoever is refused something may
//! ask again without an end.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::Refusal;

/// Different refusals of an attempt that are told in full.
pub const MAX_REFUSALS: usize = 100;

/// Something that an attempt was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefusalReport {
    /// What it was, why not, and what would grant it.
    #[serde(flatten)]
    pub refusal: Refusal,
    /// When it was refused first, since the start of the run.
    pub first_at_ns: u64,
    /// How often it was refused.
    pub times: u64,
}

/// What an attempt was refused so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusals {
    kept: Vec<RefusalReport>,
    left_out: u64,
}

/// What became of a refusal that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It is the first of its sort, and kept.
    New,
    /// It is counted with others.
    Counted,
    /// It is the first one for which there is no room.
    FirstLeftOut,
    /// There is no room for it, as for others before.
    LeftOut,
}

impl Refusals {
    /// Takes one in, where as many different ones as `limit` are kept.
    pub(crate) fn add(&mut self, at_ns: u64, refusal: &Refusal, limit: usize) -> Heard {
        let mut kept = self.kept.iter_mut();
        if let Some(same) = kept.find(|report| report.refusal == *refusal) {
            same.times += 1;
            return Heard::Counted;
        }
        if self.kept.len() < limit {
            self.kept.push(RefusalReport {
                refusal: refusal.clone(),
                first_at_ns: at_ns,
                times: 1,
            });
            return Heard::New;
        }
        self.left_out += 1;
        match self.left_out {
            1 => Heard::FirstLeftOut,
            _ => Heard::LeftOut,
        }
    }

    /// In the order in which they were told first.
    pub(crate) fn kept(&self) -> &[RefusalReport] {
        &self.kept
    }

    /// How many there was no room for.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// How many were told, whatever became of them.
    pub(super) fn told(&self) -> u64 {
        self.kept.iter().map(|report| report.times).sum::<u64>() + self.left_out
    }

    /// Those that are kept.
    pub(super) fn close(self) -> Vec<RefusalReport> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(number: usize) -> Refusal {
        Refusal::new("http", &format!("{number}.test:443"), "no", "hosts")
    }

    #[test]
    fn the_same_is_counted_and_different_ones_are_kept_up_to_the_limit() {
        let mut refusals = Refusals::default();
        for number in 0..3 {
            assert_eq!(refusals.add(7, &refusal(number), 3), Heard::New);
        }
        assert_eq!(refusals.add(8, &refusal(3), 3), Heard::FirstLeftOut);
        assert_eq!(refusals.add(8, &refusal(3), 3), Heard::LeftOut);
        assert_eq!(refusals.add(9, &refusal(1), 3), Heard::Counted);
        assert_eq!((refusals.left_out(), refusals.told()), (2, 6));
        let times: Vec<_> = refusals.kept().iter().map(|kept| kept.times).collect();
        assert_eq!(times, [1, 2, 1]);
        assert_eq!(refusals.kept()[1].first_at_ns, 7, "when it was first");
    }
}
