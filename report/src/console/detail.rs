//! What is shown below a case that did not end well: the reason, and the last things that its attempt said. Held while the attempt
//! runs, within limits; all of it is in the event log.

use std::collections::VecDeque;

use super::faults::Faults;
use super::recalled::Recalled;
use super::refusals::Refused;
use super::text::{INDENT, reason_kind};
use crate::{
    event::{Check, Fault, FaultStage, HealedFault, Level, OutputStream, Reason, ReasonKind},
    words::{clean, count, headline, level},
};

/// Failed checks that are shown.
const MAX_CHECKS: usize = 10;
/// Log lines that are shown: the last ones.
const MAX_LOGS: usize = 10;
/// Lines of a message, a value or an output that are shown; of an output the last ones.
const MAX_LINES: usize = 20;
/// Frames of a backtrace that are shown.
const MAX_FRAMES: usize = 16;
/// Bytes of a text that are held for each of its lines.
const MAX_LINE_BYTES: usize = 512;

/// The evidence of an attempt that may have to be shown.
#[derive(Debug, Default)]
pub(super) struct Detail {
    checks: Vec<Check>,
    failed_checks: usize,
    refusals: Refused,
    faults: Faults,
    logs: VecDeque<(Level, String)>,
    dropped_logs: usize,
    outputs: Vec<(OutputStream, String)>,
    recalled: Recalled,
}

impl Detail {
    pub(super) fn checked(&mut self, check: &Check) {
        if check.passed {
            return;
        }
        self.failed_checks += 1;
        if self.checks.len() < MAX_CHECKS {
            self.checks.push(check.clone());
        }
    }

    pub(super) fn refusals(&mut self) -> &mut Refused {
        &mut self.refusals
    }

    pub(super) fn injected(&mut self, fault: &Fault) {
        self.faults.injected(fault);
    }

    pub(super) fn healed(&mut self, healed: HealedFault) {
        self.faults.healed(healed);
    }

    pub(super) fn fault_failed(&mut self, fault: &Fault, stage: FaultStage, message: &str) {
        self.faults.failed(fault, stage, message);
    }

    pub(super) fn logged(&mut self, level: Level, message: &str) {
        if self.logs.len() == MAX_LOGS {
            self.logs.pop_front();
            self.dropped_logs += 1;
        }
        self.logs.push_back((level, shorten(message).to_owned()));
    }

    pub(super) fn wrote(&mut self, stream: OutputStream, text: &str) {
        if self.outputs.len() < 2 {
            let held = MAX_LINES * MAX_LINE_BYTES;
            let start = text.ceil_char_boundary(text.len().saturating_sub(held));
            self.outputs.push((stream, text[start..].to_owned()));
        }
    }

    pub(super) fn recalled(&mut self) -> &mut Recalled {
        &mut self.recalled
    }

    /// All of it, below the line of the case.
    pub(super) fn render(&self, reason: Option<&Reason>) -> String {
        let mut block = Block::default();
        if let Some(reason) = reason {
            block.reason(reason);
        }
        self.render_refusals(reason, &mut block);
        self.render_checks(reason, &mut block);
        self.render_faults(&mut block);
        if !self.logs.is_empty() {
            block.heading(&match self.dropped_logs {
                0 => "log".to_owned(),
                dropped => format!("log, without the first {}", count(dropped, "line")),
            });
            for (weight, message) in &self.logs {
                block.nested(&format!("{:<5}  {message}", level(*weight)));
            }
        }
        for (stream, text) in &self.outputs {
            block.heading(match stream {
                OutputStream::Stdout => "standard output",
                OutputStream::Stderr => "standard error",
            });
            block.last_lines(text);
        }
        for (heading, lines) in self.recalled.blocks() {
            block.heading(&clean(&heading));
            for line in lines {
                block.nested(&line);
            }
        }
        block.text
    }

    fn render_refusals(&self, reason: Option<&Reason>, block: &mut Block) {
        let (lines, hidden) = self.refusals.beside(reason);
        if !lines.is_empty() {
            block.heading("refused");
        }
        for line in lines {
            block.nested(&line);
        }
        block.more(hidden, "refusal");
    }

    fn render_faults(&self, block: &mut Block) {
        let (lines, hidden) = self.faults.lines();
        if !lines.is_empty() {
            block.heading("faults");
        }
        for line in lines {
            block.nested(&line);
        }
        block.more(hidden, "fault");
    }

    /// The checks that the reason does not already show: where checks are the reason, it tells of the first one.
    fn render_checks(&self, reason: Option<&Reason>, block: &mut Block) {
        let shown = usize::from(reason.is_some_and(|reason| reason.kind == ReasonKind::Check));
        for check in self.checks.iter().skip(shown) {
            block.heading(&format!("check: {}", clean(&check.name)));
            block.comparison(
                check.expected.as_deref(),
                check.actual.as_deref(),
                check.location.as_deref(),
            );
        }
        let hidden = self.failed_checks - self.checks.len();
        if hidden > 0 {
            block.heading(&format!("{} more failed", count(hidden, "check")));
        }
    }
}

/// A message that belongs to no attempt.
pub(super) fn render_message(message: &str) -> String {
    let mut block = Block::default();
    block.first_lines(&message.lines().collect::<Vec<_>>());
    block.text
}

