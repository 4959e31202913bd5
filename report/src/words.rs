//! Words and figures for people, the same in each report.

use std::time::Duration;

use crate::event::Level;

/// The text of others with what is not seen made visible: a suite can neither move the cursor nor paint over a verdict, nor have a line
/// read from right to left.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut before = ' ';
    for character in text.chars() {
        match character {
            '\n' | '\t' => cleaned.push(character),
            // Persian, the scripts of India and emoji are written with them.
            '\u{200c}' | '\u{200d}' if joins(before) => cleaned.push(character),
            hidden if hidden.is_control() || is_unseen(hidden) => {
                cleaned.extend(hidden.escape_unicode());
            }
            other => cleaned.push(other),
        }
        before = character;
    }
    cleaned
}

/// Whether a joiner after this has something to join: it is seen, and of a script that has joiners.
fn joins(before: char) -> bool {
    !before.is_ascii() && !before.is_control() && !is_unseen(before)
}

/// What changes the direction or the lines of a text, or takes no room in it: what Unicode's general category `Cf` has that is no sign of
/// its own (some of Arabic, Syriac and Kaithi stand before digits and are seen), its line and paragraph separators, the other code points
/// of `Default_Ignorable_Code_Point` but for the variants of emoji, and what is no character at all.
fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fdd0}'..='\u{fdef}' | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    ) || u32::from(character) & 0xfffe == 0xfffe
}

/// A text of others that stays in its line: its lines one after the other, with what is not seen made visible.
pub fn one_line(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    clean(&lines.join(" "))
}

/// Says that all agents that could take an attempt are lost: whoever reads that looks at them.
pub const NOBODY_LEFT: &str = "no agent is left that could take it";

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
    fn what_takes_no_room_is_shown_at_both_edges_of_each_range_and_its_neighbours_are_left() {
        for (first, last) in [
            ('\u{ad}', '\u{ad}'),
            ('\u{200b}', '\u{200f}'),
            ('\u{2060}', '\u{206f}'),
            ('\u{fff0}', '\u{fffb}'),
            ('\u{fffe}', '\u{ffff}'),
            ('\u{1fffe}', '\u{1ffff}'),
            ('\u{1d173}', '\u{1d17a}'),
            ('\u{e0000}', '\u{e007f}'),
            ('\u{e0080}', '\u{e0fff}'),
            ('\u{10fffe}', '\u{10ffff}'),
        ] {
            for hidden in [first, last] {
                let shown = format!("a{}b", hidden.escape_unicode());
                assert_eq!(clean(&format!("a{hidden}b")), shown);
            }
        }
        let seen = "\u{ac}\u{ae}\u{600}\u{2010}\u{2070}\u{fffc}\u{fffd}\u{1fffd}\u{1d172}\u{1d17b}\u{e1000}";
        assert_eq!(clean(seen), seen);
    }

    #[test]
    fn a_joiner_that_joins_nothing_is_shown() {
        assert_eq!(clean("a\u{200d}b\u{200c}"), "a\\u{200d}b\\u{200c}");
        assert_eq!(clean("é\u{200d}\u{200d}"), "é\u{200d}\\u{200d}");
        assert_eq!(clean("می\u{200c}خواهم"), "می\u{200c}خواهم");
    }

    #[test]
    fn a_text_at_the_width_is_whole_and_a_longer_one_is_clipped() {
        assert_eq!(clip("abcdef", 6), "abcdef");
        assert_eq!(clip("abcdefg", 6), "abc...");
    }
}
