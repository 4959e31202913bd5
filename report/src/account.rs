//! What an attempt left behind, as plain text within a limit: for reports that have one place for all of it.

use std::fmt::Write as _;

use crate::{
    analysis::{Cause, Failure},
    event::{OutputStream, Reason, ReasonKind, Refusal},
    json::document::{Attempt, FaultReport, RefusalReport},
    words::{clean, clip, count, duration, level, one_line},
};

/// Bytes of such a text.
pub(crate) const MAX_BYTES: usize = 64 << 10;
/// Characters of a log line, of an expected or an actual value.
pub(crate) const MAX_VALUE: usize = 8 << 10;

/// Refusals of an attempt that are told one by one.
const MAX_REFUSALS: usize = 20;

/// Why something did not pass, and what shows it: the reason, what it was refused, the failed checks, the plugin's frames and the faults.
pub(crate) fn why(reason: Option<&Reason>, attempt: Option<&Attempt>) -> String {
    let mut text = String::new();
    if let Some(reason) = reason {
        text.push_str(&clean(&reason.message));
        text.push('\n');
        compare(
            &mut text,
            reason.expected.as_deref(),
            reason.actual.as_deref(),
            reason.location.as_deref(),
        );
    }
    if let Some(attempt) = attempt {
        text.push_str(&refusals(attempt));
        // Where checks are the reason, it tells of the first one.
        let told = usize::from(reason.is_some_and(|reason| reason.kind == ReasonKind::Check));
        for check in attempt.failed_checks.iter().skip(told) {
            let _ = writeln!(text, "failed check: {}", clean(&check.name));
            compare(
                &mut text,
                check.expected.as_deref(),
                check.actual.as_deref(),
                check.location.as_deref(),
            );
        }
        for fault in &attempt.faults {
            text.push_str(&told_fault(fault));
        }
    }
    let frames = reason.map_or(&[][..], |reason| &reason.backtrace);
    if !frames.is_empty() {
        text.push_str("the plugin's frames, innermost first:\n");
    }
    for frame in frames {
        let _ = writeln!(text, "  {}", clean(frame));
    }
    keep_start(text)
}

/// Why that is so, as far as the events show it: after what [`why`] tells.
pub(crate) fn cause(cause: &Cause, failure: &Failure) -> String {
    let mut text = format!("cause: {}: {}\n", cause.kind.words(), cause.summary);
    if failure.summary != cause.summary {
        let _ = writeln!(text, "  {}", failure.summary);
    }
    for line in &failure.evidence {
        let _ = writeln!(text, "  evidence: {}", line.text);
    }
    let _ = writeln!(text, "  hint: {}", cause.advice);
    text
}

/// What attempts were refused that did not go bad: those that were cut off with the run are skipped, and any other one is errored by it. Of
/// a bad one, [`why`] tells it.
pub(crate) fn refused_and_yet_good(attempts: &[Attempt]) -> String {
    let good = attempts.iter().filter(|attempt| {
        let outcome = attempt.outcome.as_ref();
        outcome.is_some_and(|outcome| !outcome.verdict.is_bad())
    });
    keep_start(good.map(refusals).collect())
}

/// What an attempt was refused, each with the line that would grant it.
fn refusals(attempt: &Attempt) -> String {
    let mut text = String::new();
    for report in attempt.refusals.iter().take(MAX_REFUSALS) {
        let _ = writeln!(text, "refused: {}", refusal(report));
        let grant = grant(&report.refusal, MAX_VALUE);
        if !grant.is_empty() {
            let _ = writeln!(text, "  grant: {grant}");
        }
    }
    let further = attempt.refusals.len().saturating_sub(MAX_REFUSALS);
    if further > 0 {
        let _ = writeln!(text, "refused: {}", count(further, "more thing"));
    }
    text
}

/// A refusal in one line, without what would grant it: ``http `api.example.com:443`: why not (3 times)``.
pub(crate) fn refusal(report: &RefusalReport) -> String {
    let words = clip(&one_line(&report.refusal.words()), MAX_VALUE);
    let message = clip(&one_line(&report.refusal.message), MAX_VALUE);
    match report.times {
        1 => format!("{words}: {message}"),
        times => format!("{words}: {message} ({times} times)"),
    }
}

