//! Tables for people: columns as wide as what is in them.

/// How a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// A head and rows with as many cells each. Nothing stands behind the last column.
pub(super) fn table(columns: &[(&str, Side)], rows: &[Vec<String>]) -> String {
    let heads: Vec<String> = columns.iter().map(|(head, _)| (*head).to_owned()).collect();
    let lines: Vec<&Vec<String>> = std::iter::once(&heads).chain(rows).collect();
    let widths: Vec<usize> = (0..columns.len())
        .map(|place| {
            let cells = lines.iter().filter_map(|line| line.get(place));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for line in lines {
        let cells: Vec<String> = line
            .iter()
            .zip(columns)
            .zip(&widths)
            .map(|((cell, (_, side)), width)| {
                let space = " ".repeat(width.saturating_sub(cell.chars().count()));
                match side {
                    Side::Left => format!("{cell}{space}"),
                    Side::Right => format!("{space}{cell}"),
                }
            })
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let rows = [
            vec!["one".to_owned(), "7".to_owned(), "ä".to_owned()],
            vec!["a longer one".to_owned(), "1234".to_owned(), String::new()],
        ];
        let columns = [
            ("name", Side::Left),
            ("n", Side::Right),
            ("last", Side::Left),
        ];
        assert_eq!(
            table(&columns, &rows),
            "name             n  last\none              7  ä\na longer one  1234\n"
        );
    }
}
