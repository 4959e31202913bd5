//! Where a text has secrets: ranges of its bytes, which may overlap, and what is put in their place.

use std::{ops::Range, sync::Arc};

use super::REDACTED;

/// What stands for a secret.
pub(super) type Label = Option<Arc<str>>;

/// Ranges of a text.
#[derive(Debug, Default)]
pub(super) struct Spans(Vec<(Range<usize>, Label)>);

impl Spans {
    pub(super) fn add(&mut self, range: Range<usize>, label: Label) {
        if !range.is_empty() {
            self.0.push((range, label));
        }
    }

    /// The text with a word in the place of each range; none if there is no range.
    pub(super) fn replace(mut self, text: &str) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        // Of those that overlap the longest one says what it is.
        self.0
            .sort_by_key(|(range, _)| (range.start, usize::MAX - range.end));
        let mut merged: Vec<(Range<usize>, usize, Label)> = Vec::new();
        for (range, label) in self.0 {
            let length = range.len();
            match merged.last_mut() {
                Some((last, longest, kept)) if range.start < last.end => {
                    last.end = last.end.max(range.end);
                    if length > *longest || kept.is_none() {
                        *longest = length;
                        *kept = label.or_else(|| kept.take());
                    }
                }
                _ => merged.push((range, length, label)),
            }
        }
        let mut redacted = String::with_capacity(text.len());
        let mut done = 0;
        for (range, _, label) in merged {
            let start = text.floor_char_boundary(range.start).max(done);
            redacted.push_str(&text[done..start]);
            redacted.push_str(label.as_deref().unwrap_or(REDACTED));
            done = text.ceil_char_boundary(range.end);
        }
        redacted.push_str(&text[done..]);
        Some(redacted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_overlap_become_one_word_and_those_side_by_side_two() {
        let replaced = |ranges: &[(Range<usize>, Option<&str>)]| {
            let mut spans = Spans::default();
            for (range, label) in ranges {
                spans.add(range.clone(), label.map(Arc::from));
            }
            spans.replace("0123é6789")
        };
        assert_eq!(replaced(&[]), None);
        assert_eq!(replaced(&[(3..3, None)]), None);
        assert_eq!(
            replaced(&[(1..3, Some("<a>")), (2..8, Some("<b>"))]).unwrap(),
            "0<b>89"
        );
        assert_eq!(
            replaced(&[(6..7, None), (0..2, Some("<a>")), (2..3, None)]).unwrap(),
            "<a>[redacted]3é[redacted]789"
        );
        // In the middle of a character all of it goes.
        assert_eq!(replaced(&[(2..5, None)]).unwrap(), "01[redacted]6789");
    }
}
