//! The labels of a series: sorted, each value no longer than it needs to be.

use std::borrow::Cow;

/// Bytes of the value of a label. What is longer ends in `…`.
pub const MAX_LABEL_BYTES: usize = 128;

/// The value that stands for all values beyond a budget.
pub(crate) const OTHER: &str = "other";

/// Names and values, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Labels(Vec<(Cow<'static, str>, String)>);

impl Labels {
    /// These.
    pub(crate) fn new<'a>(pairs: impl IntoIterator<Item = (&'static str, &'a str)>) -> Self {
        let pairs = pairs.into_iter();
        let mut labels: Vec<_> = pairs
            .map(|(name, value)| (Cow::Borrowed(name), cut(value)))
            .collect();
        labels.sort();
        Self(labels)
    }

    /// And one more, whose name somebody else gave. It has to be a valid one.
    pub(crate) fn and(mut self, name: String, value: &str) -> Self {
        self.0.push((Cow::Owned(name), cut(value)));
        self.0.sort();
        self
    }

    /// The same names, each with [`OTHER`].
    pub(crate) fn of_others(&self) -> Self {
        let names = self.0.iter().map(|(name, _)| name.clone());
        Self(names.map(|name| (name, OTHER.to_owned())).collect())
    }

    /// Each with its value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}

fn cut(value: &str) -> String {
    const CUT: &str = "…";
    if value.len() <= MAX_LABEL_BYTES {
        return value.to_owned();
    }
    let end = value.floor_char_boundary(MAX_LABEL_BYTES - CUT.len());
    format!("{}{CUT}", &value[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_at_the_limit_is_whole_and_a_longer_one_is_cut_between_characters() {
        for (value, expected) in [
            ("x".repeat(128), "x".repeat(128)),
            ("x".repeat(129), "x".repeat(125) + "…"),
            ("é".repeat(65), "é".repeat(62) + "…"),
        ] {
            let labels = Labels::new([("name", &*value)]);
            assert_eq!(labels.iter().next(), Some(("name", &*expected)));
        }
    }

    #[test]
    fn labels_are_the_same_in_whatever_order_they_are_given() {
        let one = Labels::new([("suite", "jobs"), ("case", "a")]);
        assert_eq!(one, Labels::new([("case", "a"), ("suite", "jobs")]));
        assert_eq!(
            one,
            Labels::new([("suite", "jobs")]).and("case".to_owned(), "a")
        );
    }
}
