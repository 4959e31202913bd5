//! Reports that are lines: no text begins a line, a cell or a command of its own.

/// Holds a document to be TAP 14, as far as it is written here: so many points as are planned, and values that JSON reads.
pub(super) fn tap(document: &str) {
    let mut lines = document.lines();
    assert_eq!(lines.next(), Some("TAP version 14"));
    let mut left = None;
    let (mut planned, mut suites) = (None::<usize>, 0);
    for line in lines {
        assert!(!line.contains(char::is_control), "{line:?}");
        if let Some(detail) = line.strip_prefix("      ") {
            is_detail(detail);
        } else if let Some(line) = line.strip_prefix("    ") {
            match (left, line.strip_prefix("1..")) {
                (None, Some(number)) => left = Some(whole(number)),
                (Some(number), None) => {
                    is_point(line);
                    left = Some(number - 1);
                }
                _ => panic!("{line}: {document}"),
            }
        } else if let Some(number) = line.strip_prefix("1..") {
            assert_eq!(planned.replace(whole(number)), None, "{document}");
        } else if !line.starts_with("# ") {
            is_point(line);
            assert_eq!(left.take(), Some(0), "{line}: {document}");
            suites += 1;
        }
    }
    assert_eq!(planned, Some(suites), "{document}");
}

fn whole(number: &str) -> usize {
    number.parse().expect("a plan is a number")
}

/// `ok 1 - DESCRIPTION`, with at most the directive to skip.
fn is_point(line: &str) {
    let rest = line.strip_prefix("not ").unwrap_or(line);
    let rest = rest.strip_prefix("ok ").expect("a point is ok or not");
    let (number, description) = rest.split_once(" - ").expect("a point has a description");
    whole(number);
    let mut is_escaped = false;
    let mut bare = Vec::new();
    for (at, character) in description.char_indices() {
        if character == '#' && !is_escaped {
            bare.push(at);
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    let is_skip = |at: &usize| description[*at..].starts_with("# SKIP");
    assert!(bare.len() <= 1 && bare.iter().all(is_skip), "{line}");
}

fn is_detail(line: &str) {
    if matches!(line, "---" | "...") {
        return;
    }
    let (key, value) = line.split_once(": ").expect("a detail has a key");
    assert!(key.bytes().all(|byte| byte.is_ascii_lowercase()), "{line}");
    let read: Result<String, _> = serde_json::from_str(value);
    assert!(read.is_ok(), "{line}: {read:?}");
}

/// What a spreadsheet takes a cell for a formula by.
const FORMULAS: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

/// Holds a table to RFC 4180: as many cells in each row as in the first, and none that is a formula.
pub(super) fn csv(table: &str) {
    let mut rows = Vec::new();
    let mut rest = table;
    while !rest.is_empty() {
        let mut cells = Vec::new();
        loop {
            let (cell, is_quoted, behind) = cell(rest);
            let is_number = !is_quoted && cell.parse::<f64>().is_ok();
            assert!(
                is_number || !cell.starts_with(FORMULAS),
                "{cell:?}: {table}"
            );
            cells.push(cell);
            if let Some(behind) = behind.strip_prefix(',') {
                rest = behind;
                continue;
            }
            rest = behind.strip_prefix("\r\n").expect("a row ends");
            break;
        }
        rows.push(cells.len());
    }
    assert!(
        rows.iter().all(|cells| Some(cells) == rows.first()),
        "{table}"
    );
}

/// The first cell, whether it is quoted, and what is behind it.
fn cell(text: &str) -> (String, bool, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', '\r', '\n']).unwrap_or(text.len());
        assert!(!text[..end].contains('"'), "{text}");
        return (text[..end].to_owned(), false, &text[end..]);
    };
    let mut from = 0;
    loop {
        let at = quoted[from..].find('"').expect("a quoted cell ends") + from;
        if !quoted[at + 1..].starts_with('"') {
            return (quoted[..at].replace("\"\"", "\""), true, &quoted[at + 1..]);
        }
        from = at + 2;
    }
}

/// Holds what a terminal gets to move nothing: lines are all that it has.
pub(super) fn console(report: &str) {
    let moves = |character: &char| character.is_control() && !matches!(character, '\n' | '\t');
    assert_eq!(report.chars().find(moves), None, "{report:?}");
    let turns =
        |character: &char| matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert_eq!(report.chars().find(turns), None, "{report:?}");
}

/// Holds what GitHub's runner gets to be the annotations alone, each with the properties that it knows.
pub(super) fn annotations(written: &str, word: &str) {
    let mut lines = written.split(['\n', '\r']);
    assert_eq!(lines.next(), Some(format!("::{word}::").as_str()));
    assert_eq!(lines.next_back(), Some(""), "the last line ends");
    for line in lines {
        let command = line.strip_prefix("::").expect("a line is a command");
        let (command, _) = command.split_once("::").expect("a command ends");
        let (name, properties) = command.split_once(' ').expect("it has properties");
        assert!(matches!(name, "error" | "warning"), "{line}");
        let names: Vec<_> = properties
            .split(',')
            .map(|property| property.split_once('=').expect("a property has a value").0)
            .collect();
        assert!(
            matches!(names[..], ["title"] | ["title", "file", "line"]),
            "{line}"
        );
    }
}