/// Lines at two depths below the line of a case.
#[derive(Default)]
struct Block {
    text: String,
}

impl Block {
    fn reason(&mut self, reason: &Reason) {
        let message = clean(&reason.message);
        let mut lines = message.lines();
        let first = lines.next().unwrap_or_default();
        self.heading(&with_kind(reason.kind, first));
        self.first_lines(lines.collect::<Vec<_>>().as_slice());
        self.comparison(
            reason.expected.as_deref(),
            reason.actual.as_deref(),
            reason.location.as_deref(),
        );
        if !reason.backtrace.is_empty() {
            self.heading("backtrace, innermost first");
            for (index, frame) in reason.backtrace.iter().take(MAX_FRAMES).enumerate() {
                self.nested(&format!("{index:>2}: {frame}"));
            }
            self.more(reason.backtrace.len().saturating_sub(MAX_FRAMES), "frame");
        }
    }

    fn comparison(&mut self, expected: Option<&str>, actual: Option<&str>, location: Option<&str>) {
        for (word, value) in [("expected", expected), ("actual", actual), ("at", location)] {
            if let Some(value) = value {
                self.value(word, value);
            }
        }
    }

    /// A value beside its word, further lines of it below.
    fn value(&mut self, word: &str, value: &str) {
        let value = clean(value);
        let lines: Vec<_> = value.lines().collect();
        self.nested(&format!("{word:<8}  {}", lines.first().unwrap_or(&"")));
        for line in lines.iter().skip(1).take(MAX_LINES - 1) {
            self.nested(&format!("{:<8}  {line}", ""));
        }
        self.more(lines.len().saturating_sub(MAX_LINES), "line");
    }

    fn first_lines(&mut self, lines: &[&str]) {
        for line in lines.iter().take(MAX_LINES) {
            self.nested(line);
        }
        self.more(lines.len().saturating_sub(MAX_LINES), "line");
    }

    fn last_lines(&mut self, text: &str) {
        let lines: Vec<_> = text.lines().collect();
        let hidden = lines.len().saturating_sub(MAX_LINES);
        self.more(hidden, "earlier line");
        for line in lines.iter().skip(hidden) {
            self.nested(line);
        }
    }

    fn more(&mut self, number: usize, thing: &str) {
        if number > 0 {
            self.nested(&format!("({} more)", count(number, thing)));
        }
    }

    fn heading(&mut self, text: &str) {
        self.push(INDENT, text);
    }

    fn nested(&mut self, text: &str) {
        self.push(&format!("{INDENT}  "), &clean(text));
    }

    /// Each line of it at that depth: a text of others begins no line of its own.
    fn push(&mut self, indent: &str, text: &str) {
        self.text.push_str(indent);
        let line_end = format!("\n{indent}");
        self.text
            .push_str(&text.trim_end().replace('\n', &line_end));
        self.text.push('\n');
    }
}

/// A line as it is held.
fn shorten(line: &str) -> &str {
    &line[..line.floor_char_boundary(MAX_LINE_BYTES)]
}

/// A reason in one line.
pub(super) fn one_line(reason: &Reason) -> String {
    with_kind(reason.kind, &clean(headline(&reason.message)))
}

/// Says what sort of reason it is, where the message does not say so itself.
fn with_kind(kind: ReasonKind, message: &str) -> String {
    match reason_kind(kind) {
        Some(word) => format!("{word}: {message}"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: usize) -> Check {
        Check {
            name: name.to_string(),
            passed: false,
            expected: None,
            actual: None,
            location: None,
        }
    }

    fn lines(number: usize) -> String {
        let lines: Vec<_> = (0..number).map(|line| format!("line {line}")).collect();
        lines.join("\n")
    }

    fn evidence(further: usize) -> String {
        let mut detail = Detail::default();
        for number in 0..MAX_CHECKS + further {
            detail.checked(&check(number));
        }
        for number in 0..MAX_LOGS + further {
            detail.logged(Level::Info, &number.to_string());
        }
        detail.wrote(OutputStream::Stdout, &lines(MAX_LINES + further));
        detail.render(Some(&Reason {
            kind: ReasonKind::Trap,
            message: format!("headline\n{}", lines(MAX_LINES + further)),
            expected: Some(lines(MAX_LINES + further)),
            actual: None,
            location: None,
            backtrace: vec!["frame".into(); MAX_FRAMES + further],
        }))
    }

    #[test]
    fn at_the_limits_everything_is_shown() {
        let text = evidence(0);
        assert!(!text.contains("more"), "{text}");
        assert!(!text.contains("without"), "{text}");
    }

    #[test]
    fn beyond_the_limits_it_says_how_much_is_not_shown() {
        let text = evidence(2);
        for (said, times) in [
            ("(2 lines more)", 2),
            ("(2 earlier lines more)", 1),
            ("(2 frames more)", 1),
            ("2 checks more failed", 1),
            ("log, without the first 2 lines", 1),
        ] {
            assert_eq!(text.matches(said).count(), times, "{said}: {text}");
        }
        assert!(text.contains("line 21"), "the end of the output is shown");
        assert!(!text.contains("info   1\n"), "the first log lines are not");
    }
}
