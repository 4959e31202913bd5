//! What is counted of an attempt, and what of it is told: the same of what happens here and of what an agent tells.

use assay_report::event::{
    AttemptCounts, Check, Exchange, Grade, Judgement, Refusal, StreamSummary,
};

use super::{
    MAX_ATTACHMENTS, MAX_CHECK_NAME_BYTES, MAX_CHECK_VALUE_BYTES, MAX_CHECKS, MAX_EXCHANGES,
    MAX_FAILED_CHECKS, MAX_JUDGEMENTS, MAX_LOG_LINES, State, truncate,
};

/// Each answers whether it is to be told.
impl State {
    pub(super) fn counts_line(&mut self) -> bool {
        self.log_lines += 1;
        let is_told = self.log_lines <= MAX_LOG_LINES;
        self.evidence.counts.dropped_logs += u64::from(!is_told);
        is_told
    }

    /// Beyond the limit of all checks failed ones are told still.
    pub(super) fn counts_check(&mut self, check: &Check) -> bool {
        let evidence = &mut self.evidence;
        if check.passed {
            evidence.counts.checks_passed += 1;
        } else {
            evidence.counts.checks_failed += 1;
            let first = &mut evidence.first_failed_check;
            first.get_or_insert_with(|| check.clone());
        }
        let AttemptCounts {
            checks_passed,
            checks_failed,
            ..
        } = evidence.counts;
        checks_passed + checks_failed <= MAX_CHECKS
            || (!check.passed && checks_failed <= MAX_FAILED_CHECKS)
    }

    /// Beyond the limit one that is worse than all before is told still.
    pub(super) fn counts_judgement(&mut self, judgement: &Judgement) -> bool {
        let evidence = &mut self.evidence;
        evidence.counts.baselines += 1;
        let is_worse = match (&evidence.worst_judgement, judgement.grade) {
            (_, Grade::Target) => false,
            (None, _) => true,
            (Some(worst), grade) => worst.grade == Grade::Critical && grade == Grade::Missed,
        };
        if is_worse {
            evidence.worst_judgement = Some(judgement.clone());
        }
        is_worse || evidence.counts.baselines <= MAX_JUDGEMENTS
    }

    /// It gets its number.
    pub(super) fn counts_exchange(&mut self, exchange: &mut Exchange) -> bool {
        let number = &mut self.evidence.counts.requests;
        *number += 1;
        exchange.number = *number;
        *number <= MAX_EXCHANGES
    }

    /// It gets its number.
    pub(super) fn counts_stream(&mut self, stream: &mut StreamSummary) -> bool {
        let number = &mut self.evidence.counts.streams;
        *number += 1;
        stream.number = *number;
        *number <= MAX_EXCHANGES
    }

    pub(super) fn counts_attachment(&mut self) -> bool {
        self.attachments += 1;
        let is_told = self.attachments <= MAX_ATTACHMENTS;
        self.evidence.counts.dropped_attachments += u64::from(!is_told);
        is_told
    }

    /// By what sort of thing it was, and which.
    pub(super) fn counts_refusal(&mut self, capability: &str, subject: &str) -> bool {
        self.evidence.counts.refusals += 1;
        self.refusals.hear(capability, subject)
    }

    /// One that is told. The first one decides.
    pub(super) fn refuses(&mut self, refusal: &Refusal) {
        let first = &mut self.evidence.first_refusal;
        first.get_or_insert_with(|| refusal.clone());
    }
}

/// Cuts its texts to what is kept of them.
pub(super) fn cut_check(check: &mut Check) {
    truncate(&mut check.name, MAX_CHECK_NAME_BYTES);
    let values = [&mut check.expected, &mut check.actual, &mut check.location];
    for text in values.into_iter().flatten() {
        truncate(text, MAX_CHECK_VALUE_BYTES);
    }
}
