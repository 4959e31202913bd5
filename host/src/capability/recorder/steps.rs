//! The faults and the loads of an attempt, which are told and not counted.

use assay_load::series::Point;
use assay_report::event::{
    EncodedHistogram, EventKind, Fault, FaultStage, HealedFault, LoadEnd, LoadInfo,
};

use super::{MAX_LOG_BYTES, Recorder, cut};

impl Recorder {
    /// A fault that is active and was seen from outside.
    pub fn fault_injected(&self, fault: Fault, confirmed_after_ns: u64) {
        self.tell(EventKind::FaultInjected {
            source: self.source().clone(),
            fault,
            confirmed_after_ns,
        });
    }

    /// A fault that is over, with all that is known of it.
    pub fn fault_healed(&self, healed: HealedFault) {
        self.tell(EventKind::FaultHealed {
            source: self.source().clone(),
            healed,
        });
    }

    /// A fault that could not be made, confirmed or healed. The message is for a person and ends in something to do.
    pub fn fault_failed(&self, fault: Fault, stage: FaultStage, message: &str) {
        self.tell(EventKind::FaultFailed {
            source: self.source().clone(),
            fault,
            stage,
            message: cut(message, MAX_LOG_BYTES).to_owned(),
        });
    }

    /// A load whose virtual users are ready.
    pub fn load_started(&self, load: LoadInfo) {
        self.tell(EventKind::LoadStarted {
            source: self.source().clone(),
            load,
        });
    }

    /// A second of a load.
    pub fn load_went(&self, load: u32, point: Point) {
        self.tell(EventKind::LoadWent {
            source: self.source().clone(),
            load,
            point,
        });
    }

    /// Whole distributions of a load.
    pub fn load_measured(&self, scenario: &str, distributions: Vec<EncodedHistogram>) {
        let source = self.source();
        self.tell(EventKind::Measured {
            suite: source.suite.clone(),
            source: Some(source.clone()),
            scenario: Some(scenario.to_owned()),
            distributions,
        });
    }

    /// A load that is over.
    pub fn load_ended(&self, end: LoadEnd) {
        self.tell(EventKind::LoadEnded {
            source: self.source().clone(),
            end,
        });
    }
}
