//! What every load is held to before its figures count.

use assay_sdk::load::Outcome;
use assay_sdk::prelude::*;

/// Tells if the generator was the limit: then the figures say more of this machine than of the system.
pub(crate) fn tell_of_the_generator(outcome: &Outcome) {
    if outcome.generator.saturated {
        warn!(
            "the load was as much as this machine can make ({:.0} % of a processor): the system may bear more",
            outcome.generator.busiest * 100.0
        );
    }
}

/// How many of a hundred iterations failed; those that were cut off did, and a load without any is one that failed.
pub(crate) fn failed_percent(outcome: &Outcome) -> f64 {
    let ended = outcome.iterations + outcome.interrupted;
    share(outcome.failed + outcome.interrupted, ended)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "iterations of a load are far below 2^52"
)]
fn share(part: u64, of: u64) -> f64 {
    if of == 0 {
        return 100.0;
    }
    part as f64 * 100.0 / of as f64
}

/// Why iterations failed, and how often, for a message.
pub(crate) fn reasons(outcome: &Outcome) -> String {
    let reasons = outcome.failures.iter();
    let reasons: Vec<String> = reasons
        .map(|reason| format!("{}× {}", reason.count, reason.name))
        .collect();
    if reasons.is_empty() {
        return "none failed".to_owned();
    }
    reasons.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_nothing_is_all() {
        assert!((share(1, 4) - 25.0).abs() < f64::EPSILON);
        assert!((share(0, 0) - 100.0).abs() < f64::EPSILON);
    }
}
