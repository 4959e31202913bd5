//! Medians with their spread, and straight lines with their margin.

/// What was measured of one thing in all rounds; at least one value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spread {
    sorted: Vec<f64>,
}

impl Spread {
    /// None when nothing was measured.
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        (!sorted.is_empty()).then_some(Self { sorted })
    }

    /// The middle one; of two in the middle, the greater.
    pub(super) fn median(&self) -> f64 {
        self.sorted[self.sorted.len() / 2]
    }

    pub(super) fn least(&self) -> f64 {
        self.sorted[0]
    }

    pub(super) fn greatest(&self) -> f64 {
        self.sorted[self.sorted.len() - 1]
    }

    /// Median, and least to greatest where they are others, each written by `write`.
    pub(super) fn text(&self, write: impl Fn(f64) -> String) -> String {
        let [median, least, greatest] = [self.median(), self.least(), self.greatest()].map(write);
        if least == greatest {
            return median;
        }
        format!("{median} ({least} to {greatest})")
    }
}

/// How steep the straight line through some points is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slope {
    /// Of y, for 1 of x.
    pub(super) steepness: f64,
    /// With 95 % confidence it is not further off than this, if the points lie about the line independently of each other.
    pub(super) margin: f64,
}

impl Slope {
    /// By least squares. None of fewer than five points, or of points above each other.
    pub(super) fn of(points: &[(f64, f64)]) -> Option<Self> {
        if points.len() < 5 {
            return None;
        }
        let count = float(points.len());
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
        let (middle_x, middle_y) = (mean(|point| point.0), mean(|point| point.1));
        let (mut squares, mut products) = (0.0, 0.0);
        for (x, y) in points {
            squares += (x - middle_x).powi(2);
            products += (x - middle_x) * (y - middle_y);
        }
        if squares <= 0.0 {
            return None;
        }
        let steepness = products / squares;
        let off_the_line: f64 = points
            .iter()
            .map(|(x, y)| (y - middle_y - steepness * (x - middle_x)).powi(2))
            .sum();
        let freedom = count - 2.0;
        Some(Self {
            steepness,
            margin: students_t(freedom) * (off_the_line / freedom / squares).sqrt(),
        })
    }
}

/// The 97.5 % quantile of Student's t distribution, by the first terms of its expansion around the normal one (Abramowitz and Stegun,
/// 26.7.5): from three degrees of freedom on it is right to a twentieth, from ten on to a thousandth.
fn students_t(freedom: f64) -> f64 {
    let z: f64 = 1.959_964;
    z + (z.powi(3) + z) / (4.0 * freedom)
        + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * freedom.powi(2))
        + (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z)
            / (384.0 * freedom.powi(3))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts that are measured are far below 2^52"
)]
fn float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(value: f64, wanted: f64, tolerance: f64) {
        assert!(
            (value - wanted).abs() <= tolerance,
            "{value} is not {wanted}"
        );
    }

    #[test]
    fn a_spread_has_median_least_and_greatest() {
        let spread = Spread::of([3.0, 1.0, 8.0, 4.0]).unwrap();
        assert_eq!(spread.text(|value| format!("{value:.0}")), "4 (1 to 8)");
        assert_eq!(Spread::of([]), None);
        let same = Spread::of([2.01, 1.99]).unwrap();
        assert_eq!(same.text(|value| format!("{value:.0}")), "2");
    }

    #[test]
    fn points_on_a_line_have_its_steepness_and_no_margin() {
        let points: Vec<(f64, f64)> = (0..9_u8)
            .map(f64::from)
            .map(|x| (x, 7.0 - 2.0 * x))
            .collect();
        let slope = Slope::of(&points).unwrap();
        near(slope.steepness, -2.0, 1e-9);
        near(slope.margin, 0.0, 1e-9);
    }

    #[test]
    fn the_margin_is_that_of_the_textbook() {
        // By hand: residuals 0, -0.5, 1, -0.5, 0 (sum of squares 1.5 over 3 degrees of freedom), sum of squares of x 10, t = 3.182.
        let points = [(1.0, 2.0), (2.0, 2.0), (3.0, 4.0), (4.0, 3.0), (5.0, 4.0)];
        let slope = Slope::of(&points).unwrap();
        near(slope.steepness, 0.5, 1e-9);
        near(slope.margin, 0.711_5, 0.01);
    }

    #[test]
    fn too_few_points_and_points_above_each_other_have_no_slope() {
        assert_eq!(Slope::of(&[(0.0, 1.0); 4]), None);
        assert_eq!(Slope::of(&[(0.0, 1.0); 9]), None);
    }

    #[test]
    fn quantiles_of_students_t_are_those_of_the_tables() {
        for (freedom, quantile, tolerance) in [
            (3.0, 3.182, 0.05),
            (10.0, 2.228, 0.002),
            (100.0, 1.984, 0.001),
        ] {
            near(students_t(freedom), quantile, tolerance);
        }
    }
}
