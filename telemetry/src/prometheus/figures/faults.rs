//! Faults: which are active, how long each was, and how what it met came back.

use std::collections::BTreeMap;

use assay_report::event::{Fault, FaultStage, HealedFault, Source};

use super::{
    super::{
        catalogue::{
            FAULT_DURATION, FAULT_FIRST_SUCCESS, FAULT_LAST_RECOVERY, FAULT_RECOVERY,
            FAULTS_ACTIVE, FAULTS_FAILED, FAULTS_HEALED, FAULTS_INJECTED,
        },
        labels::Labels,
        registry::Registry,
    },
    MAX_REMEMBERED, seconds,
};

/// The faults that are active, by their numbers: their end tells no more than that.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults(BTreeMap<u64, Active>);

#[derive(Clone, Debug)]
struct Active {
    suite: String,
    target: String,
    action: String,
}

impl Active {
    fn labels(&self) -> Labels {
        Labels::new([("target", &*self.target), ("action", &*self.action)])
    }

    fn labels_with_suite(&self) -> Labels {
        labels(&self.suite, &self.target, &self.action)
    }
}

impl Faults {
    pub(super) fn injected(&mut self, registry: &mut Registry, source: &Source, fault: &Fault) {
        let active = Active {
            suite: source.suite.clone(),
            target: fault.target.clone(),
            action: fault.action.clone(),
        };
        registry.add(&FAULTS_INJECTED, active.labels_with_suite(), 1.0);
        registry.add(&FAULTS_HEALED, active.labels_with_suite(), 0.0);
        if self.0.len() < MAX_REMEMBERED {
            registry.add(&FAULTS_ACTIVE, active.labels(), 1.0);
            self.0.insert(fault.id, active);
        } else {
            registry.leave_out(&FAULTS_ACTIVE.name);
        }
    }

    pub(super) fn healed(&mut self, registry: &mut Registry, healed: &HealedFault) {
        let Some(active) = self.0.remove(&healed.id) else {
            registry.leave_out(&FAULTS_HEALED.name);
            return;
        };
        registry.add(&FAULTS_ACTIVE, active.labels(), -1.0);
        registry.add(&FAULTS_HEALED, active.labels_with_suite(), 1.0);
        registry.observe(
            &FAULT_DURATION,
            active.labels(),
            seconds(healed.active_ns),
            1,
        );
        if let Some(after) = healed.healthy_after_ns.map(seconds) {
            registry.observe(&FAULT_RECOVERY, active.labels(), after, 1);
            registry.set(&FAULT_LAST_RECOVERY, active.labels(), after);
        }
        if let Some(after) = healed.first_success_after_ns.map(seconds) {
            registry.observe(&FAULT_FIRST_SUCCESS, active.labels(), after, 1);
        }
    }
}

/// One that could not be healed stays active: it is.
pub(super) fn failed(registry: &mut Registry, source: &Source, fault: &Fault, stage: FaultStage) {
    let stage = match stage {
        FaultStage::Injecting => "injecting",
        FaultStage::Healing => "healing",
    };
    let labels = Labels::new([
        ("suite", &*source.suite),
        ("target", &*fault.target),
        ("action", &*fault.action),
        ("stage", stage),
    ]);
    registry.add(&FAULTS_FAILED, labels, 1.0);
}

fn labels(suite: &str, target: &str, action: &str) -> Labels {
    Labels::new([("suite", suite), ("target", target), ("action", action)])
}
