//! The run as a whole: what it is, how long it takes, how it ends.

use assay_report::{
    event::{PluginInfo, RunInfo},
    verdict::Verdict,
};

use super::{
    super::{
        catalogue::{
            CASES, CASES_PLANNED, CASES_RUNNING, CHECKS, INTERRUPTIONS, RETRIES, RUN_DURATION,
            RUN_EXIT_CODE, RUN_FINISHED, RUN_INFO, RUN_RESULT, RUN_START,
        },
        histogram::as_f64,
        labels::Labels,
        registry::Registry,
    },
    environment, none, seconds, suite_alone,
};

pub(super) const VERDICTS: [Verdict; 6] = [
    Verdict::Passed,
    Verdict::Skipped,
    Verdict::Flaky,
    Verdict::Degraded,
    Verdict::Failed,
    Verdict::Errored,
];

/// Which run it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    id: String,
}

pub(super) fn time_passed(registry: &mut Registry, at_ns: u64) {
    registry.set(&RUN_DURATION, none(), seconds(at_ns));
}

pub(super) fn interrupted(registry: &mut Registry) {
    registry.add(&INTERRUPTIONS, none(), 1.0);
}

impl Run {
    pub(super) fn started(&mut self, registry: &mut Registry, info: &RunInfo) {
        self.id.clone_from(&info.run_id);
        let labels = Labels::new([
            ("run_id", &*info.run_id),
            ("version", &info.host_version),
            ("contract", &info.contract),
            ("environment", &info.environment),
            ("profile", &info.profile),
        ]);
        registry.set(&RUN_INFO, labels, 1.0);
        registry.set(&RUN_FINISHED, none(), 0.0);
        registry.add(&INTERRUPTIONS, none(), 0.0);
        let start = humantime::parse_rfc3339_weak(&info.started_at).ok();
        let start = start.and_then(|start| start.duration_since(std::time::UNIX_EPOCH).ok());
        if let Some(start) = start {
            registry.set(&RUN_START, none(), start.as_secs_f64());
        }
        environment::begin(registry);
        for plugin in &info.plugins {
            begin(registry, plugin);
        }
    }

    pub(super) fn finished(
        &self,
        registry: &mut Registry,
        verdict: Verdict,
        duration_ns: u64,
        exit_code: u8,
    ) {
        registry.set(&RUN_FINISHED, none(), 1.0);
        registry.set(&RUN_DURATION, none(), seconds(duration_ns));
        registry.set(&RUN_EXIT_CODE, none(), f64::from(exit_code));
        let labels = Labels::new([("run_id", &*self.id), ("verdict", verdict.word())]);
        registry.set(&RUN_RESULT, labels, 1.0);
    }
}

/// Counters begin at zero before anything is counted: of one that comes into being with a value Prometheus sees no increase.
fn begin(registry: &mut Registry, plugin: &PluginInfo) {
    let suite = &*plugin.suite;
    let planned = as_f64(plugin.cases.len() as u64);
    registry.set(&CASES_PLANNED, suite_alone(suite), planned);
    registry.set(&CASES_RUNNING, suite_alone(suite), 0.0);
    registry.add(&RETRIES, suite_alone(suite), 0.0);
    for verdict in VERDICTS {
        let labels = [("suite", suite), ("verdict", verdict.word())];
        registry.add(&CASES, Labels::new(labels), 0.0);
    }
    for result in ["passed", "failed"] {
        let labels = [("suite", suite), ("result", result)];
        registry.add(&CHECKS, Labels::new(labels), 0.0);
    }
}
