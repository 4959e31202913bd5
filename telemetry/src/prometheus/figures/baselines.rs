//! Baselines with their levels, and percentiles that are greater than in former runs.
//!
//! The unit of a baseline is its suite's, so there is a family for each unit: what has different units is never in one.

use assay_report::event::{Grade, Judgement, RegressionCheck};

use super::{
    super::{
        catalogue::{
            BASELINE_GRADE, BASELINE_JUDGEMENTS, REGRESSION_CHANGE, REGRESSIONS, REGRESSIONS_JUDGED,
        },
        histogram::as_f64,
        labels::Labels,
        metric::{Kind, Metric},
        naming,
        registry::Registry,
    },
    none, truth,
};

const GRADES: [Grade; 3] = [Grade::Target, Grade::Critical, Grade::Missed];

pub(super) fn judged(registry: &mut Registry, suite: &str, judgement: &Judgement) {
    let baseline = &judgement.baseline;
    let unit = naming::unit(&baseline.unit);
    let labels = Labels::new([("suite", suite), ("baseline", &*baseline.name)]);
    for (what, help, value) in [
        ("value", "What was measured last.", judgement.value),
        ("target", "The level that is good.", baseline.target),
        ("critical", "The level that has to be.", baseline.critical),
    ] {
        let prefix = format!("assay_baseline_{what}");
        let name = naming::name(&prefix, "", &unit, Kind::Gauge);
        let metric = Metric::own(Kind::Gauge, name, help.to_owned());
        registry.set(&metric, labels.clone(), value * unit.factor);
    }
    for grade in GRADES {
        let labels = labels.clone().and("grade".to_owned(), grade.word());
        let now = truth(grade == judgement.grade);
        registry.set(&BASELINE_GRADE, labels.clone(), now);
        registry.add(&BASELINE_JUDGEMENTS, labels, now);
    }
}

pub(super) fn compared(registry: &mut Registry, check: &RegressionCheck) {
    registry.set(&REGRESSIONS, none(), as_f64(check.beyond));
    registry.set(&REGRESSIONS_JUDGED, none(), as_f64(check.judged));
    for regression in &check.regressions {
        let labels = Labels::new([
            ("suite", &*regression.suite),
            ("metric", &*regression.metric),
            ("percentile", &*regression.percentile.to_string()),
        ]);
        registry.set(
            &REGRESSION_CHANGE,
            labels,
            regression.change_percent / 100.0,
        );
    }
}
