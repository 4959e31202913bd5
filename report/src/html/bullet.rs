//! A bullet bar: one figure against its target and its critical level, as shapes of an SVG of [`WIDTH`] by 20.

use crate::event::{Baseline, Direction};

/// How wide a bar is, in its own units.
pub(super) const WIDTH: f64 = 240.0;

/// A bar. All places are from 0 to [`WIDTH`].
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bullet {
    /// Good, between target and critical, bad: each from where to where.
    pub(super) bands: [Band; 3],
    /// How long the bar of the value is.
    pub(super) value: f64,
    /// Where the target is.
    pub(super) target: f64,
}

/// A part of the scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Band {
    pub(super) class: &'static str,
    pub(super) from: f64,
    pub(super) width: f64,
}

impl Bullet {
    /// Of a value that was measured. None if a number is missing or below 0: a bar that begins at 0 would lie.
    pub(super) fn new(baseline: &Baseline, value: f64) -> Option<Self> {
        let Baseline {
            target, critical, ..
        } = *baseline;
        let numbers = [value, target, critical];
        if !numbers
            .iter()
            .all(|number| number.is_finite() && *number >= 0.0)
        {
            return None;
        }
        let most = numbers.into_iter().fold(0.0, f64::max) * 1.1;
        let place = |number: f64| {
            if most > 0.0 {
                round(number / most * WIDTH)
            } else {
                0.0
            }
        };
        let (target, critical) = (place(target), place(critical));
        let (low, high) = (target.min(critical), target.max(critical));
        let classes = match baseline.direction {
            Direction::AtMost => ["good", "between", "bad"],
            Direction::AtLeast => ["bad", "between", "good"],
        };
        let edges = [0.0, low, high, WIDTH];
        let band = |index: usize| Band {
            class: classes[index],
            from: edges[index],
            width: round(edges[index + 1] - edges[index]),
        };
        Some(Self {
            bands: [band(0), band(1), band(2)],
            value: place(value),
            target,
        })
    }
}

/// To a tenth: nobody sees more.
fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline(direction: Direction, target: f64, critical: f64) -> Baseline {
        Baseline {
            name: String::new(),
            summary: String::new(),
            unit: String::new(),
            direction,
            target,
            critical,
        }
    }

    #[test]
    fn the_good_end_is_where_the_direction_says() {
        let low = Bullet::new(&baseline(Direction::AtMost, 50.0, 100.0), 25.0).unwrap();
        assert_eq!(low.bands.map(|band| band.class), ["good", "between", "bad"]);
        assert_eq!(format!("{} {}", low.target, low.value), "109.1 54.5");

        let high = Bullet::new(&baseline(Direction::AtLeast, 100.0, 50.0), 200.0).unwrap();
        assert_eq!(
            high.bands.map(|band| band.class),
            ["bad", "between", "good"]
        );
        assert_eq!(format!("{}", high.value), "218.2");
    }

    #[test]
    fn the_bands_fill_the_bar_without_gaps() {
        for (target, critical, value) in
            [(50.0, 100.0, 25.0), (0.0, 0.0, 0.0), (1e300, 1e301, 1e-9)]
        {
            let bullet =
                Bullet::new(&baseline(Direction::AtMost, target, critical), value).unwrap();
            let mut place = 0.0;
            for band in bullet.bands {
                assert!((band.from - place).abs() < 0.2, "{bullet:?}");
                place = band.from + band.width;
            }
            assert!((place - WIDTH).abs() < 0.2, "{bullet:?}");
        }
    }

    #[test]
    fn what_is_no_number_or_below_nothing_has_no_bar() {
        for (target, critical, value) in [
            (f64::NAN, 1.0, 1.0),
            (1.0, f64::INFINITY, 1.0),
            (1.0, 2.0, f64::NAN),
            (1.0, 2.0, -1.0),
        ] {
            let baseline = baseline(Direction::AtMost, target, critical);
            assert_eq!(Bullet::new(&baseline, value), None);
        }
    }
}
