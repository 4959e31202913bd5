//! The evidence of an attempt while it runs: the last lines and requests, thrown away when it passed, kept within a budget when not.

use std::collections::{BTreeMap, VecDeque};

use super::budget::Budget;
use super::document::{
    AttachmentInfo, Attempt, CutKind, FaultFailure, FaultReport, LogLine, Output, ServiceLines,
};
use super::loads::Loads;
use super::refusals::{MAX_REFUSALS, RefusalReport, Refusals};
use crate::{
    event::{
        AttemptCounts, Check, Exchange, Fault, FaultStage, HealedFault, Outcome, OutputStream,
        Refusal, ServiceState, StreamSummary,
    },
    verdict::Verdict,
};

/// Failed checks of an attempt that are kept.
pub const MAX_FAILED_CHECKS: usize = 1_000;
/// Names of passed checks of an attempt that are kept.
pub const MAX_PASSED_CHECKS: usize = 200;
/// Log lines of an attempt that did not pass that are kept: the last ones.
pub const MAX_LOGS: usize = 200;
/// Requests, and event streams, of an attempt that did not pass that are kept one by one: the last ones.
pub const MAX_EXCHANGES: usize = 50;
/// Services of an attempt that went bad whose lines are kept, and of which it is told how they were after it.
pub const MAX_SERVICES: usize = 50;
/// Texts on standard output and standard error of an attempt that are kept.
pub const MAX_OUTPUTS: usize = 4;
/// Bytes of such a text that are kept: the end of it.
pub const MAX_OUTPUT_BYTES: usize = 16 << 10;
/// Faults of an attempt that are kept.
pub const MAX_FAULTS: usize = 200;
/// Agents of an attempt that are named: the last ones.
pub(super) const MAX_AGENTS: usize = 10;
/// Attachments of an attempt that are named.
pub const MAX_ATTACHMENTS: usize = 32;

/// An attempt that has not ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Running {
    attempt: Attempt,
    logs: VecDeque<LogLine>,
    exchanges: VecDeque<Exchange>,
    streams: VecDeque<StreamSummary>,
    loads: Loads,
    refusals: Refusals,
    told: Told,
}

/// How much was told, to know what is missing.
#[derive(Clone, Debug, Default)]
struct Told {
    logs: usize,
    exchanges: usize,
    streams: usize,
    outputs: usize,
    services: usize,
    services_after: usize,
    attachments: usize,
    faults: usize,
    refusals: u64,
}

/// What is missing from an attempt.
pub(super) type Cuts = BTreeMap<CutKind, u64>;

impl Running {
    pub(super) fn new(number: u32, started_at_ns: u64) -> Self {
        Self {
            attempt: Attempt {
                attempt: number,
                started_at_ns,
                ..Attempt::default()
            },
            ..Self::default()
        }
    }

    pub(super) fn placed(&mut self, agent: &str) {
        let agents = &mut self.attempt.agents;
        if agents.len() == MAX_AGENTS {
            agents.remove(0);
        }
        agents.push(agent.to_owned());
    }

    pub(super) fn checked(&mut self, check: &Check) {
        let attempt = &mut self.attempt;
        if check.passed {
            attempt.counts.checks_passed += 1;
            if attempt.passed_checks.len() < MAX_PASSED_CHECKS {
                attempt.passed_checks.push(check.name.clone());
            }
        } else {
            attempt.counts.checks_failed += 1;
            if attempt.failed_checks.len() < MAX_FAILED_CHECKS {
                attempt.failed_checks.push(check.clone());
            }
        }
    }

    pub(super) fn refused(&mut self, at_ns: u64, refusal: &Refusal) {
        self.refusals.add(at_ns, refusal, MAX_REFUSALS);
    }

    pub(super) fn judged(&mut self) {
        self.attempt.counts.baselines += 1;
    }

    pub(super) fn logged(&mut self, line: LogLine) {
        self.told.logs += 1;
        push(&mut self.logs, line, MAX_LOGS);
    }

    pub(super) fn exchanged(&mut self, exchange: &Exchange) {
        self.told.exchanges += 1;
        self.attempt.counts.requests += 1;
        push(&mut self.exchanges, exchange.clone(), MAX_EXCHANGES);
    }

    pub(super) fn streamed(&mut self, stream: &StreamSummary) {
        self.told.streams += 1;
        self.attempt.counts.streams += 1;
        push(&mut self.streams, stream.clone(), MAX_EXCHANGES);
    }

