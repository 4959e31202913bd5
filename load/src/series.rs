//! A load over its time, for charts: a point for each second, in constant memory.
//!
//! After [`MAX_POINTS`] each two neighbours become one and the points are twice as long, so a load of a week has no more of them than one of ten
//! minutes, and no memory grows after those. Counts are added. The greater percentile of two stays: that of both together lies between them, and a short peak does not vanish.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::samples::{Percentiles, Second};

/// The most points of a series: about as many as a chart shows side by side.
pub const MAX_POINTS: usize = 600;

/// One point: what came together in its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// When it begins, since the start of the load, in milliseconds.
    pub at_ms: u64,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
    /// Iterations that ended.
    pub iterations: u64,
    /// Iterations that failed.
    pub failed_iterations: u64,
    /// How long the successful ones took.
    pub iteration_times: Percentiles,
    /// Requests that ended.
    pub requests: u64,
    /// Requests that failed.
    pub failed_requests: u64,
    /// How long the successful ones took.
    pub request_times: Percentiles,
    /// Events of streams.
    pub events: u64,
    /// Virtual users in the load at its end; in open models, those that were busy. The most of them, if the point was merged.
    pub vus: u32,
    /// Streams that were open at its end. The most of them, if the point was merged.
    pub open_streams: u32,
}

impl Point {
    /// Of a second (or whatever time it was) that began at `at`.
    pub fn new(at: Duration, length: Duration, second: &Second, vus: u32) -> Self {
        Self {
            at_ms: milliseconds(at),
            length_ms: milliseconds(length),
            iterations: second.iterations,
            failed_iterations: second.failed_iterations,
            iteration_times: second.iteration_times,
            requests: second.requests,
            failed_requests: second.failed_requests,
            request_times: second.request_times,
            events: second.events,
            vus,
            open_streams: second.open_streams,
        }
    }

    /// Takes in the next one.
    fn absorb(&mut self, next: &Self) {
        self.length_ms = (next.at_ms + next.length_ms).saturating_sub(self.at_ms);
        self.iterations += next.iterations;
        self.failed_iterations += next.failed_iterations;
        self.iteration_times = greater(self.iteration_times, next.iteration_times);
        self.requests += next.requests;
        self.failed_requests += next.failed_requests;
        self.request_times = greater(self.request_times, next.request_times);
        self.events += next.events;
        self.vus = self.vus.max(next.vus);
        self.open_streams = self.open_streams.max(next.open_streams);
    }
}

fn greater(one: Percentiles, other: Percentiles) -> Percentiles {
    Percentiles {
        p50: one.p50.max(other.p50),
        p95: one.p95.max(other.p95),
        p99: one.p99.max(other.p99),
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The points of a load in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    points: Vec<Point>,
    /// How often neighbours were merged: each point is made of two to that power.
    merged: u32,
    /// How many the last point is made of, less than that while it is under way.
    parts: u64,
}

impl Series {
    /// Adds what came after all before.
    pub fn push(&mut self, point: Point) {
        let whole = 1 << self.merged;
        match self.points.last_mut() {
            Some(last) if self.parts < whole => {
                last.absorb(&point);
                self.parts += 1;
            }
            _ => {
                if self.points.len() >= MAX_POINTS {
                    self.merge();
                }
                self.points.push(point);
                self.parts = 1;
            }
        }
    }

    /// What there is, at most [`MAX_POINTS`].
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    fn merge(&mut self) {
        let merged = self.points.len().div_ceil(2);
        for at in 0..merged {
            let mut point = self.points[2 * at];
            if let Some(next) = self.points.get(2 * at + 1) {
                point.absorb(next);
            }
            self.points[at] = point;
        }
        self.points.truncate(merged);
        self.merged += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// The point of a second with so many iterations of that percentile.
    fn point(second: u32, iterations: u64, p95: u64) -> Point {
        let times = Percentiles {
            p50: p95 / 2,
            p95,
            p99: p95 * 2,
        };
        let found = Second {
            iterations,
            requests: 2,
            iteration_times: times,
            ..Second::default()
        };
        Point::new(SECOND * second, SECOND, &found, second % 7)
    }

    fn filled(seconds: u32) -> Series {
        let mut series = Series::default();
        (0..seconds).for_each(|second| series.push(point(second, 1, u64::from(second % 10))));
        series
    }

    #[test]
    fn up_to_the_limit_each_second_is_a_point() {
        let series = filled(600);
        assert_eq!(series.points().len(), MAX_POINTS);
        assert_eq!(series.points()[599], point(599, 1, 9));
    }

    #[test]
    fn beyond_the_limit_neighbours_become_one_and_nothing_is_lost() {
        let series = filled(601);
        assert_eq!(series.points().len(), 301);
        let first = series.points()[0];
        assert_eq!(
            (
                first.at_ms,
                first.length_ms,
                first.iterations,
                first.requests
            ),
            (0, 2_000, 2, 4)
        );
        assert_eq!(
            (
                first.iteration_times.p50,
                first.iteration_times.p95,
                first.iteration_times.p99
            ),
            (0, 1, 2)
        );
        assert_eq!(first.vus, 1);
        let last = series.points()[300];
        assert_eq!(
            (last.at_ms, last.length_ms, last.iterations),
            (600_000, 1_000, 1)
        );
        // The next one completes it.
        let series = filled(602);
        assert_eq!(
            (series.points().len(), series.points()[300].length_ms),
            (301, 2_000)
        );
    }

    #[test]
    fn a_week_has_no_more_points_than_ten_minutes_and_all_iterations() {
        let week = 7 * 24 * 3_600;
        let series = filled(week);
        let points = series.points();
        assert!(
            points.len() <= MAX_POINTS && points.len() > MAX_POINTS / 2,
            "{}",
            points.len()
        );
        assert_eq!(
            points.iter().map(|point| point.iterations).sum::<u64>(),
            u64::from(week)
        );
        let mut at = 0;
        for point in points {
            assert_eq!(point.at_ms, at);
            at += point.length_ms;
        }
        assert_eq!(at, u64::from(week) * 1_000);
        assert!(
            series.points.capacity() <= 2 * MAX_POINTS,
            "{}",
            series.points.capacity()
        );
    }
}
