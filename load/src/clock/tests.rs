//! Clocks that are scripted: how they and the ways between them are here.

mod exchanges;
mod starts;

use super::*;

const SECOND: i64 = 1_000_000_000;
const MILLISECOND: i64 = 1_000_000;

/// Two machines and the time of nobody, in nanoseconds.
#[derive(Clone, Copy, Debug)]
struct Machines {
    /// What the other clock shows at time 0.
    offset: i64,
    /// How much faster than time it goes, in millionths.
    fast: i64,
    now: i64,
}

impl Machines {
    fn apart(offset: i64) -> Self {
        Self {
            offset,
            fast: 0,
            now: 0,
        }
    }

    fn there(&self) -> Moment {
        Moment(
            self.offset
                + self.now
                + self.now / SECOND * self.fast * 1_000
                + self.now % SECOND * self.fast / 1_000_000,
        )
    }

    /// How far the other clock really is ahead.
    fn real(&self) -> i64 {
        self.there().since(Moment(self.now))
    }

    /// A question that takes `to`, is kept for `kept`, and whose answer takes `from`.
    fn exchange(&mut self, to: i64, kept: i64, from: i64) -> Exchange {
        let asked = Moment(self.now);
        self.now += to;
        let heard = self.there();
        self.now += kept;
        let answered = self.there();
        self.now += from;
        Exchange {
            asked,
            heard,
            answered,
            back: Moment(self.now),
        }
    }

    fn knows(&self, offset: &Offset) -> bool {
        Duration::from_nanos(offset.nanoseconds.abs_diff(self.real())) <= offset.uncertainty
    }
}
