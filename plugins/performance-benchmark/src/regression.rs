//! A straight line through measured points, by least squares, and how sure its slope is: whether something grows, or only varies.

/// Fewer points say nothing of a slope.
pub(crate) const FEWEST: usize = 8;

/// A slope and the interval in which it is with 95 % confidence, as far as the points are independent of each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slope {
    /// How much y grows while x grows by 1.
    pub(crate) value: f64,
    /// What is to be added and taken away for the interval.
    pub(crate) margin: f64,
    /// How many points it rests on.
    pub(crate) points: usize,
}

impl Slope {
    /// The line through these points; none if there are fewer than [`FEWEST`], or if they all have the same x.
    pub(crate) fn of(points: &[(f64, f64)]) -> Option<Self> {
        if points.len() < FEWEST {
            return None;
        }
        let count = as_f64(points.len());
        let mean_x = points.iter().map(|point| point.0).sum::<f64>() / count;
        let mean_y = points.iter().map(|point| point.1).sum::<f64>() / count;
        let mut spread = 0.0;
        let mut common = 0.0;
        for (x, y) in points {
            spread += (x - mean_x).powi(2);
            common += (x - mean_x) * (y - mean_y);
        }
        if spread <= 0.0 {
            return None;
        }
        let value = common / spread;
        let left_over: f64 = points
            .iter()
            .map(|(x, y)| (y - mean_y - value * (x - mean_x)).powi(2))
            .sum();
        let freedom = count - 2.0;
        let error = (left_over / freedom / spread).sqrt();
        Some(Self {
            value,
            margin: quantile(freedom) * error,
            points: points.len(),
        })
    }

    /// The growth that is proven: the end of the interval that is nearer to 0, and 0 if the interval holds it.
    pub(crate) fn proven_growth(&self) -> f64 {
        (self.value - self.margin).max(0.0)
    }

    /// The same of a fall, as a positive number.
    pub(crate) fn proven_fall(&self) -> f64 {
        (-self.value - self.margin).max(0.0)
    }
}

/// The 97.5 % quantile of Student's t distribution, by the expansion of Cornish and Fisher around that of the normal distribution
/// (Abramowitz and Stegun, 26.7.5). Right to a hundredth from 6 degrees of freedom on.
fn quantile(freedom: f64) -> f64 {
    const NORMAL: f64 = 1.959_964;
    let (z, square) = (NORMAL, NORMAL * NORMAL);
    let first = z * (square + 1.0) / 4.0;
    let second = z * (5.0 * square.powi(2) + 16.0 * square + 3.0) / 96.0;
    let third = z * (3.0 * square.powi(3) + 19.0 * square.powi(2) + 17.0 * square - 15.0) / 384.0;
    z + first / freedom + second / freedom.powi(2) + third / freedom.powi(3)
}

/// A count as a number with a fraction.
#[expect(
    clippy::cast_precision_loss,
    reason = "what is counted here is far below 2^52"
)]
pub(crate) fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(count: u32, y: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        (0..count).map(f64::from).map(|x| (x, y(x))).collect()
    }

    fn close(actual: f64, expected: f64, within: f64) {
        assert!((actual - expected).abs() <= within, "{actual} {expected}");
    }

    #[test]
    fn an_exact_line_has_its_slope_without_a_doubt() {
        let slope = Slope::of(&line(20, |x| 3.0 + 2.0 * x)).unwrap();
        close(slope.value, 2.0, 1e-12);
        close(slope.margin, 0.0, 1e-9);
        close(slope.proven_growth(), 2.0, 1e-9);
        close(slope.proven_fall(), 0.0, 0.0);
    }

    #[test]
    fn the_margin_is_that_of_the_textbook() {
        // Weights by heights of the example of the English Wikipedia, "Simple linear regression": the slope is 61.272 ± 1.776 × 2.1604,
        // where 2.1604 is the quantile of 13 degrees of freedom.
        let heights = [
            1.47, 1.50, 1.52, 1.55, 1.57, 1.60, 1.63, 1.65, 1.68, 1.70, 1.73, 1.75, 1.78, 1.80,
            1.83,
        ];
        let weights = [
            52.21, 53.12, 54.48, 55.84, 57.20, 58.57, 59.93, 61.29, 63.11, 64.47, 66.28, 68.10,
            69.92, 72.19, 74.46,
        ];
        let points: Vec<_> = heights.into_iter().zip(weights).collect();
        let slope = Slope::of(&points).unwrap();
        close(slope.value, 61.272, 0.001);
        close(slope.margin, 1.776 * 2.1604, 0.01);
    }

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (freedom, wanted) in [
            (6.0, 2.447),
            (8.0, 2.306),
            (10.0, 2.228),
            (30.0, 2.042),
            (1e9, 1.960),
        ] {
            close(quantile(freedom), wanted, 0.01);
        }
    }

    #[test]
    fn what_only_varies_does_not_grow() {
        let saw = Slope::of(&line(40, |x| 100.0 + 5.0 * (x % 4.0))).unwrap();
        close(saw.proven_growth(), 0.0, 0.0);
        close(saw.proven_fall(), 0.0, 0.0);
        let falling = Slope::of(&line(40, |x| 100.0 - x + (x % 2.0))).unwrap();
        assert!(falling.proven_fall() > 0.9, "{falling:?}");
    }

    #[test]
    fn too_few_points_and_points_at_one_place_have_no_slope() {
        assert!(Slope::of(&line(7, |x| x)).is_none());
        assert!(Slope::of(&line(8, |x| x)).is_some());
        assert!(Slope::of(&[(1.0, 2.0); 20]).is_none());
    }
}
