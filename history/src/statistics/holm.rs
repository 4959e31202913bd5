//! Holm's correction for many comparisons.
//!
//! Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979), 65–70. It
//! holds whatever the tests have to do with each other.

/// The adjusted probabilities, in the order of those given: at most 1, never smaller than they were.
#[expect(
    clippy::cast_precision_loss,
    reason = "there are far fewer than 2^53 comparisons"
)]
pub fn adjusted(probabilities: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|one, other| probabilities[*one].total_cmp(&probabilities[*other]));
    let mut adjusted = vec![1.0; probabilities.len()];
    let mut least: f64 = 0.0;
    for (place, index) in order.into_iter().enumerate() {
        let factor = (probabilities.len() - place) as f64;
        least = least.max((probabilities[index] * factor).min(1.0));
        adjusted[index] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::adjusted;

    /// By hand: 4 × 0.005, 3 × 0.01, 2 × 0.03, and 1 × 0.04, which cannot be less than the one before it.
    #[test]
    fn each_is_multiplied_by_those_that_are_left() {
        let found = adjusted(&[0.01, 0.04, 0.03, 0.005]);
        for (found, expected) in found.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
    }

    #[test]
    fn one_comparison_stays_as_it_is_and_none_is_more_than_certain() {
        assert_eq!(adjusted(&[]), Vec::<f64>::new());
        assert_eq!(adjusted(&[0.2]), [0.2]);
        assert_eq!(adjusted(&[0.9, 0.8]), [1.0, 1.0]);
    }
}