/// The line that would grant it, if it has at most `width` characters: a part of it would be copied, and grant nothing. Empty if none would.
pub(crate) fn grant(refusal: &Refusal, width: usize) -> String {
    let line = one_line(&refusal.grant);
    if line.chars().count() <= width {
        line
    } else {
        "the line is too long for here, `report.json` has it".to_owned()
    }
}

/// What the attempts that left something said: their log lines, and what they wrote to standard output.
pub(crate) fn said(attempts: &[Attempt]) -> String {
    let mut text = String::new();
    for attempt in attempts {
        let before = text.len();
        for line in &attempt.logs {
            let _ = writeln!(
                text,
                "{:>10}  {:<5}  {}",
                duration(line.at_ns),
                level(line.level),
                clip(&clean(&line.message), MAX_VALUE)
            );
        }
        wrote(&mut text, attempt, OutputStream::Stdout);
        if attempts.len() > 1 && text.len() > before {
            text.insert_str(before, &format!("attempt {}\n", attempt.attempt));
        }
    }
    keep_end(text)
}

/// What the attempts wrote to standard error.
pub(crate) fn complained(attempts: &[Attempt]) -> String {
    let mut text = String::new();
    for attempt in attempts {
        wrote(&mut text, attempt, OutputStream::Stderr);
    }
    keep_end(text)
}

fn wrote(text: &mut String, attempt: &Attempt, stream: OutputStream) {
    for output in &attempt.output {
        if output.stream == stream {
            text.push_str(&clean(&output.text));
            if !text.ends_with('\n') {
                text.push('\n');
            }
        }
    }
}

fn compare(
    text: &mut String,
    expected: Option<&str>,
    actual: Option<&str>,
    location: Option<&str>,
) {
    for (word, value) in [("expected", expected), ("actual", actual), ("at", location)] {
        if let Some(value) = value {
            let _ = writeln!(text, "  {word}: {}", clip(&clean(value), MAX_VALUE));
        }
    }
}

/// A fault in one line.
pub(crate) fn told_fault(report: &FaultReport) -> String {
    let words = clean(&report.fault.words());
    match (&report.failure, report.healed) {
        (Some(failure), _) => format!("fault: {words}: {}\n", clean(&failure.message)),
        (None, Some(healed)) => {
            format!(
                "fault: {words}, active for {}\n",
                duration(healed.active_ns)
            )
        }
        (None, None) => format!("fault: {words}, not healed\n"),
    }
}

fn keep_start(mut text: String) -> String {
    if text.len() > MAX_BYTES {
        let end = text.floor_char_boundary(MAX_BYTES);
        let missing = text.len() - end;
        text.truncate(end);
        let _ = writeln!(text, "\n... {} left out", count(missing, "byte"));
    }
    text
}

fn keep_end(mut text: String) -> String {
    if text.len() > MAX_BYTES {
        let start = text.ceil_char_boundary(text.len() - MAX_BYTES);
        text.drain(..start);
        text.insert_str(0, &format!("... {} left out\n", count(start, "byte")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_at_the_limit_is_whole_and_a_longer_one_says_what_is_missing() {
        let whole = "a".repeat(MAX_BYTES);
        assert_eq!(keep_start(whole.clone()), whole);
        assert_eq!(keep_end(whole.clone()), whole);

        let longer = format!("b{whole}c");
        assert!(keep_start(longer.clone()).ends_with("a\n... 2 bytes left out\n"));
        let end = keep_end(longer);
        assert!(end.starts_with("... 2 bytes left out\na") && end.ends_with("ac"));
    }

    #[test]
    fn a_grant_is_told_whole_or_said_to_be_too_long() {
        let refusal = |grant| Refusal::new("host", "a", "no", grant);
        assert_eq!(grant(&refusal("xxx"), 3), "xxx");
        assert!(grant(&refusal("xxxx"), 3).starts_with("the line is too long"));
        assert_eq!(grant(&refusal(""), 3), "");
    }

    #[test]
    fn no_character_is_cut_in_two() {
        let text = "ä".repeat(MAX_BYTES);
        assert!(keep_start(text.clone()).contains("left out"));
        assert!(keep_end(format!("{text}a")).contains("left out"));
    }
}