    /// A request that was told before, now with its detail. One that has been pushed out since comes back.
    pub(super) fn exchange_recalled(&mut self, exchange: &Exchange) {
        recall(&mut self.exchanges, exchange, |exchange| exchange.number);
    }

    /// The same of a stream.
    pub(super) fn stream_recalled(&mut self, stream: &StreamSummary) {
        recall(&mut self.streams, stream, |stream| stream.number);
    }

    pub(super) fn service_wrote(&mut self, lines: ServiceLines) {
        self.told.services += 1;
        if self.attempt.services.len() < MAX_SERVICES {
            self.attempt.services.push(lines);
        }
    }

    pub(super) fn services_probed(&mut self, services: &[ServiceState]) {
        self.told.services_after = services.len();
        let kept = services.iter().take(MAX_SERVICES);
        self.attempt.services_after = kept.cloned().collect();
    }

    pub(super) fn wrote(&mut self, stream: OutputStream, text: &str, truncated: bool) {
        self.told.outputs += 1;
        if self.attempt.output.len() < MAX_OUTPUTS {
            let start = text.ceil_char_boundary(text.len().saturating_sub(MAX_OUTPUT_BYTES));
            self.attempt.output.push(Output {
                stream,
                text: text[start..].to_owned(),
                truncated: truncated || start > 0,
            });
        }
    }

    pub(super) fn loads(&mut self) -> &mut Loads {
        &mut self.loads
    }

    pub(super) fn injected(&mut self, at_ns: u64, fault: &Fault, confirmed_after_ns: u64) {
        self.begin(FaultReport {
            fault: fault.clone(),
            confirmed_at_ns: Some(at_ns),
            confirmed_after_ns: Some(confirmed_after_ns),
            healed: None,
            failure: None,
        });
    }

    pub(super) fn fault_failed(&mut self, fault: &Fault, stage: FaultStage, message: &str) {
        let failure = Some(FaultFailure {
            stage,
            message: message.to_owned(),
        });
        match stage {
            FaultStage::Injecting => self.begin(FaultReport {
                fault: fault.clone(),
                confirmed_at_ns: None,
                confirmed_after_ns: None,
                healed: None,
                failure,
            }),
            FaultStage::Healing => {
                if let Some(report) = self.fault(fault.id) {
                    report.failure = failure;
                }
            }
        }
    }

    pub(super) fn healed(&mut self, healed: HealedFault) {
        if let Some(report) = self.fault(healed.id) {
            report.healed = Some(healed);
        }
    }

    fn begin(&mut self, report: FaultReport) {
        self.told.faults += 1;
        if self.attempt.faults.len() < MAX_FAULTS {
            self.attempt.faults.push(report);
        }
    }

    /// What is known of a fault; none if the limit left it out.
    fn fault(&mut self, id: u64) -> Option<&mut FaultReport> {
        let mut faults = self.attempt.faults.iter_mut();
        faults.find(|report| report.fault.id == id)
    }

    pub(super) fn attached(&mut self, attachment: AttachmentInfo) {
        self.told.attachments += 1;
        if self.attempt.attachments.len() < MAX_ATTACHMENTS {
            self.attempt.attachments.push(attachment);
        }
    }

    /// The attempt for the document, and what is missing from it. Without an ending it is as it was when the log stopped.
    pub(super) fn close(mut self, ending: Option<Ending>, budget: &mut Budget) -> (Attempt, Cuts) {
        if let Some(ending) = ending {
            self.attempt.outcome = Some(ending.outcome);
            self.attempt.duration_ns = ending.duration_ns;
            self.attempt.counts = ending.counts;
        }
        // First of all: what a plugin tried that it may not do is told even where there is no room for the rest.
        self.told.refusals = self.refusals.told();
        let refusals = std::mem::take(&mut self.refusals).close();
        self.attempt.refusals = budget.keep(refusals, refusal_bytes);
        let passed =
            matches!(&self.attempt.outcome, Some(outcome) if outcome.verdict == Verdict::Passed);
        if !passed {
            self.attempt.logs = budget.keep(self.logs.drain(..), |line| line.message.len());
            self.attempt.exchanges = budget.keep(self.exchanges.drain(..), Exchange::bytes);
            self.attempt.streams = budget.keep(self.streams.drain(..), StreamSummary::bytes);
        }
        let (loads, unkept_loads) = std::mem::take(&mut self.loads).close();
        self.attempt.loads = loads;
        self.fit(budget);
        let mut cuts = self.cuts(passed);
        if unkept_loads > 0 {
            cuts.insert(CutKind::Loads, unkept_loads);
        }
        (self.attempt, cuts)
    }

