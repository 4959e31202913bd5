//! What is written of one section: its text with its tables, its charts and its raw figures.

use serde_json::Value;

/// A section that was measured.
pub(super) struct Section {
    /// Markdown, without a heading.
    pub(super) text: String,
    /// Everything that was measured.
    pub(super) raw: Value,
    /// Pictures, by the names of their files.
    pub(super) charts: Vec<(&'static str, String)>,
}

/// A table in Markdown.
pub(super) struct Table {
    text: String,
}

impl Table {
    pub(super) fn new(head: &[&str]) -> Self {
        let mut table = Self {
            text: String::new(),
        };
        table.row(head);
        table.row(&vec!["---"; head.len()]);
        table
    }

    pub(super) fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        for cell in cells {
            self.text.push_str("| ");
            // What others printed must not end a cell or a row.
            let cell = cell.as_ref().replace('|', "\\|").replace('\n', " ");
            self.text.push_str(&cell);
            self.text.push(' ');
        }
        self.text.push_str("|\n");
    }

    pub(super) fn text(self) -> String {
        self.text
    }
}

/// What a figure has to be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted {
    AtLeast(f64),
    AtMost(f64),
}

impl Wanted {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

/// Figures beside what they have to be.
pub(super) struct Judgement(Table);

impl Judgement {
    pub(super) fn new() -> Self {
        Self(Table::new(&["What", "Wanted", "Measured", ""]))
    }

    /// A figure, or none where it could not be measured; each number is followed by the unit.
    pub(super) fn row(&mut self, what: &str, wanted: Wanted, measured: Option<f64>, unit: &str) {
        let written = match wanted {
            Wanted::AtLeast(least) => format!("at least {}{unit}", number(least)),
            Wanted::AtMost(most) => format!("at most {}{unit}", number(most)),
        };
        let (value, verdict) = match measured {
            None => ("–".to_owned(), "not measured"),
            Some(value) if wanted.holds(value) => (format!("{}{unit}", number(value)), "holds"),
            Some(value) => (format!("{}{unit}", number(value)), "**missed**"),
        };
        self.0.row(&[what, &written, &value, verdict]);
    }

    pub(super) fn text(self) -> String {
        self.0.text()
    }
}

/// Whole numbers whole, and others with three figures that count and no more than three decimals.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        at_least if at_least >= 100.0 => thousands(value),
        _ if value.fract() == 0.0 => format!("{value:.0}"),
        at_least if at_least >= 10.0 => format!("{value:.1}"),
        at_least if at_least >= 1.0 => format!("{value:.2}"),
        _ => {
            let text = format!("{value:.3}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        let left = digits.len() - index;
        if left.is_multiple_of(3) && text.ends_with(|before: char| before.is_ascii_digit()) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        let table = [
            (1_234_567.4, "1,234,567"),
            (-123_456.0, "-123,456"),
            (999.6, "1,000"),
            (12.34, "12.3"),
            (64.0, "64"),
            (1.15, "1.15"),
            (0.9, "0.9"),
            (0.0, "0"),
        ];
        for (value, text) in table {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn a_figure_at_the_bound_holds_and_one_beyond_does_not() {
        let mut judgement = Judgement::new();
        judgement.row("ratio", Wanted::AtLeast(0.9), Some(0.9), "");
        judgement.row("ratio", Wanted::AtLeast(0.9), Some(0.899), "");
        judgement.row("memory", Wanted::AtMost(64.0), Some(64.1), " KB");
        judgement.row("memory", Wanted::AtMost(64.0), None, " KB");
        let text = judgement.text();
        let rows: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| ratio | at least 0.9 | 0.9 | holds |",
                "| ratio | at least 0.9 | 0.899 | **missed** |",
                "| memory | at most 64 KB | 64.1 KB | **missed** |",
                "| memory | at most 64 KB | – | not measured |",
            ]
        );
    }

    #[test]
    fn a_cell_stays_a_cell() {
        let mut table = Table::new(&["a"]);
        table.row(&["x|y\nz"]);
        assert_eq!(table.text(), "| a |\n| --- |\n| x\\|y z |\n");
    }
}
