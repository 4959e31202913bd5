//! The course of a load as plots: several figures of its points as lines to the same axes.

use assay_load::series::Point;

use super::{
    distribution::{time_of, times_upward},
    plot::{Axis, Line, MAX_ROWS, Plot, Table},
    scale::{Scale, moment, time_ticks},
};
use crate::words::{figure, time};

pub(super) use super::distribution::as_figure;

/// Ticks of the axis of time.
const TICKS: u32 = 6;

/// A figure of each point.
pub(super) struct Curve {
    name: &'static str,
    of: Box<dyn Fn(&Point) -> f64>,
}

impl Curve {
    pub(super) fn new(name: &'static str, of: impl Fn(&Point) -> f64 + 'static) -> Self {
        Self {
            name,
            of: Box::new(of),
        }
    }

    fn most(&self, points: &[Point]) -> f64 {
        points
            .iter()
            .map(|point| (self.of)(point))
            .fold(0.0, f64::max)
    }
}

/// So many in so long a time, a second. Of no time, none.
pub(super) fn rate(count: u64, length_ms: u64) -> f64 {
    if length_ms == 0 {
        0.0
    } else {
        as_figure(count) * 1_000.0 / as_figure(length_ms)
    }
}

/// Counts and rates, from 0 up. Figures that are 0 all the time have no line. None if all are.
pub(super) fn counts(title: &str, points: &[Point], curves: &[Curve]) -> Option<Plot> {
    let told = |value: f64| figure((value * 10.0).round() / 10.0, "");
    drawn(title, points, curves, &told, |_, most| {
        let scale = Scale::from_zero(most);
        let axis = Axis::upward(&scale, &scale.ticks(4), |tick| figure(tick, ""));
        (scale, axis)
    })
}

/// Times, each step of the axis a factor.
pub(super) fn times(title: &str, points: &[Point], curves: &[Curve]) -> Option<Plot> {
    drawn(title, points, curves, &time_of, |least, most| {
        let scale = Scale::factors(least, most);
        let axis = times_upward(&scale);
        (scale, axis)
    })
}

fn drawn(
    title: &str,
    points: &[Point],
    curves: &[Curve],
    told: &dyn Fn(f64) -> String,
    upward: impl FnOnce(f64, f64) -> (Scale, Axis),
) -> Option<Plot> {
    let end = points.last()?;
    let shown: Vec<&Curve> = curves
        .iter()
        .filter(|curve| curve.most(points) > 0.0)
        .collect();
    let most = shown
        .iter()
        .map(|curve| curve.most(points))
        .reduce(f64::max)?;
    let least = shown
        .iter()
        .flat_map(|curve| points.iter().map(|point| (curve.of)(point)))
        .filter(|value| *value > 0.0)
        .fold(most, f64::min);
    let seconds = as_figure(end.at_ms.saturating_add(end.length_ms)) / 1_000.0;
    let x = Scale::between(0.0, seconds);
    let (y, y_axis) = upward(least, most);
    let lines = shown.iter().enumerate().map(|(place, curve)| {
        let points: Vec<(f64, f64)> = points
            .iter()
            .flat_map(|point| ends(point).map(|end| (end, (curve.of)(point))))
            .collect();
        Line::through(curve.name, place + 1, &points, &x, &y)
    });
    let peaks = shown
        .iter()
        .map(|curve| format!("{}: at most {}", curve.name, told(curve.most(points))));
    Some(Plot {
        title: title.to_owned(),
        summary: peaks.collect::<Vec<_>>().join("; "),
        x: Axis::across(&x, &time_ticks(seconds, TICKS), moment)
            .named("since the start of the load"),
        y: y_axis,
        lines: lines.collect(),
        bars: Vec::new(),
        table: table(points, &shown, told),
    })
}

/// When a point begins and ends, in seconds: between them its figures hold.
fn ends(point: &Point) -> [f64; 2] {
    let from = as_figure(point.at_ms);
    [
        from / 1_000.0,
        (from + as_figure(point.length_ms)) / 1_000.0,
    ]
}

/// A row for each point, or of several the greatest figures.
fn table(points: &[Point], shown: &[&Curve], told: &dyn Fn(f64) -> String) -> Table {
    let names = shown.iter().map(|curve| curve.name.to_owned());
    let rows = points
        .chunks(points.len().div_ceil(MAX_ROWS).max(1))
        .map(|points| {
            let from = time(points[0].at_ms.saturating_mul(1_000_000));
            let figures = shown.iter().map(|curve| told(curve.most(points)));
            std::iter::once(from).chain(figures).collect()
        });
    Table {
        head: std::iter::once("from".to_owned()).chain(names).collect(),
        rows: rows.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(number: u64) -> Vec<Point> {
        let point = |second: u64| Point {
            at_ms: second * 1_000,
            length_ms: 1_000,
            iterations: 100 + second % 10,
            vus: 5,
            ..Point::default()
        };
        (0..number).map(point).collect()
    }

    #[test]
    fn a_figure_that_is_never_there_has_no_line_and_a_load_without_points_no_plot() {
        let curves = || {
            [
                Curve::new("iterations", |point: &Point| {
                    rate(point.iterations, point.length_ms)
                }),
                Curve::new("failed", |point: &Point| as_figure(point.failed_iterations)),
            ]
        };
        let plot = counts("A second", &points(20), &curves()).unwrap();
        let names: Vec<_> = plot.lines.iter().map(|line| line.name.as_str()).collect();
        assert_eq!(names, ["iterations"]);
        assert_eq!(plot.summary, "iterations: at most 109");
        assert!(counts("A second", &[], &curves()).is_none());
    }

    #[test]
    fn a_load_of_one_second_has_a_line_that_is_seen() {
        let curves = [Curve::new("iterations", |point: &Point| {
            as_figure(point.iterations)
        })];
        let plot = counts("A second", &points(1), &curves).unwrap();
        assert_eq!(plot.lines[0].path, "M0 0L600 0");
    }

    #[test]
    fn an_hour_has_a_table_of_few_rows_that_names_every_peak() {
        let mut points = points(3_600);
        points[1_777].iterations = 5_000;
        let curves = [Curve::new("iterations", |point: &Point| {
            as_figure(point.iterations)
        })];
        let plot = counts("A second", &points, &curves).unwrap();
        assert!(plot.table.rows.len() <= MAX_ROWS);
        assert!(plot.table.rows.iter().any(|row| row[1] == "5000"));
    }
}
