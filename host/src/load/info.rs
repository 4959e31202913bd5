//! What is told of a load when it begins.

use assay_load::{plan::Plan, schedule::Schedule};
use assay_report::event::{LoadInfo, LoadMachine};

use super::conversions;

/// What is to be told, but for who makes it.
pub(super) struct Info(LoadInfo);

impl Info {
    pub(super) fn new(number: u32, plan: &Plan) -> Self {
        let planned = Schedule::of(plan).map(|schedule| schedule.total());
        Self(LoadInfo {
            load: number,
            scenario: plan.scenario().to_owned(),
            executor: conversions::words(plan.executor()),
            vus: plan.vus(),
            isolated: plan.isolated(),
            threads: 0,
            planned_ns: planned.map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)),
            machines: Vec::new(),
        })
    }

    /// So many threads of this machine make it.
    pub(super) fn on_threads(self, threads: u32) -> LoadInfo {
        LoadInfo { threads, ..self.0 }
    }

    /// Other machines make it.
    pub(super) fn on_machines(self, machines: Vec<LoadMachine>) -> LoadInfo {
        LoadInfo { machines, ..self.0 }
    }
}
