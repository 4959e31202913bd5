//! How a figure of continuous operation changes from the first slice of time to the last one.

use assay_sdk::prelude::*;

use crate::regression::{Slope, as_f64};

/// How a figure changed from the beginning to the end, in percent of what it was at the beginning; only what is proven.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Drift {
    /// By how much it grew.
    pub(crate) growth: f64,
    /// By how much it fell, as a positive number.
    pub(crate) fall: f64,
    /// How many slices it rests on.
    pub(crate) points: u64,
}

impl Drift {
    /// By a line through the logarithms: what slows down does so by factors, and a slice that is ten times as slow by chance weighs little.
    pub(crate) fn of(values: Vec<f64>) -> Result<Self> {
        let count = values.len();
        let points: Vec<(f64, f64)> = values
            .into_iter()
            .enumerate()
            .map(|(index, value)| (as_f64(index), value.ln()))
            .collect();
        let slope = Slope::of(&points).filter(|slope| slope.value.is_finite());
        let Some(slope) = slope else {
            return Err(Problem::failed(format!(
                "{count} slices of time, or slices in which nothing was done, are no trend"
            )));
        };
        let whole = as_f64(count - 1);
        Ok(Self {
            growth: ((slope.proven_growth() * whole).exp() - 1.0) * 100.0,
            fall: (1.0 - (-slope.proven_fall() * whole).exp()) * 100.0,
            points: count as u64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_slower_by_a_tenth_each_time_has_grown_by_that() {
        let slower = Drift::of((0..11).map(|slice| 10.0 * 1.1_f64.powi(slice)).collect());
        let slower = slower.unwrap();
        assert!((slower.growth - 159.37).abs() < 0.1, "{slower:?}");
        assert!(slower.fall < 1e-9);
        let less = Drift::of((0..11).map(|slice| 10.0 * 0.9_f64.powi(slice)).collect());
        let less = less.unwrap();
        assert!((less.fall - 65.13).abs() < 0.1, "{less:?}");
        assert!(less.growth < 1e-9);
    }

    #[test]
    fn a_single_slow_slice_is_no_trend() {
        let mut values = vec![10.0; 12];
        values[11] = 40.0;
        assert!(Drift::of(values).unwrap().growth < 1e-9);
    }

    #[test]
    fn a_slow_slice_hides_no_trend() {
        let mut values: Vec<f64> = (0..10).map(|slice| 10.0 + 4.0 * f64::from(slice)).collect();
        values[6] *= 4.0;
        assert!(Drift::of(values).unwrap().growth > 25.0);
    }

    #[test]
    fn too_few_slices_and_slices_in_which_nothing_was_done_have_no_trend() {
        assert!(Drift::of(vec![1.0; 7]).is_err());
        assert!(Drift::of(vec![0.0; 12]).is_err());
    }
}
