//! A table as RFC 4180 has it, which a spreadsheet can open without running what is in it.

use std::io::{self, Write};

use crate::words::clean;

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    /// A text, which may be anybody's.
    Text(&'a str),
    /// A whole number.
    Count(u64),
    /// A figure; one that is no number is an empty cell.
    Figure(f64),
    /// Nothing.
    Empty,
}

impl Cell<'_> {
    /// A time, in milliseconds.
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact below 2^53 ns, which is a hundred days"
    )]
    pub(super) fn milliseconds(nanoseconds: u64) -> Self {
        Self::Figure(nanoseconds as f64 / 1e6)
    }

    fn write(&self, line: &mut String) {
        match self {
            Self::Text(text) => write_text(text, line),
            Self::Count(number) => line.push_str(&number.to_string()),
            Self::Figure(number) if number.is_finite() => line.push_str(&number.to_string()),
            Self::Figure(_) | Self::Empty => {}
        }
    }
}

/// Writes a row.
pub(super) fn row(writer: &mut dyn Write, cells: &[Cell<'_>]) -> io::Result<()> {
    let mut line = String::new();
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        cell.write(&mut line);
    }
    line.push_str("\r\n");
    writer.write_all(line.as_bytes())
}

/// Writes the names of the columns.
pub(super) fn head(writer: &mut dyn Write, names: &[&str]) -> io::Result<()> {
    let cells: Vec<_> = names.iter().map(|name| Cell::Text(name)).collect();
    row(writer, &cells)
}

/// Spreadsheets take a cell that begins with one of these for a formula. An apostrophe before it makes it a text
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
const FORMULAS: [char; 8] = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}'];

fn write_text(text: &str, line: &mut String) {
    // Whoever looks at the table in a terminal is not to be moved by it.
    let text = &*clean(text);
    let is_formula = text.starts_with(FORMULAS);
    let is_quoted = is_formula || text.contains([',', '"', '\r', '\n', ';', '\t']);
    if !is_quoted {
        line.push_str(text);
        return;
    }
    line.push('"');
    if is_formula {
        line.push('\'');
    }
    line.push_str(&text.replace('"', "\"\""));
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cells: &[Cell<'_>]) -> String {
        let mut bytes = Vec::new();
        row(&mut bytes, cells).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_text_that_would_be_a_formula_is_none() {
        for (given, expected) in [
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("a=1", "a=1"),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
        ] {
            assert_eq!(written(&[Cell::Text(given)]), format!("{expected}\r\n"));
        }
    }

    #[test]
    fn what_would_break_a_row_is_quoted_and_figures_stay_figures() {
        let cells = [
            Cell::Text("a,b"),
            Cell::Text("a\"b"),
            Cell::Text("a\nb"),
            Cell::Text(""),
            Cell::Count(7),
            Cell::Figure(-1.5),
            Cell::Figure(f64::NAN),
            Cell::Empty,
        ];
        assert_eq!(written(&cells), "\"a,b\",\"a\"\"b\",\"a\nb\",,7,-1.5,,\r\n");
    }
}
