//! Words and figures for people. Meaning is in the words; colour only repeats it.

use std::time::Duration;

use anstyle::{AnsiColor, Style};

use crate::{
    event::{Grade, Level, ReasonKind},
    verdict::Verdict,
};

/// How wide the first column is, with the words that say what a line is about.
const WORD_WIDTH: usize = 10;
/// Before what belongs to the line above.
pub(super) const INDENT: &str = "            ";

/// A line that begins with a word, at the width of all such words.
pub(super) fn line(word: &str, style: Style, text: &str) -> String {
    let space = " ".repeat(WORD_WIDTH.saturating_sub(word.chars().count()));
    format!("{space}{style}{word}{style:#}  {text}\n")
}

/// A line that belongs to the one above.
pub(super) fn below(text: &str) -> String {
    format!("{INDENT}{text}\n")
}

/// The text of others with its control characters made visible: a suite can neither move the cursor nor paint over a verdict.
pub(super) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => cleaned.push(character),
            control if control.is_control() => cleaned.extend(control.escape_unicode()),
            other => cleaned.push(other),
        }
    }
    cleaned
}

/// At most `width` characters; three dots stand for what is missing.
pub(super) fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(3)).collect();
    format!("{kept}...")
}

/// The first line.
pub(super) fn headline(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// `0.123 s`, `12.000 s`, `2 min 5 s`.
pub(super) fn duration(nanoseconds: u64) -> String {
    let duration = Duration::from_nanos(nanoseconds);
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.3} s", duration.as_secs_f64())
    } else {
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}

/// A figure with its unit, to three digits after the point; `none` if it is no number.
pub(super) fn figure(value: f64, unit: &str) -> String {
    if !value.is_finite() {
        return "none".to_owned();
    }
    let number = if value != 0.0 && value.abs() < 0.001 {
        format!("{value:.2e}")
    } else {
        let fixed = format!("{value:.3}");
        fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    if unit.is_empty() {
        number
    } else {
        format!("{number} {}", clean(unit))
    }
}

/// `1 case`, `2 cases`.
pub(super) fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

pub(super) fn grade(grade: Grade) -> (&'static str, Style) {
    match grade {
        Grade::Target => ("target", GOOD),
        Grade::Critical => ("critical", WARNING),
        Grade::Missed => ("missed", BAD),
    }
}

pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_never_invented() {
        for (value, unit, expected) in [
            (12.0, "ms", "12 ms"),
            (99.95, "%", "99.95 %"),
            (0.0, "", "0"),
            (0.000_123, "s", "1.23e-4 s"),
            (f64::NAN, "ms", "none"),
            (f64::INFINITY, "ms", "none"),
        ] {
            assert_eq!(figure(value, unit), expected);
        }
    }

    #[test]
    fn durations_read_well_at_each_size() {
        for (nanoseconds, expected) in [
            (0, "0.000 s"),
            (123_456_789, "0.123 s"),
            (59_000_000_000, "59.000 s"),
            (125_000_000_000, "2 min 5 s"),
        ] {
            assert_eq!(duration(nanoseconds), expected);
        }
    }

    #[test]
    fn control_characters_of_others_are_shown_and_not_obeyed() {
        assert_eq!(
            clean("a\u{1b}[2Jb\rc\n\td\u{9b}"),
            "a\\u{1b}[2Jb\\u{d}c\n\td\\u{9b}"
        );
    }

    #[test]
    fn a_text_at_the_width_is_whole_and_a_longer_one_is_clipped() {
        assert_eq!(clip("abcdef", 6), "abcdef");
        assert_eq!(clip("abcdefg", 6), "abc...");
    }
}
