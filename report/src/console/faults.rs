//! The faults of an attempt that did not end well: a line for each, with how it was met and how what it met came back.

use crate::{
    event::{Fault, FaultStage, HealedFault},
    words::{clean, count, duration, headline},
};

/// Faults that are shown.
const MAX_FAULTS: usize = 10;

/// The first faults of an attempt.
#[derive(Debug, Default)]
pub(super) struct Faults {
    shown: Vec<Told>,
    hidden: usize,
}

#[derive(Debug)]
struct Told {
    id: u64,
    what: String,
    healed: Option<HealedFault>,
    failure: Option<String>,
}

impl Faults {
    pub(super) fn injected(&mut self, fault: &Fault) {
        self.begin(fault);
    }

    pub(super) fn failed(&mut self, fault: &Fault, stage: FaultStage, message: &str) {
        let why = match stage {
            FaultStage::Injecting => {
                self.begin(fault);
                "is not active"
            }
            FaultStage::Healing => "is not healed",
        };
        if let Some(told) = self.told(fault.id) {
            told.failure = Some(format!("{why}: {}", headline(message)));
        }
    }

    pub(super) fn healed(&mut self, healed: HealedFault) {
        if let Some(told) = self.told(healed.id) {
            told.healed = Some(healed);
        }
    }

    /// Those that are shown, and how many are not.
    pub(super) fn lines(&self) -> (Vec<String>, usize) {
        (self.shown.iter().map(Told::line).collect(), self.hidden)
    }

    fn begin(&mut self, fault: &Fault) {
        if self.shown.len() >= MAX_FAULTS {
            self.hidden += 1;
            return;
        }
        self.shown.push(Told {
            id: fault.id,
            what: clean(&fault.words()),
            healed: None,
            failure: None,
        });
    }

    fn told(&mut self, id: u64) -> Option<&mut Told> {
        self.shown.iter_mut().find(|told| told.id == id)
    }
}

impl Told {
    fn line(&self) -> String {
        let mut parts = vec![self.what.clone()];
        parts.extend(self.failure.clone());
        if let Some(healed) = &self.healed {
            let traffic = usize::try_from(healed.traffic).unwrap_or(usize::MAX);
            parts.push(format!(
                "active for {}, met {}",
                duration(healed.active_ns),
                count(traffic, "time"),
            ));
            parts.push(healed.healthy_after_ns.map_or_else(
                || "healed, not seen healthy behind another fault".to_owned(),
                |healthy| format!("healthy {} after its heal", duration(healthy)),
            ));
            parts.extend(
                healed
                    .first_success_after_ns
                    .map(|success| format!("first success {} after it", duration(success))),
            );
        }
        parts.join(", ")
    }
}
