//! One instant on several machines: how far their clocks are apart, how surely that is known, and when all begin.
//!
//! Two machines exchange messages as NTP does (RFC 5905, section 8), and of some exchanges the one counts whose answer was back soonest:
//! what delayed the others is what made them wrong. Pure: it knows no clock and no network.

mod start;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use start::{Remote, Start, Unready};

/// So many exchanges are remembered, as NTP's clock filter does.
pub const MAX_EXCHANGES: usize = 8;
/// How far two clocks may come apart: a part of the time that has passed. Each of them may be wrong by 100 millionths.
pub const DRIFT: f64 = 200e-6;
/// No clock is read more exactly than this.
pub const PRECISION: Duration = Duration::from_micros(1);

/// A moment on one machine's clock, in nanoseconds since whatever that clock counts from. Moments of two machines cannot be compared.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Moment(pub i64);

impl Moment {
    /// How long after another one it is, in nanoseconds; negative before it. What is beyond 292 years is that.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// So much later.
    #[must_use]
    pub fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(nanoseconds(time)))
    }

    /// So much earlier.
    #[must_use]
    pub fn before(self, time: Duration) -> Self {
        Self(self.0.saturating_sub(nanoseconds(time)))
    }
}

/// A question and its answer, each with the moments of its sending and of its arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The question was sent, on the clock of the one who asks.
    pub asked: Moment,
    /// It came, on the clock of the one who answers.
    pub heard: Moment,
    /// The answer was sent, on the same clock.
    pub answered: Moment,
    /// It came, on the clock of the one who asked.
    pub back: Moment,
}

/// What no exchange can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadExchange {
    /// A clock was behind what it had been before.
    #[error(
        "a clock went back during an exchange; use one that only goes on, such as the monotonic one"
    )]
    WentBack,
    /// The answer was kept for longer than it took until it was there.
    #[error(
        "the other machine says that it kept a question for longer than its answer took; look whether one of the clocks is being set"
    )]
    KeptTooLong,
    /// It came before one that was added already.
    #[error(
        "an exchange is older than the one before; add them in the order in which they came back"
    )]
    OutOfOrder,
}

impl Exchange {
    /// How far the clock of the one who answers is ahead, in nanoseconds, if both ways took the same time.
    pub fn offset(&self) -> i64 {
        let there = i128::from(self.heard.0) - i128::from(self.asked.0);
        let back = i128::from(self.answered.0) - i128::from(self.back.0);
        let offset = i128::midpoint(there, back);
        i64::try_from(offset).unwrap_or(if offset < 0 { i64::MIN } else { i64::MAX })
    }

    /// How long both ways took together. At most so wrong, by half of it to either side, is the offset.
    pub fn delay(&self) -> Result<Duration, BadExchange> {
        let (all, kept) = (self.back.since(self.asked), self.answered.since(self.heard));
        let (Ok(all), Ok(kept)) = (u64::try_from(all), u64::try_from(kept)) else {
            return Err(BadExchange::WentBack);
        };
        let (all, kept) = (Duration::from_nanos(all), Duration::from_nanos(kept));
        // One clock may be the slower one of two.
        if kept > all + all.mul_f64(DRIFT) + PRECISION {
            return Err(BadExchange::KeptTooLong);
        }
        Ok(kept_within(all, kept))
    }
}

/// A way takes no less time than a clock can tell.
fn kept_within(all: Duration, kept: Duration) -> Duration {
    all.saturating_sub(kept).max(PRECISION)
}

/// How far another clock is ahead of one's own, and how surely that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    /// In nanoseconds; negative if it is behind.
    pub nanoseconds: i64,
    /// At most so far to either side of it is what really is.
    pub uncertainty: Duration,
    /// How long both ways took together.
    pub delay: Duration,
}

impl Offset {
    /// The same moment on the other clock.
    pub fn there(&self, here: Moment) -> Moment {
        Moment(here.0.saturating_add(self.nanoseconds))
    }
}

/// The last exchanges with one machine.
#[derive(Clone, Debug, Default)]
pub struct Exchanges {
    last: Vec<(Exchange, Duration)>,
}

impl Exchanges {
    /// Adds one that has come back now. What none can be is left out.
    pub fn add(&mut self, exchange: Exchange) -> Result<(), BadExchange> {
        let delay = exchange.delay()?;
        if self
            .last
            .last()
            .is_some_and(|(last, _)| last.back > exchange.back)
        {
            return Err(BadExchange::OutOfOrder);
        }
        if self.last.len() >= MAX_EXCHANGES {
            self.last.remove(0);
        }
        self.last.push((exchange, delay));
        Ok(())
    }

    /// How many are remembered.
    pub fn count(&self) -> usize {
        self.last.len()
    }

    /// What is known `now`, by the clock of the one who asks: by the exchange of the least delay, to which the time since then is added as far as
    /// clocks come apart in it. None without an exchange.
    pub fn offset(&self, now: Moment) -> Option<Offset> {
        let known = self.last.iter().map(|(exchange, delay)| Offset {
            nanoseconds: exchange.offset(),
            uncertainty: uncertainty(exchange, *delay, now),
            delay: *delay,
        });
        known.min_by_key(|offset| offset.uncertainty)
    }
}

/// Half of the delay is the most that unequal ways can make; clocks come apart from the first moment of the exchange on.
fn uncertainty(exchange: &Exchange, delay: Duration, now: Moment) -> Duration {
    let age = u64::try_from(now.since(exchange.asked)).unwrap_or(0);
    let apart = Duration::from_nanos(age).mul_f64(DRIFT);
    (delay / 2).saturating_add(apart).saturating_add(PRECISION)
}

fn nanoseconds(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}
