//! Text of others in Markdown: it cannot format, link, mention, or break a table.

/// A text on one line, with every character that could mean something to Markdown escaped.
pub(super) fn text(given: &str) -> String {
    let line = given.split_whitespace().collect::<Vec<_>>().join(" ");
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    let mut escaped = String::with_capacity(line.len());
    for (place, character) in line.char_indices() {
        let rest = &line[place + character.len_utf8()..];
        // These mean something only where a list or a heading can begin, or a link.
        let begins_block = (place == 0 && matches!(character, '-' | '+' | '='))
            || (place == digits && digits > 0 && matches!(character, '.' | ')'))
                && (rest.is_empty() || rest.starts_with(' '));
        let begins_link = character == ':' && rest.starts_with("//");
        match character {
            // An entity, for some renderers look for these after the escapes are gone.
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '@' | '$' => {
                escaped.extend(['\\', character]);
            }
            other if begins_block || begins_link => escaped.extend(['\\', other]),
            other if other.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A text as code on one line, for names and values; also in a cell of a table.
pub(super) fn code(given: &str) -> String {
    let line: String = given
        .chars()
        .map(|character| match character {
            control if control.is_control() => ' ',
            other => other,
        })
        .collect();
    if line.contains("\\|") {
        // In a cell of a table the backslash would escape the one that escapes the bar, and code has no other way to write them.
        return text(given);
    }
    let fence = "`".repeat(longest_run(&line) + 1);
    let line = line.replace('|', "\\|");
    let is_bare = !line.is_empty() && !line.starts_with(['`', ' ']) && !line.ends_with(['`', ' ']);
    if is_bare {
        format!("{fence}{line}{fence}")
    } else {
        format!("{fence} {line} {fence}")
    }
}

/// Lines as a block of code of this language, which can be copied as they are.
pub(super) fn block(language: &str, lines: &str) -> String {
    let fence = "`".repeat((longest_run(lines) + 1).max(3));
    format!("{fence}{language}\n{lines}\n{fence}")
}

/// The most backticks in a row.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_others_means_nothing_to_markdown() {
        for (given, escaped) in [
            ("plain words, and more.", "plain words, and more."),
            ("<img src=x>", "&lt;img src=x&gt;"),
            ("[a](http://b)", "\\[a\\](http\\://b)"),
            ("a | b", "a \\| b"),
            ("*bold* _it_ `code`", "\\*bold\\* \\_it\\_ \\`code\\`"),
            ("one\n# two\n- three", "one \\# two - three"),
            ("- a", "\\- a"),
            ("12. a", "12\\. a"),
            ("1) a", "1\\) a"),
            ("12.5 ms", "12.5 ms"),
            ("12.", "12\\."),
            ("@someone", "\\@someone"),
            ("a\u{1b}[2Jb", "a\u{fffd}\\[2Jb"),
        ] {
            assert_eq!(text(given), escaped);
        }
    }

    #[test]
    fn a_block_ends_where_it_is_meant_to() {
        assert_eq!(block("toml", "a\nb"), "```toml\na\nb\n```");
        assert_eq!(block("toml", "````\n```"), "`````toml\n````\n```\n`````");
    }

    #[test]
    fn code_ends_where_it_is_meant_to() {
        for (given, written) in [
            ("jobs/a-case", "`jobs/a-case`"),
            ("a `b` c", "``a `b` c``"),
            ("`a", "`` `a ``"),
            ("a|b\nc", "`a\\|b c`"),
            ("", "`  `"),
            ("a\\|b", "a\\\\\\|b"),
        ] {
            assert_eq!(code(given), written);
        }
    }
}
