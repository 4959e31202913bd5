//! Faults as spans: from the beginning of their making to the beginning of their heal.

use assay_report::event::{Fault, HealedFault};

use crate::{
    opentelemetry::{
        attributes::Attributes,
        conventions as names,
        draft::{Draft, error, unset},
        ids::SpanId,
        protocol::Span,
    },
    time::seconds,
};

/// A fault that is active.
#[derive(Debug)]
pub(super) struct OpenFault {
    span: Draft,
    confirmed: u64,
}

impl OpenFault {
    /// One that was seen from outside now, so long after it was begun.
    pub(super) fn begin(id: SpanId, fault: &Fault, making_ns: u64, now: u64) -> Self {
        let name = format!("fault {}", fault.action);
        let mut span = Draft::internal(id, &name, now.saturating_sub(making_ns));
        span.attributes(
            Attributes::new()
                .with(names::FAULT_ID, fault.id)
                .with(names::FAULT_TARGET, &fault.target)
                .with(names::FAULT_ACTION, &fault.action)
                .with_some(names::FAULT_VALUE, fault.value.as_ref()),
        );
        Self {
            span,
            confirmed: now,
        }
    }

    /// It is over, as it is to be. That is told later than it happens.
    pub(super) fn healed(mut self, healed: &HealedFault) -> Span {
        let traffic = Attributes::new().with(names::FAULT_TRAFFIC, healed.traffic);
        self.span
            .event(self.confirmed, "confirmed", Attributes::new());
        self.span.attributes(
            traffic
                .with_some(
                    names::FAULT_HEALTHY_AFTER,
                    healed.healthy_after_ns.map(seconds),
                )
                .with_some(
                    names::FAULT_FIRST_SUCCESS_AFTER,
                    healed.first_success_after_ns.map(seconds),
                ),
        );
        let end = self.confirmed.saturating_add(healed.active_ns);
        self.span.end(end, unset())
    }

    /// It is not active although it should be, or still is although it should not.
    pub(super) fn failed(self, why: &str, now: u64) -> Span {
        self.span.end(now, error(why))
    }
}
