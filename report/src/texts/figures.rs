//! The texts of figures.

use super::{Texts, Visit};
use crate::event::{Baseline, Judgement, MetricSnapshot};

impl Texts for Baseline {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            name,
            summary,
            unit,
            direction: _,
            target: _,
            critical: _,
        } = self;
        visit.identity(name);
        visit.name(unit);
        visit.text(summary);
    }
}

impl Texts for Judgement {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            baseline,
            value: _,
            samples: _,
            grade: _,
        } = self;
        baseline.texts(visit);
    }
}

impl Texts for MetricSnapshot {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            name,
            labels,
            unit,
            value: _,
            by_phase: _,
        } = self;
        visit.identity(name);
        visit.name(unit);
        // Two labels whose names become the same are one: of secrets nothing else is left.
        *labels = std::mem::take(labels)
            .into_iter()
            .map(|(mut name, mut value)| {
                visit.name(&mut name);
                visit.text(&mut value);
                (name, value)
            })
            .collect();
    }
}
