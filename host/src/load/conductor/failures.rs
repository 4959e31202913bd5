//! Failures that nobody judges: a load in which requests fail while its case looks at the speed of the others must not end green.

use assay_load::outcome::{Counted, Outcome};

use assay_report::event::Check;

use crate::load::ended::Hole;

/// Reasons that are told; the report has all of them.
const REASONS: usize = 3;

/// The check that the host makes of a load whose plan leaves failures to nobody. What is missing because machines were lost is no failure of the
/// system under test, and is told.
pub(super) fn check(scenario: &str, outcome: &Outcome, hole: Hole) -> Check {
    let found = found(outcome, hole.starts);
    Check {
        name: format!("nothing fails in the load `{scenario}`"),
        passed: found.is_empty(),
        expected: Some(
            "every iteration comes to its end, and no request fails; or a threshold, or the case, judges failures"
                .to_owned(),
        ),
        actual: Some(if found.is_empty() {
            let iterations = outcome.iterations;
            format!("{iterations} iterations, none of them failed{}", told(hole))
        } else {
            let (iterations, found) = (outcome.iterations, found.join("; "));
            format!("of {iterations} iterations {found}{}", told(hole))
        }),
        location: None,
    }
}

/// What lost machines have left out, after what was found.
fn told(hole: Hole) -> String {
    let Hole {
        losses,
        starts,
        under_way,
        percent,
    } = hole;
    if losses == 0 {
        return String::new();
    }
    let starts = match starts {
        0 => String::new(),
        starts => format!(" ({starts} starts)"),
    };
    format!(
        "; {percent:.1} % of the load was not made because machines were lost{starts}, and how up to {under_way} iterations ended that were under way there is not known"
    )
}

fn found(outcome: &Outcome, dropped_with_machines: u64) -> Vec<String> {
    let mut found = Vec::new();
    if outcome.failed > 0 {
        let reasons = reasons(&outcome.latency.failures);
        found.push(format!("{} failed ({reasons})", outcome.failed));
    }
    if outcome.interrupted > 0 {
        found.push(format!(
            "{} were cut off at the end of the grace",
            outcome.interrupted
        ));
    }
    let dropped = outcome.dropped.saturating_sub(dropped_with_machines);
    if dropped > 0 {
        found.push(format!(
            "{dropped} more were dropped, for no virtual user was free"
        ));
    }
    for requests in &outcome.requests {
        let failed = requests.latency.failed.count;
        if failed > 0 {
            let reasons = reasons(&requests.latency.failures);
            found.push(format!(
                "{failed} requests `{}` failed ({reasons})",
                requests.name
            ));
        }
    }
    found
}

fn reasons(counted: &[Counted]) -> String {
    let shown = counted.iter().take(REASONS);
    let mut shown: Vec<String> = shown
        .map(|reason| format!("{}: {}", reason.name, reason.count))
        .collect();
    if counted.len() > REASONS {
        shown.push(format!("and {} other reasons", counted.len() - REASONS));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_load::outcome::{Distribution, Requests, Split};

    fn failing(count: u64, reasons: &[(&str, u64)]) -> Split {
        let failures = reasons.iter().map(|&(name, count)| Counted {
            name: name.to_owned(),
            count,
        });
        Split {
            failed: Distribution {
                count,
                ..Distribution::default()
            },
            failures: failures.collect(),
            ..Split::default()
        }
    }

    fn good() -> Outcome {
        Outcome {
            iterations: 100,
            ..Outcome::default()
        }
    }

    #[test]
    fn a_load_without_a_failure_passes() {
        let check = check("orders", &good(), Hole::default());
        assert!(check.passed, "{check:?}");
        assert_eq!(check.name, "nothing fails in the load `orders`");
    }

    #[test]
    fn each_kind_of_failure_fails_the_check_and_is_told() {
        let failed = Outcome {
            failed: 6,
            latency: failing(6, &[("a", 3), ("b", 1), ("c", 1), ("d", 1)]),
            ..good()
        };
        let interrupted = Outcome {
            interrupted: 2,
            ..good()
        };
        let dropped = Outcome {
            dropped: 7,
            ..good()
        };
        let request = Outcome {
            requests: vec![Requests {
                name: "GET /".to_owned(),
                latency: failing(9, &[("status 503", 9)]),
                received: 0,
                by_phase: std::collections::BTreeMap::new(),
            }],
            ..good()
        };
        for (outcome, told) in [
            (
                failed,
                "of 100 iterations 6 failed (a: 3, b: 1, c: 1, and 1 other reasons)",
            ),
            (
                interrupted,
                "of 100 iterations 2 were cut off at the end of the grace",
            ),
            (
                dropped,
                "of 100 iterations 7 more were dropped, for no virtual user was free",
            ),
            (
                request,
                "of 100 iterations 9 requests `GET /` failed (status 503: 9)",
            ),
        ] {
            let check = check("orders", &outcome, Hole::default());
            assert!(!check.passed, "{check:?}");
            assert_eq!(check.actual.as_deref(), Some(told));
        }
    }

    #[test]
    fn what_was_dropped_with_a_lost_machine_is_told_and_no_failure_of_the_system() {
        let holed = Outcome {
            dropped: 7,
            ..good()
        };
        let hole = |starts| Hole {
            losses: 1,
            starts,
            under_way: 3,
            percent: 2.04,
        };
        let passed = check("orders", &holed, hole(7));
        assert!(passed.passed, "{passed:?}");
        assert_eq!(
            passed.actual.as_deref(),
            Some(
                "100 iterations, none of them failed; 2.0 % of the load was not made because machines were lost (7 starts), and how up to 3 iterations ended that were under way there is not known"
            )
        );
        let failed = check("orders", &holed, hole(5));
        assert!(!failed.passed, "{failed:?}");
        let told = failed.actual.unwrap();
        for part in [
            "of 100 iterations 2 more were dropped, for no virtual user was free; 2.0 % of the load",
            "(5 starts)",
        ] {
            assert!(told.contains(part), "{told}");
        }
    }
}
