//! The rank test of two samples (Mann–Whitney U) on counted values, with its effect sizes.
//!
//! Sources: H. B. Mann, D. R. Whitney, "On a test of whether one of two random variables is stochastically larger than the other", Annals of
//! Mathematical Statistics 18 (1947), 50–60; the correction for ties is that of E. L. Lehmann, "Nonparametrics" (1975), and the normal
//! approximation has a correction for continuity, so that the result is that of `scipy.stats.mannwhitneyu(method="asymptotic")`.
//! The probability of superiority: A. Vargha, H. D. Delaney, "A critique and improvement of the CL common language effect size statistics",
//! Journal of Educational and Behavioral Statistics 25 (2000), 101–132. The shift: J. L. Hodges, E. L. Lehmann, "Estimates of location
//! based on rank tests", Annals of Mathematical Statistics 34 (1963), 598–611.

use special::Error as _;

use crate::distribution::Distribution;

/// The fewest values of each sample: below them the normal approximation is none.
pub const MIN_SAMPLES: u64 = 20;
/// How far the probability of superiority is from one half where a difference begins to matter: 0.56 is "small" for Vargha and Delaney.
pub const SMALL_EFFECT: f64 = 0.06;

/// What the test says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankTest {
    /// How improbable this difference, or a greater one, is if both come from the same distribution. Of both sides.
    pub probability: f64,
    /// The probability that a value of the second is greater than one of the first; equal ones count by half. 0.5: neither.
    pub superiority: f64,
    /// The median of all differences between a value of the second and one of the first, in steps.
    pub shift: i128,
}

/// Compares two samples; none if one of them has fewer than [`MIN_SAMPLES`] values.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts beyond 2^53 cannot be reached by counting"
)]
pub fn test(before: &Distribution, after: &Distribution) -> Option<RankTest> {
    if before.count().min(after.count()) < MIN_SAMPLES {
        return None;
    }
    let (first, second) = (before.count() as f64, after.count() as f64);
    let all = first + second;
    let Ranked { greater, ties } = ranked(before, after);
    let pairs = first * second;
    let variance = pairs / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
    let beyond = (greater.max(pairs - greater) - pairs / 2.0 - 0.5).max(0.0);
    let probability = if variance > 0.0 {
        two_sided(beyond / variance.sqrt())
    } else {
        1.0
    };
    Some(RankTest {
        probability,
        superiority: greater / pairs,
        shift: shift(before, after),
    })
}

/// The probability that a standard normal variable is at least so far from 0.
pub(crate) fn two_sided(deviations: f64) -> f64 {
    (deviations / std::f64::consts::SQRT_2).compl_error()
}

struct Ranked {
    /// Pairs in which the second is greater, equal ones by half.
    greater: f64,
    /// The sum of t³ − t over the values that are there t times.
    ties: f64,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts beyond 2^53 cannot be reached by counting"
)]
fn ranked(before: &Distribution, after: &Distribution) -> Ranked {
    let mut ranked = Ranked {
        greater: 0.0,
        ties: 0.0,
    };
    let (mut first, mut second) = (before.values(), after.values());
    let mut below: u64 = 0;
    loop {
        let next = match (first.first(), second.first()) {
            (Some(one), Some(other)) => one.0.min(other.0),
            (Some(one), None) => one.0,
            (None, Some(other)) => other.0,
            (None, None) => return ranked,
        };
        let ours = take(&mut first, next);
        let theirs = take(&mut second, next);
        ranked.greater += theirs as f64 * (below as f64 + ours as f64 / 2.0);
        let tied = (ours + theirs) as f64;
        ranked.ties += tied * tied * tied - tied;
        below += ours;
    }
}

/// How often the value is there that is to come next, if it is this one.
fn take(values: &mut &[(u64, u64)], wanted: u64) -> u64 {
    match values.split_first() {
        Some(((value, count), rest)) if *value == wanted => {
            *values = rest;
            *count
        }
        _ => 0,
    }
}

