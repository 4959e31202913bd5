//! The samples of a load that several machines make: taken out on one, and added up on another.

use super::super::Core;
use super::super::phased::Apart;
use super::{Histogram, Phased, Totals, at};
use crate::delta::{self, Contents, Pages, PhaseTimes, RequestTimes};
use crate::phase::Phase;

impl Totals {
    /// All that was counted. Only how late starts were is kept as well.
    pub(in crate::samples) fn take(&mut self) -> Self {
        self.late_before.merge(&self.late);
        Self {
            template: self.template.clone(),
            iterations: std::mem::take(&mut self.iterations),
            late: std::mem::take(&mut self.late),
            late_before: Histogram::default(),
            requests: std::mem::take(&mut self.requests),
            checks: std::mem::take(&mut self.checks),
            streams: std::mem::take(&mut self.streams),
            under: std::mem::take(&mut self.under),
        }
    }

    /// The same with names, to be sent.
    pub(in crate::samples) fn contents(&self, core: &Core) -> Vec<Contents> {
        let kinds = core.failures.all();
        let mut pages = Pages::default();
        for (phase, times) in told(&self.iterations, &kinds) {
            pages.iterations(PhaseTimes { phase, times });
        }
        pages.late(self.late.times());
        for (name, of_name) in core.requests.all().iter().zip(&self.requests) {
            let mut received = of_name.received;
            for (phase, times) in told(&of_name.times, &kinds) {
                pages.requests(RequestTimes {
                    name: name.clone(),
                    phase,
                    received: std::mem::take(&mut received),
                    times,
                });
            }
        }
        for check in self.checks(&core.checks.all()) {
            pages.check(check);
        }
        for of_phase in self.streams.shared(&kinds) {
            pages.streams(of_phase);
        }
        pages.all()
    }

    /// Adds what another one told, and was checked.
    pub(in crate::samples) fn absorb(&mut self, contents: &Contents, core: &Core) {
        for of_phase in &contents.iterations {
            let ours = self.iterations.of(of_phase.phase);
            ours.absorb(&self.template, &of_phase.times, core);
        }
        self.late.absorb(&self.template, &contents.late);
        for of_name in &contents.requests {
            let ours = at(&mut self.requests, core.name(&of_name.name).0);
            ours.received = ours.received.saturating_add(of_name.received);
            let ours = ours.times.of(of_name.phase);
            ours.absorb(&self.template, &of_name.times, core);
        }
        for check in &contents.checks {
            let ours = at(&mut self.checks, core.check(&check.name).0);
            ours.passed += check.passed;
            ours.failed += check.failed;
        }
        for of_phase in &contents.streams {
            let ours = self.streams.of(of_phase.phase);
            ours.absorb(&self.template, of_phase, |kind| core.failure(kind));
        }
    }
}

/// Each phase that has any, with names.
fn told<'a>(
    times: &'a Phased,
    kinds: &'a [String],
) -> impl Iterator<Item = (Phase, delta::Apart)> + 'a {
    let phases = Phase::ALL.into_iter().zip(&times.0);
    let present = phases.filter(|(_, apart)| !apart.is_empty());
    present.map(|(phase, apart)| {
        let told = delta::Apart {
            succeeded: apart.succeeded.times(),
            failed: apart.failed.times(),
            failures: apart.failures.told(kinds),
        };
        (phase, told)
    })
}

impl Apart {
    fn absorb(&mut self, template: &super::Template, other: &delta::Apart, core: &Core) {
        self.succeeded.absorb(template, &other.succeeded);
        self.failed.absorb(template, &other.failed);
        for failure in &other.failures {
            self.failures
                .add_many(core.failure(&failure.name), failure.count);
        }
    }
}
