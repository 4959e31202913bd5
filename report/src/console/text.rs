//! Lines and their colours. Meaning is in the words; colour only repeats it.

use anstyle::{AnsiColor, Style};

use crate::{
    event::{Grade, Outcome, ReasonKind},
    verdict::Verdict,
};

/// How wide the first column is, with the words that say what a line is about.
const WORD_WIDTH: usize = 10;
/// Before what belongs to the line above.
pub(super) const INDENT: &str = "            ";

/// A line that begins with a word, at the width of all such words. Further lines of the text belong to it: none of them begins as one of these.
pub(super) fn line(word: &str, style: Style, text: &str) -> String {
    let text = text.replace('\n', &format!("\n{INDENT}"));
    let space = " ".repeat(WORD_WIDTH.saturating_sub(word.chars().count()));
    format!("{space}{style}{word}{style:#}  {text}\n")
}

/// A line that belongs to the one above.
pub(super) fn below(text: &str) -> String {
    format!("{INDENT}{}\n", text.replace('\n', &format!("\n{INDENT}")))
}

/// The line of something that has ended, which begins with its verdict.
pub(super) fn finished(outcome: &Outcome, text: &str) -> String {
    line(outcome.verdict.word(), style(outcome.verdict), text)
}

pub(super) fn grade(grade: Grade) -> (&'static str, Style) {
    match grade {
        Grade::Target => ("target", GOOD),
        Grade::Critical => ("critical", WARNING),
        Grade::Missed => ("missed", BAD),
    }
}

/// The word before a message. None for the kinds whose messages begin with who or what it was.
pub(super) fn reason_kind(kind: ReasonKind) -> Option<&'static str> {
    match kind {
        ReasonKind::Check => Some("check"),
        ReasonKind::Failed => Some("failed"),
        ReasonKind::Baseline => Some("baseline"),
        ReasonKind::NoEvidence => Some("no evidence"),
        ReasonKind::Timeout => Some("timeout"),
        ReasonKind::Limit => Some("limit"),
        ReasonKind::Plugin => Some("plugin"),
        ReasonKind::Skipped
        | ReasonKind::Panic
        | ReasonKind::Trap
        | ReasonKind::Setup
        | ReasonKind::Died
        | ReasonKind::Environment
        | ReasonKind::Interrupted => None,
    }
}

pub(super) const PLAIN: Style = Style::new();
pub(super) const STRONG: Style = Style::new().bold();
pub(super) const QUIET: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(super) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
const BROKEN: Style = AnsiColor::Magenta.on_default().bold();

pub(super) fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Passed => GOOD,
        Verdict::Skipped => QUIET,
        Verdict::Flaky | Verdict::Degraded => WARNING,
        Verdict::Failed => BAD,
        Verdict::Errored => BROKEN,
    }
}
