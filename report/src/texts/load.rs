//! The texts of loads.

use assay_load::outcome::{CheckCount, Counted, Outcome, Requests, Split, StreamFigures, Streams};

use super::{Texts, Visit, texts};
use crate::event::{LoadEnd, LoadInfo, LoadLoss, LoadMachine, LoadRefill, LoadTaker};

impl Texts for LoadInfo {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            load: _,
            scenario,
            executor,
            vus: _,
            isolated: _,
            threads: _,
            planned_ns: _,
            machines,
        } = self;
        visit.identity(scenario);
        visit.name(executor);
        machines.texts(visit);
    }
}

impl Texts for LoadMachine {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            name,
            weight: _,
            vus: _,
            clock: _,
        } = self;
        visit.name(name);
    }
}

impl Texts for LoadLoss {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            machine,
            at_ns: _,
            vus: _,
            per_second: _,
            reason,
        } = self;
        visit.name(machine);
        visit.text(reason);
    }
}

impl Texts for LoadRefill {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            lost,
            from_ns: _,
            under_way: _,
            dropped: _,
            missing_percent: _,
            by,
        } = self;
        lost.texts(visit);
        by.texts(visit);
    }
}

impl Texts for LoadTaker {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            machine,
            vus: _,
            per_second: _,
            begun_ns: _,
        } = self;
        visit.name(machine);
    }
}

impl Texts for LoadEnd {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            load: _,
            outcome,
            message,
            replaced: _,
            failed_checks,
            dropped_logs: _,
            dropped_attachments: _,
            saturated,
            lost,
            refilled,
        } = self;
        outcome.texts(visit);
        texts(visit, message);
        failed_checks.texts(visit);
        for name in saturated {
            visit.name(name);
        }
        lost.texts(visit);
        refilled.texts(visit);
    }
}

impl Texts for Outcome {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            elapsed_ns: _,
            iterations: _,
            failed: _,
            interrupted: _,
            dropped: _,
            warm_up: _,
            intended_per_second: _,
            per_second: _,
            most_vus: _,
            latency,
            by_phase,
            checks,
            requests,
            streams,
            generator: _,
            aborted,
            limit: _,
            histogram: _,
        } = self;
        latency.texts(visit);
        for split in by_phase.values_mut() {
            split.texts(visit);
        }
        checks.texts(visit);
        requests.texts(visit);
        streams.texts(visit);
        texts(visit, aborted);
    }
}

impl Texts for Split {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            succeeded: _,
            failed: _,
            failures,
        } = self;
        failures.texts(visit);
    }
}

impl Texts for Requests {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            name,
            latency,
            received: _,
            by_phase,
        } = self;
        visit.name(name);
        latency.texts(visit);
        for split in by_phase.values_mut() {
            split.texts(visit);
        }
    }
}

impl Texts for Streams {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            most_open: _,
            all,
            by_phase,
        } = self;
        all.texts(visit);
        for figures in by_phase.values_mut() {
            figures.texts(visit);
        }
    }
}

impl Texts for StreamFigures {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            opened: _,
            connect: _,
            first_event: _,
            gap: _,
            events: _,
            stalls: _,
            reconnects: _,
            lost: _,
            duplicated: _,
            cut_short: _,
            failures,
        } = self;
        failures.texts(visit);
    }
}

impl Texts for Counted {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self { name, count: _ } = self;
        visit.text(name);
    }
}

impl Texts for CheckCount {
    fn texts(&mut self, visit: &mut dyn Visit) {
        let Self {
            name,
            passed: _,
            failed: _,
        } = self;
        visit.text(name);
    }
}
