//! Words and figures for people, the same in each report.

use std::time::Duration;

use crate::event::Level;

/// The text of others with its control characters made visible: a suite can neither move the cursor nor paint over a verdict.
pub(crate) fn clean(text: &str) -> String {
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
pub(crate) fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(3)).collect();
    format!("{kept}...")
}

/// The first line.
pub(crate) fn headline(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// `0.123 s`, `12.000 s`, `2 min 5 s`.
pub(crate) fn duration(nanoseconds: u64) -> String {
    let duration = Duration::from_nanos(nanoseconds);
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.3} s", duration.as_secs_f64())
    } else {
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}

/// A figure with its unit, to three digits after the point; `none` if it is no number.
pub(crate) fn figure(value: f64, unit: &str) -> String {
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
pub(crate) fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// How much a log line matters.
pub(crate) fn level(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
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
