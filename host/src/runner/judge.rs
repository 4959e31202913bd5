//! From how an attempt ended and what it left behind to its verdict. Pure: no clock, no input, no output.
//!
//! The rules are those of the contract (`run` in `wit/v0.1/suite.wit`): a failed check fails the case even if it returned well,
//! and a case without evidence does not pass.

use assay_report::{
    event::{Grade, Judgement, Outcome, Reason, ReasonKind, Refusal},
    verdict::Verdict,
};

use crate::{
    capability::recorder::Evidence,
    plugin::ending::{Ending, Failure},
    runner::dead::Losses,
};

#[cfg(test)]
mod tests;

/// What is asked of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// A case: it must have looked at something.
    Evidence,
    /// A setup or a teardown: it prepares and tidies, and need not check anything.
    Completion,
}

/// The verdict of an attempt, with its reason.
pub(super) fn judge(ending: &Ending, evidence: &Evidence, demand: Demand) -> Outcome {
    if let Some(refusal) = &evidence.first_refusal {
        return of_refusal(refusal);
    }
    if let Some(message) = &evidence.lost_load {
        return plain(Verdict::Errored, ReasonKind::Environment, message.clone());
    }
    match ending {
        Ending::Returned(_) => {
            of_evidence(evidence).unwrap_or_else(|| without_fault(evidence, demand))
        }
        Ending::Skipped(why) => of_evidence(evidence)
            .filter(|outcome| outcome.verdict == Verdict::Failed)
            .unwrap_or_else(|| plain(Verdict::Skipped, ReasonKind::Skipped, why.clone())),
        Ending::Failed(failure) => of_failure(Verdict::Failed, ReasonKind::Failed, failure),
        Ending::Errored(failure) => of_failure(Verdict::Errored, ReasonKind::Plugin, failure),
        Ending::Lost(why) => plain(Verdict::Errored, ReasonKind::Environment, why.clone()),
        stopped => of_stop(stopped, evidence),
    }
}

/// The verdict of an attempt that was stopped from outside: what it had found by then still counts.
pub(super) fn judge_interrupted(evidence: &Evidence, reason: &str) -> Outcome {
    of_evidence(evidence)
        .filter(|outcome| outcome.verdict == Verdict::Failed)
        .unwrap_or_else(|| {
            plain(
                Verdict::Skipped,
                ReasonKind::Interrupted,
                format!("stopped by {reason} while it ran"),
            )
        })
}

/// The verdict of an attempt whose faults could not all be healed: nothing is known of the system that it leaves behind.
pub(super) fn judge_unhealed(outcome: Outcome, unhealed: &[String]) -> Outcome {
    let Some(first) = unhealed.first() else {
        return outcome;
    };
    let message = match unhealed.len() - 1 {
        0 => first.clone(),
        more => format!("{first}\n(and {more} more could not be healed)"),
    };
    broken_environment(message, outcome)
}

/// The verdict of a bad attempt in an environment in which services have died. A request that ends a service is the clearest failure
/// there is, so the attempt that met a death failed; in one that began later, nothing is known of the system without the service.
pub(super) fn judge_losses(outcome: Outcome, losses: &Losses) -> Outcome {
    let mut dead = losses.before.iter().chain(&losses.met);
    let Some(first) = dead.next() else {
        return outcome;
    };
    let mut message = headline(&first.message).to_owned();
    let others: Vec<_> = dead.map(|other| format!("`{}`", other.service)).collect();
    if !others.is_empty() {
        message = format!("{message}\n(and {} died too)", others.join(", "));
    }
    if !losses.before.is_empty() {
        return broken_environment(message, outcome);
    }
    let mut message = with_what_was_found(message, outcome);
    // How it ended is the reason; those that come later need not say it again.
    if let Some((_, last_lines)) = first.message.split_once('\n') {
        message.push('\n');
        message.push_str(last_lines);
    }
    plain(Verdict::Failed, ReasonKind::Died, message)
}

fn broken_environment(message: String, outcome: Outcome) -> Outcome {
    let message = with_what_was_found(message, outcome);
    plain(Verdict::Errored, ReasonKind::Environment, message)
}

fn with_what_was_found(mut message: String, outcome: Outcome) -> String {
    if let Some(before) = outcome.reason {
        message.push_str("\nbefore that: ");
        message.push_str(headline(&before.message));
    }
    message
}

