//! Values as text, short enough for a report and cut where they differ.

use std::fmt::Debug;

/// The most bytes of one side; the contract keeps 4 KiB.
const LONGEST: usize = 2048;
/// How much of the common start is kept in front of the first difference.
const LEAD: usize = 80;

/// Both sides of a comparison. If they are long, they start shortly before their first difference, so that it is seen.
pub(crate) fn sides(actual: &dyn Debug, expected: &dyn Debug) -> (String, String) {
    let (actual, expected) = (format!("{actual:?}"), format!("{expected:?}"));
    if actual.len() <= LONGEST && expected.len() <= LONGEST {
        return (actual, expected);
    }
    let common = actual
        .bytes()
        .zip(expected.bytes())
        .take_while(|(left, right)| left == right)
        .count();
    let start = common.saturating_sub(LEAD);
    (window(&actual, start), window(&expected, start))
}

/// A text of at most so many bytes; a longer one ends in an ellipsis and its full length.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(longest);
    format!("{}… ({} bytes)", &text[..end], text.len())
}

fn window(text: &str, start: usize) -> String {
    let start = text.floor_char_boundary(start.min(text.len()));
    let mark = if start > 0 { "…" } else { "" };
    format!("{mark}{}", cut(&text[start..], LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_values_are_whole() {
        assert_eq!(sides(&"a", &1), ("\"a\"".to_owned(), "1".to_owned()));
    }

    #[test]
    fn long_values_are_cut_around_their_first_difference() {
        let common = "x".repeat(10_000);
        let (actual, expected) = sides(&format!("{common}left"), &format!("{common}right"));
        assert!(
            actual.starts_with('…') && actual.ends_with("xleft\""),
            "{actual}"
        );
        assert!(expected.ends_with("xright\""), "{expected}");
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(cut("aéé", 2), "a… (5 bytes)");
        assert_eq!(cut("aéé", 5), "aéé");
    }
}
