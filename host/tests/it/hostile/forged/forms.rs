//! Whether what was forged is anything but text in TAP and CSV.

use super::is_obeyed;

/// Each line is the host's own: a version, a plan, a point, a comment, or a member of a block of YAML whose values are quoted.
#[track_caller]
pub(super) fn assert_tap(text: &str) {
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("TAP version 14"));
    let mut points = 0;
    for line in lines {
        let indented = line.trim_start();
        let is_point = ["ok ", "not ok "]
            .iter()
            .any(|start| indented.starts_with(start));
        points += usize::from(is_point);
        let own = is_point
            || ["1..", "# ", "---", "..."]
                .iter()
                .any(|start| indented.starts_with(start))
            || is_member(indented);
        assert!(own, "{line:?}");
        for forged in ["Bail out!", "pragma ", "TAP version"] {
            assert!(!indented.starts_with(forged), "{line:?}");
        }
        if is_point {
            // What is behind a directive is why, on the same line.
            let name = line.split(" # ").next().unwrap_or_default();
            assert!(!name.contains("forged"), "{line:?}");
        }
        assert_eq!(
            line.chars().find(|&character| is_obeyed(character)),
            None,
            "{line:?}"
        );
    }
    // Twelve cases, the baseline, the good case, and the two suites.
    assert_eq!(points, 12 + 1 + 1 + 2);
}

/// `key: "value"`, `key: 7`, `- "value"`.
fn is_member(line: &str) -> bool {
    let value = line
        .strip_prefix("- ")
        .or_else(|| line.split_once(':').map(|(_, value)| value.trim_start()));
    let Some(value) = value else { return false };
    let quoted = value.len() > 1 && value.starts_with('"') && value.ends_with('"');
    quoted || !value.contains("forged")
}

/// No cell is a formula; how many cells there are.
#[track_caller]
pub(super) fn assert_table(text: &str) -> usize {
    let rows = rows(text);
    let columns = rows[0].len();
    let mut cells = 0;
    for row in &rows {
        assert_eq!(row.len(), columns, "{row:?}");
        for cell in row {
            let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert!(!formula || cell.parse::<f64>().is_ok(), "{cell:?}");
            let trimmed = cell.trim_start().starts_with(['=', '@']);
            assert!(!trimmed, "{cell:?}");
            cells += 1;
        }
    }
    cells
}

/// RFC 4180.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted && characters.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    assert!(
        !quoted && row.is_empty() && cell.is_empty(),
        "the last row has no end"
    );
    rows
}

#[test]
fn what_is_live_is_found() {
    assert_eq!(assert_table("a,b\r\n\"'=1\",-1\r\n"), 4);
    for table in ["a\r\n=1\r\n", "a\r\n\"\t=1\"\r\n", "a,b\r\n1\r\n"] {
        assert!(
            std::panic::catch_unwind(|| assert_table(table)).is_err(),
            "{table}"
        );
    }
    for line in [
        "Bail out! forged",
        "ok 1 - forged",
        "message: forged",
        "pragma +forged",
    ] {
        let text = format!("TAP version 14\n{line}\n");
        assert!(
            std::panic::catch_unwind(|| assert_tap(&text)).is_err(),
            "{line}"
        );
    }
}
