//! The course of a run: how many requests ended when, how many of them ended badly, and how long the slowest took.
//!
//! Constant memory: a run that outgrows [`MAX_POINTS`] has each two neighbours made one, and the points are twice as long. Counts are added
//! and the slowest stays, so no peak vanishes.

use std::ops::Range;

use assay_load::series::Point;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::{Event, EventKind, Exchange};

/// The most points of a course.
pub const MAX_POINTS: usize = 512;
/// How long a point is at first, in milliseconds.
pub const FIRST_LENGTH_MS: u64 = 100;
const NANOSECONDS_OF_A_MILLISECOND: u64 = 1_000_000;

/// What ended in a part of the run. Parts in which nothing did are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CoursePoint {
    /// When it begins, since the start of the run, in milliseconds.
    pub at_ms: u64,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
    /// Requests of cases, setups and teardowns.
    pub requests: u64,
    /// Those of them that had no answer.
    pub unanswered: u64,
    /// Those of them that were answered with a status from 500 on.
    pub server_errors: u64,
    /// The longest time of those that had an answer; none if none had.
    pub slowest_ns: Option<u64>,
    /// Requests of virtual users. A load tells them second by second, so they are spread over its second.
    pub load_requests: u64,
    /// Those of them that failed.
    pub failed_load_requests: u64,
}

impl CoursePoint {
    fn is_empty(&self) -> bool {
        self.requests == 0 && self.load_requests == 0
    }

    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.unanswered += other.unanswered;
        self.server_errors += other.server_errors;
        self.slowest_ns = self.slowest_ns.max(other.slowest_ns);
        self.load_requests += other.load_requests;
        self.failed_load_requests += other.failed_load_requests;
    }
}

/// The course so far.
#[derive(Clone, Debug)]
pub(super) struct Course {
    /// Side by side from the start of the run on; where they are is known from their place.
    points: Vec<CoursePoint>,
    length_ms: u64,
}

impl Default for Course {
    fn default() -> Self {
        Self {
            points: Vec::new(),
            length_ms: FIRST_LENGTH_MS,
        }
    }
}

impl Course {
    /// Takes in an event; what ends no request is left out.
    pub(super) fn event(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Exchanged { exchange, .. } => self.exchanged(event.at_ns, exchange),
            EventKind::LoadWent { point, .. } => self.load_went(event.at_ns, point),
            _ => {}
        }
    }

    /// A request that ended then.
    fn exchanged(&mut self, at_ns: u64, exchange: &Exchange) {
        let point = self.at(at_ns / NANOSECONDS_OF_A_MILLISECOND);
        point.requests += 1;
        if exchange.error.is_some() {
            point.unanswered += 1;
        } else {
            point.slowest_ns = point.slowest_ns.max(Some(exchange.duration_ns));
        }
        if exchange.status.is_some_and(|status| status >= 500) {
            point.server_errors += 1;
        }
    }

    /// A second of a load that ended then.
    fn load_went(&mut self, at_ns: u64, second: &Point) {
        let end = at_ns / NANOSECONDS_OF_A_MILLISECOND;
        let start = end.saturating_sub(second.length_ms);
        // The end first: it makes room, and the length of the points holds from then on.
        self.at(end);
        let parts = end.saturating_sub(start).div_ceil(self.length_ms).max(1);
        for part in 0..parts {
            let length = self.length_ms;
            let point = self.at(start + part * length);
            point.load_requests += share(second.requests, part, parts);
            point.failed_load_requests += share(second.failed_requests, part, parts);
        }
    }

    /// What there is, in order.
    pub(super) fn points(&self) -> Vec<CoursePoint> {
        let placed = self.points.iter().zip(0..).map(|(point, place)| {
            let mut point = *point;
            point.at_ms = place * self.length_ms;
            point.length_ms = self.length_ms;
            point
        });
        placed.filter(|point| !point.is_empty()).collect()
    }

    fn at(&mut self, milliseconds: u64) -> &mut CoursePoint {
        while milliseconds / self.length_ms >= MAX_POINTS as u64 {
            self.merge();
        }
        let place = usize::try_from(milliseconds / self.length_ms).unwrap_or(MAX_POINTS - 1);
        if self.points.len() <= place {
            self.points.resize(place + 1, CoursePoint::default());
        }
        &mut self.points[place]
    }

    fn merge(&mut self) {
        let pairs = self.points.chunks(2).map(|pair| {
            let mut merged = pair[0];
            pair[1..].iter().for_each(|next| merged.add(next));
            merged
        });
        self.points = pairs.collect();
        self.length_ms = self.length_ms.saturating_mul(2);
    }
}

