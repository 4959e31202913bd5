//! The texts of what runs are compared by.

use assay_load::encoded::EncodedHistogram;

use super::{Texts, Visit, names, texts};
use crate::event::{Provenance, Regression, RegressionCheck};

impl Texts for EncodedHistogram {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            metric,
            unit,
            steps_per_unit: _,
            phase: _,
            // Numbers: what a secret looks like in it is chance, and it could not be read any more.
            histogram: _,
        } = self;
        // It may hold the name of a request and the values of labels, which are texts of anybody's; nothing refers to it.
        names(visit, [metric, unit]);
    }
}

impl Texts for Provenance {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            settings_digest,
            commit,
        } = self;
        names(visit, [settings_digest, commit].into_iter().flatten());
    }
}

impl Texts for RegressionCheck {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            against,
            judged: _,
            not_enough_samples: _,
            not_judged,
            beyond: _,
            regressions,
        } = self;
        names(visit, against);
        texts(visit, not_judged);
        regressions.texts(visit);
    }
}

impl Texts for Regression {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            suite,
            metric,
            percentile: _,
            unit,
            against,
            before: _,
            after: _,
            change_percent: _,
            low_percent: _,
            high_percent: _,
            bound_percent: _,
            adjusted_probability: _,
            samples_before: _,
            samples_after: _,
        } = self;
        visit.identity(suite);
        names(visit, [metric, unit, against]);
    }
}
