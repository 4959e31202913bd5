//! One line of the text format.

use std::collections::HashSet;

use super::Kind;

/// Bytes of a page that an error repeats.
const MAX_SHOWN_BYTES: usize = 64;

/// Names and values, in the order of the line.
pub(super) type Labels = Vec<(String, String)>;

/// What a line says.
#[derive(Debug)]
pub(super) enum Line<'a> {
    /// Blank, or a comment.
    Nothing,
    Help {
        name: &'a str,
        text: String,
    },
    Type {
        name: &'a str,
        kind: Kind,
    },
    /// The timestamp is checked and left out: the contract does not have it.
    Sample {
        name: &'a str,
        labels: Labels,
        value: f64,
    },
}

/// Reads a line, without its line feed.
pub(super) fn read(line: &str) -> Result<Line<'_>, String> {
    let line = line.trim_start_matches(BLANKS);
    match line.strip_prefix('#') {
        Some(comment) => read_comment(comment),
        None if line.is_empty() => Ok(Line::Nothing),
        None => read_sample(line),
    }
}

const BLANKS: [char; 2] = [' ', '\t'];

/// `HELP` and `TYPE` that name nothing are comments, as for Prometheus itself.
fn read_comment(comment: &str) -> Result<Line<'_>, String> {
    let (keyword, rest) = token(comment);
    if !matches!(keyword, "HELP" | "TYPE") {
        return Ok(Line::Nothing);
    }
    let (name, rest) = token(rest);
    if name.is_empty() {
        return Ok(Line::Nothing);
    }
    if !is_name(name) {
        return Err(format!("`{}` is no name of a metric", shown(name)));
    }
    if keyword == "HELP" {
        let text = unescape(rest, false)?;
        return Ok(Line::Help { name, text });
    }
    let kind = match rest.trim_end_matches(BLANKS) {
        "counter" => Kind::Counter,
        "gauge" => Kind::Gauge,
        "histogram" => Kind::Histogram,
        "summary" => Kind::Summary,
        "untyped" => Kind::Untyped,
        other => return Err(format!("`{}` is no type of a metric", shown(other))),
    };
    Ok(Line::Type { name, kind })
}

fn read_sample(line: &str) -> Result<Line<'_>, String> {
    let end = line
        .find(|next: char| next == '{' || BLANKS.contains(&next))
        .ok_or_else(|| format!("`{}` has no value", shown(line)))?;
    let (name, rest) = line.split_at(end);
    if !is_name(name) {
        return Err(format!("`{}` is no name of a metric", shown(name)));
    }
    let (labels, rest) = match rest.trim_start_matches(BLANKS).strip_prefix('{') {
        Some(rest) => read_labels(rest)?,
        None => (Vec::new(), rest),
    };
    let mut words = rest.split(BLANKS).filter(|word| !word.is_empty());
    let value = words
        .next()
        .ok_or_else(|| format!("`{}` has no value", shown(name)))?;
    let value = value
        .parse()
        .map_err(|_| format!("the value `{}` is no number", shown(value)))?;
    if let Some(time) = words.next() {
        time.parse::<i64>()
            .map_err(|_| format!("the timestamp `{}` is no whole number", shown(time)))?;
    }
    match words.next() {
        None => Ok(Line::Sample {
            name,
            labels,
            value,
        }),
        Some(more) => Err(format!("`{}` after the timestamp", shown(more))),
    }
}

/// What stands between the braces, and the rest after them.
fn read_labels(text: &str) -> Result<(Labels, &str), String> {
    let mut labels = Vec::new();
    let mut names = HashSet::new();
    let mut rest = text.trim_start_matches(BLANKS);
    loop {
        if let Some(rest) = rest.strip_prefix('}') {
            return Ok((labels, rest));
        }
        let (name, value, after) = read_label(rest)?;
        if !names.insert(name) {
            return Err(format!("the label `{}` is there twice", shown(name)));
        }
        labels.push((name.to_owned(), value));
        rest = after.trim_start_matches(BLANKS);
        rest = match rest.strip_prefix(',') {
            Some(rest) => rest.trim_start_matches(BLANKS),
            None if rest.starts_with('}') => rest,
            None => return Err("the labels do not end in `}`".to_owned()),
        };
    }
}

/// `name="value"`, and the rest after it.
fn read_label(text: &str) -> Result<(&str, String, &str), String> {
    let (name, rest) = text.split_once('=').ok_or("the labels do not end in `}`")?;
    let name = name.trim_end_matches(BLANKS);
    // The names of labels have no colon.
    if !is_name(name) || name.contains(':') {
        return Err(format!("`{}` is no name of a label", shown(name)));
    }
    let rest = rest
        .trim_start_matches(BLANKS)
        .strip_prefix('"')
        .ok_or_else(|| format!("the value of the label `{}` is not quoted", shown(name)))?;
    let end = closing_quote(rest)
        .ok_or_else(|| format!("the value of the label `{}` does not end", shown(name)))?;
    let value = unescape(&rest[..end], true)?;
    Ok((name, value, &rest[end + 1..]))
}

/// Where the first quote is that no backslash escapes.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

/// `\\` and `\n`, and in labels `\"`; no other.
fn unescape(text: &str, quoted: bool) -> Result<String, String> {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('\\') => plain.push('\\'),
            Some('n') => plain.push('\n'),
            Some('"') if quoted => plain.push('"'),
            Some(other) => return Err(format!("`\\{}` is no escape", other.escape_debug())),
            None => return Err("a backslash at the end".to_owned()),
        }
    }
    Ok(plain)
}

/// The first word, and what comes after the blanks behind it.
fn token(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches(BLANKS);
    match text.split_once(BLANKS) {
        Some((token, rest)) => (token, rest.trim_start_matches(BLANKS)),
        None => (text, ""),
    }
}

/// Whether it is a name of a metric: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|first: char| first.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
}

fn shown(text: &str) -> String {
    let end = text.floor_char_boundary(MAX_SHOWN_BYTES);
    text[..end].escape_debug().to_string()
}
