//! How a figure stands against the levels of its baseline.

use super::*;

#[test]
fn levels_that_are_just_reached_are_reached() {
    use metrics::Grade::{Critical, Missed, Target};
    let above = 1.0 + f64::EPSILON;
    let below = 1.0 - f64::EPSILON;
    let mut attempt = Attempt::new();
    for (name, value, grade) in [
        ("latency", -1.0, Target),
        ("latency", 100.0, Target),
        ("latency", 100.0 * above, Critical),
        ("latency", 500.0, Critical),
        ("latency", 500.0 * above, Missed),
        ("latency", f64::MAX, Missed),
        ("coverage", f64::MAX, Target),
        ("coverage", 100.0, Target),
        ("coverage", 100.0 * below, Critical),
        ("coverage", 95.0, Critical),
        ("coverage", 95.0 * below, Missed),
        ("coverage", 0.0, Missed),
    ] {
        let found = attempt.judge(name, value, 3).unwrap();
        assert_eq!(found, grade, "{name} {value}");
        let told = attempt.judgements();
        assert_eq!(told.len(), 1);
        assert_eq!((&*told[0].baseline.name, told[0].samples), (name, 3));
        assert_eq!(metrics::Grade::from(told[0].grade), grade);
        assert!(told[0].value.total_cmp(&value).is_eq());
    }
    assert_eq!(attempt.context.recorder.evidence().counts.baselines, 12);
}

#[test]
fn a_baseline_without_samples_counts_as_missed_whatever_the_value() {
    let mut attempt = Attempt::new();
    for value in [1.0, f64::NAN] {
        let error = attempt.judge("latency", value, 0).unwrap_err();
        assert!(matches!(error, Error::NoSamples(text) if text.contains("`latency`")));
        let told = attempt.judgements();
        assert_eq!((told[0].grade, told[0].samples), (Grade::Missed, 0));
        assert!(told[0].value.is_nan());
    }
}

#[test]
fn what_cannot_be_judged_is_not_told() {
    let mut attempt = Attempt::new();
    let unknown = attempt.judge("latencey", 1.0, 0).unwrap_err();
    assert!(matches!(unknown, Error::UnknownBaseline(text) if text.contains("`latency`?")));
    let unknown = attempt.judge("other", f64::NAN, 1).unwrap_err();
    assert!(matches!(unknown, Error::UnknownBaseline(text) if text.contains("declare it")));
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = attempt.judge("latency", value, 1).unwrap_err();
        assert!(matches!(error, Error::Invalid(_)));
    }
    assert_eq!(attempt.judgements(), []);
}
