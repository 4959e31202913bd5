//! What `suite!` has checked while it is compiled; a panic here is an error of the compiler.

use crate::Baseline;

/// The longest name in bytes.
const LONGEST_NAME: usize = 64;
/// The longest summary in bytes.
const LONGEST_SUMMARY: usize = 400;
/// The most baselines of a suite.
const MOST_BASELINES: usize = 100;

/// Stops the compilation of a suite with a bad name, an over-long summary, or baselines that cannot be.
///
/// # Panics
/// On what the contract does not allow.
pub const fn validate_suite(name: &str, summary: &str, baselines: &[Baseline]) {
    assert!(
        is_kebab_case(name),
        "the suite's name is not kebab-case: small letters and digits in parts joined by single dashes, a letter first, at most 64"
    );
    assert!(
        summary.len() <= LONGEST_SUMMARY,
        "the suite's summary is over 400 bytes"
    );
    assert!(
        baselines.len() <= MOST_BASELINES,
        "a suite has at most 100 baselines"
    );
    let mut index = 0;
    while index < baselines.len() {
        validate_baseline(&baselines[index]);
        let mut earlier = 0;
        while earlier < index {
            assert!(
                !are_equal(baselines[earlier].name, baselines[index].name),
                "two baselines have the same name"
            );
            earlier += 1;
        }
        index += 1;
    }
}

const fn validate_baseline(baseline: &Baseline) {
    let Baseline {
        name,
        summary,
        at_most,
        target,
        critical,
        ..
    } = *baseline;
    assert!(
        is_kebab_case(name),
        "a baseline's name is not kebab-case: small letters and digits in parts joined by single dashes, a letter first, at most 64"
    );
    assert!(
        summary.len() <= LONGEST_SUMMARY,
        "a baseline's summary is over 400 bytes"
    );
    assert!(
        target.is_finite() && critical.is_finite(),
        "a baseline's levels are finite numbers"
    );
    let is_ordered = if at_most {
        target <= critical
    } else {
        target >= critical
    };
    assert!(
        is_ordered,
        "a baseline's critical level is better than its target: exchange them"
    );
}

const fn is_kebab_case(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes.len() > LONGEST_NAME || !bytes[0].is_ascii_lowercase() {
        return false;
    }
    let mut index = 1;
    while index < bytes.len() {
        let is_dash = bytes[index] == b'-';
        let is_last = index + 1 == bytes.len();
        if is_dash && (is_last || bytes[index - 1] == b'-') {
            return false;
        }
        if !is_dash && !bytes[index].is_ascii_lowercase() && !bytes[index].is_ascii_digit() {
            return false;
        }
        index += 1;
    }
    true
}

const fn are_equal(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kebab_case_is_told_from_the_rest() {
        for name in ["a", "core-flow", "v2-x", &"a".repeat(64)] {
            assert!(is_kebab_case(name), "{name:?} was refused");
        }
        for name in ["", "-a", "a-", "a--b", "A", "a_b", "1a", &"a".repeat(65)] {
            assert!(!is_kebab_case(name), "{name:?} was taken");
        }
    }

    #[test]
    fn levels_have_an_order() {
        validate_suite(
            "a",
            "",
            &[
                Baseline::at_most("x", "ms", 1.0, 1.0),
                Baseline::at_least("y", "%", 2.0, 1.0),
            ],
        );
        let wrong = [Baseline::at_most("x", "ms", 2.0, 1.0)];
        assert!(std::panic::catch_unwind(|| validate_suite("a", "", &wrong)).is_err());
    }

    #[test]
    fn a_suite_has_at_most_100_baselines_each_with_its_own_name() {
        let names: Vec<&'static str> = (0..101)
            .map(|number| &*format!("b{number}").leak())
            .collect();
        let many: Vec<_> = names
            .iter()
            .map(|name| Baseline::at_most(name, "ms", 1.0, 1.0))
            .collect();
        validate_suite("a", "", &many[..100]);
        assert!(std::panic::catch_unwind(|| validate_suite("a", "", &many)).is_err());
        let twice = [many[0], many[0]];
        assert!(std::panic::catch_unwind(|| validate_suite("a", "", &twice)).is_err());
    }
}