fn headline(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

/// Without what it asked for, a suite may have tested something else than it means to, whatever it makes of the refusal.
fn of_refusal(refusal: &Refusal) -> Outcome {
    let message = format!(
        "it has no grant for the {}: {}",
        refusal.words(),
        refusal.message
    );
    plain(Verdict::Errored, ReasonKind::Plugin, message)
}

/// What checks and baselines say; none if they found no fault.
fn of_evidence(evidence: &Evidence) -> Option<Outcome> {
    if let Some(check) = &evidence.first_failed_check {
        let failed = evidence.counts.checks_failed;
        let more = match failed {
            0 | 1 => String::new(),
            _ => format!(
                " (and {} more of {} checks)",
                failed - 1,
                failed + evidence.counts.checks_passed
            ),
        };
        return Some(Outcome {
            verdict: Verdict::Failed,
            reason: Some(Reason {
                expected: check.expected.clone(),
                actual: check.actual.clone(),
                location: check.location.clone(),
                ..reason(ReasonKind::Check, format!("{}{more}", check.name))
            }),
        });
    }
    let judgement = evidence.worst_judgement.as_ref()?;
    let verdict = match judgement.grade {
        Grade::Target => return None,
        Grade::Critical => Verdict::Degraded,
        Grade::Missed => Verdict::Failed,
    };
    Some(plain(verdict, ReasonKind::Baseline, describe(judgement)))
}

fn without_fault(evidence: &Evidence, demand: Demand) -> Outcome {
    let counts = evidence.counts;
    let looked = counts.checks_passed + counts.baselines > 0;
    if looked || demand == Demand::Completion {
        return Outcome {
            verdict: Verdict::Passed,
            reason: None,
        };
    }
    plain(
        Verdict::Failed,
        ReasonKind::NoEvidence,
        "it made no check and judged no baseline, so it proves nothing\nhint: let the case check what it looks at, or skip it with a reason".into(),
    )
}

fn of_failure(verdict: Verdict, kind: ReasonKind, failure: &Failure) -> Outcome {
    Outcome {
        verdict,
        reason: Some(Reason {
            expected: failure.expected.clone(),
            actual: failure.actual.clone(),
            location: failure.location.clone(),
            ..reason(kind, failure.message.clone())
        }),
    }
}

/// The plugin did not come to its end: panic, trap, limit, timeout.
fn of_stop(ending: &Ending, evidence: &Evidence) -> Outcome {
    let (verdict, kind, mut message, location, backtrace) = match ending {
        Ending::Panicked {
            message,
            location,
            backtrace,
        } => (
            Verdict::Errored,
            ReasonKind::Panic,
            format!("the plugin panicked: {message}"),
            location.clone(),
            backtrace,
        ),
        Ending::Trapped { message, backtrace } => (
            Verdict::Errored,
            ReasonKind::Trap,
            format!("the plugin trapped: {message}"),
            None,
            backtrace,
        ),
        Ending::Broken { message, backtrace } => (
            Verdict::Errored,
            ReasonKind::Plugin,
            message.clone(),
            None,
            backtrace,
        ),
        Ending::LimitReached { message, backtrace } => (
            Verdict::Errored,
            ReasonKind::Limit,
            message.clone(),
            None,
            backtrace,
        ),
        Ending::TimedOut {
            after,
            computing,
            backtrace,
        } => {
            let (verdict, doing) = if *computing {
                (Verdict::Errored, "the plugin was computing")
            } else {
                (Verdict::Failed, "the plugin was waiting")
            };
            let message = format!("it took longer than {} s: {doing}", after.as_secs_f64());
            (verdict, ReasonKind::Timeout, message, None, backtrace)
        }
        Ending::Returned(_)
        | Ending::Failed(_)
        | Ending::Skipped(_)
        | Ending::Errored(_)
        | Ending::Lost(_) => {
            unreachable!("judged by `judge`")
        }
    };
    if let Some(check) = &evidence.first_failed_check {
        message.push_str("\nbefore that, a check failed: ");
        message.push_str(&check.name);
    }
    Outcome {
        verdict,
        reason: Some(Reason {
            location,
            backtrace: backtrace.clone(),
            ..reason(kind, message)
        }),
    }
}

/// `health-response is 612 ms from 20 samples: worse than critical (at most 500 ms, target 100 ms)`
fn describe(judgement: &Judgement) -> String {
    let Judgement {
        baseline,
        value,
        samples,
        grade,
    } = judgement;
    let unit = &baseline.unit;
    let way = baseline.direction.words();
    let levels = format!(
        "{way} {} {unit}, target {} {unit}",
        baseline.critical, baseline.target
    );
    if *samples == 0 {
        return format!(
            "{} has no samples, so nothing was measured ({levels})",
            baseline.name
        );
    }
    let stands = match grade {
        Grade::Missed => "worse than critical",
        Grade::Critical => "short of its target",
        Grade::Target => "at its target",
    };
    format!(
        "{} is {} {unit} from {samples} {}: {stands} ({levels})",
        baseline.name,
        rounded(*value),
        if *samples == 1 { "sample" } else { "samples" },
    )
}

/// Three digits after the point are enough for a person.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// A verdict whose reason is a text and nothing else.
pub(super) fn plain(verdict: Verdict, kind: ReasonKind, message: String) -> Outcome {
    Outcome {
        verdict,
        reason: Some(reason(kind, message)),
    }
}

fn reason(kind: ReasonKind, message: String) -> Reason {
    Reason {
        kind,
        message,
        expected: None,
        actual: None,
        location: None,
        backtrace: Vec::new(),
    }
}
