//! Words and figures for people, the same in each report.

use std::time::Duration;

use crate::event::Level;

/// The text of others with what is not seen made visible: a suite can neither move the cursor nor paint over a verdict, nor have a line
/// read from right to left.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => cleaned.push(character),
            hidden if hidden.is_control() || is_unseen(hidden) => {
                cleaned.extend(hidden.escape_unicode());
            }
            other => cleaned.push(other),
        }
    }
    cleaned
}

/// What changes the direction or the lines of a text, or takes no room in it: all of Unicode's `Bidi_Control`, its line and paragraph
/// separators, and two spaces without a width.
fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// A text of others that stays in its line: its lines one after the other, with what is not seen made visible.
pub(crate) fn one_line(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    clean(&lines.join(" "))
}

/// At most `width` characters; three dots stand for what is missing.
pub fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(3)).collect();
    format!("{kept}...")
}

/// The first line.
pub fn headline(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// `0.123 s`, `12.000 s`, `2 min 5 s`.
pub fn duration(nanoseconds: u64) -> String {
    let duration = Duration::from_nanos(nanoseconds);
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.3} s", duration.as_secs_f64())
    } else {
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}

/// `12 s`, `2 min 5 s`: of what still goes on.
pub(crate) fn whole_seconds(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// As short as three figures are: microseconds, milliseconds or seconds.
#[expect(clippy::cast_precision_loss, reason = "three figures of it are shown")]
pub(crate) fn time(nanoseconds: u64) -> String {
    let (value, unit) = match nanoseconds {
        0..1_000_000 => (nanoseconds as f64 / 1e3, "µs"),
        1_000_000..1_000_000_000 => (nanoseconds as f64 / 1e6, "ms"),
        _ => (nanoseconds as f64 / 1e9, "s"),
    };
    let digits = match value {
        ..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}

/// A figure with its unit, to three digits after the point; `none` if it is no number.
pub fn figure(value: f64, unit: &str) -> String {
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

/// A figure in the unit in which it reads best if it is a time, and as it is if not.
pub fn value(value: f64, unit: &str) -> String {
    match unit {
        "seconds" => seconds(value),
        unit => figure(value, unit),
    }
}

/// Seconds in the unit in which they read best: `0.123 ms`, `12.3 ms`, `1.234 s`.
pub fn seconds(seconds: f64) -> String {
    if seconds.abs() < 1.0 {
        figure(seconds * 1_000.0, "ms")
    } else {
        figure(seconds, "s")
    }
}

/// `1 case`, `2 cases`.
pub fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// How much a log line matters.
pub fn level(level: Level) -> &'static str {
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
    fn a_time_is_in_the_unit_in_which_it_reads_best_and_anything_else_in_its_own() {
        for (number, unit, expected) in [
            (0.0123, "seconds", "12.3 ms"),
            (2.5, "seconds", "2.5 s"),
            (0.5, "bytes", "0.5 bytes"),
            (7.0, "", "7"),
        ] {
            assert_eq!(value(number, unit), expected);
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
    fn times_have_three_figures_at_each_size() {
        for (nanoseconds, said) in [
            (0, "0.00 µs"),
            (9_876, "9.88 µs"),
            (123_456, "123 µs"),
            (12_345_678, "12.3 ms"),
            (1_234_567_890, "1.23 s"),
            (60_000_000_000, "60.0 s"),
        ] {
            assert_eq!(time(nanoseconds), said);
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
    fn what_turns_the_direction_of_a_text_is_shown_and_letters_of_any_language_are_not() {
        assert_eq!(
            clean("a\u{202e}dessap\u{2069}\u{200f}\u{feff}"),
            "a\\u{202e}dessap\\u{2069}\\u{200f}\\u{feff}"
        );
        let letters = "שלום 안녕 é 👩\u{200d}💻";
        assert_eq!(clean(letters), letters);
    }

    #[test]
    fn a_text_at_the_width_is_whole_and_a_longer_one_is_clipped() {
        assert_eq!(clip("abcdef", 6), "abcdef");
        assert_eq!(clip("abcdefg", 6), "abc...");
    }
}
