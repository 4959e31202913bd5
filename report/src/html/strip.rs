//! What ended when, as strips under the lanes: requests, errors and the slowest answers.

use std::fmt::Write as _;

use super::{
    scale::Scale,
    timeline::{Span, height, seconds},
};
use crate::{
    json::document::CoursePoint,
    words::{figure, time},
};

/// One figure over the time of the run.
#[derive(Clone, Debug)]
pub(super) struct Strip {
    pub(super) name: &'static str,
    /// The greatest one, in words.
    pub(super) peak: String,
    /// The colour.
    pub(super) class: &'static str,
    pub(super) path: String,
}

/// How a strip is made of a point.
struct Kind {
    name: &'static str,
    class: &'static str,
    of: fn(&CoursePoint) -> u64,
    is_time: bool,
}

const KINDS: [Kind; 6] = [
    Kind {
        name: "Requests of cases",
        class: "calm",
        of: |point| point.requests,
        is_time: false,
    },
    Kind {
        name: "Requests of loads",
        class: "calm",
        of: |point| point.load_requests,
        is_time: false,
    },
    Kind {
        name: "Slowest answer",
        class: "calm",
        of: |point| point.slowest_ns.unwrap_or_default(),
        is_time: true,
    },
    Kind {
        name: "No answer",
        class: "bad",
        of: |point| point.unanswered,
        is_time: false,
    },
    Kind {
        name: "Status from 500",
        class: "bad",
        of: |point| point.server_errors,
        is_time: false,
    },
    Kind {
        name: "Failed in loads",
        class: "bad",
        of: |point| point.failed_load_requests,
        is_time: false,
    },
];

/// The strips that have something in them.
pub(super) fn strips(course: &[CoursePoint], span: &Span) -> Vec<Strip> {
    let strips = KINDS.iter().filter_map(|kind| strip(kind, course, span));
    strips.collect()
}

fn strip(kind: &Kind, course: &[CoursePoint], span: &Span) -> Option<Strip> {
    let amount = |point: &CoursePoint| {
        let found = (kind.of)(point);
        let length = seconds(point.length_ms.max(1).saturating_mul(1_000_000));
        if kind.is_time {
            seconds(found)
        } else {
            as_figure(found) / length
        }
    };
    let peak = course.iter().map(amount).fold(0.0, f64::max);
    if peak <= 0.0 {
        return None;
    }
    let scale = Scale::between(0.0, peak);
    let slowest = course.iter().map(kind.of).max().unwrap_or_default();
    Some(Strip {
        name: kind.name,
        peak: if kind.is_time {
            time(slowest)
        } else {
            format!("{} a second", figure(rounded(peak), ""))
        },
        class: kind.class,
        path: area(course, span, |point| scale.place(amount(point))),
    })
}

/// The outline of side by side bars, from 0 up.
fn area(course: &[CoursePoint], span: &Span, share: impl Fn(&CoursePoint) -> f64) -> String {
    let mut path = String::new();
    for point in course {
        let share = share(point);
        if share <= 0.0 {
            continue;
        }
        let (from, to) = (
            span.x(point.at_ms),
            span.x(point.at_ms.saturating_add(point.length_ms)),
        );
        let (top, bottom) = (height(share), height(0.0));
        let _ = write!(path, "M{from} {bottom}V{top}H{to}V{bottom}z");
    }
    path
}

/// At most three digits that say something.
fn rounded(rate: f64) -> f64 {
    if rate >= 100.0 {
        rate.round()
    } else {
        (rate * 10.0).round() / 10.0
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nobody sees more than four digits of it"
)]
fn as_figure(count: u64) -> f64 {
    count as f64
}
