//! A plot: lines or bars on two axes, as an SVG that is stretched to the room there is while its strokes and its words are not. What it
//! shows is also told in a sentence and in a table.

use std::fmt::Write as _;

use askama::{Template, filters::HtmlSafe};

use super::scale::Scale;

/// How wide the drawing is in its own units; a column of the screen is about one of them.
pub(super) const WIDTH: f64 = 600.0;
/// How high it is.
pub(super) const HEIGHT: f64 = 100.0;
/// Columns into which a line or bars are thinned: of each the greatest figure stays.
pub(super) const MAX_COLUMNS: usize = 300;
/// Rows of the table.
pub(super) const MAX_ROWS: usize = 60;

/// A plot with its words.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "plot.html")]
pub(super) struct Plot {
    pub(super) title: String,
    /// In a sentence, for those who do not see it.
    pub(super) summary: String,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) lines: Vec<Line>,
    pub(super) bars: Vec<Bar>,
    pub(super) table: Table,
}

impl HtmlSafe for Plot {}

/// Ticks along an axis.
#[derive(Clone, Debug, Default)]
pub(super) struct Axis {
    pub(super) name: String,
    pub(super) ticks: Vec<Tick>,
}

/// A tick and where it is.
#[derive(Clone, Debug)]
pub(super) struct Tick {
    /// From the left or from the top, in percent.
    pub(super) percent: String,
    pub(super) label: String,
}

/// A line with its name. Lines differ in colour and in dashes.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) name: String,
    /// From 1: which colour and dashes.
    pub(super) style: usize,
    pub(super) path: String,
}

/// A bar with what it stands for.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    pub(super) class: &'static str,
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) height: String,
    pub(super) title: String,
}

/// The figures of a plot.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Axis {
    /// From left to right.
    pub(super) fn across(scale: &Scale, ticks: &[f64], label: impl Fn(f64) -> String) -> Self {
        Self::of(ticks, |tick| scale.place(tick), label)
    }

    /// From the bottom to the top.
    pub(super) fn upward(scale: &Scale, ticks: &[f64], label: impl Fn(f64) -> String) -> Self {
        Self::of(ticks, |tick| 1.0 - scale.place(tick), label)
    }

    fn of(ticks: &[f64], place: impl Fn(f64) -> f64, label: impl Fn(f64) -> String) -> Self {
        let ticks = ticks.iter().map(|tick| Tick {
            percent: number(place(*tick) * 100.0),
            label: label(*tick),
        });
        Self {
            name: String::new(),
            ticks: ticks.collect(),
        }
    }

    pub(super) fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }
}

impl Line {
    /// Through these points, thinned so that no peak is lost.
    pub(super) fn through(
        name: &str,
        style: usize,
        points: &[(f64, f64)],
        x: &Scale,
        y: &Scale,
    ) -> Self {
        let mut path = String::new();
        for (across, up) in thinned(points, x) {
            let command = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(
                path,
                "{command}{} {}",
                number(x.place(across) * WIDTH),
                number((1.0 - y.place(up)) * HEIGHT)
            );
        }
        Self {
            name: name.to_owned(),
            style,
            path,
        }
    }
}

impl Bar {
    /// Over a part of the horizontal axis, from one height to another.
    pub(super) fn over(
        class: &'static str,
        (from, to): (f64, f64),
        (low, high): (f64, f64),
        x: &Scale,
        y: &Scale,
    ) -> Self {
        let left = x.place(from) * WIDTH;
        let top = (1.0 - y.place(high)) * HEIGHT;
        let bottom = (1.0 - y.place(low)) * HEIGHT;
        Self {
            class,
            x: number(left),
            y: number(top),
            width: number((x.place(to) * WIDTH - left).max(0.5)),
            height: number(bottom - top),
            title: String::new(),
        }
    }
}

/// Of the points that share a column the one that is highest. The first and the last point stay.
fn thinned(points: &[(f64, f64)], x: &Scale) -> Vec<(f64, f64)> {
    if points.len() <= MAX_COLUMNS {
        return points.to_vec();
    }
    let mut kept: Vec<(f64, f64)> = Vec::new();
    let mut column = None;
    for point in points {
        let here = column_of(point.0, x);
        match kept.last_mut() {
            Some(last) if column == Some(here) => {
                if point.1 > last.1 {
                    *last = *point;
                }
            }
            _ => kept.push(*point),
        }
        column = Some(here);
    }
    kept
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a place is from 0 to 1, so this is from 0 to the number of columns"
)]
pub(super) fn column_of(figure: f64, x: &Scale) -> usize {
    (x.place(figure) * MAX_COLUMNS as f64) as usize
}

/// To a tenth: nobody sees more.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_many_points_is_short_and_keeps_its_peak() {
        let mut points: Vec<(f64, f64)> =
            (0..100_000).map(|place| (f64::from(place), 1.0)).collect();
        points[77_777].1 = 100.0;
        let (x, y) = (Scale::between(0.0, 100_000.0), Scale::from_zero(50.0));
        let kept = thinned(&points, &x);
        assert!(kept.len() <= MAX_COLUMNS + 1, "{}", kept.len());
        assert!(kept.iter().any(|point| (point.1 - 100.0).abs() < 1e-9));
        let line = Line::through("p99", 1, &points, &x, &y);
        assert!(line.path.contains(" 0L"), "the peak is at the top");
        assert!(line.path.len() < 10_000);
    }

    #[test]
    fn few_points_stay_as_they_are() {
        let points: Vec<(f64, f64)> = (0..300)
            .map(|place| (f64::from(place) / 1e6, 1.0))
            .collect();
        assert_eq!(
            thinned(&points, &Scale::between(0.0, 1.0)).len(),
            MAX_COLUMNS
        );
    }

    #[test]
    fn names_and_titles_of_others_are_text() {
        let line = Line::through(
            "</svg><script>",
            1,
            &[],
            &Scale::from_zero(1.0),
            &Scale::from_zero(1.0),
        );
        let plot = Plot {
            title: "<b>".to_owned(),
            lines: vec![line],
            ..Plot::default()
        };
        let text = plot.render().unwrap();
        assert!(
            !text.contains("<script>") && !text.contains("<b>"),
            "{text}"
        );
    }
}
