//! The environment and its services, as they were when somebody last looked.

use assay_report::event::{ServiceInfo, ServiceState, ServiceStatus};

use super::{
    super::{
        catalogue::{
            ENVIRONMENT_PROBLEMS, ENVIRONMENT_READY, SERVICE_DEATHS, SERVICE_READY, SERVICE_STATE,
            SERVICE_UP,
        },
        labels::Labels,
        registry::Registry,
    },
    none, seconds, truth,
};

const STATES: [ServiceStatus; 5] = [
    ServiceStatus::Running,
    ServiceStatus::Paused,
    ServiceStatus::Stopped,
    ServiceStatus::Starting,
    ServiceStatus::Unreachable,
];

/// What can be wrong with the environment.
const PROBLEMS: [&str; 4] = ["failed", "left", "abandoned", "agent-lost"];

/// Counters begin at zero before anything is counted.
pub(super) fn begin(registry: &mut Registry) {
    for kind in PROBLEMS {
        registry.add(&ENVIRONMENT_PROBLEMS, Labels::new([("kind", kind)]), 0.0);
    }
}

pub(super) fn ready(registry: &mut Registry, services: &[ServiceInfo], duration_ns: u64) {
    registry.set(&ENVIRONMENT_READY, none(), seconds(duration_ns));
    for service in services {
        let labels = Labels::new([("service", &*service.name)]);
        registry.set(
            &SERVICE_READY,
            labels.clone(),
            seconds(service.ready_after_ns),
        );
        registry.add(&SERVICE_DEATHS, labels, 0.0);
        found(registry, &service.name, ServiceStatus::Running, true);
    }
}

pub(super) fn problem(registry: &mut Registry, kind: &str) {
    registry.add(&ENVIRONMENT_PROBLEMS, Labels::new([("kind", kind)]), 1.0);
}

pub(super) fn died(registry: &mut Registry, service: &str) {
    registry.add(&SERVICE_DEATHS, Labels::new([("service", service)]), 1.0);
    found(registry, service, ServiceStatus::Stopped, false);
}

pub(super) fn probed(registry: &mut Registry, services: &[ServiceState]) {
    for state in services {
        let up = state.status == ServiceStatus::Running && state.problem.is_none();
        found(registry, &state.service, state.status, up);
    }
}

fn found(registry: &mut Registry, service: &str, status: ServiceStatus, up: bool) {
    let labels = Labels::new([("service", service)]);
    registry.set(&SERVICE_UP, labels, truth(up));
    for state in STATES {
        let labels = Labels::new([("service", service), ("state", state.word())]);
        registry.set(&SERVICE_STATE, labels, truth(state == status));
    }
}
