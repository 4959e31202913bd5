//! TAP 14 (<https://testanything.org/tap-version-14-specification.html>): a subtest for each suite, and in it a test point for each
//! case and each baseline, with YAML below those that are not simply good, or were refused something.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use crate::{
    account,
    json::document::Report,
    outcomes::{self, Group, Item},
    verdict::Verdict,
    words::duration,
};

/// Writes the file.
pub(crate) fn write(report: &Report, writer: &mut dyn Write) -> io::Result<()> {
    let groups = outcomes::groups(report);
    writeln!(writer, "TAP version 14")?;
    if let Some(run) = &report.run {
        writeln!(writer, "# run {}", escaped(&run.run_id))?;
        if let Some(shard) = &run.shard {
            writeln!(writer, "# shard {}", shard.words())?;
        }
    }
    writeln!(writer, "1..{}", groups.len())?;
    for (index, group) in groups.iter().enumerate() {
        writeln!(writer, "# Subtest: {}", escaped(group.name))?;
        writeln!(writer, "    1..{}", group.items.len())?;
        for (index, item) in group.items.iter().enumerate() {
            writer.write_all(point(index + 1, item).as_bytes())?;
        }
        let word = if is_good(group) { "ok" } else { "not ok" };
        writeln!(writer, "{word} {} - {}", index + 1, escaped(group.name))?;
    }
    Ok(())
}

fn is_good(group: &Group<'_>) -> bool {
    !group.items.iter().any(|item| item.verdict.is_bad())
}

/// A test point, and what is told of it.
fn point(number: usize, item: &Item<'_>) -> String {
    let word = if item.verdict.is_bad() {
        "not ok"
    } else {
        "ok"
    };
    let kind = if item.is_baseline { "baseline " } else { "" };
    let mut text = format!("    {word} {number} - {kind}{}", escaped(&item.name));
    match (&item.why, item.verdict) {
        (Some(why), Verdict::Skipped) => {
            let _ = write!(text, " # SKIP {}", escaped(&why.headline));
        }
        (None, Verdict::Skipped) => text.push_str(" # SKIP"),
        _ => {}
    }
    text.push('\n');
    let is_plain = matches!(item.verdict, Verdict::Passed | Verdict::Skipped);
    if !is_plain || !account::refused_and_yet_good(item.attempts).is_empty() {
        text.push_str(&diagnostic(item));
    }
    text
}

/// A block of YAML: each value a text in double quotes, which JSON and YAML write alike.
fn diagnostic(item: &Item<'_>) -> String {
    let mut lines = vec![("verdict", item.verdict.word().to_owned())];
    if let Some(why) = &item.why {
        lines.push(("reason", why.kind.to_owned()));
        lines.push(("message", why.headline.clone()));
        lines.push(("detail", why.text.clone()));
    }
    let refused = account::refused_and_yet_good(item.attempts);
    if !refused.is_empty() {
        lines.push(("refused", refused));
    }
    if !item.is_baseline {
        lines.push(("duration", duration(item.duration_ns)));
        lines.push(("attempts", item.attempts.len().to_string()));
    }
    let mut text = String::from("      ---\n");
    for (key, value) in lines {
        let _ = writeln!(text, "      {key}: {}", quoted(&value));
    }
    text.push_str("      ...\n");
    text
}

/// A text in double quotes, on one line. Beyond JSON's own escapes, YAML must not meet what it takes for the end of a line or refuses.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            other
                if other.is_control()
                    || matches!(
                        other,
                        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
                    ) =>
            {
                let _ = write!(quoted, "\\u{:04x}", u32::from(other));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A description on one line, with nothing in it that is taken for a directive.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '#' => escaped.extend(['\\', character]),
            other if other.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_cannot_be_taken_for_a_directive_or_a_line_of_its_own() {
        assert_eq!(
            escaped("it # SKIP \\ all\nok 2"),
            "it \\# SKIP \\\\ all ok 2"
        );
    }

    #[test]
    fn a_value_stays_on_its_line_and_reads_back_as_it_was() {
        let given = "a \"b\" \\ \n\t\u{1b}[2J ä 🦀\u{85}\u{2028}";
        let written = quoted(given);
        assert!(!written.contains(['\n', '\u{1b}', '\u{85}', '\u{2028}']));
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), given);
    }
}
