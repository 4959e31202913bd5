//! When iterations start: the level of a load (virtual users, or starts a second) over its time. Pure: it knows no clock.
//!
//! The level is made of straight lines. A rate is integrated and not summed up, so the start at any place of the sequence is as exact
//! as the first one: nothing drifts, and the number of starts is known before the load begins.

use std::ops::Range;
use std::time::Duration;

use crate::plan::{Executor, Plan, Stage};

/// How near an area has to be to a whole number of starts to be that number. At the highest rate it is the billionth part of a millisecond.
const NEAR: f64 = 1e-6;
/// How much of a virtual user may be missing from a whole one: what is lost in computing lines.
const WHOLE: f64 = 1e-9;

/// One straight line.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Line {
    /// Since the start of the load, in nanoseconds.
    begins: u64,
    /// More than 0.
    length: u64,
    /// The level at its beginning.
    from: f64,
    /// The level just before its end.
    to: f64,
    /// How many starts come before it. Whole only where the load begins and where the warm-up ends.
    before: f64,
}

impl Line {
    fn ends(&self) -> u64 {
        self.begins + self.length
    }

    #[expect(
        clippy::float_cmp,
        reason = "a level that is held is written twice, not computed"
    )]
    fn is_level(&self) -> bool {
        self.from == self.to
    }

    fn level_at(&self, time: u64) -> f64 {
        if self.is_level() {
            return self.from;
        }
        let part = precise(time - self.begins) / precise(self.length);
        self.from + (self.to - self.from) * part
    }

    /// Starts between its beginning and that time, if the level is a rate.
    fn area_until(&self, time: u64) -> f64 {
        f64::midpoint(self.from, self.level_at(time)) * seconds(time - self.begins)
    }

    /// When the area reaches that many starts: the root of `from × t + slope × t² / 2 = area`, in the form that does not cancel.
    fn when_area(&self, area: f64) -> u64 {
        if self.is_level() && self.from > 0.0 {
            return self.begins + nanoseconds(area / self.from).min(self.length);
        }
        let slope = (self.to - self.from) / seconds(self.length);
        let root = (self.from * self.from + 2.0 * slope * area).max(0.0).sqrt();
        let divisor = self.from + root;
        if divisor <= 0.0 {
            return self.begins;
        }
        self.begins + nanoseconds(2.0 * area / divisor).min(self.length)
    }

    /// When the level first reaches `wanted`, not before `time`; none if it does not before the end.
    fn when_level(&self, wanted: f64, time: u64) -> Option<u64> {
        let time = time.max(self.begins);
        if time >= self.ends() {
            return None;
        }
        if self.level_at(time) + WHOLE >= wanted {
            return Some(time);
        }
        if self.to <= self.from {
            return None;
        }
        let part = (wanted - self.from) / (self.to - self.from);
        let time = self.begins + whole((part * precise(self.length)).ceil());
        (time < self.ends()).then_some(time)
    }
}

/// The level of a load that has one: the executors that are not done by a count.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// Without a gap, and never empty.
    lines: Vec<Line>,
    /// The end of the warm-up, in nanoseconds.
    warm_up: u64,
    /// In nanoseconds.
    total: u64,
    /// All starts, those of the warm-up among them, if the level is a rate.
    starts: u64,
}

impl Schedule {
    /// Of a plan; none if iterations are counted, and the load is done when they are.
    pub fn of(plan: &Plan) -> Option<Self> {
        let stages = match plan.executor() {
            Executor::SharedIterations { .. } | Executor::PerVuIterations { .. } => return None,
            Executor::ConstantVus { vus, duration } => held(f64::from(*vus), *duration).to_vec(),
            Executor::ConstantArrivalRate {
                per_second,
                duration,
            } => held(*per_second, *duration).to_vec(),
            Executor::RampingVus(stages) | Executor::RampingArrivalRate(stages) => stages.clone(),
            Executor::SearchingVus(steps) | Executor::SearchingArrivalRate(steps) => {
                let levels = (0..steps.count()).map(|step| steps.level(step));
                levels.flat_map(|level| held(level, steps.hold)).collect()
            }
        };
        Some(Self::new(&stages, plan.warm_up()))
    }

    fn new(stages: &[Stage], warm_up: Duration) -> Self {
        let first = stages
            .iter()
            .take_while(|stage| stage.duration.is_zero())
            .last();
        let first = first.map_or(0.0, |stage| stage.target);
        let mut built = Self {
            lines: Vec::with_capacity(stages.len() + 1),
            warm_up: whole_nanoseconds(warm_up),
            total: 0,
            starts: 0,
        };
        let area = built.push(0.0, first, first, warm_up);
        // The warm-up has whole starts, so that what is measured begins with one, as it would without it.
        let (mut area, mut level) = (area.ceil(), 0.0);
        for stage in stages {
            if !stage.duration.is_zero() {
                area = built.push(area, level, stage.target, stage.duration);
            }
            level = stage.target;
        }
        built.starts = whole(area.ceil());
        built
    }