/// The smallest difference that at least half of all differences do not exceed, by halving the interval in which it lies.
fn shift(before: &Distribution, after: &Distribution) -> i128 {
    let ends = |distribution: &Distribution| {
        let values = distribution.values();
        let first = values.first().map_or(0, |(value, _)| i128::from(*value));
        let last = values.last().map_or(0, |(value, _)| i128::from(*value));
        (first, last)
    };
    let ((least_before, most_before), (least_after, most_after)) = (ends(before), ends(after));
    let (mut low, mut high) = (least_after - most_before, most_after - least_before);
    let pairs = u128::from(before.count()) * u128::from(after.count());
    while low < high {
        let middle = low + (high - low).div_euclid(2);
        if at_most(before, after, middle) * 2 >= pairs {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// How many differences are at most this.
fn at_most(before: &Distribution, after: &Distribution, difference: i128) -> u128 {
    // The greater the second value, the fewer of the first are near enough to it.
    let mut near = u128::from(before.count());
    let mut next = before.values().iter().peekable();
    let mut found = 0;
    for (value, count) in after.values() {
        let needed = i128::from(*value) - difference;
        while let Some((_, count)) = next.next_if(|(value, _)| i128::from(*value) < needed) {
            near -= u128::from(*count);
        }
        found += near * u128::from(*count);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::tests::of;

    fn made(count: u64, value: impl Fn(u64) -> u64) -> Distribution {
        of(&(0..count).map(value).collect::<Vec<_>>())
    }

    /// The numbers are those of `scipy.stats.mannwhitneyu(after, before, alternative="two-sided", method="asymptotic")` (`SciPy` 1.17.1) and
    /// of `numpy.sort(numpy.subtract.outer(after, before).ravel())` at the lower middle.
    #[test]
    fn it_is_as_scipy_has_it() {
        let few = (
            made(25, |place| 100 + (place * 37) % 50),
            made(30, |place| 110 + (place * 53) % 60),
        );
        let ties = (
            made(40, |place| 1 + (place * 7) % 5),
            made(33, |place| 2 + (place * 3) % 5),
        );
        let many = (
            made(1_000, |place| 1_000 + (place * place) % 997),
            made(1_000, |place| 1_040 + (place * place * 3) % 1_009),
        );
        for ((before, after), probability, superiority, shift) in [
            (few, 0.001_439_102_269_193_667_2, 0.752, 17),
            (ties, 0.011_687_266_962_162_919, 0.669_696_969_696_969_7, 1),
            (many, 0.000_140_262_251_002_544_91, 0.549_17, 51),
        ] {
            let found = test(&before, &after).unwrap();
            let off = (found.probability / probability - 1.0).abs();
            assert!(off < 1e-9, "{found:?}, not {probability}");
            assert!((found.superiority - superiority).abs() < 1e-12, "{found:?}");
            assert_eq!(found.shift, shift);
        }
    }

    #[test]
    fn what_is_all_the_same_is_no_difference() {
        let same = of(&[5; 20]);
        let found = test(&same, &same).unwrap();
        assert_eq!(
            (found.probability, found.superiority, found.shift),
            (1.0, 0.5, 0)
        );
    }

    #[test]
    fn with_one_value_too_few_there_is_no_answer() {
        let (enough, few) = (made(20, |place| place), made(19, |place| place));
        assert!(test(&enough, &enough).is_some());
        assert!(test(&enough, &few).is_none() && test(&few, &enough).is_none());
    }

    #[test]
    fn the_greatest_values_there_are_do_not_overflow() {
        let least = made(20, |place| place);
        let most = made(20, |place| u64::MAX - place);
        let found = test(&least, &most).unwrap();
        assert_eq!(found.shift, i128::from(u64::MAX) - 19);
        assert!(found.superiority > 0.999 && found.probability < 1e-6);
    }
}