/// The part of a count that belongs to one of several equal parts: all of them together are the count.
fn share(count: u64, part: u64, parts: u64) -> u64 {
    let until = |part: u64| {
        let whole = u128::from(count) * u128::from(part) / u128::from(parts);
        u64::try_from(whole).unwrap_or(count)
    };
    let Range { start, end } = until(part)..until(part + 1);
    end - start
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::ExchangeError;

    const SECOND_NS: u64 = 1_000_000_000;

    fn exchange(status: Option<u16>, duration_ns: u64) -> Exchange {
        let error = status.is_none().then(|| ExchangeError {
            kind: "connect".to_owned(),
            message: String::new(),
            stage: None,
        });
        serde_json::from_value(serde_json::json!({
            "name": "get", "method": "GET", "url": "http://127.0.0.1/", "status": status, "error": error,
            "sent_bytes": 0, "received_bytes": 0, "first_byte_ns": null, "duration_ns": duration_ns,
        }))
        .unwrap()
    }

    #[test]
    fn a_request_is_where_it_ended_and_its_ending_is_counted() {
        let mut course = Course::default();
        course.exchanged(150_000_000, &exchange(Some(200), 7));
        course.exchanged(199_999_999, &exchange(Some(503), 9));
        course.exchanged(200_000_000, &exchange(None, 11));
        let points = course.points();
        assert_eq!(points.len(), 2);
        assert_eq!(
            points[0],
            CoursePoint {
                at_ms: 100,
                length_ms: 100,
                requests: 2,
                server_errors: 1,
                slowest_ns: Some(9),
                ..CoursePoint::default()
            }
        );
        assert_eq!((points[1].unanswered, points[1].slowest_ns), (1, None));
    }

    #[test]
    fn a_run_at_the_limit_is_told_by_tenths_of_a_second_and_a_longer_one_by_fifths() {
        let most = MAX_POINTS as u64 * FIRST_LENGTH_MS * 1_000_000;
        let mut course = Course::default();
        course.exchanged(0, &exchange(Some(200), 1));
        course.exchanged(most - 1, &exchange(Some(200), 2));
        assert_eq!(course.points()[1].length_ms, 100);
        course.exchanged(most, &exchange(Some(200), 3));
        let points = course.points();
        assert!(points.iter().all(|point| point.length_ms == 200));
        assert_eq!(points.iter().map(|point| point.requests).sum::<u64>(), 3);
    }

    #[test]
    fn a_run_of_a_year_loses_no_request_and_no_peak_and_takes_no_more_memory() {
        let mut course = Course::default();
        for day in 0..365 {
            let slow = if day == 200 { SECOND_NS } else { 1 };
            course.exchanged(day * 86_400 * SECOND_NS, &exchange(Some(200), slow));
        }
        let points = course.points();
        assert!(points.len() <= MAX_POINTS);
        assert_eq!(points.iter().map(|point| point.requests).sum::<u64>(), 365);
        let slowest = points.iter().filter_map(|point| point.slowest_ns).max();
        assert_eq!(slowest, Some(SECOND_NS));
        course.exchanged(u64::MAX, &exchange(Some(200), 1));
        assert!(course.points.len() <= MAX_POINTS);
    }

    #[test]
    fn a_second_of_a_load_is_spread_over_its_time_and_all_of_it_is_there() {
        let mut course = Course::default();
        let second = Point {
            length_ms: 1_000,
            requests: 1_003,
            failed_requests: 3,
            ..Point::default()
        };
        course.load_went(3 * SECOND_NS, &second);
        let points = course.points();
        assert_eq!((points[0].at_ms, points.len()), (2_000, 10));
        let sum = |of: fn(&CoursePoint) -> u64| points.iter().map(of).sum::<u64>();
        assert_eq!(sum(|point| point.load_requests), 1_003);
        assert_eq!(sum(|point| point.failed_load_requests), 3);
        let most = points.iter().map(|point| point.load_requests).max();
        assert!(most <= Some(101), "{points:?}");
    }

    #[test]
    fn a_load_whose_seconds_make_no_sense_is_counted_all_the_same() {
        for length_ms in [0, u64::MAX] {
            let mut course = Course::default();
            let second = Point {
                length_ms,
                requests: 5,
                ..Point::default()
            };
            course.load_went(SECOND_NS, &second);
            let points = course.points();
            assert_eq!(
                points.iter().map(|point| point.load_requests).sum::<u64>(),
                5
            );
        }
    }
}