    /// Adds a line at the end, and answers how many starts there are with it.
    fn push(&mut self, before: f64, from: f64, to: f64, length: Duration) -> f64 {
        let length = whole_nanoseconds(length);
        if length == 0 {
            return before;
        }
        let line = Line {
            begins: self.total,
            length,
            from,
            to,
            before,
        };
        self.lines.push(line);
        self.total = line.ends();
        snapped(before + line.area_until(line.ends()))
    }

    /// When the load ends: warm-up and executor together.
    pub fn total(&self) -> Duration {
        Duration::from_nanos(self.total)
    }

    /// When the warm-up ends.
    pub fn warm_up(&self) -> Duration {
        Duration::from_nanos(self.warm_up)
    }

    /// The level at a time since the start of the load: virtual users, or starts a second. 0 from the end on.
    pub fn level_at(&self, elapsed: Duration) -> f64 {
        let time = whole_nanoseconds(elapsed);
        let after = self.lines.partition_point(|line| line.begins <= time);
        let line = after.checked_sub(1).and_then(|place| self.lines.get(place));
        line.filter(|line| time < line.ends())
            .map_or(0.0, |line| line.level_at(time))
    }

    /// The level, summed over a time since the start of the load: seconds of virtual users, or starts.
    pub fn area(&self, time: Range<Duration>) -> f64 {
        let (from, until) = (whole_nanoseconds(time.start), whole_nanoseconds(time.end));
        let lines = self.lines.iter().filter_map(|line| {
            let from = from.max(line.begins);
            let until = until.min(line.ends());
            (from < until).then(|| line.area_until(until) - line.area_until(from))
        });
        lines.sum()
    }

    /// How many virtual users are wanted at a time. One counts when the line has reached it.
    pub fn vus_at(&self, elapsed: Duration) -> u32 {
        u32::try_from(whole((self.level_at(elapsed) + WHOLE).floor())).unwrap_or(u32::MAX)
    }

    /// When the virtual user of that number (from 1) is next wanted: not before `elapsed`. None if it is not wanted any more.
    pub fn when_wanted(&self, vu: u32, elapsed: Duration) -> Option<Duration> {
        let time = whole_nanoseconds(elapsed);
        let lines = self.lines.iter().skip_while(|line| line.ends() <= time);
        let mut times = lines.filter_map(|line| line.when_level(f64::from(vu), time));
        times.next().map(Duration::from_nanos)
    }

    /// How many iterations start, those of the warm-up among them, if the level is a rate.
    pub fn count(&self) -> u64 {
        self.starts
    }

    /// When the iteration at that place of the sequence (from 0) is to start; none beyond the last one.
    ///
    /// Costs about 10 ns, and a binary search over the lines where there are many.
    pub fn start(&self, place: u64) -> Option<Duration> {
        if place >= self.starts {
            return None;
        }
        let place = precise(place);
        // The last line that the start can be in: where the rate is 0 for a while, it waits for what comes after.
        let after = self.lines.partition_point(|line| line.before <= place);
        let line = self.lines.get(after.checked_sub(1)?)?;
        let time = line.when_area(place - line.before);
        Some(Duration::from_nanos(time.min(self.total.saturating_sub(1))))
    }

    /// All intended starts in their order.
    pub fn starts(&self) -> impl Iterator<Item = Duration> {
        (0..self.starts).map_while(|place| self.start(place))
    }

    /// How many iterations were to start before a time. One that is due less than a millionth of its interval before is not yet counted.
    pub fn count_before(&self, elapsed: Duration) -> u64 {
        let time = whole_nanoseconds(elapsed);
        if time >= self.total {
            return self.starts;
        }
        let after = self.lines.partition_point(|line| line.begins < time);
        let Some(line) = after.checked_sub(1).and_then(|place| self.lines.get(place)) else {
            return 0;
        };
        whole(snapped(line.before + line.area_until(time)).ceil()).min(self.starts)
    }
}

/// A level that is there at once and stays.
fn held(level: f64, duration: Duration) -> [Stage; 2] {
    [Duration::ZERO, duration].map(|duration| Stage {
        duration,
        target: level,
    })
}

/// A whole number of starts, if it is one but for what is lost in computing.
fn snapped(area: f64) -> f64 {
    let whole = area.round();
    if (area - whole).abs() < NEAR {
        whole
    } else {
        area
    }
}

fn whole_nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn seconds(nanoseconds: u64) -> f64 {
    precise(nanoseconds) / 1e9
}

fn nanoseconds(seconds: f64) -> u64 {
    whole((seconds * 1e9).round())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a week has 6 × 10^14 nanoseconds, and no load more than 10^12 starts: both are exact in an f64"
)]
fn precise(number: u64) -> f64 {
    number as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times and counts of a plan are not negative and far below 2^53; a cast of a float saturates"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests;