    fn fit(&mut self, budget: &mut Budget) {
        let attempt = &mut self.attempt;
        attempt.failed_checks = budget.keep(attempt.failed_checks.drain(..), Check::bytes);
        attempt.output = budget.keep(attempt.output.drain(..), |output| output.text.len());
        attempt.services = budget.keep(attempt.services.drain(..), service_bytes);
        attempt.services_after = budget.keep(attempt.services_after.drain(..), state_bytes);
        attempt.faults = budget.keep(attempt.faults.drain(..), fault_bytes);
        attempt.attachments = budget.keep(attempt.attachments.drain(..), |attachment| {
            attachment.name.len() + attachment.media_type.len()
        });
        attempt.passed_checks = budget.keep(attempt.passed_checks.drain(..), String::len);
    }

    fn cuts(&self, passed: bool) -> Cuts {
        let Self { attempt, told, .. } = self;
        let AttemptCounts {
            checks_passed,
            checks_failed,
            requests,
            streams,
            dropped_logs,
            dropped_attachments,
            ..
        } = attempt.counts;
        let beyond = |all: u64, kept: usize| all.saturating_sub(kept as u64);
        // Of an attempt that passed these are left out on purpose.
        let detail = |told: usize, kept: usize| if passed { 0 } else { beyond(told as u64, kept) };
        [
            (
                CutKind::FailedChecks,
                beyond(checks_failed, attempt.failed_checks.len()),
            ),
            (
                CutKind::PassedChecks,
                beyond(checks_passed, attempt.passed_checks.len()),
            ),
            (CutKind::Logs, detail(told.logs, attempt.logs.len())),
            (CutKind::UnrecordedLogs, dropped_logs),
            (
                CutKind::Exchanges,
                detail(told.exchanges, attempt.exchanges.len()),
            ),
            (
                CutKind::Streams,
                detail(told.streams, attempt.streams.len()),
            ),
            (
                CutKind::UnrecordedExchanges,
                beyond(requests, told.exchanges) + beyond(streams, told.streams),
            ),
            (
                CutKind::Output,
                beyond(told.outputs as u64, attempt.output.len()),
            ),
            (
                CutKind::ServiceLines,
                beyond(told.services as u64, attempt.services.len()),
            ),
            (
                CutKind::ServiceStates,
                beyond(told.services_after as u64, attempt.services_after.len()),
            ),
            (CutKind::Refusals, told.refusals - refused(attempt)),
            (
                CutKind::Faults,
                beyond(told.faults as u64, attempt.faults.len()),
            ),
            (
                CutKind::Attachments,
                beyond(told.attachments as u64, attempt.attachments.len()),
            ),
            (CutKind::UnrecordedAttachments, dropped_attachments),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .collect()
    }
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    pub(super) outcome: Outcome,
    pub(super) duration_ns: u64,
    pub(super) counts: AttemptCounts,
}

/// Keeps the last ones.
fn push<T>(queue: &mut VecDeque<T>, item: T, limit: usize) {
    while queue.len() >= limit {
        queue.pop_front();
    }
    queue.push_back(item);
}

/// Puts what is told again in the place of what was told first; what is no more kept comes back to where it was in the order.
fn recall<T: Clone>(kept: &mut VecDeque<T>, item: &T, number: fn(&T) -> u64) {
    if let Some(first) = kept.iter_mut().find(|first| number(first) == number(item)) {
        *first = item.clone();
        return;
    }
    let place = kept.partition_point(|before| number(before) < number(item));
    kept.insert(place, item.clone());
}

fn fault_bytes(report: &FaultReport) -> usize {
    let FaultReport { fault, failure, .. } = report;
    let failure = failure.as_ref().map_or(0, |failure| failure.message.len());
    let value = fault.value.as_ref().map_or(0, String::len);
    fault.target.len() + fault.action.len() + value + failure
}

/// How often the attempt was refused what is told of it.
fn refused(attempt: &Attempt) -> u64 {
    attempt.refusals.iter().map(|report| report.times).sum()
}

fn refusal_bytes(report: &RefusalReport) -> usize {
    report.refusal.bytes()
}

fn service_bytes(wrote: &ServiceLines) -> usize {
    wrote.service.len() + wrote.lines.iter().map(String::len).sum::<usize>()
}

fn state_bytes(state: &ServiceState) -> usize {
    state.service.len() + state.problem.as_ref().map_or(0, String::len)
}
